"""/relay/<kind>/<id>/...: the held connections of agents and of the write-back service, and /register/... for them.

The wire is ours (JSON): connect is answered at once, next is held until there is a request and carries the answer of
the one before. Source: facts "tenant" 10; the names below /register are the product's where it has one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from emulators.tenant import problems
from emulators.tenant.api.access import authenticate
from emulators.tenant.api.exchange import JSON, Answer, Call, Desk, LaterAnswer
from emulators.tenant.core import password_writeback
from emulators.tenant.core.applications import LEGACY_GRAPH, SYNC_SERVICE
from emulators.tenant.core.refusals import GraphError, ServiceFault
from emulators.tenant.core.signing_in import pass_through, seamless_sso
from emulators.tenant.core.signing_in.relay import Document, Line
from emulators.tenant.core.tenant import Tenant
from emulators.tenant.sealing import readable_key

REGISTER = "/register/"
RELAY = re.compile(r"/relay/(authentication|password)/([0-9a-fA-F-]{1,40})/(connect|next|heartbeat)")
MACHINE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
UNKNOWN = GraphError(401, "RelayUnknown", "This connection is not, or no longer, known to the tenant.")


def _json(value: Mapping[str, Any]) -> Answer:
    return Answer(200, orjson.dumps(value), content_type=JSON)


# ---- registration ----------------------------------------------------------------------------------------------------
def _register_agent(tenant: Tenant, request: Mapping[str, Any]) -> dict[str, Any]:
    agent_id, secret = pass_through.register(tenant, *_machine_and_key(request))
    return {"AgentId": agent_id, "Secret": secret}


def _enable_pass_through(tenant: Tenant, request: Mapping[str, Any]) -> dict[str, Any]:
    pass_through.switch(tenant, enable=_truth(request, "Enable"))
    return _pass_through_status(tenant, request)


def _pass_through_status(tenant: Tenant, request: Mapping[str, Any]) -> dict[str, Any]:
    enabled = tenant.sync.has(pass_through.FEATURE)
    return {"IsSuccessful": True, "Enable": enabled, "Exists": bool(tenant.sync.agents)}


def _sso_status(tenant: Tenant, request: Mapping[str, Any]) -> dict[str, Any]:
    return seamless_sso.status(tenant)


def _enable_sso_forest(tenant: Tenant, request: Mapping[str, Any]) -> dict[str, Any]:
    domain, computer = _text(request, "DomainName"), _text(request, "ComputerName")
    enable = _truth(request, "Enable")
    seamless_sso.enable_forest(tenant, domain, computer, str(request.get("Secret") or ""), enable=enable)
    return {"IsSuccessful": True}


def _enable_sso(tenant: Tenant, request: Mapping[str, Any]) -> dict[str, Any]:
    seamless_sso.switch(tenant, enable=_truth(request, "Enable"))
    return {"IsSuccessful": True}


def _convert_domains(tenant: Tenant, request: Mapping[str, Any]) -> dict[str, Any]:
    """Every federated domain becomes a managed one: its users sign in at the tenant from now on."""
    converted = [domain for domain in tenant.domains.values() if domain.federation is not None]
    for domain in converted:
        domain.federation = None
        tenant.record("tenant.domain.managed", domain=domain.name)
    return {"Domains": [domain.name for domain in converted]}


def _onboard(tenant: Tenant, request: Mapping[str, Any]) -> dict[str, Any]:
    return {"Secret": password_writeback.onboard(tenant, *_machine_and_key(request))}


def _offboard(tenant: Tenant, request: Mapping[str, Any]) -> dict[str, Any]:
    password_writeback.offboard(tenant, _text(request, "MachineName"))
    return {"IsSuccessful": True}


Registration = Callable[[Tenant, Mapping[str, Any]], dict[str, Any]]
#: operation -> what it does, and whether only an administrator may ask for it
REGISTRATIONS: dict[str, tuple[Registration, bool]] = {
    "RegisterConnector": (_register_agent, True),
    "EnablePassthroughAuthentication": (_enable_pass_through, True),
    "GetPassthroughAuthenticationStatus": (_pass_through_status, True),
    "GetDesktopSsoStatus": (_sso_status, True),
    "EnableDesktopSso": (_enable_sso_forest, True),
    "EnableDesktopSsoFlag": (_enable_sso, True),
    "ConvertDomainsToManaged": (_convert_domains, True),
    "OnboardPasswordWriteback": (_onboard, False),
    "OffboardPasswordWriteback": (_offboard, False),
}


def register(desk: Desk, call: Call, operation: str) -> Answer:
    """One operation of the registration service."""
    tenant = desk.tenant
    try:
        caller = authenticate(desk, call, (LEGACY_GRAPH, SYNC_SERVICE))
        carry_out, administrators_only = REGISTRATIONS.get(operation, (None, True))
        if carry_out is None:
            raise problems.unknown_segment(operation)
        if not caller.administers_sync and (administrators_only or not caller.synchronises):
            raise problems.DENIED
        return _json(carry_out(tenant, _document(call.body)))
    except ServiceFault as fault:
        tenant.record("tenant.registration.fault", operation=operation, code=fault.code)
        return problems.fault_answer(tenant, fault)
    except GraphError as problem:
        return problems.graph_answer(tenant, call, problem)


def _document(body: bytes) -> dict[str, Any]:
    try:
        read = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        read = None
    if type(read) is not dict:
        raise ServiceFault("REQUEST_INVALID", "The request is not a JSON object.")
    return read


def _text(request: Mapping[str, Any], name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise ServiceFault("CONFIGURATION_INVALID", f"{name} is missing or not a text.")
    return value


def _truth(request: Mapping[str, Any], name: str) -> bool:
    value = request.get(name)
    if not isinstance(value, bool):
        raise ServiceFault("CONFIGURATION_INVALID", f"{name} is neither true nor false.")
    return value


def _machine_and_key(request: Mapping[str, Any]) -> tuple[str, str]:
    machine, key = _text(request, "MachineName"), _text(request, "PublicKey")
    if not MACHINE.fullmatch(machine) or not readable_key(key):
        raise ServiceFault("CONFIGURATION_INVALID", "The machine's name or its public key cannot be read.")
    return machine, key


# ---- held connections ------------------------------------------------------------------------------------------------
def relay(desk: Desk, call: Call, kind: str, name: str, step: str) -> Answer:
    """One step of a held connection; whoever does not prove itself with its own secret is turned away."""
    tenant = desk.tenant
    scheme, _, secret = call.headers.get("authorization", "").partition(" ")
    known = scheme == "Relay" and (
        pass_through.knows(tenant, name, secret)
        if kind == "authentication"
        else password_writeback.knows(tenant, secret)
    )
    if not known:
        return problems.graph_answer(tenant, call, UNKNOWN)
    if step == "connect":
        return _connect(desk, call, kind, name)
    line = tenant.agent_lines.get(name) if kind == "authentication" else tenant.writeback_line
    if line is None:
        return problems.graph_answer(tenant, call, UNKNOWN)
    if step == "heartbeat":
        return _json({"State": "connected"})
    return _next(call, line)


def _connect(desk: Desk, call: Call, kind: str, name: str) -> Answer:
    tenant = desk.tenant
    if kind == "authentication":
        line = pass_through.connect(tenant, name)
        call.lost.append(lambda: pass_through.disconnected(tenant, name, line))
    else:
        line = password_writeback.connect(tenant)
        call.lost.append(lambda: password_writeback.disconnected(tenant, line))
    return _json({"State": "connected"})


def _next(call: Call, line: Line) -> Answer:
    try:
        done = orjson.loads(call.body or b"{}")
    except orjson.JSONDecodeError:
        done = {}
    later = LaterAnswer(content_type=JSON)
    if type(done) is dict and isinstance(done.get("Id"), str):
        line.answer(done["Id"], {key: value for key, value in done.items() if key != "Id"})

    def deliver(document: Document) -> None:
        later.settle(_json(document))

    line.listen(deliver)
    return later


__all__ = ["REGISTER", "RELAY", "register", "relay"]
