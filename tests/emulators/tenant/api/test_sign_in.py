"""Sign-in over the wire: discovery, keys, realm, tokens, and the table of refusals."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest

GRAPH = "https://graph.microsoft.com/.default"
CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


@pytest.mark.parametrize("segment", ["contoso.com", "contoso.onmicrosoft.com", "common", "organizations"])
def test_discovery(listener: Any, segment: str) -> None:
    found = json.loads(listener.send("GET", f"/{segment}/v2.0/.well-known/openid-configuration").data)
    assert found["token_endpoint"] == f"{listener.base}/{segment}/oauth2/v2.0/token"
    assert found["issuer"].startswith(listener.base)
    assert json.loads(listener.send("GET", found["jwks_uri"]).data)["keys"][0]["kty"] == "RSA"


def test_unknown_tenant(listener: Any) -> None:
    answer = listener.send("GET", "/nowhere.example/v2.0/.well-known/openid-configuration")
    assert (answer.status, json.loads(answer.data)["error_codes"]) == (400, [90002])
    status, body = listener.token(segment="nowhere.example", grant_type="password", client_id=CLI)
    assert (status, body["error_codes"]) == (400, [90002])


def test_instance_discovery(listener: Any) -> None:
    where = f"{listener.base}/contoso.com/oauth2/v2.0/authorize"
    answer = listener.send("GET", f"/common/discovery/instance?api-version=1.1&authorization_endpoint={where}")
    assert json.loads(answer.data)["tenant_discovery_endpoint"].endswith(
        "/contoso.com/v2.0/.well-known/openid-configuration"
    )


def test_application_token(listener: Any) -> None:
    token = listener.app_token()
    keys = json.loads(listener.send("GET", "/common/discovery/v2.0/keys").data)["keys"]
    key = jwt.PyJWK(keys[0])
    read = jwt.decode(token, key, algorithms=["RS256"], audience="https://graph.microsoft.com",
                      options={"verify_exp": False, "verify_iat": False, "verify_nbf": False})  # fmt: skip
    assert (read["tid"], read["appid"], read["exp"] - read["iat"]) == (
        listener.service.tenant_id,
        listener.service.client_id,
        3599,
    )
    assert "User.ReadWrite.All" in read["roles"]
    assert "scp" not in read
    assert read["iat"] == int(listener.clock.now().timestamp())


def test_password_token_of_both_generations(listener: Any) -> None:
    form = {
        "grant_type": "password",
        "client_id": CLI,
        "username": listener.service.admin_upn,
        "password": "Adm1n-pass!",
    }
    status, body = listener.token(version=2, scope="User.Read openid profile offline_access", **form)
    assert status == 200
    assert {"access_token", "refresh_token", "id_token", "client_info", "scope"} <= set(body)
    info = json.loads(base64.urlsafe_b64decode(body["client_info"] + "=="))
    assert info["utid"] == listener.service.tenant_id
    assert claims(body["access_token"])["wids"] == ["62e90394-69f5-4237-9190-012177145e10"]
    _, old = listener.token(version=1, resource="https://graph.windows.net", **form)
    assert (old["expires_in"], old["resource"]) == ("3599", "https://graph.windows.net")
    assert claims(old["access_token"])["aud"] == "https://graph.windows.net"


def test_refresh_until_the_password_changes(listener: Any) -> None:
    form = {
        "grant_type": "password",
        "client_id": CLI,
        "username": listener.service.admin_upn,
        "password": "Adm1n-pass!",
    }
    _, body = listener.token(scope="User.Read offline_access", **form)
    again = {"grant_type": "refresh_token", "client_id": CLI, "refresh_token": body["refresh_token"]}
    assert listener.token(scope="User.Read", **again)[0] == 200
    assert listener.token(scope="User.Read", **{**again, "refresh_token": "other"})[1]["error"] == "invalid_grant"
    assert listener.token(scope="User.Read", **{**again, "client_id": "1950a258-227b-4e31-a9cf-717495945fc2"})[0] == 400
    listener.clock.advance(seconds=1)
    token = listener.app_token()
    listener.graph(
        "PATCH", f"/v1.0/users/{listener.service.admin_upn}", token, {"passwordProfile": {"password": "Other-2026"}}
    )
    assert listener.token(scope="User.Read", **again)[1]["error_codes"] == [50173]


REFUSALS = [
    ({"grant_type": "client_credentials", "client_secret": "wrong", "scope": GRAPH}, 401, "invalid_client", 7000215),
    ({"grant_type": "client_credentials", "scope": GRAPH}, 401, "invalid_client", 7000215),
    ({"grant_type": "client_credentials", "client_id": "a" * 8 + "-1111-1111-1111-" + "b" * 12}, 400, "unauthorized_client", 700016),  # noqa: E501 - one row of a table
    ({"grant_type": "client_credentials", "client_id": "x"}, 400, "unauthorized_client", 700038),
    ({"grant_type": "client_credentials", "client_id": CLI, "scope": GRAPH}, 401, "invalid_client", 7000218),
    ({"grant_type": "client_credentials", "client_secret": "ok", "scope": "https://nothing.example/.default"}, 400, "invalid_resource", 500011),  # noqa: E501 - one row of a table
    ({"grant_type": "client_credentials", "client_secret": "ok", "scope": "https://graph.microsoft.com/User.Read"}, 400, "invalid_scope", 1002012),  # noqa: E501 - one row of a table
    ({"grant_type": "client_credentials", "client_assertion": "x", "scope": GRAPH}, 401, "invalid_client", 7000218),
    ({"grant_type": "device_code"}, 400, "unsupported_grant_type", 70003),
    ({"grant_type": "password", "client_id": "", "username": "x"}, 400, "invalid_request", 900144),
    ({"grant_type": "password", "client_id": CLI, "username": "nobody@contoso.com", "password": "x"}, 400, "invalid_grant", 50034),  # noqa: E501 - one row of a table
    ({"grant_type": "password", "client_id": CLI, "username": "nobody@else.example", "password": "x"}, 400, "invalid_grant", 50034),  # noqa: E501 - one row of a table
    ({"grant_type": "password", "client_id": CLI, "username": "ADMIN", "password": "wrong"}, 400, "invalid_grant", 50126),  # noqa: E501 - one row of a table
    ({"grant_type": "refresh_token", "client_id": CLI}, 400, "invalid_grant", 9002313),
]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "status", "error", "number"), REFUSALS, ids=[str(row[3]) + row[0]["grant_type"] for row in REFUSALS]
)
def test_refusals(listener: Any, form: dict[str, str], status: int, error: str, number: int) -> None:
    sent = {"client_id": listener.service.client_id, **form}
    if sent.get("client_secret") == "ok":
        sent["client_secret"] = listener.service.client_secret
    if sent.get("username") == "ADMIN":
        sent["username"] = listener.service.admin_upn
    found, body = listener.token(**sent)
    assert (found, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert {"timestamp", "trace_id", "correlation_id"} <= set(body)
    assert ("error_uri" in body) is (number not in (70003, 700038))


def make_user(listener: Any, **more: Any) -> str:
    body = {"accountEnabled": True, "displayName": "x", "mailNickname": "x", "userPrincipalName": "x@contoso.com",
            "passwordProfile": {"password": "Sommer-2026", "forceChangePasswordNextSignIn": False}, **more}  # fmt: skip
    answer = listener.graph("POST", "/v1.0/users", listener.app_token(), body)
    assert answer.status == 201, answer.data
    return json.loads(answer.data)["id"]


def attempt(listener: Any, password: str) -> list[int] | int:
    status, body = listener.token(
        grant_type="password", client_id=CLI, username="x@contoso.com", password=password, scope="User.Read"
    )
    return status if status == 200 else body["error_codes"]


def test_disabled_forced_and_expired(listener: Any) -> None:
    user = make_user(listener)
    assert attempt(listener, "Sommer-2026") == 200
    token = listener.app_token()
    listener.graph("PATCH", f"/v1.0/users/{user}", token, {"accountEnabled": False})
    assert attempt(listener, "Sommer-2026") == [50057]
    listener.graph("PATCH", f"/v1.0/users/{user}", token, {"accountEnabled": True})
    listener.clock.advance(days=90)
    assert attempt(listener, "Sommer-2026") == [50055]
    profile = {"passwordProfile": {"password": "Winter-2026", "forceChangePasswordNextSignIn": True}}
    listener.graph("PATCH", f"/v1.0/users/{user}", listener.app_token(), profile)
    assert attempt(listener, "Winter-2026") == [50055]


def test_lockout_lasts_a_minute(listener: Any) -> None:
    make_user(listener)
    assert [attempt(listener, "no") for _ in range(10)] == [[50126]] * 10
    assert attempt(listener, "Sommer-2026") == [50053]
    listener.clock.advance(seconds=60)
    assert attempt(listener, "Sommer-2026") == 200


def test_deleted_user_is_unknown(listener: Any) -> None:
    user = make_user(listener)
    listener.graph("DELETE", f"/v1.0/users/{user}", listener.app_token())
    assert attempt(listener, "Sommer-2026") == [50034]


def test_synchronised_password_signs_in(listener: Any) -> None:
    token = listener.sync_token()
    listener.operation(token, "SetCompanyDirsyncFeatures", {"dirsyncFeatures": 41017})
    given = {
        "SyncObjectType": "User",
        "SyncOperation": "Add",
        "SourceAnchor": "A",
        "PropertyValues": {"userPrincipalName": "p@contoso.com"},
    }
    listener.operation(token, "ProvisionAzureADSyncObjects2", {"SyncObjects": [given]})
    data = "v1;PPH1_MD4,0102030405060708090a,1000,86a8194e60929aca01ac903df82e30afaea0279741d442d98e01f9600912f005;"
    _, body = listener.operation(
        token, "ProvisionCredentials", {"RequestItems": [{"SourceAnchor": "A", "CredentialData": data}]}
    )
    assert body["Results"][0]["Result"] == 0
    form = {"grant_type": "password", "client_id": CLI, "username": "p@contoso.com", "scope": "User.Read"}
    assert listener.token(password="password", **form)[0] == 200
    assert listener.token(password="Password", **form)[1]["error_codes"] == [50126]


def test_realm(listener: Any) -> None:
    def realm(name: str) -> dict[str, Any]:
        return json.loads(listener.send("GET", f"/common/userrealm/{name}?api-version=1.0").data)

    assert realm("x@contoso.com")["account_type"] == "Managed"
    assert realm("x@nowhere.example")["account_type"] == "Unknown"
    body = {"issuerUri": "http://sts.contoso.com/trust", "passiveSignInUri": "https://sts.contoso.com/ls",
            "activeSignInUri": "https://sts.contoso.com/active", "metadataExchangeUri": "https://sts.contoso.com/mex"}  # fmt: skip  # noqa: E501 - one row of a table
    assert (
        listener.graph("POST", "/v1.0/domains/contoso.com/federationConfiguration", listener.app_token(), body).status
        == 201
    )
    found = realm("x@contoso.com")
    assert (found["account_type"], found["federation_active_auth_url"]) == (
        "Federated",
        "https://sts.contoso.com/active",
    )
    answer = listener.send("POST", "/common/GetCredentialType", {"username": "x@contoso.com"})
    assert json.loads(answer.data)["EstsProperties"]["DomainType"] == 4


def test_no_secret_in_the_journal(listener: Any) -> None:
    listener.app_token()
    listener.admin_token()
    told = repr(listener.records)
    assert listener.service.client_secret not in told
    assert "Adm1n-pass!" not in told


def test_expired_token_is_refused(listener: Any) -> None:
    token = listener.app_token()
    assert listener.graph("GET", "/v1.0/users", token).status == 200
    listener.clock.advance(seconds=3599)
    answer = listener.graph("GET", "/v1.0/users", token)
    assert (answer.status, json.loads(answer.data)["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_token_of_another_key_is_refused(listener: Any) -> None:
    forged = jwt.encode(claims(listener.app_token()), "secret" * 8, algorithm="HS256")
    unsigned = jwt.encode(claims(listener.app_token()), None, algorithm="none")
    for token in (forged, unsigned, "a.b.c", "x"):
        assert listener.graph("GET", "/v1.0/users", token).status == 401
