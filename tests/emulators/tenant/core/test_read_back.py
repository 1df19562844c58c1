"""What a sync client reads back, whole and in changes."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import cloud_users, lifecycle
from emulators.tenant.core.refusals import ServiceFault


def read(
    bench: Any, cookie: str | None = None, *, full: bool = False, size: int = 3
) -> tuple[list[dict[str, Any]], str]:
    found: list[dict[str, Any]] = []
    while True:
        page = bench.call("ReadBackAzureADSyncObjects2", {"IsFullSync": full, "InputCookie": cookie, "PageSize": size})
        assert len(page["ResultObjects"]) <= size
        found += page["ResultObjects"]
        cookie = page["Cookie"]
        if not page["MoreResults"]:
            return found, cookie


def summary(objects: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(o["SyncOperation"], o["PropertyValues"].get("sourceAnchor")) for o in objects]


def fill(bench: Any, count: int) -> None:
    for number in range(count):
        bench.add(f"u{number}", userPrincipalName=f"u{number}@contoso.com")


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_full_read_in_pages(bench: Any, size: int) -> None:
    fill(bench, 7)
    bench.add("g", kind="Group", displayName="g", member=["u1"])
    found, _ = read(bench, full=True, size=size)
    assert summary(found) == [("Add", f"u{n}") for n in range(7)] + [("Add", "g")]


def test_changes_since_the_full_read(bench: Any) -> None:
    fill(bench, 5)
    _, cookie = read(bench, full=True)
    assert read(bench, cookie)[0] == []
    bench.set("u1", title="x")
    bench.set("u1", title="y")
    bench.add("new", userPrincipalName="new@contoso.com")
    bench.delete("u2")
    bench.add("g", kind="Group", displayName="g")
    bench.delete("g", kind="Group")
    found, cookie = read(bench, cookie, size=1)
    assert summary(found) == [("Set", "u1"), ("Add", "new"), ("Delete", "u2"), ("Delete", "g")]
    assert read(bench, cookie)[0] == []


def test_what_changed_during_a_full_read_is_not_missed(bench: Any) -> None:
    fill(bench, 4)
    page = bench.call("ReadBackAzureADSyncObjects2", {"IsFullSync": True, "InputCookie": None, "PageSize": 2})
    bench.set("u0", title="x")
    _, cookie = read(bench, page["Cookie"], full=True)
    assert ("Set", "u0") in summary(read(bench, cookie)[0])


def test_objects_of_the_cloud_alone_are_not_read(bench: Any) -> None:
    body = {"accountEnabled": True, "displayName": "x", "mailNickname": "x", "userPrincipalName": "x@contoso.com",
            "passwordProfile": {"password": "Sommer-2026"}}  # fmt: skip
    user = cloud_users.create_user(bench.tenant, body)
    found, cookie = read(bench, full=True)
    assert found == []
    cloud_users.change_user(bench.tenant, user, {"onPremisesImmutableId": "I=="})
    found, cookie = read(bench, cookie)
    assert found[0]["PropertyValues"]["cloudMastered"] is True
    assert found[0]["PropertyValues"]["displayName"] == "x"
    assert summary(found) == [("Set", "I==")]


def test_cloud_facts_and_restored_users(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com")
    cloud_users.change_user(bench.tenant, bench.by_anchor("A"), {"usageLocation": "GB"})
    bench.tenant.commit(bench.by_anchor("A"), {"own": {**bench.by_anchor("A").own, "cloudMSExchArchiveStatus": 1}})
    values = read(bench, full=True)[0][0]["PropertyValues"]
    assert (values["cloudMastered"], values["usageLocation"], values["cloudMSExchArchiveStatus"]) == (False, "GB", 1)
    assert values["cloudAnchor"] == f"User_{bench.by_anchor('A').id}"
    bench.delete("A")
    lifecycle.restore(bench.tenant, bench.by_anchor("A"), lifecycle.Event.RESTORE)
    assert read(bench, full=True)[0][0]["PropertyValues"]["cloudMastered"] is False


def test_empty_values_are_left_out(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com", title=None, proxyAddresses=[], department="D")
    values = read(bench, full=True)[0][0]["PropertyValues"]
    assert set(values) == {"userPrincipalName", "department", "sourceAnchor", "cloudAnchor", "cloudMastered"}


@pytest.mark.parametrize("cookie", ["junk", "AAAA", "Y2VhYmNmMWE6ZDotMQ==", "é"])
def test_unreadable_cookie(bench: Any, cookie: str) -> None:
    with pytest.raises(ServiceFault) as fault:
        read(bench, cookie)
    assert fault.value.code == "READBACK_COOKIE_REFUSED"


def test_cookie_of_the_future_and_of_another_tenant(bench: Any, make_bench: Any) -> None:
    from emulators.tenant.store.snapshot import freeze, thaw

    frozen = freeze(bench.tenant)
    fill(bench, 2)
    _, cookie = read(bench, full=True)
    thaw(bench.tenant, frozen)
    with pytest.raises(ServiceFault):
        read(bench, cookie)
    with pytest.raises(ServiceFault):
        read(make_bench(seed=8), cookie)


@pytest.mark.parametrize("request_", [{"IsFullSync": 1}, {"InputCookie": 7}, {"PageSize": "9"}, {"PageSize": True}])
def test_malformed_request(bench: Any, request_: dict[str, Any]) -> None:
    with pytest.raises(ServiceFault):
        bench.call("ReadBackAzureADSyncObjects2", request_)


def test_delta_costs_the_changes_only(bench: Any) -> None:
    """The change log yields each object once, and stays in proportion to the objects."""
    fill(bench, 3)
    for number in range(20_000):
        bench.set("u0", title=str(number))
    assert len(bench.tenant.changes._entries) < 13_000
    assert summary(read(bench, read(bench, full=True)[1])[0]) == []
