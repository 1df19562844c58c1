"""organization, domains, onPremisesSynchronization, roles, SKUs and $batch."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def token(listener: Any) -> str:
    return listener.app_token()


def read(listener: Any, path: str, token: str) -> Any:
    answer = listener.graph("GET", path, token)
    assert answer.status == 200, answer.data
    return json.loads(answer.data)


def test_organization(listener: Any, token: str) -> None:
    found = read(listener, "/v1.0/organization", token)["value"][0]
    assert (found["id"], found["displayName"], found["onPremisesSyncEnabled"]) == (
        listener.service.tenant_id,
        "Contoso",
        None,
    )
    assert [(d["name"], d["isInitial"], d["isDefault"]) for d in found["verifiedDomains"]] == [
        ("contoso.onmicrosoft.com", True, False),
        ("contoso.com", False, True),
    ]
    path = f"/v1.0/organization/{found['id']}"
    assert listener.graph("PATCH", path, token, {"onPremisesSyncEnabled": True}).status == 204
    assert read(listener, f"{path}?$select=onPremisesSyncEnabled", token)["onPremisesSyncEnabled"] is True
    assert listener.graph("PATCH", path, token, {"onPremisesSyncEnabled": "x"}).status == 400
    assert listener.graph("PATCH", path, token, {"tenantType": "x"}).status == 400
    assert listener.graph("PATCH", path, token, {"technicalNotificationMails": []}).status == 400
    assert listener.graph("GET", "/v1.0/organization/other", token).status == 404


def test_domain_life(listener: Any, token: str) -> None:
    sync = listener.sync_token()
    given = {
        "SyncObjectType": "User",
        "SyncOperation": "Add",
        "SourceAnchor": "A",
        "PropertyValues": {"userPrincipalName": "a@fabrikam.com"},
    }
    listener.operation(sync, "ProvisionAzureADSyncObjects2", {"SyncObjects": [given]})
    assert listener.graph("POST", "/v1.0/domains", token, {"id": "fabrikam.com"}).status == 201
    assert listener.graph("POST", "/v1.0/domains", token, {"id": "fabrikam.com"}).status == 400
    assert listener.graph("POST", "/v1.0/domains", token, {"id": "not a domain"}).status == 400
    assert read(listener, "/v1.0/domains/fabrikam.com", token)["isVerified"] is False
    assert read(listener, "/v1.0/domains/fabrikam.com/verificationDnsRecords", token)["value"][0]["recordType"] == "Txt"
    assert listener.graph("GET", "/v1.0/users/a@fabrikam.com", token).status == 404
    answer = listener.graph("POST", "/v1.0/domains/fabrikam.com/verify", token)
    assert json.loads(answer.data)["availabilityStatus"] == "AvailableImmediately"
    assert listener.graph("GET", "/v1.0/users/a@fabrikam.com", token).status == 200
    assert (
        read(listener, "/v1.0/domains/fabrikam.com/domainNameReferences", token)["value"][0]["userPrincipalName"]
        == "a@fabrikam.com"
    )
    assert listener.graph("PATCH", "/v1.0/domains/fabrikam.com", token, {"isDefault": True}).status == 204
    assert listener.graph("DELETE", "/v1.0/domains/fabrikam.com", token).status == 400
    assert listener.graph("PATCH", "/v1.0/domains/contoso.com", token, {"isDefault": True}).status == 204
    assert listener.graph("DELETE", "/v1.0/domains/fabrikam.com", token).status == 204
    assert listener.graph("GET", "/v1.0/users/a@contoso.onmicrosoft.com", token).status == 200
    assert listener.graph("DELETE", "/v1.0/domains/contoso.onmicrosoft.com", token).status == 400


def test_domain_of_cloud_users_needs_force(listener: Any, token: str) -> None:
    body = {"accountEnabled": True, "displayName": "x", "mailNickname": "x", "userPrincipalName": "x@contoso.com",
            "passwordProfile": {"password": "Sommer-2026"}}  # fmt: skip
    listener.graph("POST", "/v1.0/users", token, body)
    listener.graph("PATCH", "/v1.0/domains/contoso.onmicrosoft.com", token, {"isDefault": True})
    assert listener.graph("DELETE", "/v1.0/domains/contoso.com", token).status == 400
    assert listener.graph("POST", "/v1.0/domains/contoso.com/forceDelete", token).status == 204
    assert listener.graph("GET", "/v1.0/users/x@contoso.onmicrosoft.com", token).status == 200


def test_federation(listener: Any, token: str) -> None:
    path = "/v1.0/domains/contoso.com/federationConfiguration"
    made = json.loads(listener.graph("POST", path, token, {"issuerUri": "http://sts"}).data)
    assert read(listener, "/v1.0/domains/contoso.com", token)["authenticationType"] == "Federated"
    assert listener.graph("PATCH", f"{path}/{made['id']}", token, {"issuerUri": "http://other"}).status == 204
    assert read(listener, path, token)["value"][0]["issuerUri"] == "http://other"
    assert listener.graph("POST", path, token, {}).status == 400
    assert listener.graph("DELETE", f"{path}/{made['id']}", token).status == 204
    assert read(listener, path, token)["value"] == []
    assert listener.graph("POST", path, token, {"nonsense": 1}).status == 400


def test_row_19_directory_synchronisation(listener: Any, token: str) -> None:
    whole = read(listener, "/v1.0/directory/onPremisesSynchronization", token)["value"][0]
    assert whole["configuration"]["accidentalDeletionPrevention"] == {
        "synchronizationPreventionType": "enabledForCount",
        "alertThreshold": 500,
    }
    assert len(whole["features"]) >= 19
    path = f"/v1.0/directory/onPremisesSynchronization/{listener.service.tenant_id}"
    change = {
        "features": {"blockSoftMatchEnabled": True},
        "configuration": {"accidentalDeletionPrevention": {"alertThreshold": 50}},
    }
    assert listener.graph("PATCH", path, token, change).status == 204
    found = read(listener, path, token)
    assert found["features"]["blockSoftMatchEnabled"] is True
    assert found["configuration"]["accidentalDeletionPrevention"]["alertThreshold"] == 50
    refused = {
        "features": {"softMatchOnUpnEnabled": False},
        "configuration": {"accidentalDeletionPrevention": {"alertThreshold": 9}},
    }
    assert listener.graph("PATCH", path, token, refused).status == 400
    assert read(listener, path, token) == found
    for bad in (
        {"nonsense": {}},
        {"features": 7},
        {"configuration": {"accidentalDeletionPrevention": {"alertThreshold": "x"}}},
    ):
        assert listener.graph("PATCH", path, token, bad).status == 400
    _, company = listener.operation(listener.admin_token(), "GetCompanyConfiguration")
    assert company["DirSyncConfiguration"]["PreventAccidentalDeletion"]["ThresholdCount"] == 50


def test_roles(listener: Any, token: str) -> None:
    body = {"accountEnabled": True, "displayName": "x", "mailNickname": "x", "userPrincipalName": "x@contoso.com",
            "passwordProfile": {"password": "Sommer-2026"}}  # fmt: skip
    user = json.loads(listener.graph("POST", "/v1.0/users", token, body).data)["id"]
    role = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"
    wanted = {"roleDefinitionId": role, "principalId": user, "directoryScopeId": "/"}
    made = json.loads(listener.graph("POST", "/v1.0/roleManagement/directory/roleAssignments", token, wanted).data)
    assert listener.graph("POST", "/v1.0/roleManagement/directory/roleAssignments", token, wanted).status == 400
    assert "Hybrid Identity Administrator" in [
        r["displayName"] for r in read(listener, "/v1.0/directoryRoles", token)["value"]
    ]
    assert read(listener, f"/v1.0/directoryRoles/{role}/members", token)["value"][0]["id"] == user
    rows = read(listener, f"/v1.0/roleManagement/directory/roleAssignments?$filter=principalId+eq+'{user}'", token)[
        "value"
    ]
    assert [row["id"] for row in rows] == [made["id"]]
    assert listener.graph("DELETE", f"/v1.0/roleManagement/directory/roleAssignments/{made['id']}", token).status == 204
    reference = {"@odata.id": f"{listener.base}/v1.0/directoryObjects/{user}"}
    assert listener.graph("POST", f"/v1.0/directoryRoles/{role}/members/$ref", token, reference).status == 204
    assert listener.graph("DELETE", f"/v1.0/directoryRoles/{role}/members/{user}/$ref", token).status == 204
    assert read(listener, f"/v1.0/directoryRoles/roleTemplateId='{role}'/members", token)["value"] == []


@pytest.mark.parametrize(
    "path", ["auditLogs/directoryAudits", "oauth2PermissionGrants", "users/x/calendar", "policies/x"]
)
def test_what_is_not_emulated_says_so(listener: Any, token: str, path: str) -> None:
    answer = listener.graph("GET", f"/v1.0/{path}", token)
    assert (answer.status, json.loads(answer.data)["error"]["code"]) == (501, "NotEmulated")
    assert any(record["kind"] == "tenant.graph.unknown" for record in listener.records)


def test_row_18_batch(listener: Any, token: str) -> None:
    steps = [
        {"id": "1", "method": "GET", "url": "/organization?$select=id"},
        {"id": "2", "method": "GET", "url": "/v1.0/users/none"},
        {"id": "3", "method": "GET", "url": f"{listener.base}/v1.0/domains", "dependsOn": ["1"]},
        {"id": "4", "method": "GET", "url": "/domains", "depends_on": ["2"]},
        {"id": "5", "method": "PATCH", "url": f"/users/{listener.service.admin_upn}", "body": {"jobTitle": "x"}},
        {"id": "6", "method": "PATCH", "url": f"/users/{listener.service.admin_upn}", "body": {"jobTitle": "x"},
         "headers": {"Content-Type": "application/json"}},
        {"id": "7", "method": "GET", "url": "/nonsense"},
        {"id": "8", "method": "POST", "url": "/$batch", "body": {}, "headers": {"Content-Type": "application/json"}},
        {"id": "9", "method": "GET", "url": 7},
    ]  # fmt: skip
    answer = json.loads(listener.graph("POST", "/v1.0/$batch", token, {"requests": steps}).data)["responses"]
    assert {row["id"]: row["status"] for row in answer} == {
        "1": 200, "2": 404, "3": 200, "4": 424, "5": 400, "6": 204, "7": 400, "8": 400, "9": 400,
    }  # fmt: skip
    assert answer[0]["body"]["value"][0]["id"] == listener.service.tenant_id


@pytest.mark.parametrize(
    "steps",
    [None, 7, [7], [{"id": "1", "method": "GET", "url": "/me"}] * 2, [{"method": "GET", "url": "/me"}],
     [{"id": str(n), "method": "GET", "url": "/me"} for n in range(21)]],
)  # fmt: skip
def test_refused_batches(listener: Any, token: str, steps: Any) -> None:
    assert listener.graph("POST", "/v1.0/$batch", token, {"requests": steps}).status == 400


def test_throttling_when_switched_on(start_listener: Any) -> None:
    listener = start_listener(throttling=True, throttle_factor=0.002)
    token = listener.app_token()
    answers = [listener.graph("GET", "/v1.0/users", token) for _ in range(6)]
    assert [a.status for a in answers][:3] == [200, 200, 200]
    assert answers[0].headers["x-ms-resource-unit"] == "2"
    refused = next(a for a in answers if a.status == 429)
    assert int(refused.headers["Retry-After"]) >= 1
    listener.clock.advance(seconds=10)
    assert listener.graph("GET", "/v1.0/users", token).status == 200
