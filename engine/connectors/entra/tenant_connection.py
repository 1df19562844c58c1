"""One HTTPS connection to a tenant, kept open between requests.

urllib3 opens it, with its time limits and its checks of the certificate; the messages are written and read here. The
calls are many and small, and the general way through pool, header objects and e-mail parser costs several times what
the tenant needs to answer. Source: RFC 9112 2, 6, 7.1, 9.3.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import ProtocolError, ReadTimeoutError, SSLError
from urllib3.util import parse_url

_LINE_OCTETS_MAX = 65536
_HEADERS_MAX = 100


@dataclass(slots=True)
class HttpAnswer:
    """What came back; ``headers`` has lower-case names."""

    status: int
    headers: dict[str, str]
    data: bytes = field(repr=False)


class TenantConnection:
    """Sends one request after the other; errors are urllib3's."""

    def __init__(self, base_url: str, ca_bundle: str, timeout_seconds: float) -> None:
        url = parse_url(base_url)
        if url.scheme != "https" or not url.host:
            raise ValueError(f"a tenant answers over HTTPS only, not at {base_url}")
        self._host, self._port = url.host.strip("[]"), url.port or 443
        self._prefix = (url.path or "").rstrip("/")
        self._named = url.netloc or url.host
        self._ca_bundle = ca_bundle
        self._timeout_seconds = timeout_seconds
        self._connection: HTTPSConnection | None = None
        self._reader: BufferedReader | None = None

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """Send a request and read its answer, over the open connection when it still lives."""
        connection, reader = self._connected()
        lines = [f"POST {self._prefix}{path} HTTP/1.1", f"Host: {self._named}", "Accept-Encoding: identity"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines.append(f"Content-Length: {len(body)}\r\n\r\n")
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) + 1:
            raise ValueError("a header holds the end of a line")
        try:
            connection.sock.sendall(head.encode("latin-1") + body)
            answer, keep = _read_answer(reader)
        except TimeoutError as error:
            self.close()
            raise ReadTimeoutError(None, path, "Read timed out.") from error  # type: ignore[arg-type]
        except (OSError, ValueError) as error:  # ssl.SSLError too
            self.close()
            raise ProtocolError("Connection aborted.", error) from error
        if not keep:
            self.close()
        return answer

    def _connected(self) -> tuple[HTTPSConnection, BufferedReader]:
        if self._connection is not None and self._reader is not None and self._connection.is_connected:
            return self._connection, self._reader
        self.close()
        connection = HTTPSConnection(
            self._host,
            self._port,
            timeout=self._timeout_seconds,
            cert_reqs="CERT_REQUIRED",
            ca_certs=self._ca_bundle,
        )
        try:
            connection.connect()
        except ssl.SSLError as error:
            connection.close()
            raise SSLError(error) from error
        except OSError as error:
            connection.close()
            raise ProtocolError("Connection aborted.", error) from error
        self._connection, self._reader = connection, connection.sock.makefile("rb")
        return self._connection, self._reader

    def close(self) -> None:
        """Give up the connection; the next request opens another. Idempotent."""
        connection, reader = self._connection, self._reader
        self._connection = self._reader = None
        with suppress(OSError):
            if reader is not None:
                reader.close()
        if connection is not None:
            connection.close()


def _read_answer(reader: BufferedReader) -> tuple[HttpAnswer, bool]:
    """The answer, and whether the connection may be used again; raises ValueError for what is no HTTP."""
    while True:
        version, status = _status(_line(reader))
        headers = _headers(reader)
        if status >= 200:
            break
    keep = version == b"HTTP/1.1" and headers.get("connection", "").lower() != "close"
    if status in (204, 304):
        return HttpAnswer(status, headers, b""), keep
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return HttpAnswer(status, headers, _chunks(reader)), keep
    if "content-length" in headers:
        return HttpAnswer(status, headers, _exactly(reader, int(headers["content-length"]))), keep
    return HttpAnswer(status, headers, reader.read()), False


def _line(reader: BufferedReader) -> bytes:
    line = reader.readline(_LINE_OCTETS_MAX + 1)
    if not line.endswith(b"\n"):
        raise ConnectionError("the answer broke off" if line else "the connection was closed without an answer")
    return line.rstrip(b"\r\n")


def _status(line: bytes) -> tuple[bytes, int]:
    version, _, rest = line.partition(b" ")
    code = rest[:3]
    if not version.startswith(b"HTTP/1.") or len(code) != 3 or not code.isdigit():
        raise ValueError("the answer does not begin with a status line")
    return version, int(code)


def _headers(reader: BufferedReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_HEADERS_MAX):
        line = _line(reader)
        if not line:
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise ValueError("a header line without a colon")
        headers[name.lower()] = value.strip()
    raise ValueError("too many header lines")


def _exactly(reader: BufferedReader, count: int) -> bytes:
    data = reader.read(count) if count >= 0 else b""
    if len(data) != count:
        raise ConnectionError("the answer broke off")
    return data


def _chunks(reader: BufferedReader) -> bytes:
    parts: list[bytes] = []
    while size := int(_line(reader).partition(b";")[0], 16):
        parts.append(_exactly(reader, size))
        if _line(reader):
            raise ValueError("a chunk is longer than it says")
    _headers(reader)  # trailers
    return b"".join(parts)
