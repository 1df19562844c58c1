"""Serving one call: token, rights, throttle, handler, and every refusal turned into its answer."""

from __future__ import annotations

from emulators.tenant import problems
from emulators.tenant.api.exchange import Answer, Call, Desk, Route
from emulators.tenant.api.plain_rows import shaped
from emulators.tenant.core.applications import GRAPH, LEGACY_GRAPH
from emulators.tenant.core.permissions import Caller
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.core.throttling import cost_of
from emulators.tenant.tokens import InvalidToken


def authenticate(desk: Desk, call: Call, audiences: tuple[str, ...]) -> Caller:
    """Answer who calls; raises the 401 of Graph."""
    header = call.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise problems.NO_TOKEN
    try:
        caller: Caller = desk.tokens.caller(token.strip())
    except InvalidToken as problem:
        raise problems.bad_token(str(problem)) from None
    if caller.audience not in audiences:
        raise problems.bad_token("Access token validation failure. Invalid audience.")
    return caller


def serve(desk: Desk, route: Route, call: Call, arguments: dict[str, str]) -> Answer:
    """Run a Graph route from token to answer. What nobody foresaw becomes a 500 without a word about the code."""
    tenant = desk.tenant
    try:
        if call.caller is None:
            call.caller = authenticate(desk, call, (GRAPH, LEGACY_GRAPH))
        if route.rights and call.caller.rights.isdisjoint(route.rights):
            raise problems.DENIED
        throttled = _throttle(desk, call, call.caller)
        answer = route.handler(desk, call, **arguments)
        if call.query:
            answer = shaped(route, call, answer)
        answer.headers.update(throttled)
    except GraphError as problem:
        answer = problems.graph_answer(tenant, call, problem)
    except Exception as bug:  # noqa: BLE001 - the edge: nothing may leave as a traceback
        tenant.record("tenant.internal-error", path=route.rule, error=type(bug).__name__)
        answer = problems.graph_answer(tenant, call, problems.UNEXPECTED)
    if tenant.heard:
        _record(desk, route, call, arguments, answer)
    return answer


def _throttle(desk: Desk, call: Call, caller: Caller) -> dict[str, str]:
    if desk.throttle is None:
        return {}
    segments = tuple(part for part in call.path.split("/") if part)[1:]
    cost = cost_of(call.method, segments, call.query)
    wait, reason = desk.throttle.admit(caller.app_id, cost, write=call.method != "GET", now=desk.tenant.now())
    if wait:
        raise problems.too_many(wait, reason)
    return {"x-ms-resource-unit": str(cost)}


def _record(desk: Desk, route: Route, call: Call, arguments: dict[str, str], answer: Answer) -> None:
    caller = call.caller.name if call.caller is not None else None
    fields: dict[str, object] = {"method": call.method, "path": route.rule, "status": answer.status, "caller": caller}
    if arguments:
        fields["key"] = dict(arguments)
    if call.query:
        fields["query"] = {n: v for n, v in call.query.items() if n not in ("$skiptoken", "$deltatoken")}
    desk.tenant.record(f"tenant.graph.{call.method.lower()}", **fields)
