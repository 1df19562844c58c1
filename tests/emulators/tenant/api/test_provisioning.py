"""The sync service over the wire: who may, what faults, and a whole export and import."""

from __future__ import annotations

import json
from typing import Any

import pytest


def user(anchor: str, **values: Any) -> dict[str, Any]:
    return {
        "SyncObjectType": "User",
        "SyncOperation": "Add",
        "SourceAnchor": anchor,
        "CloudAnchor": None,
        "PropertyValues": values,
    }


def export(listener: Any, token: str, *objects: Any) -> tuple[int, Any]:
    return listener.operation(token, "ProvisionAzureADSyncObjects2", {"SyncObjects": list(objects)})


def test_export_then_graph_then_import(listener: Any) -> None:
    token = listener.sync_token()
    status, body = export(listener, token, user("A", userPrincipalName="ana@contoso.com", title="Engineer"))
    assert (status, body["SyncObjectResults"][0]["ResultCode"]) == (200, "Success")
    shown = json.loads(
        listener.graph(
            "GET", "/v1.0/users/ana@contoso.com?$select=jobTitle,onPremisesImmutableId", listener.app_token()
        ).data
    )
    assert (shown["jobTitle"], shown["onPremisesImmutableId"]) == ("Engineer", "A")
    status, page = listener.operation(
        token, "ReadBackAzureADSyncObjects2", {"IsFullSync": True, "InputCookie": None, "PageSize": 50}
    )
    assert page["ResultObjects"][0]["PropertyValues"]["title"] == "Engineer"
    assert listener.operation(token, "FinalizeImport", {})[0] == 200
    assert listener.operation(token, "FinalizeExport", {"TotalExported": 1, "SuccessfulExportCount": 1})[0] == 200


def test_company_configuration(listener: Any) -> None:
    _, found = listener.operation(listener.sync_token(), "GetCompanyConfiguration")
    assert set(found) == {
        "TenantId", "DisplayName", "InitialDomain", "VerifiedDomains", "UnverifiedDomains", "IsDirSyncing", "IsPasswordSyncing", "DirSyncFeatures",  # noqa: E501 - one row of a table
        "AllowedFeatures", "SynchronizationInterval", "MaxLinksSupportedAcrossBatchInProvision2", "DirSyncConfiguration",  # noqa: E501 - one row of a table
        "LastDirSyncTime", "LastPasswordSyncTime", "DirSyncServiceAccounts",
    }  # fmt: skip
    assert (found["IsDirSyncing"], found["SynchronizationInterval"]) == (True, "PT30M")
    assert found["DirSyncConfiguration"]["AnchorAttribute"] is None
    assert found["DirSyncServiceAccounts"] == ["Sync_SYNC1_0123456789ab@contoso.onmicrosoft.com"]


@pytest.mark.parametrize(
    ("operation", "sync", "admin"),
    [
        ("Capabilities", 200, 200),
        ("GetCompanyConfiguration", 200, 200),
        ("GetServiceAccount", 403, 500),
        ("SetCompanyDirSyncEnabled", 403, 500),
        ("ProvisionAzureADSyncObjects2", 500, 500),
        ("ReadBackAzureADSyncObjects2", 200, 200),
        ("FinalizeImport", 200, 200),
        ("GetKerberosDomain", 501, 501),
        ("Nonsense", 400, 400),
    ],
)
def test_who_may(listener: Any, operation: str, sync: int, admin: int) -> None:
    assert listener.operation(listener.sync_token(), operation)[0] == sync
    assert listener.operation(listener.admin_token(), operation)[0] == admin


def test_others_may_not(listener: Any) -> None:
    token = listener.app_token()
    assert listener.operation(token, "Capabilities")[0] == 401  # its audience is Graph
    body = {"accountEnabled": True, "displayName": "x", "mailNickname": "x", "userPrincipalName": "x@contoso.com",
            "passwordProfile": {"password": "Sommer-2026", "forceChangePasswordNextSignIn": False}}  # fmt: skip
    listener.graph("POST", "/v1.0/users", token, body)
    plain = listener.user_token("x@contoso.com", "Sommer-2026")
    assert listener.operation(plain, "GetCompanyConfiguration")[0] == 403
    assert listener.operation("", "Capabilities")[0] == 401


def test_sync_account_reads_little(listener: Any) -> None:
    listener.sync_token()
    _, account = listener.operation(listener.admin_token(), "GetServiceAccount", {"identifier": "SYNC1_0123456789ab"})
    token = listener.user_token(account["UserName"], account["Password"], version=2)
    found = [
        listener.graph("GET", path, token).status
        for path in ("/v1.0/organization", "/v1.0/domains", "/v1.0/users", "/v1.0/groups")
    ]
    assert found == [200, 200, 403, 403]


