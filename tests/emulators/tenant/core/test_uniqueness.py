"""Withheld duplicates: the placeholder, the record, the mail, and the hourly sweep that frees them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from emulators.tenant.core import background, cloud_users, lifecycle
from emulators.tenant.core.properties import view

PLACEHOLDER = re.compile(r"user[0-9]{4}@contoso\.onmicrosoft\.com")


def twins(bench: Any) -> tuple[Any, Any]:
    bench.add("A", userPrincipalName="user@contoso.com")
    bench.add("B", userPrincipalName="user@contoso.com")
    return bench.by_anchor("A"), bench.by_anchor("B")


def test_second_user_gets_a_placeholder_without_plus(bench: Any) -> None:
    first, second = twins(bench)
    assert first.upn == "user@contoso.com"
    assert PLACEHOLDER.fullmatch(second.upn)
    assert view(second, ("onPremisesProvisioningErrors",))["onPremisesProvisioningErrors"] == [
        {
            "category": "PropertyConflict",
            "occurredDateTime": "2026-01-05T08:00:00Z",
            "propertyCausingError": "UserPrincipalName",
            "value": "user@contoso.com",
        }
    ]


def test_graph_names_the_address_property_in_the_singular(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com", proxyAddresses=["SMTP:p@contoso.com"])
    bench.add("B", userPrincipalName="b@contoso.com", proxyAddresses=["SMTP:b@contoso.com", "smtp:p@contoso.com"])
    errors = view(bench.by_anchor("B"), ("onPremisesProvisioningErrors",))["onPremisesProvisioningErrors"]
    assert [(e["propertyCausingError"], e["value"]) for e in errors] == [("ProxyAddress", "p@contoso.com")]


def test_one_mail_however_often_the_object_is_exported(bench: Any) -> None:
    _, second = twins(bench)
    name = second.upn
    for number in range(3):
        assert (
            bench.set("B", displayName=f"Name {number}", userPrincipalName="user@contoso.com")["ResultCode"]
            == "Success"
        )
    assert len(bench.tenant.mails) == 1
    assert second.upn == name


def test_sweep_frees_the_value_after_an_hour(bench: Any) -> None:
    first, second = twins(bench)
    bench.set("A", userPrincipalName="other@contoso.com")
    assert PLACEHOLDER.fullmatch(second.upn)
    bench.clock.advance(minutes=59)
    background.run(bench.tenant)
    assert PLACEHOLDER.fullmatch(second.upn)
    assert background.next_due(bench.tenant) == bench.clock.now().replace(hour=9, minute=0)
    bench.clock.advance(minutes=1)
    background.run(bench.tenant)
    assert (first.upn, second.upn, second.errors) == ("other@contoso.com", "user@contoso.com", ())
    assert "tenant.uniqueness.freed" in bench.kinds()
    assert background.next_due(bench.tenant) is None


def test_sweep_leaves_what_is_still_taken(bench: Any) -> None:
    _, second = twins(bench)
    name = second.upn
    bench.clock.advance(hours=5)
    background.run(bench.tenant)
    assert (second.upn, len(second.errors)) == (name, 1)


def test_only_one_of_two_waiting_gets_a_freed_value(bench: Any) -> None:
    twins(bench)
    bench.add("C", userPrincipalName="user@contoso.com")
    bench.set("A", userPrincipalName="other@contoso.com")
    bench.clock.advance(hours=1)
    background.run(bench.tenant)
    names = [bench.by_anchor(anchor).upn for anchor in ("B", "C")]
    assert names.count("user@contoso.com") == 1
    assert [bool(bench.by_anchor(anchor).errors) for anchor in ("B", "C")].count(True) == 1


def test_withheld_primary_address_leaves_the_object_without_mail(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com", proxyAddresses=["SMTP:p@contoso.com"])
    bench.add("B", userPrincipalName="b@contoso.com", proxyAddresses=["SMTP:p@contoso.com"])
    second = bench.by_anchor("B")
    assert (second.mail, second.proxies) == (None, ())


def test_addresses_are_unique_across_users_groups_and_contacts(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com", proxyAddresses=["SMTP:shared@contoso.com"])
    bench.add("G", kind="Group", displayName="G", proxyAddresses=["smtp:shared@contoso.com", "SMTP:g@contoso.com"])
    bench.add("C", kind="Contact", displayName="C", proxyAddresses=["smtp:SHARED@contoso.com"])
    assert [e.value for e in bench.by_anchor("G").errors] == ["shared@contoso.com"]
    assert [e.value for e in bench.by_anchor("C").errors] == ["SHARED@contoso.com"]


@pytest.mark.parametrize("code", ["AttributeValueMustBeUnique"])
def test_resiliency_off_refuses_every_update(make_bench: Any, code: str) -> None:
    bench = make_bench({"features": {"DuplicateUPNResiliency": False}})
    bench.add("A", userPrincipalName="a@contoso.com")
    bench.add("B", userPrincipalName="b@contoso.com")
    for _ in range(2):
        result = bench.set("B", userPrincipalName="a@contoso.com")
        assert (result["ResultErrorCode"], result["ErrorDetails"]["AttributeConflictName"]) == (
            code,
            "UserPrincipalName",
        )
    assert bench.by_anchor("B").shadow["userPrincipalName"] == "b@contoso.com"


def test_soft_deleted_user_releases_its_name(bench: Any) -> None:
    bench.add("A", userPrincipalName="user@contoso.com", proxyAddresses=["SMTP:user@contoso.com"])
    bench.delete("A")
    bench.add("B", userPrincipalName="user@contoso.com", proxyAddresses=["SMTP:user@contoso.com"])
    assert (bench.by_anchor("B").upn, bench.by_anchor("B").errors) == ("user@contoso.com", ())


def test_strict_tenant_keeps_names_of_deleted_users(make_bench: Any) -> None:
    bench = make_bench({"strict_soft_deleted_conflicts": True})
    bench.add("A", userPrincipalName="user@contoso.com", proxyAddresses=["SMTP:user@contoso.com"])
    bench.delete("A")
    bench.add("B", userPrincipalName="user@contoso.com", proxyAddresses=["SMTP:user@contoso.com"])
    assert [e.value for e in bench.by_anchor("B").errors] == ["user@contoso.com", "user@contoso.com"]
    lifecycle.purge(bench.tenant, bench.by_anchor("A"))
    bench.clock.advance(hours=1)
    background.run(bench.tenant)
    assert bench.by_anchor("B").upn == "user@contoso.com"


def test_cloud_user_cannot_take_a_used_name(bench: Any) -> None:
    bench.add("A", userPrincipalName="user@contoso.com")
    body = {
        "accountEnabled": True,
        "displayName": "x",
        "mailNickname": "x",
        "userPrincipalName": "USER@contoso.com",
        "passwordProfile": {"password": "Sommer-2026"},
    }
    with pytest.raises(Exception, match="userPrincipalName already exists"):
        cloud_users.create_user(bench.tenant, body)
