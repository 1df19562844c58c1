"""Every row of the matching table, through a real export. Cases: tests/cases/matching/decisions.yaml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulators.tenant.core import cloud_groups, cloud_users, licences, lifecycle, matching
from emulators.tenant.core.identities import Contact, Device, Group, Kind, User
from emulators.tenant.core.properties import view
from emulators.tenant.core.recalculation import Trigger, recalculate
from emulators.tenant.core.sync_settings import BITS
from emulators.tenant.core.tenant import make

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "matching" / "decisions.yaml").read_text())


def plant(bench: Any, given: dict[str, Any]) -> Any:
    """Put one object of `before` into the tenant, the way such an object comes about."""
    tenant = bench.tenant
    kind = Kind(given.get("type", "User"))
    if given.get("dirsync") is not None:
        obj = _synchronised(bench, kind, given)
    elif kind is Kind.USER:
        obj = _cloud_user(bench, given)
    elif kind is Kind.GROUP:
        obj = _cloud_group(bench, given)
    else:
        obj = make(tenant, kind)
        own = {"proxyAddresses": given["proxyAddresses"]} if "proxyAddresses" in given else {}
        tenant.add(obj, {"own": own})
        if "deviceId" in given:
            tenant.commit(obj, {"device_id": given["deviceId"]})
        recalculate(tenant, obj, Trigger.SWEEP)
    if given.get("licence"):
        tenant.commit(obj, {"own": {**obj.own, "usageLocation": "GB"}})
        licences.assign(tenant, obj, [{"skuId": "ENTERPRISEPACK"}], [])
    if given.get("role"):
        bench.give_role(obj, given["role"])
    if given.get("cloud_managed"):
        tenant.commit(obj, {"cloud_managed": True})
    if given.get("deleted"):
        lifecycle.delete(tenant, obj, lifecycle.Event.SYNC_DELETE)
    return obj


def _synchronised(bench: Any, kind: Kind, given: dict[str, Any]) -> Any:
    names = ("userPrincipalName", "proxyAddresses", "displayName", "onPremisesObjectIdentifier")
    values = {name: given[name] for name in names if name in given}
    if "sid" in given:
        values["onPremiseSecurityIdentifier"] = given["sid"]
    result = bench.add(given["anchor"], kind=kind.value, **values)
    assert result["ResultCode"] == "Success", result
    obj = bench.by_anchor(given["anchor"])
    if given["dirsync"] is False:
        bench.tenant.commit(obj, {"dirsync": False})
    return obj


def _cloud_user(bench: Any, given: dict[str, Any]) -> User:
    body = {
        "accountEnabled": True,
        "displayName": given.get("displayName", "Cloud"),
        "mailNickname": given["userPrincipalName"].partition("@")[0],
        "userPrincipalName": given["userPrincipalName"],
        "passwordProfile": {"password": "Sommer-2026"},
    }
    if "mail" in given:
        body["mail"] = given["mail"]
    if given.get("anchor"):
        body["onPremisesImmutableId"] = given["anchor"]
    return cloud_users.create_user(bench.tenant, body)


def _cloud_group(bench: Any, given: dict[str, Any]) -> Group:
    body: dict[str, Any] = {
        "displayName": given.get("displayName", "Cloud group"),
        "mailNickname": given.get("mailNickname", "cloudgroup"),
        "mailEnabled": not given.get("security", False),
        "securityEnabled": given.get("security", False),
    }
    if not given.get("security"):
        body["groupTypes"] = ["Unified"]
    return cloud_groups.create_group(bench.tenant, body, "contoso.com")


def settings_of(case: dict[str, Any]) -> dict[str, Any]:
    return {**case.get("settings", {}), "features": case.get("features", {})}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_decision_table(case: dict[str, Any], make_bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make_bench(settings_of(case))
    features = bench.tenant.sync.features
    bench.tenant.sync.features = features | BITS["DuplicateUPNResiliency"] | BITS["DuplicateProxyAddressResiliency"]
    planted = {given["id"]: plant(bench, given) for given in case["before"]}
    bench.tenant.sync.features = features
    incoming = dict(case["incoming"])
    kind, anchor = incoming.pop("type", "User"), incoming.pop("anchor")
    expect = case["expect"]
    before = {name: (obj.upn if isinstance(obj, User) else None, obj.anchor) for name, obj in planted.items()}
    send = bench.set if case.get("operation") == "Set" else bench.add
    result = send(anchor, kind=kind, **incoming)
    told = next(r for r in reversed(bench.records) if r["kind"].startswith("tenant.provisioning."))
    if expect["outcome"] == "error":
        assert result["ResultCode"] == "Failure", result
        assert result["ResultErrorCode"] == expect["code"]
        if "conflict" in expect:
            assert result["ErrorDetails"]["AttributeConflictName"] == expect["conflict"]
        if "values" in expect:
            assert result["ErrorDetails"]["AttributeConflictValues"] == expect["values"]
        if "text" in expect:
            assert result["ResultErrorDescription"] == expect["text"]
        return_row(told, expect)
        return
    assert result["ResultCode"] == "Success", result
    assert told["outcome"] == expect["outcome"]
    return_row(told, expect)
    obj = bench.tenant.objects[result["CloudAnchor"].partition("_")[2]]
    if "target" in expect:
        assert obj is planted[expect["target"]]
    else:
        assert obj not in planted.values()
    check_object(obj, result, told, expect)
    for name in expect.get("untouched", []):
        other = planted[name]
        assert (other.upn if isinstance(other, User) else None, other.anchor) == before[name]


def return_row(told: dict[str, Any], expect: dict[str, Any]) -> None:
    if "row" in expect:
        assert told["row"] == str(expect["row"])


def check_object(obj: Any, result: dict[str, Any], told: dict[str, Any], expect: dict[str, Any]) -> None:
    for name, value in expect.get("cloud", {}).items():
        found = getattr(obj, name)
        assert (list(found) if isinstance(found, tuple) else found) == value, name
    for name, value in expect.get("graph", {}).items():
        assert view(obj, (name,))[name] == value
    assert [error.value for error in obj.errors] == expect.get("withheld", [])
    if "upn" in expect:
        assert re.fullmatch(expect["upn"], obj.upn)
    if "matched_on" in expect:
        assert told["matched_on"] == expect["matched_on"]
    if "category" in expect:
        assert result["ErrorDetails"]["Category"] == expect["category"]
    if expect.get("keeps_licence"):
        assert obj.licences


def test_every_row_of_the_table_has_a_case() -> None:
    named = {str(case["expect"].get("row", "")) for case in CASES} | {
        match.group(1) for case in CASES if (match := re.match(r"row-(\d+a?)", case["id"]))
    }
    named |= {"10a"}  # row-10-resiliency-off
    assert {row.number for row in matching.ROWS} <= named | {"5", "6"}


def test_soft_match_takes_the_values_of_on_premises_and_keeps_the_rest(bench: Any) -> None:
    user = _cloud_user(bench, {"userPrincipalName": "u@contoso.com"})
    cloud_users.change_user(bench.tenant, user, {"jobTitle": "Cloud", "department": "Cloud", "usageLocation": "GB"})
    object_id = user.id
    bench.add("A==", userPrincipalName="u@contoso.com", title="OnPremises")
    assert bench.by_anchor("A==").id == object_id
    assert view(user, ("jobTitle", "department", "usageLocation")) == {
        "jobTitle": "OnPremises",
        "department": "Cloud",
        "usageLocation": "GB",
    }


def test_group_twins_in_one_export(bench: Any) -> None:
    """Known issue 2 and scenario DUP-04: the second of two new groups fails once and is withheld the next time."""
    first = bench.add("G1", kind="Group", displayName="One", proxyAddresses=["SMTP:g@contoso.com"])
    second = bench.add("G2", kind="Group", displayName="Two", proxyAddresses=["SMTP:g@contoso.com"])
    assert (first["ResultCode"], second["ResultErrorCode"]) == ("Success", "AttributeValueMustBeUnique")
    bench.call("FinalizeExport", {"TotalExported": 2})
    again = bench.add("G2", kind="Group", displayName="Two", proxyAddresses=["SMTP:g@contoso.com"])
    assert again["ResultCode"] == "Success"
    assert [error.value for error in bench.by_anchor("G2").errors] == ["g@contoso.com"]


def test_legacy_refusal_comes_back_at_every_attempt(make_bench: Any) -> None:
    bench = make_bench({"matching": "legacy"})
    bench.add("A", userPrincipalName="user@contoso.com")
    for _ in range(3):
        assert bench.add("B", userPrincipalName="user@contoso.com")["ResultErrorCode"] == "InvalidSoftMatch"


def test_classes_used_here_exist() -> None:
    assert {Contact.kind, Device.kind} == {Kind.CONTACT, Kind.DEVICE}
