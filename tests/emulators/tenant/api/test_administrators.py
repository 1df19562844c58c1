"""Conditional access, second factors and eligible roles over the wire, with the sign-in window."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

ADMIN_PASSWORD = "Adm1n-pass!"
WIZARD = "cb1056e2-e479-49de-ae31-7812af012ed8"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OWN = "/v1.0/roleManagement/directory/roleEligibilitySchedules/filterByCurrentUser(on='principal')"


def answer_of(listener: Any, *request: Any) -> tuple[int, dict[str, Any]]:
    answer = listener.graph(*request)
    return answer.status, json.loads(answer.data) if answer.data else {}


def step(listener: Any, name: str, content: dict[str, Any], *, form: bool) -> tuple[int, dict[str, Any]]:
    body = urlencode(content) if form else json.dumps(content)
    answer = listener.send("POST", f"/contoso.onmicrosoft.com/{name}", body, FORM if form else {})
    return answer.status, json.loads(answer.data)


def test_an_administrator_with_a_second_factor_signs_in_through_the_window(listener: Any) -> None:
    token, name = listener.app_token(), listener.service.admin_upn
    _, admin = answer_of(listener, "GET", f"/v1.0/users/{name}?$select=id", token)
    phone = {"phoneNumber": "+15550001", "phoneType": "mobile"}
    assert answer_of(listener, "POST", f"/v1.0/users/{name}/authentication/phoneMethods", token, phone)[0] == 201
    policy = {
        "state": "enabled",
        "conditions": {"users": {"includeUsers": [admin["id"]]}},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }
    status, made = answer_of(listener, "POST", "/v1.0/identity/conditionalAccess/policies", token, policy)
    assert status == 201
    password = {"grant_type": "password", "client_id": WIZARD, "username": name, "password": ADMIN_PASSWORD}
    status, refused = listener.token(version=1, resource="https://graph.windows.net", **password)
    assert (status, refused["error"], refused["error_codes"]) == (400, "interaction_required", [50076])

    form = {"login": name, "passwd": ADMIN_PASSWORD, "client_id": WIZARD}
    _, opened = step(listener, "login", form, form=True)
    flow = {"FlowToken": opened["sFT"], "AuthMethodId": "OneWaySMS"}
    assert step(listener, "SAS/BeginAuth", flow, form=False)[1]["Success"]
    code = listener.service.texts()["+15550001"]
    assert step(listener, "SAS/EndAuth", {**flow, "AdditionalAuthData": code}, form=False)[1]["Success"]
    _, done = step(listener, "SAS/ProcessAuth", {"flowToken": opened["sFT"]}, form=True)
    redeem = {"grant_type": "authorization_code", "client_id": WIZARD, "code": done["code"]}
    status, granted = listener.token(version=1, resource="https://graph.windows.net", **redeem)
    assert status == 200
    assert listener.operation(granted["access_token"], "GetCompanyConfiguration")[0] == 200

    path = f"/v1.0/identity/conditionalAccess/policies/{made['id']}"
    assert answer_of(listener, "GET", path, token)[1]["state"] == "enabled"
    assert answer_of(listener, "DELETE", path, token)[0] == 204
    assert answer_of(listener, "GET", path, token)[0] == 404
    assert listener.token(version=1, resource="https://graph.windows.net", **password)[0] == 200


def test_steps_of_the_window_refuse_what_they_cannot_read(listener: Any) -> None:
    for name in ("SAS/BeginAuth", "SAS/EndAuth"):
        answer = listener.send("POST", f"/contoso.onmicrosoft.com/{name}", "{", {})
        assert (answer.status, json.loads(answer.data)["error_codes"]) == (400, [90014])
    status, body = step(listener, "SAS/ProcessAuth", {}, form=True)
    assert (status, body["error_codes"]) == (400, [90027])
    answer = listener.send("POST", "/nowhere.example/login", urlencode({"login": "x"}), FORM)
    assert (answer.status, json.loads(answer.data)["error_codes"]) == (400, [90002])
    assert listener.send("GET", "/ests/2.1/content/cdnbundles/login.js").status == 200


def test_everybody_sees_what_he_may_activate_himself(listener: Any) -> None:
    token = listener.app_token()
    user = {
        "accountEnabled": True,
        "displayName": "Pim",
        "mailNickname": "pim",
        "userPrincipalName": "pim@contoso.com",
        "passwordProfile": {"password": "Aa1-harbour-2026", "forceChangePasswordNextSignIn": False},
    }
    _, made = answer_of(listener, "POST", "/v1.0/users", token, user)
    role = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"
    meant = {"roleDefinitionId": role, "principalId": made["id"], "directoryScopeId": "/"}
    requests = "/v1.0/roleManagement/directory"
    eligible = {"action": "adminAssign", **meant}
    assert answer_of(listener, "POST", f"{requests}/roleEligibilityScheduleRequests", token, eligible)[0] == 201
    own = listener.user_token("pim@contoso.com", "Aa1-harbour-2026", version=2)
    assert [row["roleDefinitionId"] for row in answer_of(listener, "GET", OWN, own)[1]["value"]] == [role]
    assert answer_of(listener, "GET", OWN, listener.admin_token())[1]["value"] == []
    assert len(answer_of(listener, "GET", f"{requests}/roleEligibilitySchedules", token)[1]["value"]) == 1
    active = {"action": "selfActivate", **meant}
    assert answer_of(listener, "POST", f"{requests}/roleAssignmentScheduleRequests", token, active)[0] == 201
    assert listener.operation(listener.user_token("pim@contoso.com", "Aa1-harbour-2026"), "Capabilities")[0] == 200


def test_rights_are_needed(listener: Any) -> None:
    token = listener.sync_token()
    for path in (
        "/v1.0/identity/conditionalAccess/policies",
        "/v1.0/roleManagement/directory/roleEligibilitySchedules",
    ):
        assert answer_of(listener, "GET", path, token)[0] == 403


def test_reads_that_are_denied_by_a_fault(listener: Any) -> None:
    token = listener.app_token()
    for what in ("organization", "domains"):
        listener.service.faults.arm(f"tenant.{what}_denied")
        assert [answer_of(listener, "GET", f"/v1.0/{what}", token)[0] for _ in range(2)] == [403, 200]


def test_organization_says_how_full_it_is(listener: Any) -> None:
    _, found = answer_of(listener, "GET", "/v1.0/organization?$select=directorySizeQuota", listener.app_token())
    assert found["value"] == [{"directorySizeQuota": {"used": 1, "total": 300_000}}]
