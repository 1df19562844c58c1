"""/provisioningservice/<Operation>: the door of the sync client. Source: facts "tenant" 17.2; contract of the wire.

Who may: the sync account, applications with the sync role, and administrators; some operations are the
administrators' alone.
"""

from __future__ import annotations

import orjson

from emulators.tenant import problems
from emulators.tenant.api.access import authenticate
from emulators.tenant.api.exchange import JSON, Answer, Call, Desk, Route
from emulators.tenant.core.applications import LEGACY_GRAPH, SYNC_CLIENTS, SYNC_SERVICE
from emulators.tenant.core.client_versions import client_refused
from emulators.tenant.core.clients import Client
from emulators.tenant.core.cloud_sync import service as cloud_sync_service
from emulators.tenant.core.refusals import GraphError, ServiceFault, not_emulated
from emulators.tenant.core.sync_service import ADMIN_OPERATIONS, NOT_EMULATED, OPERATION_TABLE

_ADMINISTRATIVE = ADMIN_OPERATIONS | cloud_sync_service.ADMIN_OPERATIONS


def run_operation(desk: Desk, call: Call, operation: str) -> Answer:
    """Carry one operation out. Faults are values here; nothing leaves as a traceback."""
    tenant = desk.tenant
    try:
        caller = authenticate(desk, call, (LEGACY_GRAPH, SYNC_SERVICE))
        of_agent = cloud_sync_service.OPERATION_TABLE.get(operation)
        carry_out = of_agent or OPERATION_TABLE.get(operation)
        if carry_out is None:
            raise _unknown(operation)
        if not caller.synchronises or (operation in _ADMINISTRATIVE and not caller.administers_sync):
            raise problems.DENIED
        build = call.headers.get("x-ms-aadmsods-dirsyncbuildnumber")
        refused = client_refused(tenant, build)
        if refused is not None and of_agent is None and operation != "Capabilities":
            raise ServiceFault("CLIENT_VERSION_BLOCKED", refused)
        if caller.app_id not in SYNC_CLIENTS and of_agent is None:
            tenant.record("tenant.sync-service.unknown-client", agent=caller.app_id, operation=operation[:60])
        request = _read(call.body)
        machine = call.headers.get("x-anchorage-server", "")[:64]
        result = carry_out(tenant, request, Client(machine, build, caller.administers_sync))
        answer = Answer(200, orjson.dumps(result), content_type=JSON)
    except ServiceFault as fault:
        tenant.record("tenant.provisioning.fault", operation=operation, code=fault.code)
        answer = problems.fault_answer(tenant, fault)
    except GraphError as problem:
        answer = problems.graph_answer(tenant, call, problem)
    except Exception as bug:  # noqa: BLE001 - the edge: nothing may leave as a traceback
        tenant.record("tenant.internal-error", path=operation[:60], error=type(bug).__name__)
        answer = problems.fault_answer(tenant, ServiceFault(0, "The emulator failed to carry this operation out."))
    if tenant.heard:
        machine = call.headers.get("x-anchorage-server", "")[:64]
        told = {"operation": operation[:60], "machine": machine, "status": answer.status}
        tenant.record("tenant.sync-service.call", **told, **({"tls": call.old_tls} if call.old_tls else {}))
    return answer


def _unknown(operation: str) -> GraphError:
    if operation in NOT_EMULATED:
        return not_emulated(f"The operation {operation}")
    return problems.unknown_segment(operation)


def _read(body: bytes) -> dict[str, object]:
    if not body:
        return {}
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ServiceFault("REQUEST_INVALID", "The request is not valid JSON.") from None
    if type(read) is not dict:
        raise ServiceFault("REQUEST_INVALID", "The request is not a JSON object.")
    return read


ROUTES: tuple[Route, ...] = (Route("POST", "/provisioningservice/<operation>", run_operation),)
