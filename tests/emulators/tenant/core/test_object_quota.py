"""How many objects a tenant takes (facts "install" PRE-10)."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import cloud_users, object_quota
from emulators.tenant.core.refusals import GraphError

USER = {
    "accountEnabled": True,
    "displayName": "x",
    "mailNickname": "x",
    "userPrincipalName": "x@contoso.com",
    "passwordProfile": {"password": "Aa1-harbour-2026"},
}


@pytest.mark.parametrize(
    ("settings", "verified", "total"),
    [({}, (), 50_000), ({}, ("contoso.com",), 300_000), ({"object_quota": 7}, ("contoso.com",), 7)],
)
def test_documented_numbers(make_bench: Any, settings: dict[str, Any], verified: tuple[str, ...], total: int) -> None:
    assert object_quota.quota(make_bench(settings, verified).tenant) == total


def test_the_object_past_the_limit_is_refused_and_others_go_on(make_bench: Any) -> None:
    bench = make_bench({"object_quota": 3})  # the administrator is one of them
    assert [bench.add(anchor, userPrincipalName=f"{anchor}@contoso.com")["ResultCode"] for anchor in "AB"] == [
        "Success",
        "Success",
    ]
    refused = bench.add("C", userPrincipalName="C@contoso.com")
    assert (refused["ResultErrorCode"], refused["ResultErrorDescription"]) == ("QuotaExceeded", object_quota.EXCEEDED)
    assert bench.set("A", title="Lead")["ResultCode"] == "Success"
    with pytest.raises(GraphError) as full:
        cloud_users.create_user(bench.tenant, USER)
    assert (full.value.status, full.value.code) == (403, "Directory_QuotaExceeded")


def test_a_deleted_object_counts_a_quarter(make_bench: Any) -> None:
    bench = make_bench({"object_quota": 6})
    for anchor in "ABCD":
        bench.add(anchor, userPrincipalName=f"{anchor}@contoso.com")
    for anchor in "ABCD":
        bench.delete(anchor)
    assert object_quota.used(bench.tenant) == 2
