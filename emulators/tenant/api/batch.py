"""$batch: up to twenty calls in one. Source: facts "tenant" 16, "graph_clients" 2.2, 3 row 18.

Lenient as clients need it: relative addresses with or without the version, absolute ones of this host,
``depends_on``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from emulators.tenant import problems
from emulators.tenant.api.access import serve
from emulators.tenant.api.exchange import Answer, Call, Desk, Route, ok, read_query
from emulators.tenant.core.refusals import GraphError, bad_request

STEPS_MAX = 20


def run_batch(desk: Desk, call: Call) -> Answer:
    steps = call.json().get("requests")
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise bad_request("Invalid batch payload format.", "BadRequest")
    if len(steps) > STEPS_MAX:
        raise bad_request(
            f"Number of batch request steps exceeds the maximum value of {STEPS_MAX}.", "MaximumValueExceeded"
        )
    ids = [step.get("id") for step in steps]
    if not all(isinstance(step_id, str) and step_id for step_id in ids) or len(set(ids)) != len(ids):
        raise bad_request("Every batch request step needs an id of its own.", "BadRequest")
    status: dict[str, int] = {}
    responses = []
    for step in steps:
        response = _run_step(desk, call, step, status)
        status[step["id"]] = response["status"]
        responses.append(response)
    return ok({"responses": responses})


def _run_step(desk: Desk, call: Call, step: dict[str, Any], status: dict[str, int]) -> dict[str, Any]:
    needed = step.get("dependsOn") or step.get("depends_on") or []
    needed = needed if isinstance(needed, list) else [needed]
    if any(status.get(other, 424) >= 400 for other in needed if isinstance(other, str)):
        answer = Answer(424, _problem(desk, call, GraphError(424, "FailedDependency", "Failed Dependency")))
    else:
        answer = _serve_step(desk, call, step)
    response: dict[str, Any] = {"id": step["id"], "status": answer.status, "headers": dict(answer.headers)}
    if answer.body:
        response["headers"]["Content-Type"] = answer.content_type
        response["body"] = orjson.loads(answer.body)
    return response


def _serve_step(desk: Desk, call: Call, step: dict[str, Any]) -> Answer:
    url, method = step.get("url"), step.get("method")
    headers = step.get("headers") or {}
    if not isinstance(url, str) or not isinstance(method, str) or not isinstance(headers, dict):
        return Answer(400, _problem(desk, call, bad_request("Invalid batch request step.", "BadRequest")))
    lowered = {str(name).lower(): str(value) for name, value in headers.items()}
    body = orjson.dumps(step["body"]) if step.get("body") is not None else b""
    if body and "content-type" not in lowered:
        problem = bad_request("Batch request steps with a body need a Content-Type header.", "BadRequest")
        return Answer(400, _problem(desk, call, problem))
    address = urlsplit(url)
    path = unquote(address.path)
    if not path.startswith(("/v1.0/", "/beta/")):
        path = f"/{call.version}/{path.lstrip('/')}"
    inner = Call(
        method.upper(),
        path,
        read_query(address.query),
        {"client-request-id": call.client_request_id, **lowered},
        body,
        call.origin,
        version=path.split("/")[1],
        caller=call.caller,
        request_id=desk.tenant.tracking_id(),
    )
    try:
        assert desk.resolve is not None
        route, arguments = desk.resolve(inner.method, path)
    except GraphError as problem:
        return problems.graph_answer(desk.tenant, inner, problem)
    if route.handler is run_batch:
        return Answer(400, _problem(desk, inner, bad_request("A batch cannot hold a batch.", "BadRequest")))
    return serve(desk, route, inner, arguments)


def _problem(desk: Desk, call: Call, problem: GraphError) -> bytes:
    return orjson.dumps(problems.error_body(desk.tenant, call, problem))


ROUTES: tuple[Route, ...] = (Route("POST", "/$batch", run_batch),)
