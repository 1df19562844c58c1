"""/users as Graph answers it; the row numbers are those of facts "graph_clients" 3."""

from __future__ import annotations

import json
from typing import Any

import pytest

DEFAULTS = [
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage",  # noqa: E501 - one row of a table
    "surname", "userPrincipalName", "id",
]  # fmt: skip


@pytest.fixture
def token(listener: Any) -> str:
    return listener.app_token()


@pytest.fixture
def people(listener: Any) -> Any:
    """150 synchronised users."""
    sync = listener.sync_token()
    objects = [
        {"SyncObjectType": "User", "SyncOperation": "Add", "SourceAnchor": f"u{n:03d}", "PropertyValues":
         {"userPrincipalName": f"u{n:03d}@contoso.com", "displayName": f"User {n:03d}", "department": "Odd" if n % 2 else "Even"}}  # noqa: E501 - one row of a table
        for n in range(150)
    ]  # fmt: skip
    status, _ = listener.operation(sync, "ProvisionAzureADSyncObjects2", {"SyncObjects": objects})
    assert status == 200
    return listener


def body(**more: Any) -> dict[str, Any]:
    return {"accountEnabled": True, "displayName": "New", "mailNickname": "new", "userPrincipalName": "new@contoso.com",
            "passwordProfile": {"password": "Sommer-2026"}, **more}  # fmt: skip


def read(listener: Any, path: str, token: str, **headers: str) -> Any:
    answer = listener.graph("GET", path, token, **headers)
    assert answer.status == 200, answer.data
    return json.loads(answer.data)


def error(answer: Any) -> tuple[int, str, str]:
    found = json.loads(answer.data)["error"]
    assert set(found["innerError"]) == {"date", "request-id", "client-request-id"}
    return answer.status, found["code"], found["message"]


