"""HTTP over Twisted: limits on what comes in, the calls that bypass Flask, faults that strike, headers every answer
carries.

Source: facts "tenant" 16 (headers), "graph_clients" 3 rows 11, 21; design section 3 "Faults". Bytes that are no HTTP
never get here: Twisted answers them with 400 and closes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from twisted.web.http import HTTPChannel
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from emulators.faults import FaultPlan
from emulators.tenant import problems
from emulators.tenant.api import (
    directory_objects,
    groups,
    password_writeback,
    provisioning,
    relay,
    sign_in,
    synchronization,
    users,
)
from emulators.tenant.api.access import serve
from emulators.tenant.api.exchange import Answer, Call, Desk, LaterAnswer, Route, read_query
from emulators.tenant.core.cloud_sync import service as cloud_sync_service
from emulators.tenant.core.refusals import SERVER_BUSY, ServiceFault
from emulators.tenant.core.sync_service import CHANGING_OPERATIONS
from emulators.tenant.front import wsgi
from emulators.tenant.front.tls import OLD

BODY_BYTES_MAX = 64 * 1024 * 1024
IDLE_SECONDS = 600
RETRY_AFTER_SECONDS = 10
TOO_LARGE = b"HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](?::[0-9]{1,5})?")
SYNC_SERVICE = "/provisioningservice/"
#: reads that a fault of their own refuses
DENIALS: dict[str, str] = {
    f"/{version}/{what}": f"tenant.{what}_denied"
    for version in ("v1.0", "beta")
    for what in ("organization", "domains")
}
_CHANGING = CHANGING_OPERATIONS | cloud_sync_service.CHANGING_OPERATIONS


def _route_of(table: tuple[Route, ...], rule: str, method: str = "GET") -> Route:
    return next(route for route in table if route.rule == rule and route.method == method)


_DELETED = "/directory/deletedItems/"
#: read so often that Flask's share of the time would show; the arguments are those Flask would find in the path
HOT_ROUTES: dict[str, tuple[Route, dict[str, str]]] = {
    f"/{version}{path}": (_route_of(table, rule), arguments)
    for version in ("v1.0", "beta")
    for path, table, rule, arguments in (
        ("/users", users.ROUTES, "/users", {}),
        ("/users/delta", users.ROUTES, "/users/delta", {}),
        ("/groups", groups.ROUTES, "/groups", {}),
        ("/groups/delta", groups.ROUTES, "/groups/delta", {}),
        (
            f"{_DELETED}microsoft.graph.user",
            directory_objects.ROUTES,
            f"{_DELETED}<cast:cast>",
            {"cast": "microsoft.graph.user"},
        ),
    )
}
ONE_USER = _route_of(users.ROUTES, "/users/<key>")
ONE_USER_PATH = re.compile(r"/(v1\.0|beta)/users/([^/()$]+)")
RESET = _route_of(password_writeback.ROUTES, password_writeback.RESET, "POST")
RESET_PATH = re.compile(r"/(v1\.0|beta)/users/([^/()$]+)/authentication/methods/([^/]+)/resetPassword")
ON_DEMAND_PATH = re.compile(
    r"/(v1\.0|beta)/servicePrincipals/([^/()$]+)/synchronization/jobs/([^/]+)/provisionOnDemand"
)
TOKEN_PATH = re.compile(r"/([^/]+)/oauth2/(v2\.0/)?token")


class LimitedRequest(Request):
    """A request that refuses a body larger than the service takes, before reading it."""

    content: Any
    channel: Any

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        if length is not None and length > BODY_BYTES_MAX:
            self._refuse()
            length = 0
        super().gotLength(length)  # type: ignore[no-untyped-call]

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self.content.tell() + len(data) > BODY_BYTES_MAX:
            self._refuse()
            return
        super().handleContentChunk(data)  # type: ignore[no-untyped-call]

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """Hand the request on as it came: bodies and queries are read by whom they are meant for, not here."""
        self.content.seek(0, 0)
        self.args = {}
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.partition(b"?")[0]
        self.process()

    def _refuse(self) -> None:
        self.channel.transport.write(TOO_LARGE)
        self.channel.loseConnection()


class Channel(HTTPChannel):
    """A connection that sends each answer at once."""

    transport: Any

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        super().connectionMade()  # type: ignore[no-untyped-call]
        self.transport.setTcpNoDelay(True)
        self.lost: list[Callable[[], None]] = []

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """Tell those who rely on this connection, then take leave."""
        held, self.lost = self.lost, []
        for act in held:
            act()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


class TenantSite(Site):
    """HTTP/1.1 only, quiet, patient with idle connections."""

    requestFactory = LimitedRequest  # noqa: N815 - Twisted's name
    displayTracebacks = False  # noqa: N815 - Twisted's name

    def __init__(self, root: Resource, reactor: Any) -> None:
        super().__init__(root, timeout=IDLE_SECONDS, reactor=reactor)  # type: ignore[no-untyped-call]

    def acceptableProtocols(self) -> list[bytes]:  # noqa: N802 - Twisted's name
        return [b"http/1.1"]

    def log(self, request: Any) -> None:
        """Keep no access log: the journal is the record."""


class Front(Resource):
    """Every path of the listener."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(self, desk: Desk, application: wsgi.Application, faults: FaultPlan) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.desk = desk
        self.application = application
        self.faults = faults
        self.own_host = "127.0.0.1"

    def render(self, request: Any) -> Any:
        call, query = self._read(request)
        struck = self._fault_before(call)
        answer = struck if struck is not None else self._answer(call, query)
        if struck is None and self.faults.armed and self._changes(call) and self.faults.take("tenant.lost_answer"):
            self.desk.tenant.record("tenant.fault.struck", fault="tenant.lost_answer")
            request.channel.transport.abortConnection()
            return NOT_DONE_YET
        if call.lost:
            request.channel.lost.extend(call.lost)
        if isinstance(answer, LaterAnswer):
            return self._write_later(request, call, answer)
        return self._write(request, call, answer)

    def _write_later(self, request: Any, call: Call, later: LaterAnswer) -> Any:
        """Answer when the answer is there; a caller that has gone meanwhile gets none."""
        gone: list[bool] = []

        def finish(answer: Answer) -> None:
            if not gone:
                body = self._write(request, call, answer)
                request.responseHeaders.setRawHeaders(b"content-length", [b"%d" % len(body)])
                request.write(body)
                request.finish()

        request.notifyFinish().addErrback(lambda _lost: gone.append(True))
        later.when_settled(finish)
        return NOT_DONE_YET

    def _read(self, request: Any) -> tuple[Call, str]:
        headers: dict[str, str] = {}
        for name, values in request.requestHeaders.getAllRawHeaders():
            headers[name.decode("latin-1").lower()] = values[0].decode("latin-1")
        raw_path, _, raw_query = request.uri.partition(b"?")
        path = unquote(raw_path.decode("latin-1"), errors="replace")
        query = raw_query.decode("latin-1")
        host = headers.get("host", "")
        origin = f"https://{host if HOST.fullmatch(host) else self.own_host}"
        body = request.content.read() if request.content is not None else b""
        method = request.method.decode("latin-1")
        parsed = _safe_query(query)
        call = Call(method, path, parsed, headers, body, origin, request_id=self.desk.tenant.tracking_id())
        version = spoken_version(request)
        call.old_tls = version if version in OLD else ""
        return call, query

    def _fault_before(self, call: Call) -> Answer | None:
        """Strike a fault instead of doing anything. Sign-in is spared: the faults are those of Graph and the sync
        service.
        """
        faults, tenant = self.faults, self.desk.tenant
        if not faults.armed or not call.path.startswith(("/v1.0/", "/beta/", SYNC_SERVICE)):
            return None
        denied = DENIALS.get(call.path) if call.method == "GET" else None
        if denied is not None and faults.take(denied):
            tenant.record("tenant.fault.struck", fault=denied)
            return problems.graph_answer(tenant, call, problems.DENIED)
        if faults.take("tenant.throttle"):
            tenant.record("tenant.fault.struck", fault="tenant.throttle")
            return problems.graph_answer(tenant, call, problems.too_many(RETRY_AFTER_SECONDS))
        if faults.take("tenant.unavailable"):
            tenant.record("tenant.fault.struck", fault="tenant.unavailable")
            return problems.graph_answer(tenant, call, problems.unavailable(RETRY_AFTER_SECONDS))
        if faults.take("tenant.server_error"):
            tenant.record("tenant.fault.struck", fault="tenant.server_error")
            return problems.graph_answer(tenant, call, problems.SERVER_ERROR)
        if call.path.startswith(SYNC_SERVICE) and self._changes(call) and faults.take("tenant.busy"):
            tenant.record("tenant.fault.struck", fault="tenant.busy")
            return problems.fault_answer(tenant, ServiceFault(81, SERVER_BUSY))
        return None

    @staticmethod
    def _changes(call: Call) -> bool:
        """Whether a call is one whose lost answer leaves something done."""
        if call.path.startswith(SYNC_SERVICE):
            return call.path.removeprefix(SYNC_SERVICE) in _CHANGING
        return call.method != "GET" and call.path.startswith(("/v1.0/", "/beta/"))

    def _answer(self, call: Call, query: str) -> Answer:
        """Take the short way when there is one, else ask Flask."""
        try:
            short = self._short_way(call)
            return short if short is not None else wsgi.run(self.application, call, query)
        except Exception as bug:  # noqa: BLE001 - the edge: nothing may leave as a traceback
            self.desk.tenant.record("tenant.internal-error", path=call.path[:200], error=type(bug).__name__)
            return problems.graph_answer(self.desk.tenant, call, problems.UNEXPECTED)

    def _short_way(self, call: Call) -> Answer | None:
        path = call.path
        if call.method == "GET":
            hot = HOT_ROUTES.get(path)
            if hot is not None:
                route, arguments = hot
                call.version = path.split("/", 2)[1]
                return serve(self.desk, route, call, arguments)
            match = ONE_USER_PATH.fullmatch(path)
            if match is not None and match.group(2) != "delta":
                call.version = match.group(1)
                return serve(self.desk, ONE_USER, call, {"key": match.group(2)})
        elif call.method == "POST":
            if path.startswith(SYNC_SERVICE):
                return provisioning.run_operation(self.desk, call, path[len(SYNC_SERVICE) :])
            match = TOKEN_PATH.fullmatch(path)
            if match is not None:
                token = sign_in.token_v2 if match.group(2) else sign_in.token_v1
                return token(self.desk, call, match.group(1))
            return self._held_way(call)
        return None

    def _held_way(self, call: Call) -> Answer | None:
        """The calls whose answer may have to wait for somebody on-premises; Flask cannot wait."""
        path = call.path
        match = relay.RELAY.fullmatch(path)
        if match is not None:
            return relay.relay(self.desk, call, *match.groups())
        if path.startswith(relay.REGISTER):
            return relay.register(self.desk, call, path[len(relay.REGISTER) :])
        if path == password_writeback.CHANGE:
            return password_writeback.change_password(self.desk, call)
        match = RESET_PATH.fullmatch(path)
        if match is not None:
            call.version = match.group(1)
            return serve(self.desk, RESET, call, {"key": match.group(2), "method": match.group(3)})
        match = ON_DEMAND_PATH.fullmatch(path)
        if match is not None:
            call.version = match.group(1)
            return serve(self.desk, synchronization.ON_DEMAND, call, {"key": match.group(2), "job_id": match.group(3)})
        return None

    def _write(self, request: Any, call: Call, answer: Answer) -> bytes:
        request.setResponseCode(answer.status)
        headers = request.responseHeaders
        headers.setRawHeaders(b"server", [b"anchorage"])
        headers.setRawHeaders(b"date", [self.desk.tenant.now().strftime("%a, %d %b %Y %H:%M:%S GMT").encode()])
        headers.setRawHeaders(b"request-id", [call.request_id.encode()])
        headers.setRawHeaders(b"client-request-id", [_header(call.client_request_id)])
        if call.path.startswith(("/v1.0", "/beta")):
            headers.setRawHeaders(b"odata-version", [b"4.0"])
        if answer.status != 204:
            headers.setRawHeaders(b"content-type", [answer.content_type.encode()])
        for name, value in answer.headers.items():
            headers.setRawHeaders(name.encode(), [_header(value)])
        return answer.body


def spoken_version(request: Any) -> str:
    """The TLS version of the connection a request came by."""
    connection = getattr(request.channel.transport, "_tlsConnection", None)
    return str(connection.get_protocol_version_name()) if connection is not None else ""


def _safe_query(query: str) -> dict[str, str]:
    try:
        return read_query(query)
    except ValueError:  # too many fields
        return {}


def _header(value: str) -> bytes:
    """A header value without anything that could end the line."""
    return re.sub(r"[^\x20-\x7e]", "", value).encode("ascii")