def test_fault_body(listener: Any) -> None:
    status, body = listener.operation(listener.sync_token(), "ProvisionCredentials", {"RequestItems": []})
    assert status == 500
    assert (body["ErrorCode"], body["ErrorDescription"]) == (
        90,
        "Password Synchronization has not been activated for this company.",
    )
    assert set(body) == {"ErrorCode", "ErrorDescription", "TrackingId", "ServerName"}


def test_old_client_is_turned_away(listener: Any) -> None:
    token = listener.sync_token()
    status, body = listener.operation(
        token, "GetCompanyConfiguration", {}, **{"x-ms-aadmsods-dirsyncbuildnumber": "1.0.1.0"}
    )
    assert (status, body["ErrorCode"]) == (500, "CLIENT_VERSION_BLOCKED")
    assert listener.operation(token, "Capabilities", {}, **{"x-ms-aadmsods-dirsyncbuildnumber": "1.0.1.0"})[0] == 200


@pytest.mark.parametrize("body", ["", "{", "[]", "7", "null", '{"SyncObjects": 7}', '{"SyncObjects": [7, null, {}]}'])
def test_malformed_bodies(listener: Any, body: str) -> None:
    answer = listener.send("POST", "/provisioningservice/ProvisionAzureADSyncObjects2", body,
                           {"Authorization": f"Bearer {listener.sync_token()}"})  # fmt: skip
    assert answer.status in (200, 500)
    assert b"Traceback" not in answer.data


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        ("tenant.throttle", 429, "Retry-After"),
        ("tenant.unavailable", 503, "Retry-After"),
        ("tenant.server_error", 500, None),
        ("tenant.busy", 500, None),
    ],
)
def test_faults_strike_before_anything_is_done(listener: Any, fault: str, status: int, header: str | None) -> None:
    token = listener.sync_token()
    listener.faults.arm(fault)
    answer = listener.send("POST", "/provisioningservice/ProvisionAzureADSyncObjects2",
                           {"SyncObjects": [user("A", userPrincipalName="a@contoso.com")]},
                           {"Authorization": f"Bearer {token}"})  # fmt: skip
    assert answer.status == status
    if header is not None:
        assert int(answer.headers[header]) > 0
    if fault == "tenant.busy":
        assert json.loads(answer.data)["ErrorCode"] == 81
    assert listener.service.tenant.by_anchor == {}
    assert listener.faults.armed == {}
    assert export(listener, token, user("A", userPrincipalName="a@contoso.com"))[0] == 200


def test_lost_answer_is_carried_out(listener: Any) -> None:
    import urllib3

    token = listener.sync_token()
    listener.faults.arm("tenant.lost_answer")
    assert listener.operation(token, "GetCompanyConfiguration")[0] == 200
    with pytest.raises(urllib3.exceptions.HTTPError):
        export(listener, token, user("A", userPrincipalName="a@contoso.com"))
    assert "A" in listener.service.tenant.by_anchor
    assert (
        export(listener, token, user("A", userPrincipalName="a@contoso.com"))[1]["SyncObjectResults"][0]["ResultCode"]
        == "Success"
    )


def test_faults_spare_sign_in(listener: Any) -> None:
    listener.faults.arm("tenant.throttle")
    token = listener.admin_token()
    assert listener.operation(token, "Capabilities")[0] == 429


def test_service_account_limit_over_the_wire(start_listener: Any) -> None:
    listener = start_listener(service_account_limit=1)
    token = listener.admin_token()
    assert listener.operation(token, "GetServiceAccount", {"identifier": "A_0123456789ab"})[0] == 200
    status, body = listener.operation(token, "GetServiceAccount", {"identifier": "B_0123456789ab"})
    assert (status, body["ErrorCode"]) == (500, "SYNC_ACCOUNT_LIMIT")


def test_journal_names_what_happened(listener: Any) -> None:
    export(listener, listener.sync_token(), user("A", userPrincipalName="a@contoso.com", title="x"))
    told = next(r for r in listener.records if r["kind"] == "tenant.provisioning.add")
    assert (told["anchor"], told["outcome"], told["changed"]) == ("A", "provision_new", ["title", "userPrincipalName"])
    assert (
        next(r for r in listener.records if r.get("operation") == "ProvisionAzureADSyncObjects2")["machine"] == "SYNC1"
    )
