"""The doors of the sign-in window, and the script it loads. Source: facts "install" CTE-06, CTE-13."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulators.tenant import problems
from emulators.tenant.api.exchange import JSON, Answer, Call, Desk, Route, dumps, read_query
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.core.signing_in import password_sign_in, sign_in, sign_in_window
from emulators.tenant.core.signing_in.sign_in_refusal import SignInError

SCRIPT = b"/* the sign-in window's script: nothing of it is needed without a browser */\n"


def _answer(desk: Desk, call: Call, decide: Callable[[], dict[str, Any]]) -> Answer:
    try:
        return Answer(200, dumps(decide()), content_type=JSON, headers={"Cache-Control": "no-store"})
    except SignInError as problem:
        desk.tenant.record("tenant.sign-in.refused", code=problem.number, grant="window")
        return problems.sign_in_answer(desk.tenant, call, problem)
    except GraphError:
        wrong = SignInError(400, "invalid_request", 90014, "The request body cannot be read.")
        return problems.sign_in_answer(desk.tenant, call, wrong)


def log_in(desk: Desk, call: Call, segment: str) -> Answer:
    def decide() -> dict[str, Any]:
        if not sign_in.find_tenant(desk.tenant, segment):
            raise sign_in.unknown_tenant(segment)
        tenant = desk.tenant
        return sign_in_window.log_in(
            tenant, _form(call), lambda form: password_sign_in.user_at_the_window(tenant, form)
        )

    return _answer(desk, call, decide)


def begin(desk: Desk, call: Call, segment: str) -> Answer:
    return _answer(desk, call, lambda: sign_in_window.begin(desk.tenant, call.json()))


def end(desk: Desk, call: Call, segment: str) -> Answer:
    return _answer(desk, call, lambda: sign_in_window.end(desk.tenant, call.json()))


def process(desk: Desk, call: Call, segment: str) -> Answer:
    return _answer(desk, call, lambda: sign_in_window.process(desk.tenant, _form(call)))


def script(desk: Desk, call: Call, name: str) -> Answer:
    return Answer(200, SCRIPT, content_type="application/x-javascript")


def _form(call: Call) -> dict[str, str]:
    return read_query(call.body.decode("utf-8", "replace"))


ROUTES: tuple[Route, ...] = (
    Route("POST", "/<segment>/login", log_in),
    Route("POST", "/<segment>/SAS/BeginAuth", begin),
    Route("POST", "/<segment>/SAS/EndAuth", end),
    Route("POST", "/<segment>/SAS/ProcessAuth", process),
    Route("GET", "/ests/2.1/content/cdnbundles/<name>", script),
)
