"""The one place where a refusal of the core becomes an HTTP answer: Graph's error body, OAuth's, the sync service's
fault.

Source: facts "tenant" 15, 16, "graph_clients" 2.1, 3 rows 9, 11, 12; contract of the sync service wire.
"""

from __future__ import annotations

from typing import Any

from emulators.tenant.api.exchange import JSON, Answer, Call, dumps
from emulators.tenant.core.refusals import GraphError, ServiceFault
from emulators.tenant.core.signing_in.sign_in_refusal import SignInError
from emulators.tenant.core.tenant import Tenant

NO_TOKEN = GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
DENIED = GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
WRONG_METHOD = GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
UNEXPECTED = GraphError(
    500, "InternalServerError", "The emulator failed to answer this request; its journal names the kind of error."
)
SERVER_ERROR = GraphError(500, "generalException", "An internal server error occurred while processing the request.")
TOO_LARGE = GraphError(413, "RequestEntityTooLarge", "The request body is larger than this service accepts.")


def unknown_segment(segment: str) -> GraphError:
    return GraphError(400, "BadRequest", f"Resource not found for the segment '{segment[:120]}'.")


def bad_call(status: int) -> GraphError:
    return GraphError(status, "BadRequest", "The request cannot be read.")


def bad_token(text: str) -> GraphError:
    return GraphError(401, "InvalidAuthenticationToken", text)


def too_many(seconds: int, reason: str = "ResourceUnitLimitExceeded") -> GraphError:
    headers = {"Retry-After": str(seconds), "x-ms-throttle-information": reason}
    return GraphError(429, "TooManyRequests", "Too Many Requests", headers=headers)


def unavailable(seconds: int) -> GraphError:
    return GraphError(
        503, "serviceNotAvailable", "The service is temporarily unavailable.", headers={"Retry-After": str(seconds)}
    )


def error_body(tenant: Tenant, call: Call, problem: GraphError) -> dict[str, Any]:
    error: dict[str, Any] = {"code": problem.code, "message": problem.message}
    if problem.details:
        error["details"] = list(problem.details)
    error["innerError"] = {
        "date": tenant.stamp().rstrip("Z"),
        "request-id": call.request_id,
        "client-request-id": call.client_request_id,
    }
    return {"error": error}


def graph_answer(tenant: Tenant, call: Call, problem: GraphError) -> Answer:
    """Graph's error answer."""
    headers = dict(problem.headers)
    if problem.status == 401:
        headers["WWW-Authenticate"] = (
            'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
            'client_id="00000003-0000-0000-c000-000000000000"'
        )
    return Answer(problem.status, dumps(error_body(tenant, call, problem)), headers=headers)


def fault_answer(tenant: Tenant, fault: ServiceFault) -> Answer:
    """The sync service's fault: always HTTP 500."""
    body = {
        "ErrorCode": fault.code,
        "ErrorDescription": fault.text,
        "TrackingId": tenant.tracking_id(),
        "ServerName": "AADSYNC01",
    }
    return Answer(500, dumps(body), content_type=JSON)


def sign_in_answer(tenant: Tenant, call: Call, problem: SignInError) -> Answer:
    """OAuth's error answer in the form of the sign-in service."""
    stamp = tenant.now().strftime("%Y-%m-%d %H:%M:%SZ")
    trace = tenant.tracking_id()
    text = (
        f"AADSTS{problem.number}: {problem.text} Trace ID: {trace} "
        f"Correlation ID: {call.client_request_id} Timestamp: {stamp}"
    )
    body: dict[str, Any] = {
        "error": problem.error,
        "error_description": text,
        "error_codes": [problem.number],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": call.client_request_id,
    }
    if problem.suberror:
        body["suberror"] = problem.suberror
    if problem.number not in (70003, 700038):
        body["error_uri"] = f"{call.origin}/error?code={problem.number}"
    return Answer(problem.status, dumps(body), content_type=JSON)
