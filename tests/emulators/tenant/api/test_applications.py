"""/applications, extension properties and the values of users, over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

ATTRIBUTE = {"Name": "contosoBadge", "DataType": "String", "IsMultiValued": False, "TargetObjects": ["User"]}
APP = "displayName eq 'Tenant Schema Extension App'"


def ask(listener: Any, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    answer = listener.graph(method, f"/v1.0/{path}", listener.app_token(), body)
    return answer.status, json.loads(answer.data) if answer.data else None


def register(listener: Any, token: str) -> tuple[int, Any]:
    return listener.operation(token, "RegisterDirectoryExtensions", {"Attributes": [ATTRIBUTE]})


def test_only_an_administrator_registers(listener: Any) -> None:
    assert register(listener, listener.sync_token())[0] == 403
    status, body = register(listener, listener.admin_token())
    assert (status, set(body)) == (200, {"ApplicationId"})
    assert listener.operation(listener.admin_token(), "RegisterDirectoryExtensions", {"Attributes": "x"})[0] == 500


def test_application_properties_and_values(listener: Any) -> None:
    _, body = register(listener, listener.admin_token())
    name = f"extension_{body['ApplicationId'].replace('-', '')}_contosoBadge"
    _, found = ask(listener, "GET", f"applications?$filter={APP}")
    (app,) = found["value"]
    assert app["appId"] == body["ApplicationId"]
    assert ask(listener, "GET", f"applications/{app['id']}")[1]["displayName"] == "Tenant Schema Extension App"
    _, shown = ask(listener, "GET", f"applications/{app['id']}/extensionProperties")
    assert [one["name"] for one in shown["value"]] == [name]
    user = {
        "SyncObjectType": "User", "SyncOperation": "Add", "SourceAnchor": "A", "CloudAnchor": None,
        "PropertyValues": {"userPrincipalName": "ana@contoso.com", name: "B-1"},
    }  # fmt: skip
    listener.operation(listener.sync_token(), "ProvisionAzureADSyncObjects2", {"SyncObjects": [user]})
    assert ask(listener, "GET", f"users/ana@contoso.com?$select=id,{name}")[1][name] == "B-1"
    assert name not in ask(listener, "GET", "users/ana@contoso.com")[1]
    _, chosen = ask(listener, "GET", f"users?$select=userPrincipalName&$filter={name} eq 'B-1'")
    assert [one["userPrincipalName"] for one in chosen["value"]] == ["ana@contoso.com"]
    assert ask(listener, "GET", "users?$select=extension_short_contosoBadge")[0] == 400


def test_the_service_principal_goes_and_comes(listener: Any) -> None:
    _, body = register(listener, listener.admin_token())
    (principal,) = ask(listener, "GET", "servicePrincipals")[1]["value"]
    assert principal["appId"] == body["ApplicationId"]
    assert ask(listener, "DELETE", f"servicePrincipals/{principal['id']}")[0] == 204
    assert ask(listener, "GET", "servicePrincipals")[1]["value"] == []
    assert ask(listener, "POST", "servicePrincipals", {"appId": body["ApplicationId"]})[0] == 201
    assert ask(listener, "POST", "servicePrincipals", {"appId": body["ApplicationId"]})[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "applications/none", 404),
        ("GET", "applications/none/extensionProperties", 404),
        ("GET", "applications?$filter=startswith(displayName,'T')", 501),
        ("POST", "applications", 501),
        ("PATCH", "applications/none", 501),
        ("DELETE", "applications/none", 404),
    ],
)
def test_refusals(listener: Any, method: str, path: str, status: int) -> None:
    assert ask(listener, method, path)[0] == status


def test_the_system_application_cannot_be_deleted(listener: Any) -> None:
    register(listener, listener.admin_token())
    (app,) = ask(listener, "GET", f"applications?$filter={APP}")[1]["value"]
    assert ask(listener, "DELETE", f"applications/{app['id']}")[0] == 403
