"""HTTPS to hosts that are known by name only: the name service says who answers, the certificate must be the name's.

Source: facts "install" 14.2, 14.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import urllib3

from engine.errors import ConnectorError
from engine.name_service import NameService, resolve

_TIMEOUT_SECONDS = 60.0


class Web:
    """One request at a time; connections are not kept."""

    def __init__(self, names: NameService, ca_bundle: str) -> None:
        self._names = names
        self._ca_bundle = ca_bundle

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Status and body of the answer; ConnectorError ``failed-connection`` when nobody answers under the name."""
        parts = urlsplit(url)
        host = str(parts.hostname or "")
        resolved = resolve(self._names, host).address is not None or resolve(self._names, host, external=True).address
        base = self._names.site(host, parts.port or 443) if resolved else None
        if parts.scheme != "https" or base is None:
            raise ConnectorError("failed-connection", f"{host} cannot be reached.", "no-start-connection")
        at = urlsplit(base)
        pool = urllib3.HTTPSConnectionPool(
            str(at.hostname),
            at.port,
            maxsize=1,
            cert_reqs="CERT_REQUIRED",
            ca_certs=self._ca_bundle,
            assert_hostname=host,
            server_hostname=host,
            timeout=_TIMEOUT_SECONDS,
            retries=False,
        )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            answer = pool.urlopen(method, path, body=body, headers={"Host": host, **(headers or {})}, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            text = f"{host} cannot be reached: {type(error).__name__}"
            raise ConnectorError("failed-connection", text, "no-start-connection") from None
        finally:
            pool.close()
        return answer.status, answer.data
