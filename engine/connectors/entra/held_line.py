"""An outbound connection to the tenant that is held open: requests come back on it and are worked off in a thread.

Source: facts "tenant" 10 (pass-through agent: persistent outbound connection, no polling; write-back: service bus
relay). The thread sleeps in the held request; closing the socket is what wakes it. It touches nothing but ``work``.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
from urllib3.util import parse_url

from engine.connectors.entra.service_refusal import dropped_connection, failed_connection
from engine.connectors.entra.tenant_client import TenantAddress
from engine.errors import EngineError

_ANSWER_SECONDS = 120.0

Document = dict[str, Any]
Work = Callable[[Document], Document]


class RelayRefused(EngineError):
    """The tenant does not, or no longer, know this connection."""

    def __init__(self) -> None:
        super().__init__("RELAY_REFUSED", "The tenant does not know this connection any longer.")


class HeldLine:
    """One connection of one machine. path: where its steps are; secret: what the machine proves itself with."""

    def __init__(self, address: TenantAddress, *, path: str, secret: str, ca_bundle: str, work: Work) -> None:
        url = parse_url(address.base_url)
        if url.scheme != "https" or not url.host:
            raise ValueError(f"a tenant answers over HTTPS only, not at {address.base_url}")
        self._place = (url.host, url.port)
        self._path = path
        self._secret = secret
        self._ca_bundle = ca_bundle
        self._work = work
        self._connection: http.client.HTTPSConnection | None = None
        self._thread: threading.Thread | None = None

    @property
    def open(self) -> bool:
        """Whether requests are being taken."""
        return self._thread is not None and self._thread.is_alive()

    def connect(self) -> None:
        """Announce the machine and start listening. Raises EngineError when the tenant cannot be reached or refuses."""
        self.close()
        connection = self._new_connection()
        try:
            self._step(connection, "connect", {})
        except EngineError:
            connection.close()
            raise
        self._connection = connection
        self._thread = threading.Thread(target=self._listen, args=(connection,), name="held-line", daemon=True)
        self._thread.start()

    def heartbeat(self) -> None:
        """Ask on a connection of its own whether the tenant still knows this one. Raises EngineError."""
        connection = self._new_connection()
        try:
            self._step(connection, "heartbeat", {})
        finally:
            connection.close()

    def close(self) -> None:
        """Hang up and wait for the thread to end; idempotent."""
        connection, self._connection = self._connection, None
        thread, self._thread = self._thread, None
        held = connection.sock if connection is not None else None
        if held is not None:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
        if thread is not None:
            thread.join()
        if connection is not None:
            connection.close()

    def _new_connection(self) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=self._ca_bundle)
        host, port = self._place
        return http.client.HTTPSConnection(host, port, context=context, timeout=_ANSWER_SECONDS)

    def _step(self, connection: http.client.HTTPSConnection, step: str, body: Document) -> Document:
        headers = {"Authorization": f"Relay {self._secret}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"{self._path}/{step}", orjson.dumps(body), headers)
            if step == "next" and connection.sock is not None:
                connection.sock.settimeout(None)  # held as long as nobody asks
            answer = connection.getresponse()
            content = answer.read()
        except (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError) as error:
            raise failed_connection(f"The tenant cannot be reached: {type(error).__name__}") from None
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            raise dropped_connection(f"The connection was lost: {type(error).__name__}") from None
        if answer.status == 401:
            raise RelayRefused()
        try:
            read = orjson.loads(content)
        except orjson.JSONDecodeError:
            read = None
        if answer.status != 200 or type(read) is not dict:
            raise dropped_connection("The tenant sent an answer that cannot be read.")
        return read

    def _listen(self, connection: http.client.HTTPSConnection) -> None:
        done: Document = {}
        try:
            while True:
                request = self._step(connection, "next", done)
                if request.get("Closed") or not isinstance(request.get("Id"), str):
                    break
                done = {"Id": request["Id"], **self._work(request)}
        except EngineError:
            return  # hung up or cut off: who owns the line looks whether it is open
        finally:
            connection.close()
