"""/groups, /contacts and /devices as Graph answers them."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def token(listener: Any) -> str:
    return listener.app_token()


@pytest.fixture
def world(listener: Any) -> Any:
    """Three users, a contact, a device and two synchronised groups, one in the other."""
    sync = listener.sync_token()

    def given(kind: str, anchor: str, **values: Any) -> dict[str, Any]:
        return {"SyncObjectType": kind, "SyncOperation": "Add", "SourceAnchor": anchor, "PropertyValues": values}

    objects = [given("User", n, userPrincipalName=f"{n}@contoso.com", displayName=n) for n in "abc"]
    objects += [
        given("Contact", "k", displayName="k", proxyAddresses=["SMTP:k@elsewhere.example"], givenName="K"),
        given("Device", "d", displayName="PC1", deviceId="bxFP8oBuXUKCNgmAPaffvg==", deviceTrustType="ServerAd"),
        given(
            "Group",
            "inner",
            displayName="inner",
            securityEnabled=True,
            member=["a", "k", "d"],
            onPremisesSamAccountName="inner",
        ),
        given(
            "Group",
            "outer",
            displayName="outer",
            securityEnabled=True,
            proxyAddresses=["SMTP:outer@contoso.com"],
            member=["inner", "b"],
        ),
    ]
    _, body = listener.operation(sync, "ProvisionAzureADSyncObjects2", {"SyncObjects": objects})
    results = body["SyncObjectResults"]
    assert all(result["ResultCode"] == "Success" for result in results), results
    listener.ids = {r["SourceAnchor"]: r["CloudAnchor"].partition("_")[2] for r in results}
    return listener


def read(listener: Any, path: str, token: str, **headers: str) -> Any:
    answer = listener.graph("GET", path, token, **headers)
    assert answer.status == 200, answer.data
    return json.loads(answer.data)


def message(answer: Any) -> str:
    return json.loads(answer.data)["error"]["message"]


def names(listener: Any, path: str, token: str) -> list[str]:
    return [row["displayName"] for row in read(listener, path, token)["value"]]


def new_group(listener: Any, token: str, **more: Any) -> str:
    body = {"displayName": "Cloud", "mailNickname": "cloud", "mailEnabled": False, "securityEnabled": True, **more}
    answer = listener.graph("POST", "/v1.0/groups", token, body)
    assert answer.status == 201, answer.data
    return json.loads(answer.data)["id"]


def test_synchronised_groups(world: Any, token: str) -> None:
    shown = {row["displayName"]: row for row in read(world, "/v1.0/groups", token)["value"]}
    assert (shown["outer"]["mail"], shown["outer"]["mailEnabled"], shown["outer"]["onPremisesSyncEnabled"]) == (
        "outer@contoso.com",
        True,
        True,
    )
    assert (shown["inner"]["mailEnabled"], shown["inner"]["securityEnabled"]) == (False, True)


def test_members_carry_their_type(world: Any, token: str) -> None:
    rows = read(world, f"/v1.0/groups/{world.ids['inner']}/members", token)["value"]
    assert [row["@odata.type"] for row in rows] == [
        "#microsoft.graph.user",
        "#microsoft.graph.orgContact",
        "#microsoft.graph.device",
    ]
    assert names(world, f"/v1.0/groups/{world.ids['inner']}/members/microsoft.graph.user", token) == ["a"]
    assert names(world, f"/v1.0/groups/{world.ids['inner']}/members/graph.device", token) == ["PC1"]


def test_row_22_nesting(world: Any, token: str) -> None:
    outer, inner = world.ids["outer"], world.ids["inner"]
    assert names(world, f"/v1.0/groups/{outer}/members", token) == ["inner", "b"]
    assert names(world, f"/v1.0/groups/{outer}/transitiveMembers", token) == ["inner", "b", "a", "k", "PC1"]
    assert names(world, "/v1.0/users/a@contoso.com/memberOf", token) == ["inner"]
    assert names(world, "/v1.0/users/a@contoso.com/transitiveMemberOf", token) == ["inner", "outer"]
    assert names(world, f"/v1.0/groups/{inner}/memberOf", token) == ["outer"]
    body = {"groupIds": [outer, "x"]}
    answer = world.graph("POST", f"/v1.0/users/{world.ids['a']}/checkMemberGroups", token, body)
    assert json.loads(answer.data)["value"] == [outer]


def test_row_13_synchronised_membership_is_guarded(world: Any, token: str) -> None:
    path = f"/v1.0/groups/{world.ids['inner']}"
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{world.ids['c']}"}
    for answer in (
        world.graph("POST", f"{path}/members/$ref", token, reference),
        world.graph("DELETE", f"{path}/members/{world.ids['a']}/$ref", token),
        world.graph("PATCH", path, token, {"description": "x"}),
    ):
        assert "on-premises mastered" in message(answer)


def test_row_22_cloud_membership(world: Any, token: str) -> None:
    group = new_group(world, token)
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{world.ids['c']}"}
    assert world.graph("POST", f"/v1.0/groups/{group}/members/$ref", token, reference).status == 204
    again = world.graph("POST", f"/v1.0/groups/{group}/members/$ref", token, reference)
    assert (
        message(again)
        == "One or more added object references already exist for the following modified properties: 'members'."
    )
    bound = {"members@odata.bind": [f"{world.base}/v1.0/directoryObjects/{world.ids['b']}"]}
    assert world.graph("PATCH", f"/v1.0/groups/{group}", token, bound).status == 204
    assert names(world, f"/v1.0/groups/{group}/members", token) == ["c", "b"]
    assert world.graph("DELETE", f"/v1.0/groups/{group}/members/{world.ids['c']}/$ref", token).status == 204
    assert world.graph("DELETE", f"/v1.0/groups/{group}/members/{world.ids['c']}/$ref", token).status == 404
    owner = {"@odata.id": f"{world.base}/v1.0/users/a@contoso.com"}
    assert world.graph("POST", f"/v1.0/groups/{group}/owners/$ref", token, owner).status == 204
    assert names(world, f"/v1.0/groups/{group}/owners", token) == ["a"]


def test_microsoft_365_group(listener: Any, token: str) -> None:
    group = new_group(
        listener, token, groupTypes=["Unified"], mailEnabled=True, securityEnabled=False, mailNickname="team"
    )
    assert read(listener, f"/v1.0/groups/{group}?$select=mail,proxyAddresses", token)["mail"] == "team@contoso.com"
    listener.graph("DELETE", f"/v1.0/groups/{group}", token)
    assert len(read(listener, "/v1.0/directory/deletedItems/microsoft.graph.group", token)["value"]) == 1
    security = new_group(listener, token)
    listener.graph("DELETE", f"/v1.0/groups/{security}", token)
    assert len(read(listener, "/v1.0/directory/deletedItems/microsoft.graph.group", token)["value"]) == 1


@pytest.mark.parametrize(
    "change",
    [{"mailEnabled": True}, {"displayName": None}, {"groupTypes": ["DynamicMembership"]}, {"groupTypes": "x"}, {"mail": "x@y.z"},  # noqa: E501 - one row of a table
     {"nonsense": 1}, {"members@odata.bind": ["https://x/v1.0/users/none"]}],
)  # fmt: skip
def test_refused_creation(listener: Any, token: str, change: dict[str, Any]) -> None:
    body = {"displayName": "Cloud", "mailNickname": "cloud", "mailEnabled": False, "securityEnabled": True, **change}
    wanted = (
        501 if change == {"groupTypes": ["DynamicMembership"]} else (404 if "members@odata.bind" in change else 400)
    )
    assert listener.graph("POST", "/v1.0/groups", token, body).status == wanted
    assert read(listener, "/v1.0/groups", token)["value"] == []


def test_group_filters_of_the_command_line(world: Any, token: str) -> None:
    path = "/v1.0/groups?$filter=displayName+eq+'inner'+and+securityEnabled+eq+true"
    assert names(world, path, token) == ["inner"]


def test_contacts(world: Any, token: str) -> None:
    contact = read(world, f"/v1.0/contacts/{world.ids['k']}", token)
    assert (contact["mail"], contact["givenName"], contact["onPremisesSyncEnabled"]) == (
        "k@elsewhere.example",
        "K",
        True,
    )
    assert names(world, f"/v1.0/contacts/{world.ids['k']}/memberOf", token) == ["inner"]
    assert world.graph("POST", "/v1.0/contacts", token, {}).status == 405
    assert world.graph("DELETE", f"/v1.0/contacts/{world.ids['k']}", token).status == 204
    assert read(world, "/v1.0/contacts", token)["value"] == []


def test_devices(world: Any, token: str) -> None:
    device = read(world, f"/v1.0/devices/{world.ids['d']}", token)
    assert (device["deviceId"], device["trustType"]) == ("f24f116f-6e80-425d-8236-09803da7dfbe", "ServerAd")
    body = {
        "accountEnabled": True,
        "displayName": "PC2",
        "deviceId": "f24f116f-6e80-425d-8236-09803da7dfbe",
        "operatingSystem": "Windows",
    }
    assert world.graph("POST", "/v1.0/devices", token, body).status == 400
    body["deviceId"] = "00112233-4455-6677-8899-aabbccddeeff"
    made = json.loads(world.graph("POST", "/v1.0/devices", token, body).data)
    assert made["deviceId"] == body["deviceId"]
    assert world.graph("PATCH", f"/v1.0/devices/{made['id']}", token, {"displayName": "PC3"}).status == 204
    assert "on-premises" in message(
        world.graph("PATCH", f"/v1.0/devices/{world.ids['d']}", token, {"displayName": "x"})
    )
    assert world.graph("DELETE", f"/v1.0/devices/{made['id']}", token).status == 204


@pytest.mark.parametrize("segment", ["groups", "contacts", "devices"])
def test_counts_and_deltas(world: Any, token: str, segment: str) -> None:
    wanted = {"groups": b"2", "contacts": b"1", "devices": b"1"}[segment]
    assert world.graph("GET", f"/v1.0/{segment}/$count", token, ConsistencyLevel="eventual").data == wanted
    page = read(world, f"/v1.0/{segment}/delta()", token)
    assert len(page["value"]) == int(wanted)
    assert read(world, page["@odata.deltaLink"], token)["value"] == []


def test_any_object(world: Any, token: str) -> None:
    assert read(world, f"/v1.0/directoryObjects/{world.ids['d']}", token)["@odata.type"] == "#microsoft.graph.device"
    answer = world.graph(
        "POST", "/v1.0/directoryObjects/getByIds", token, {"ids": [world.ids["a"], world.ids["k"], "none"]}
    )
    assert [row["displayName"] for row in json.loads(answer.data)["value"]] == ["a", "k"]
    assert world.graph("POST", "/v1.0/directoryObjects/getByIds", token, {"ids": "x"}).status == 400
    answer = world.graph(
        "POST", f"/v1.0/directoryObjects/{world.ids['a']}/getMemberGroups", token, {"securityEnabledOnly": True}
    )
    assert json.loads(answer.data)["value"] == [world.ids["inner"], world.ids["outer"]]


def test_source_of_authority(world: Any, token: str) -> None:
    path = "users/a@contoso.com/onPremisesSyncBehavior"
    assert world.graph("GET", f"/v1.0/{path}", token).status == 400
    assert json.loads(world.graph("GET", f"/beta/{path}", token).data)["isCloudManaged"] is False
    assert world.graph("PATCH", f"/beta/{path}", token, {"isCloudManaged": True}).status == 204
    assert world.graph("PATCH", "/v1.0/users/a@contoso.com", token, {"jobTitle": "Cloud"}).status == 204
    given = {"SyncObjectType": "User", "SyncOperation": "Set", "SourceAnchor": "a", "PropertyValues": {"title": "AD"}}
    _, body = world.operation(world.sync_token(), "ProvisionAzureADSyncObjects2", {"SyncObjects": [given]})
    assert body["SyncObjectResults"][0]["ResultCode"] == "Success"
    assert read(world, "/v1.0/users/a@contoso.com", token)["jobTitle"] == "Cloud"
