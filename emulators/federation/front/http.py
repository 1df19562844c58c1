"""HTTPS over Twisted: requests are told apart by the name they were sent to, a farm's or a machine's.

A farm answers metadata, metadata exchange and WS-Trust; a machine its remote management, below /wsman, which stands for
PowerShell remoting: JSON in, JSON out, an administrator's name and password in the Authorization header.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Generator
from typing import Any
from urllib.parse import parse_qs

from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from emulators.clock import Clock
from emulators.federation.core import documents, management, sign_in, ws_trust
from emulators.federation.core.assertion import AUDIENCE
from emulators.federation.core.farms import Farm, Federation, Machine
from emulators.federation.front.directory import Directories, DirectoryRefused
from emulators.journal import Journal

BODY_BYTES_MAX = 1_000_000
TOO_LARGE = b"HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
XML = "text/xml; charset=utf-8"
SOAP = "application/soap+xml; charset=utf-8"
JSON = "application/json"
_CONNECTION_MISSING = "The service provider connection is not there or is inactive."
Reply = tuple[int, str, bytes]
Local = Callable[[str, str, str], bool]


class LimitedRequest(Request):
    """A request that refuses a body larger than a farm takes, before keeping it."""

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

    def _refuse(self) -> None:
        self.channel.transport.write(TOO_LARGE)
        self.channel.loseConnection()


class FederationSite(Site):
    """Quiet, HTTP/1.1 only: the journal is the record."""

    requestFactory = LimitedRequest  # noqa: N815 - Twisted's name
    displayTracebacks = False  # noqa: N815 - Twisted's name

    def log(self, request: Any) -> None:
        """Keep no access log."""

    def acceptableProtocols(self) -> list[bytes]:  # noqa: N802 - Twisted's name
        return [b"http/1.1"]


class Front(Resource):
    """Every path of the listener. local_administrator: machine, name, password to whether it is one of its own."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(
        self,
        federation: Callable[[], Federation],
        directories: Directories,
        *,
        clock: Clock,
        draw: random.Random,
        journal: Journal,
        local_administrator: Local,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._federation = federation
        self._directories = directories
        self._clock = clock
        self._draw = draw
        self._journal = journal
        self._local_administrator = local_administrator

    def render(self, request: Any) -> Any:
        host = _header(request, "host").partition(":")[0].lower()
        path = request.path.decode("latin-1")
        body = request.content.read(BODY_BYTES_MAX + 1) if request.content is not None else b""
        federation = self._federation()
        farm, machine = federation.farm(host), federation.machine(host)
        if len(body) > BODY_BYTES_MAX:
            return self._write(request, (413, "text/plain", b""))
        if path == "/wsman" and machine is not None and machine.remote_management and request.method == b"POST":
            return self._later(request, self._manage(machine, _header(request, "authorization"), body))
        if (
            farm is not None
            and request.method == b"POST"
            and path in (farm.endpoints.active_13, farm.endpoints.active_2005)
        ):
            return self._later(request, self._issue(farm, body.decode("utf-8", "replace")))
        if farm is not None and request.method == b"GET":
            partner = parse_qs(request.uri.partition(b"?")[2].decode("latin-1")).get("PartnerSpId", [""])[0]
            return self._write(request, _document(farm, path, partner))
        return self._write(request, (404, "text/plain", b""))

    def _later(self, request: Any, work: Deferred[Reply]) -> Any:
        gone: list[bool] = []
        request.notifyFinish().addErrback(lambda failure: gone.append(True))

        def failed(failure: Any) -> Reply:
            self._journal.record("federation.internal-error", error=failure.type.__name__)
            return 500, "text/plain", b""

        def answered(reply: Reply) -> None:
            if not gone:
                request.write(self._write(request, reply))
                request.finish()

        work.addErrback(failed)
        work.addCallback(answered)
        return NOT_DONE_YET

    def _write(self, request: Any, reply: Reply) -> bytes:
        status, kind, body = reply
        request.setResponseCode(status)
        headers = request.responseHeaders
        headers.setRawHeaders(b"server", [b"anchorage"])
        headers.setRawHeaders(b"date", [self._clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT").encode()])
        headers.setRawHeaders(b"content-type", [kind.encode()])
        headers.setRawHeaders(b"content-length", [str(len(body)).encode()])
        return body

    # ---- tokens ----------------------------------------------------------------------------------------------------
    @inlineCallbacks
    def _issue(self, farm: Farm, text: str) -> Generator[Deferred[Any], Any, Reply]:
        name = ""
        try:
            asked = ws_trust.read_request(text)
            name = asked.username
            sign_in.check_relying_party(farm, asked.applies_to)
            wanted = sign_in.wanted_attributes(farm)
            try:
                user = yield self._directories.authenticate(farm, name, asked.password, wanted)
            except DirectoryRefused as refused:
                self._journal.record("federation.sign-in.refused", farm=farm.name, user=name[:120], code=refused.code)
                return 500, SOAP, ws_trust.fault_answer(ws_trust.not_authenticated()).encode()
            answer = sign_in.answer_for(farm, asked, user, self._clock.now(), self._draw)
        except ws_trust.Fault as fault:
            self._journal.record("federation.sign-in.refused", farm=farm.name, user=name[:120], code=fault.code)
            return 500, SOAP, ws_trust.fault_answer(fault).encode()
        self._journal.record("federation.sign-in.token", farm=farm.name, user=name[:120])
        return 200, SOAP, answer.encode()

    # ---- remote management -----------------------------------------------------------------------------------------
    @inlineCallbacks
    def _manage(self, machine: Machine, authorization: str, body: bytes) -> Generator[Deferred[Any], Any, Reply]:
        name, password = _credentials(authorization)
        allowed = self._local_administrator(machine.name, name, password)
        if not allowed and machine.domain:
            allowed = yield self._administers(machine, name, password)
        if not allowed:
            self._journal.record("federation.management.denied", machine=machine.name, user=name[:120])
            return _refused(
                401, "AccessDenied", f"Connecting to remote server {machine.name} failed: Access is denied."
            )
        try:
            asked = json.loads(body)
            command, parameters = str(asked["Command"]), dict(asked.get("Parameters") or {})
        except (ValueError, KeyError, TypeError, RecursionError):
            return _refused(400, "Unreadable", "The command cannot be read.")
        try:
            management.check_kinds(parameters)
            yield self._before(machine, command, parameters, name, password)
            result = management.run(self._federation(), machine, command, parameters)
        except management.ManagementRefused as refused:
            self._journal.record(
                "federation.management.refused", machine=machine.name, command=command[:60], code=refused.code
            )
            return _refused(409, refused.code, refused.text)
        if not command.startswith("Get-"):
            self._journal.record("federation.management.done", machine=machine.name, command=command)
        return 200, JSON, json.dumps({"Result": result}).encode()

    @inlineCallbacks
    def _administers(self, machine: Machine, name: str, password: str) -> Generator[Deferred[Any], Any, bool]:
        """By the directory; a machine that cannot ask it lets nobody in."""
        try:
            allowed = yield self._directories.administers(machine, name, password)
        except DirectoryRefused:
            return False
        return bool(allowed)

    @inlineCallbacks
    def _before(
        self, machine: Machine, command: str, parameters: dict[str, Any], name: str, password: str
    ) -> Generator[Deferred[Any], Any, None]:
        """What a command asks of others first: the farm's SPN in the directory, a proxy's trust at the farm."""
        wanted = management.spn_wanted(command, parameters)
        if wanted is not None:
            management.check_can_serve(machine)
            try:
                problem = yield self._directories.register_spn(machine, name, password, *wanted)
            except DirectoryRefused as refused:
                problem = f"the directory is {refused.code}."
            if problem:
                raise management.ManagementRefused("SpnNotRegistered", f"{wanted[1]} cannot be registered: {problem}")
        if command == "Install-WebApplicationProxy":
            farm = self._federation().farm(str(parameters.get("FederationServiceName", "")))
            primary = self._federation().machine(farm.servers[0]) if farm is not None and farm.servers else None
            given = parameters.get("FederationServiceTrustCredential") or {}
            trusted = False
            if primary is not None:
                user, secret = str(given.get("UserName", "")), str(given.get("Password", ""))
                trusted = self._local_administrator(primary.name, user, secret)
                if not trusted:
                    trusted = yield self._administers(primary, user, secret)
            if not trusted:
                text = "The credential is not that of a local administrator of the federation server."
                raise management.ManagementRefused("ProxyTrustDenied", text)


def _document(farm: Farm, path: str, partner: str) -> Reply:
    endpoints = farm.endpoints
    if farm.kind == "ping-federate" and path in (endpoints.metadata, endpoints.exchange):
        trust = farm.trust
        if trust is None or not trust.enabled or partner not in trust.identifiers:
            return 404, "text/plain", _CONNECTION_MISSING.encode()
    if path == endpoints.metadata:
        return 200, XML, documents.metadata(farm.issuer, farm.base, endpoints, farm.key.certificate).encode()
    if path == endpoints.exchange:
        return 200, XML, documents.exchange(farm.base, endpoints).encode()
    if path == endpoints.passive:
        return 501, "text/plain", b"Signing in with a browser is not emulated."
    return 404, "text/plain", b""


def _header(request: Any, name: str) -> str:
    """A header as it came, whatever its octets; Twisted's own look-up stumbles over what is not UTF-8."""
    values = request.requestHeaders.getRawHeaders(name.encode())
    return values[0].decode("latin-1") if values else ""


def _credentials(authorization: str) -> tuple[str, str]:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, password


def _refused(status: int, code: str, text: str) -> Reply:
    return status, JSON, json.dumps({"Error": {"Code": code, "Message": text}}).encode()


__all__ = ["AUDIENCE", "FederationSite", "Front"]