def all_pages(listener: Any, path: str, token: str, **headers: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while path:
        page = read(listener, path, token, **headers)
        rows += page["value"]
        path = page.get("@odata.nextLink")
    return rows


def test_row_1_default_properties(people: Any, token: str) -> None:
    assert list(read(people, "/v1.0/users", token)["value"][5]) == DEFAULTS
    single = read(people, "/v1.0/users/u001@contoso.com", token)
    assert list(single) == ["@odata.context", *DEFAULTS]


def test_row_2_select_on_every_page_with_nulls(people: Any, token: str) -> None:
    rows = all_pages(people, "/v1.0/users?$select=jobTitle,userPrincipalName", token)
    assert len(rows) == 152
    assert {tuple(row) for row in rows} == {("jobTitle", "userPrincipalName")}


def test_row_3_never_synchronised_is_null(people: Any, token: str) -> None:
    path = (
        "/v1.0/users?$filter=onPremisesSyncEnabled ne true&$count=true&$select=userPrincipalName,onPremisesSyncEnabled"
    )
    rows = read(people, path.replace(" ", "%20"), token, ConsistencyLevel="eventual")["value"]
    assert [row["onPremisesSyncEnabled"] for row in rows] == [None, None]


@pytest.mark.parametrize(
    "query",
    ["$filter=department ne 'Odd'", "$filter=not(department eq 'Odd')", "$filter=endsWith(userPrincipalName,'com')",
     "$filter=department eq 'Odd'&$orderby=displayName"],
)  # fmt: skip
def test_row_4_advanced_queries(people: Any, token: str, query: str) -> None:
    path = f"/v1.0/users?{query}".replace(" ", "%20")
    for extra, headers in (("", {}), ("&$count=true", {}), ("", {"ConsistencyLevel": "eventual"})):
        found = error(people.graph("GET", path + extra, token, **headers))
        assert found[:2] == (400, "Request_UnsupportedQuery")
    assert read(people, path + "&$count=true", token, ConsistencyLevel="eventual")["@odata.count"] > 0


def test_row_5_count(people: Any, token: str) -> None:
    assert "@odata.count" not in read(people, "/v1.0/users?$count=true", token)
    assert read(people, "/v1.0/users?$count=true", token, ConsistencyLevel="eventual")["@odata.count"] == 152
    assert error(people.graph("GET", "/v1.0/users/$count", token)) == (
        400,
        "Request_BadRequest",
        "$count is not currently supported.",
    )
    answer = people.graph("GET", "/v1.0/users/$count", token, ConsistencyLevel="eventual")
    assert (answer.status, answer.data) == (200, b"152")


def test_row_6_search(listener: Any, token: str) -> None:
    status, code, text = error(listener.graph("GET", "/v1.0/users?$search=%22displayName:x%22", token))
    assert (status, code) == (400, "Request_UnsupportedQuery")
    assert "ConsistencyLevel" in text
    assert (
        listener.graph("GET", "/v1.0/users?$search=%22displayName:x%22", token, ConsistencyLevel="eventual").status
        == 501
    )


def test_row_7_paging(people: Any, token: str) -> None:
    page = read(people, "/v1.0/users?$top=7", token)
    assert len(page["value"]) == 7
    assert page["@odata.nextLink"].startswith(f"{people.base}/v1.0/users?")
    assert "$skiptoken=" in page["@odata.nextLink"]
    assert len(all_pages(people, "/v1.0/users?$top=7", token)) == 152
    assert len(read(people, "/v1.0/users?$top=999", token)["value"]) == 152
    for bad in ("$top=1000", "$top=0", "$top=x", "$skip=5", "$skiptoken=zz", "$apply=x"):
        assert people.graph("GET", f"/v1.0/users?{bad}", token).status == 400


def test_paging_survives_changes_in_between(people: Any, token: str) -> None:
    first = read(people, "/v1.0/users?$top=50", token)
    gone = first["value"][10]["id"]
    assert people.graph("DELETE", f"/v1.0/users/{gone}", token).status == 204
    rest = all_pages(people, first["@odata.nextLink"], token)
    ids = [row["id"] for row in first["value"] + rest]
    assert len(ids) == len(set(ids)) == 152


def test_row_8_unknown_names(listener: Any, token: str) -> None:
    for path, named in (("/v1.0/users?$select=shoeSize", "shoeSize"), ("/v1.0/users?$filter=shoeSize%20eq%201", "shoeSize"),  # noqa: E501 - one row of a table
                        ("/v1.0/nonsense", "nonsense"), ("/v1.0/users/x/nonsense", "nonsense")):  # fmt: skip
        status, code, text = error(listener.graph("GET", path, token))
        assert (status, code) == (400, "BadRequest")
        assert f"'{named}'" in text


def test_row_9_missing_object(listener: Any, token: str) -> None:
    for key in ("nobody@contoso.com", "00000000-0000-0000-0000-000000000000"):
        assert error(listener.graph("GET", f"/v1.0/users/{key}", token)) == (
            404,
            "Request_ResourceNotFound",
            f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
        )


def test_row_11_headers(listener: Any, token: str) -> None:
    answer = listener.graph("GET", "/v1.0/users", token, **{"client-request-id": "mine"})
    assert answer.headers["client-request-id"] == "mine"
    assert len(answer.headers["request-id"]) == 36
    assert answer.headers["OData-Version"] == "4.0"
    assert "odata.metadata=minimal" in answer.headers["content-type"]
    failed = listener.graph("GET", "/v1.0/users/none", token, **{"client-request-id": "mine"})
    inner = json.loads(failed.data)["error"]["innerError"]
    assert (inner["client-request-id"], inner["request-id"]) == ("mine", failed.headers["request-id"])


def test_row_12_no_token(listener: Any) -> None:
    for path in ("/v1.0/users", "/v1.0/nonsense", "/beta/organization"):
        answer = listener.send("GET", path)
        assert error(answer) == (401, "InvalidAuthenticationToken", "Access token is empty.")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_row_13_write_guard(people: Any, token: str) -> None:
    refused = error(
        people.graph("PATCH", "/v1.0/users/u001@contoso.com", token, {"jobTitle": "x", "usageLocation": "GB"})
    )
    assert refused[:2] == (400, "Request_BadRequest")
    assert "on-premises mastered" in refused[2]
    assert read(people, "/v1.0/users/u001@contoso.com?$select=usageLocation", token)["usageLocation"] is None
    assert people.graph("PATCH", "/v1.0/users/u001@contoso.com", token, {"usageLocation": "GB"}).status == 204


def test_row_14_read_only(listener: Any, token: str) -> None:
    listener.graph("POST", "/v1.0/users", token, body())
    for name, value in (("onPremisesSyncEnabled", True), ("id", "x"), ("proxyAddresses", ["SMTP:x@y.z"])):
        found = error(listener.graph("PATCH", "/v1.0/users/new@contoso.com", token, {name: value}))
        assert found == (400, "Request_BadRequest", f"Property '{name}' is read-only and cannot be set.")
    assert listener.graph("PATCH", "/v1.0/users/new@contoso.com", token, {"onPremisesImmutableId": "A=="}).status == 204


def test_row_15_conflicts(listener: Any, token: str) -> None:
    assert listener.graph("POST", "/v1.0/users", token, body(mail="m@contoso.com")).status == 201
    again = listener.graph("POST", "/v1.0/users", token, body())
    assert error(again)[:2] == (400, "Request_BadRequest")
    assert [d["target"] for d in json.loads(again.data)["error"]["details"]] == ["userPrincipalName"]
    mail = listener.graph("POST", "/v1.0/users", token, body(userPrincipalName="n@contoso.com", mail="m@contoso.com"))
    details = json.loads(mail.data)["error"]["details"]
    assert [(d["code"], d["target"]) for d in details] == [
        ("ObjectConflict", "proxyAddresses"),
        ("ConflictingObjects", "proxyAddresses"),
    ]


@pytest.mark.parametrize(
    "change",
    [{"passwordProfile": {"password": "weak"}}, {"userPrincipalName": "x@elsewhere.example"}, {"userPrincipalName": "x y@contoso.com"},  # noqa: E501 - one row of a table
     {"displayName": None}, {"accountEnabled": "yes"}, {"shoeSize": 7}, {"passwordPolicies": "Nonsense"}, {"businessPhones": "1"}],  # noqa: E501 - one row of a table
)  # fmt: skip
def test_refused_creation(listener: Any, token: str, change: dict[str, Any]) -> None:
    assert listener.graph("POST", "/v1.0/users", token, body(**change)).status == 400
    assert len(read(listener, "/v1.0/users", token)["value"]) == 1


def test_whatever_can_be_written_reads_back(listener: Any, token: str) -> None:
    from emulators.tenant.core import cloud_users

    apart = {"mail", "mailNickname", "onPremisesImmutableId", "passwordPolicies", "userPrincipalName"}
    wanted: dict[str, Any] = dict.fromkeys(cloud_users.TEXTS - apart, "x")
    wanted |= {name: ["x"] for name in cloud_users.LISTS} | dict.fromkeys(cloud_users.TRUTHS, False)
    listener.graph("POST", "/v1.0/users", token, body())
    assert listener.graph("PATCH", "/v1.0/users/new@contoso.com", token, wanted).status == 204
    shown = read(listener, f"/v1.0/users/new@contoso.com?$select={','.join(wanted)}", token)
    assert {name: shown[name] for name in wanted} == wanted


def test_annotations_pass(listener: Any, token: str) -> None:
    given = body(**{"@odata.type": "#microsoft.graph.user"})
    given["passwordProfile"]["@odata.type"] = "#microsoft.graph.passwordProfile"
    assert listener.graph("POST", "/v1.0/users", token, given).status == 201


def test_row_16_soft_delete_and_restore(listener: Any, token: str) -> None:
    user = json.loads(listener.graph("POST", "/v1.0/users", token, body()).data)
    assert listener.graph("DELETE", f"/v1.0/users/{user['id']}", token).status == 204
    for cast in ("microsoft.graph.user", "graph.user"):
        deleted = read(listener, f"/v1.0/directory/deletedItems/{cast}", token)["value"]
        assert deleted[0]["userPrincipalName"] == user["id"].replace("-", "") + "new@contoso.com"
    assert read(listener, "/v1.0/directory/deletedItems/microsoft.graph.group", token)["value"] == []
    restored = listener.graph("POST", f"/v1.0/directory/deletedItems/{user['id']}/restore", token)
    assert (restored.status, json.loads(restored.data)["userPrincipalName"]) == (200, "new@contoso.com")
    listener.graph("DELETE", f"/v1.0/users/{user['id']}", token)
    assert listener.graph("DELETE", f"/v1.0/directory/deletedItems/{user['id']}", token).status == 204
    assert listener.graph("GET", f"/v1.0/directory/deletedItems/{user['id']}", token).status == 404


@pytest.mark.parametrize("path", ["/v1.0/users/delta", "/v1.0/users/delta()", "/beta/users/microsoft.graph.delta"])
def test_row_17_delta(listener: Any, token: str, path: str) -> None:
    answer = listener.graph("GET", path, token)
    if "microsoft" in path:
        assert answer.status in (200, 404)
        return
    link = json.loads(answer.data)["@odata.deltaLink"]
    assert read(listener, link, token)["value"] == []
    user = json.loads(listener.graph("POST", "/v1.0/users", token, body()).data)
    listener.graph("DELETE", f"/v1.0/users/{user['id']}", token)
    assert read(listener, link, token)["value"] == [{"id": user["id"], "@removed": {"reason": "changed"}}]
    latest = read(listener, "/v1.0/users/delta?$deltatoken=latest", token)
    assert latest["value"] == []
    assert "@odata.deltaLink" in latest
    assert listener.graph("GET", "/v1.0/users/delta?$top=5", token).status == 400


def test_row_20_licence(listener: Any, token: str) -> None:
    listener.graph("POST", "/v1.0/users", token, body())
    wanted = {
        "addLicenses": [{"skuId": "6fd2c87f-b296-42f0-b197-1e91e994b900", "disabledPlans": []}],
        "removeLicenses": [],
    }
    refused = error(listener.graph("POST", "/v1.0/users/new@contoso.com/assignLicense", token, wanted))
    assert refused[2] == "License assignment cannot be done for user with invalid usage location."
    listener.graph("PATCH", "/v1.0/users/new@contoso.com", token, {"usageLocation": "GB"})
    assert listener.graph("POST", "/v1.0/users/new@contoso.com/assignLicense", token, wanted).status == 200
    assert read(listener, "/v1.0/subscribedSkus", token)["value"][0]["consumedUnits"] == 1
    assert (
        read(listener, "/v1.0/users/new@contoso.com/licenseDetails", token)["value"][0]["skuPartNumber"]
        == "ENTERPRISEPACK"
    )
    assert read(listener, "/v1.0/users/new@contoso.com?$select=mail", token)["mail"] == "new@contoso.com"


def test_row_21_throttled_write_is_not_done(listener: Any, token: str) -> None:
    listener.faults.arm("tenant.throttle")
    answer = listener.graph("POST", "/v1.0/users", token, body())
    assert answer.status == 429
    assert answer.headers["Retry-After"].isdigit()
    assert listener.graph("GET", "/v1.0/users/new@contoso.com", token).status == 404


def test_row_23_after_synchronisation_was_switched_off(people: Any, token: str) -> None:
    tenant_id = people.service.tenant_id
    assert (
        people.graph("PATCH", f"/v1.0/organization/{tenant_id}", token, {"onPremisesSyncEnabled": False}).status == 204
    )
    assert people.graph("PATCH", "/v1.0/users/u001@contoso.com", token, {"jobTitle": "Mine"}).status == 204
    shown = read(people, "/v1.0/users/u001@contoso.com?$select=jobTitle,onPremisesSyncEnabled", token)
    assert (shown["jobTitle"], shown["onPremisesSyncEnabled"]) == ("Mine", False)


def test_plus_in_a_query_is_a_blank(people: Any, token: str) -> None:
    rows = read(people, "/v1.0/users?$filter=displayName+eq+'User+007'", token)["value"]
    assert [row["displayName"] for row in rows] == ["User 007"]


def test_manager_and_key_syntax(listener: Any, token: str) -> None:
    boss = json.loads(listener.graph("POST", "/v1.0/users", token, body()).data)
    listener.graph("POST", "/v1.0/users", token, body(userPrincipalName="m@contoso.com", mailNickname="m"))
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{boss['id']}"}
    assert listener.graph("PUT", "/v1.0/users/m@contoso.com/manager/$ref", token, reference).status == 204
    shown = read(listener, "/v1.0/users('m@contoso.com')?$select=id&$expand=manager($select=displayName)", token)
    assert shown["manager"]["displayName"] == "New"
    assert (
        read(listener, f"/v1.0/users/{boss['id']}/directReports", token)["value"][0]["@odata.type"]
        == "#microsoft.graph.user"
    )


def test_me(listener: Any, token: str) -> None:
    assert listener.graph("GET", "/v1.0/me", token).status == 400
    admin = listener.user_token(listener.service.admin_upn, "Adm1n-pass!", version=2)
    assert read(listener, "/v1.0/me", admin)["userPrincipalName"] == listener.service.admin_upn


def test_plain_member_reads_and_does_not_write(listener: Any, token: str) -> None:
    given = body()
    given["passwordProfile"]["forceChangePasswordNextSignIn"] = False
    listener.graph("POST", "/v1.0/users", token, given)
    member = listener.user_token("new@contoso.com", "Sommer-2026", version=2)
    assert listener.graph("GET", "/v1.0/users", member).status == 200
    assert error(listener.graph("POST", "/v1.0/users", member, body(userPrincipalName="x@contoso.com")))[:2] == (
        403,
        "Authorization_RequestDenied",
    )


def test_wrong_method(listener: Any, token: str) -> None:
    assert error(listener.graph("PUT", "/v1.0/users", token)) == (
        405,
        "Request_BadRequest",
        "Specified HTTP method is not allowed for the request target.",
    )


def test_object_identifier_can_only_be_cleared_in_beta(listener: Any, token: str) -> None:
    sync = listener.sync_token()
    given = {"SyncObjectType": "User", "SyncOperation": "Add", "SourceAnchor": "A",
             "PropertyValues": {"userPrincipalName": "a@contoso.com", "onPremisesObjectIdentifier": "g1"}}  # fmt: skip
    listener.operation(sync, "ProvisionAzureADSyncObjects2", {"SyncObjects": [given]})
    path = "users/a@contoso.com"
    assert listener.graph("PATCH", f"/v1.0/{path}", token, {"onPremisesObjectIdentifier": None}).status == 400
    assert listener.graph("PATCH", f"/beta/{path}", token, {"onPremisesObjectIdentifier": "g2"}).status == 400
    assert listener.graph("PATCH", f"/beta/{path}", token, {"onPremisesObjectIdentifier": None}).status == 204
    assert (
        read(listener, f"/beta/{path}?$select=onPremisesObjectIdentifier", token)["onPremisesObjectIdentifier"] is None
    )
