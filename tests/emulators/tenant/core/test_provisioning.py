"""Exported changes object by object: what is kept, what is refused, what a Set and a Delete find."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core.properties import view
from emulators.tenant.core.refusals import GraphError

SID = "AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUAQAAA=="


def test_shown_names_of_a_user(bench: Any) -> None:
    bench.add(
        "A",
        userPrincipalName="ana@contoso.com",
        displayName="Ana Lopez",
        givenName="Ana",
        surname="Lopez",
        title="Engineer",
        physicalDeliveryOfficeName="B2",
        telephoneNumber="+44 1",
        mobile="+44 2",
        city="Leeds",
        company="Contoso",
        onPremisesSamAccountName="ana",
        dnsDomainName="contoso.com",
        onPremisesDistinguishedName="CN=Ana,DC=contoso,DC=com",
        onPremiseSecurityIdentifier=SID,
        extensionAttribute1="one",
        accountEnabled=False,
        usageLocation="GB",
    )
    names = [
        "surname",
        "jobTitle",
        "officeLocation",
        "businessPhones",
        "mobilePhone",
        "city",
        "companyName",
        "onPremisesSamAccountName",
        "onPremisesDomainName",
        "onPremisesDistinguishedName",
        "onPremisesSecurityIdentifier",
        "accountEnabled",
        "usageLocation",
        "onPremisesImmutableId",
        "onPremisesSyncEnabled",
        "onPremisesLastSyncDateTime",
    ]
    shown = view(bench.by_anchor("A"), (*names, "onPremisesExtensionAttributes"))
    assert [shown[name] for name in names] == [
        "Lopez",
        "Engineer",
        "B2",
        ["+44 1"],
        "+44 2",
        "Leeds",
        "Contoso",
        "ana",
        "contoso.com",
        "CN=Ana,DC=contoso,DC=com",
        "S-1-5-21-1-2-3-1104",
        False,
        "GB",
        "A",
        True,
        "2026-01-05T08:00:00Z",
    ]
    assert shown["onPremisesExtensionAttributes"]["extensionAttribute1"] == "one"
    assert shown["onPremisesExtensionAttributes"]["extensionAttribute15"] is None


def test_unknown_attributes_are_kept_and_given_back(bench: Any) -> None:
    bench.add(
        "A", userPrincipalName="a@contoso.com", msExchArchiveGuid="AAEC", extension_0_badge="7", msExchElcMailboxFlags=4
    )
    page = bench.call("ReadBackAzureADSyncObjects2", {"IsFullSync": True, "InputCookie": None, "PageSize": 9})
    values = page["ResultObjects"][0]["PropertyValues"]
    assert (values["msExchArchiveGuid"], values["extension_0_badge"], values["msExchElcMailboxFlags"]) == (
        "AAEC",
        "7",
        4,
    )


def test_write_only_password_is_never_kept(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com", export_password="Top-secret-1", sourceAnchor="A")
    assert set(bench.by_anchor("A").shadow) == {"userPrincipalName"}
    assert "Top-secret-1" not in repr(bench.records)


def test_null_clears_and_set_changes_only_what_it_names(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com", title="One", department="Two")
    bench.set("A", title=None)
    assert view(bench.by_anchor("A"), ("jobTitle", "department")) == {"jobTitle": None, "department": "Two"}


def test_set_with_equal_values_is_a_success_that_changes_nothing(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com", title="One")
    before = bench.tenant.changes.sequence
    assert bench.set("A", title="One")["ResultCode"] == "Success"
    assert bench.tenant.changes.sequence == before


def test_set_of_an_unknown_object(bench: Any) -> None:
    result = bench.set("nobody", title="x")
    assert (result["ResultErrorCode"], result["ResultErrorDescription"]) == (
        "ObjectNotFound",
        "Unable to update this object because the user ID is not found.",
    )


def test_set_finds_by_cloud_anchor(bench: Any) -> None:
    cloud_anchor = bench.add("A", userPrincipalName="a@contoso.com")["CloudAnchor"]
    given = {
        "SyncObjectType": "User",
        "SyncOperation": "Set",
        "SourceAnchor": "A",
        "CloudAnchor": cloud_anchor,
        "PropertyValues": {"title": "Lead"},
    }
    assert bench.export(given)[0]["ResultCode"] == "Success"
    assert view(bench.by_anchor("A"), ("jobTitle",)) == {"jobTitle": "Lead"}


def test_the_anchor_of_an_object_never_changes(bench: Any) -> None:
    cloud_anchor = bench.add("A", userPrincipalName="a@contoso.com")["CloudAnchor"]
    given = {
        "SyncObjectType": "User",
        "SyncOperation": "Set",
        "SourceAnchor": "B",
        "CloudAnchor": cloud_anchor,
        "PropertyValues": {},
    }
    assert bench.export(given)[0]["ResultErrorCode"] == "DataValidationFailed"
    assert bench.by_anchor("A") is not None
    assert bench.by_anchor("B") is None


@pytest.mark.parametrize("case", ["unknown", "cloud-born", "restored", "twice"])
def test_delete_that_is_not_valid(bench: Any, case: str) -> None:
    anchor = "A"
    if case == "cloud-born":
        bench.add("A", userPrincipalName="a@contoso.com")
        bench.tenant.commit(bench.by_anchor("A"), {"dirsync": None})
    elif case == "restored":
        from emulators.tenant.core import lifecycle

        bench.add("A", userPrincipalName="a@contoso.com")
        bench.delete("A")
        lifecycle.restore(bench.tenant, bench.by_anchor("A"), lifecycle.Event.RESTORE)
    elif case == "twice":
        bench.add("A", userPrincipalName="a@contoso.com")
        assert bench.delete("A")["ResultCode"] == "Success"
    result = bench.delete(anchor)
    assert result["ResultErrorCode"] == "DeletingCloudOnlyObjectNotAllowed"
    assert result["ErrorDetails"]["ErrorType"] == 114
    tracking = result["ErrorDetails"]["TrackingId"]
    assert result["ResultErrorDescription"] == (
        f"This synchronization operation, Delete, is not valid. Contact Technical Support. Tracking Id: {tracking}"
    )


def test_one_bad_object_fails_alone(bench: Any) -> None:
    good = {"SyncObjectType": "User", "SyncOperation": "Add", "SourceAnchor": "A",
            "PropertyValues": {"userPrincipalName": "a@contoso.com"}}  # fmt: skip
    bad = {"SyncObjectType": "Martian", "SyncOperation": "Add", "SourceAnchor": "M", "PropertyValues": {}}
    results = bench.export(bad, good, 17, {"SyncObjectType": "User"})  # type: ignore[arg-type]
    assert [r["ResultCode"] for r in results] == ["Failure", "Success", "Failure", "Failure"]
    assert {r["ResultErrorCode"] for r in results if r["ResultErrorCode"]} == {"DataValidationFailed"}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"userCertificate": ["AA=="] * 16}, "LargeObject"),
        ({"userCertificate": ["AA=="] * 15}, None),
        ({"userSMIMECertificate": ["AA=="] * 16}, "LargeObject"),
        ({"proxyAddresses": [f"smtp:a{i}@contoso.com" for i in range(333)]}, "LargeObject"),
        ({"proxyAddresses": [f"smtp:a{i}@contoso.com" for i in range(332)]}, None),
        ({"thumbnailPhoto": "A" * 140_000}, "LargeObject"),
        ({"extension_9_note": "x" * 251}, "ExceededAllowedLength"),
        ({"extension_9_note": "x" * 250}, None),
        ({"displayName": 7}, "DataValidationFailed"),
        ({"accountEnabled": "yes"}, "DataValidationFailed"),
        ({"proxyAddresses": [1]}, "DataValidationFailed"),
        ({"title": {"a": 1}}, "DataValidationFailed"),
        ({"userPrincipalName": ["a"]}, "DataValidationFailed"),
    ],
)
def test_limits_and_shapes(bench: Any, values: dict[str, Any], code: str | None) -> None:
    result = bench.add("A", **{"userPrincipalName": "a@contoso.com", **values})
    assert result["ResultErrorCode"] == code
    assert (bench.by_anchor("A") is None) is (code is not None)


def test_a_refused_change_leaves_nothing_behind(make_bench: Any) -> None:
    bench = make_bench({"matching": "legacy"})
    bench.add("A", userPrincipalName="a@contoso.com")
    bench.add("B", userPrincipalName="b@contoso.com", title="One")
    assert bench.set("B", userPrincipalName="a@contoso.com", title="Two")["ResultCode"] == "Failure"
    assert view(bench.by_anchor("B"), ("jobTitle", "userPrincipalName")) == {
        "jobTitle": "One",
        "userPrincipalName": "b@contoso.com",
    }


def test_mobile_edited_in_the_cloud_wins_until_bypassed(bench: Any) -> None:
    from emulators.tenant.core import cloud_users

    bench.add("A", userPrincipalName="a@contoso.com", mobile="1")
    user = bench.by_anchor("A")
    cloud_users.change_user(bench.tenant, user, {"mobilePhone": "2"})
    assert bench.set("A", mobile="3")["ResultCode"] == "Success"
    assert view(user, ("mobilePhone",)) == {"mobilePhone": "2"}
    bench.tenant.sync.graph_only["bypassDirSyncOverridesEnabled"] = True
    bench.set("A", mobile="4")
    assert view(user, ("mobilePhone",)) == {"mobilePhone": "4"}


def test_what_is_mastered_on_premises_cannot_be_edited(bench: Any) -> None:
    from emulators.tenant.core import cloud_users

    bench.add("A", userPrincipalName="a@contoso.com")
    user = bench.by_anchor("A")
    with pytest.raises(GraphError, match="on-premises mastered"):
        cloud_users.change_user(bench.tenant, user, {"jobTitle": "x", "usageLocation": "GB"})
    assert view(user, ("usageLocation",)) == {"usageLocation": None}
    cloud_users.change_user(bench.tenant, user, {"usageLocation": "GB"})
    assert view(user, ("usageLocation",)) == {"usageLocation": "GB"}


def test_group_above_its_limit(make_bench: Any) -> None:
    bench = make_bench({"group_member_limit": 2})
    for name in "abc":
        bench.add(name, userPrincipalName=f"{name}@contoso.com")
    assert bench.add("G", kind="Group", displayName="G", member=["a", "b", "c"])["ResultErrorCode"] == "LargeObject"
    assert bench.add("G", kind="Group", displayName="G", member=["a", "b"])["ResultCode"] == "Success"


def test_directory_synchronisation_must_be_on(bench: Any) -> None:
    from emulators.tenant.core.refusals import ServiceFault

    bench.tenant.sync.enabled = None
    with pytest.raises(ServiceFault) as refused:
        bench.add("A", userPrincipalName="a@contoso.com")
    assert refused.value.code == "DIRECTORY_SYNC_DISABLED"
