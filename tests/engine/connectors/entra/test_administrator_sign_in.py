"""An administrator's sign-in as a conversation with a scripted client: realm, password, window, and what Graph says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.connectors.entra.administrator_sign_in import (
    GLOBAL_ADMINISTRATOR,
    HYBRID_IDENTITY_ADMINISTRATOR,
    Graph,
    SignInWindow,
    sign_in,
)
from engine.connectors.entra.proxy import SCRIPTS, ProxyRefused
from engine.connectors.entra.service_refusal import ServiceFault, SignInRefused
from engine.connectors.entra.tenant_client import TenantAddress
from engine.errors import ConnectorError, EngineError

NAME, PASSWORD = "ga@contoso.onmicrosoft.com", "cloud secret"
MANAGED = {"account_type": "Managed"}
UNKNOWN = {"account_type": "Unknown"}
PROOFS = {"sFT": "flow", "arrUserProofs": [{"authMethodId": "OneWaySMS", "display": "+1XX", "isDefault": True}]}
TOKEN = {"access_token": "t", "refresh_token": "r", "expires_in": "3599"}


@dataclass
class Script:
    """Answers by path, in order; an exception is raised. password: how a sign-in by password alone ends."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    password: Exception | None = None
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    taken: dict[str, Any] = field(default_factory=dict)
    refresh_token: str = "r"
    address: TenantAddress = field(default_factory=lambda: TenantAddress("https://x", "contoso.onmicrosoft.com"))

    def request(
        self, operation: str, path: str, body: bytes = b"", headers: Any = None, method: str = "POST"
    ) -> tuple[int, Any]:
        self.asked.append(f"{method} {path}")
        self.bodies.append(body)
        found = next(answers for part, answers in self.answers.items() if part in path)
        answer = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, tuple) else (200, answer)

    def sign_in(self) -> None:
        if self.password is not None:
            raise self.password

    def take_token(self, answer: dict[str, Any]) -> None:
        self.taken = answer


def window_script(**changes: Any) -> Script:
    answers = {
        "userrealm": [MANAGED],
        "/ests/": [{}],
        "/login": [PROOFS],
        "BeginAuth": [{"Success": True}],
        "EndAuth": [{"Success": True}],
        "ProcessAuth": [{"code": "c"}],
        "oauth2/token": [TOKEN],
    }
    asked = SignInRefused("interaction_required", "AADSTS50076: use multi-factor authentication")
    return Script({**answers, **changes}, password=asked)


def code_of(script: Script, window: SignInWindow) -> str:
    with pytest.raises(EngineError) as refused:
        sign_in(script, NAME, PASSWORD, window)  # type: ignore[arg-type]
    return refused.value.code


def window(answer: str | None = "123456", *, interactive: bool = False) -> SignInWindow:
    return SignInWindow(lambda shown: answer, interactive)


def test_a_password_is_enough_where_nothing_else_is_asked() -> None:
    script = Script({"userrealm": [MANAGED]})
    sign_in(script, NAME, PASSWORD, window())  # type: ignore[arg-type]
    assert script.asked == ["GET /common/userrealm/ga@contoso.onmicrosoft.com?api-version=1.0"]


@pytest.mark.parametrize(
    ("realm", "kind", "code"),
    [
        ([UNKNOWN], [{"IfExistsResult": 1}], "UNKNOWN_USER_TYPE"),
        ([UNKNOWN], [{"IfExistsResult": 5}], "UNSPECIFIED_AUTHENTICATION_FAILURE"),
        ([(503, {})], [{}], "REALM_DISCOVERY_FAILED"),
        ([ConnectorError("failed-connection", "no way", "x")], [{}], "failed-connection"),
    ],
)
def test_realm(realm: list[Any], kind: list[Any], code: str) -> None:
    assert code_of(Script({"userrealm": realm, "GetCredentialType": kind}), window()) == code


