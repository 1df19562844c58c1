"""Runs a WSGI application inside the reactor thread: no thread pool, one call after the other, so that nothing needs
a lock.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any

from emulators.tenant.api.exchange import Answer, Call

Start = Callable[..., Callable[[bytes], object]]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


def run(application: Application, call: Call, query: str) -> Answer:
    """Hand a call to the application and collect its answer."""
    started: dict[str, Any] = {}
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        started["status"] = int(status.split(" ", 1)[0])
        started["headers"] = headers
        return written.append

    parts = application(_environ(call, query), start_response)
    try:
        written.extend(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    headers = dict(started["headers"])
    headers.pop("Content-Length", None)
    content_type = headers.pop("Content-Type", "")
    return Answer(started["status"], b"".join(written), content_type, headers)


def _environ(call: Call, query: str) -> dict[str, Any]:
    """The environment of PEP 3333. The path is given as the bytes of its text, read as Latin-1."""
    host, _, port = call.origin.partition("://")[2].partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": call.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": call.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(call.body)),
        "SERVER_NAME": host,
        "SERVER_PORT": port or "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "anchorage.call": call,
    }
    for name, value in call.headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ
