"""The registration service and the held connections over the wire: who may, and what is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

KEY = base64.b64encode(bytes(range(32))).decode()


def register(listener: Any, operation: str, body: dict[str, Any], token: str | None) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    answer = listener.send("POST", f"/register/{operation}", body=json.dumps(body).encode(), headers=headers)
    return answer.status, json.loads(answer.data)


def relay(listener: Any, path: str, secret: str) -> tuple[int, Any]:
    answer = listener.send("POST", f"/relay/{path}", body=b"{}", headers={"Authorization": f"Relay {secret}"})
    return answer.status, json.loads(answer.data)


def test_only_an_administrator_registers(listener: Any) -> None:
    body = {"MachineName": "SYNC1", "PublicKey": KEY}
    assert register(listener, "RegisterConnector", body, None)[0] == 401
    assert register(listener, "RegisterConnector", body, listener.app_token())[0] in (401, 403)
    status, answer = register(listener, "RegisterConnector", body, listener.admin_token())
    assert status == 200
    assert set(answer) == {"AgentId", "Secret"}


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        ("RegisterConnector", {"MachineName": "no good!", "PublicKey": KEY}, "CONFIGURATION_INVALID"),
        ("RegisterConnector", {"MachineName": "SYNC1", "PublicKey": "short"}, "CONFIGURATION_INVALID"),
        ("RegisterConnector", {"MachineName": 7}, "CONFIGURATION_INVALID"),
        ("EnablePassthroughAuthentication", {"Enable": "yes"}, "CONFIGURATION_INVALID"),
        ("EnablePassthroughAuthentication", {"Enable": True}, "NO_AGENT_AVAILABLE"),
        ("EnableDesktopSso", {"DomainName": "contoso.com", "ComputerName": "X", "Enable": True}, "SSO_ACCOUNT_UNKNOWN"),
    ],
)
def test_bad_requests_are_faults(listener: Any, operation: str, body: dict[str, Any], code: str) -> None:
    status, answer = register(listener, operation, body, listener.admin_token())
    assert (status, answer["ErrorCode"]) == (500, code)


def test_an_unknown_operation(listener: Any) -> None:
    assert register(listener, "Nonsense", {}, listener.admin_token())[0] == 400


def test_a_connection_proves_itself_with_its_own_secret(listener: Any) -> None:
    _, made = register(listener, "RegisterConnector", {"MachineName": "PTA", "PublicKey": KEY}, listener.admin_token())
    path = f"authentication/{made['AgentId']}"
    assert relay(listener, f"{path}/connect", "wrong")[0] == 401
    assert relay(listener, f"{path}/heartbeat", made["Secret"])[0] == 401  # not connected yet
    assert relay(listener, f"{path}/connect", made["Secret"]) == (200, {"State": "connected"})
    assert relay(listener, f"{path}/heartbeat", made["Secret"]) == (200, {"State": "connected"})
    assert relay(listener, "password/0/connect", made["Secret"])[0] == 401


def test_the_portal_tells_nobody_whether_a_user_exists(listener: Any) -> None:
    answers = []
    for name in ("nobody@contoso.com", listener.service.admin_upn):
        body = {"username": name, "currentPassword": "wrong", "newPassword": "Aa1-second-2026"}
        answer = listener.send(
            "POST",
            "/passwordreset/ChangePassword",
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        error = json.loads(answer.data)["error"]
        answers.append((answer.status, error["code"], error["message"]))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (400, "OnPremisesWrongPassword")