def test_the_challenge_shows_a_part_of_the_number_and_the_code_goes_to_the_window() -> None:
    script, shown = window_script(), []
    sign_in(script, NAME, PASSWORD, SignInWindow(lambda part: shown.append(part) or "123456"))  # type: ignore[arg-type]
    assert shown == ["+1XX"]
    assert script.taken == TOKEN
    assert b'"AdditionalAuthData":"123456"' in b"".join(script.bodies)


def test_interactive_auth_goes_to_the_window_at_once() -> None:
    script = window_script()
    script.password = AssertionError("the password alone must not be tried")
    sign_in(script, NAME, PASSWORD, window(interactive=True))  # type: ignore[arg-type]
    assert script.taken == TOKEN


def test_a_window_that_asks_nothing_more_answers_with_a_code() -> None:
    script = window_script(**{"/login": [{"code": "c"}]})
    sign_in(script, NAME, PASSWORD, window(interactive=True))  # type: ignore[arg-type]
    assert not any("SAS" in asked for asked in script.asked)


@pytest.mark.parametrize(
    ("changes", "answer", "code"),
    [
        ({}, None, "AUTHENTICATION_CANCELED"),
        ({"EndAuth": [{"Success": False, "ResultValue": "wrong"}]}, "1", "INVALID_GRANT"),
        ({"/ests/": [ProxyRefused(403, "Forbidden", SCRIPTS)]}, "1", "MFA_ENDPOINT"),
        ({"/ests/": [(404, {})]}, "1", "MFA_ENDPOINT"),
        ({"/login": [(400, {"error": "x", "error_description": "AADSTS50126: no"})]}, "1", "failed-authentication"),
        ({"oauth2/token": [(400, {"error": "x"})]}, "1", "failed-authentication"),
    ],
)
def test_window_refused(changes: dict[str, Any], answer: str | None, code: str) -> None:
    assert code_of(window_script(**changes), window(answer)) == code


@pytest.mark.parametrize("number", [50079, 50126, 53003])
def test_what_no_window_mends_is_refused_at_once(number: int) -> None:
    script = window_script()
    script.password = SignInRefused("x", f"AADSTS{number}: no")
    assert code_of(script, window()) == "failed-authentication"
    assert not any("login" in asked for asked in script.asked)


def graph(script: Script) -> Graph:
    script.answers["oauth2/token"] = [TOKEN]
    return Graph(script)  # type: ignore[arg-type]


def roles(*held: str) -> dict[str, Any]:
    return {"value": [{"roleDefinitionId": role} for role in held]}


def test_an_administrator_with_a_role_is_asked_nothing_more() -> None:
    me = {"id": "oid", "onPremisesSyncEnabled": True}
    script = Script({"/v1.0/me": [me], "roleAssignments": [roles(GLOBAL_ADMINISTRATOR)]})
    found = graph(script).administrator()
    assert (found.synced, found.sufficient, found.global_administrator) == (True, True, True)
    assert not any("memberOf" in asked for asked in script.asked)


def test_why_a_role_does_not_suffice() -> None:
    script = Script(
        {
            "/v1.0/me": [{"id": "oid"}],
            "roleAssignments": [roles(), roles(GLOBAL_ADMINISTRATOR)],
            "memberOf": [{"value": [{"id": "group"}]}],
            "filterByCurrentUser": [roles(HYBRID_IDENTITY_ADMINISTRATOR)],
        }
    )
    found = graph(script).administrator()
    assert (found.synced, found.sufficient) == (False, False)
    assert found.through_groups == {GLOBAL_ADMINISTRATOR}
    assert found.eligible == {HYBRID_IDENTITY_ADMINISTRATOR}


def test_a_refused_read_carries_its_status() -> None:
    with pytest.raises(ServiceFault) as refused:
        graph(Script({"/v1.0/domains": [(403, {"error": {"message": "no"}})]})).get("/v1.0/domains")
    assert (refused.value.error_code, refused.value.message) == ("403", "no")
