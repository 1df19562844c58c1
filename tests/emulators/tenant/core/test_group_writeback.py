"""Which groups of the cloud a sync client reads to write them on premises, and until when."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import cloud_groups, lifecycle
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.core.sync_settings import BITS
from emulators.tenant.store.snapshot import freeze, thaw

UNIFIED = {"mailEnabled": True, "securityEnabled": False, "groupTypes": ["Unified"]}
SECURITY = {"mailEnabled": False, "securityEnabled": True, "groupTypes": []}


def make(bench: Any, name: str, **body: Any) -> Any:
    wanted = {"displayName": name, "mailNickname": name.lower(), **UNIFIED, **body}
    return cloud_groups.create_group(bench.tenant, wanted, "contoso.com")


def switch(bench: Any, *, on: bool) -> None:
    bit = BITS["UnifiedGroupWriteback"]
    features = bench.tenant.sync.features
    bench.tenant.sync.features = features | bit if on else features & ~bit


def read(bench: Any, cookie: str | None = None, *, full: bool = False, size: int = 50) -> tuple[list[Any], str]:
    found: list[Any] = []
    while True:
        page = bench.call("ReadBackAzureADSyncObjects2", {"IsFullSync": full, "InputCookie": cookie, "PageSize": size})
        assert len(page["ResultObjects"]) <= size
        found += [(one["SyncOperation"], one["PropertyValues"]) for one in page["ResultObjects"]]
        cookie = page["Cookie"]
        if not page["MoreResults"]:
            return found, cookie


def names(found: list[Any]) -> list[tuple[str, str]]:
    return [(operation, values.get("displayName", "")) for operation, values in found]


def test_only_microsoft_365_groups_are_read_and_only_while_the_feature_is_on(bench: Any) -> None:
    make(bench, "Board")
    make(bench, "Doors", **SECURITY)
    assert read(bench, full=True)[0] == []
    switch(bench, on=True)
    found, _ = read(bench, full=True)
    assert names(found) == [("Add", "Board")]
    values = found[0][1]
    assert values["cloudMastered"] is True
    assert values["alias"] == "board"
    assert values["proxyAddresses"] == ["SMTP:board@contoso.com"]
    assert "sourceAnchor" not in values


def test_a_group_excluded_before_it_went_is_never_read(bench: Any) -> None:
    switch(bench, on=True)
    group = make(bench, "Board")
    cloud_groups.change_group(bench.tenant, group, {"writebackConfiguration": {"isEnabled": False}})
    assert read(bench, full=True)[0] == []


@pytest.mark.parametrize("size", [1, 50])
@pytest.mark.parametrize("how", ["excluded", "deleted"])
def test_what_went_stays_until_it_is_gone_for_good(bench: Any, how: str, size: int) -> None:
    switch(bench, on=True)
    group = make(bench, "Board")
    make(bench, "Club")
    _, cookie = read(bench, full=True)
    if how == "excluded":
        cloud_groups.change_group(bench.tenant, group, {"writebackConfiguration": {"isEnabled": False}})
    else:
        lifecycle.delete(bench.tenant, group, lifecycle.Event.CLOUD_DELETE)
    found, cookie = read(bench, cookie, size=size)
    assert found == []
    assert sorted(names(read(bench, full=True, size=size)[0])) == [("Add", "Board"), ("Add", "Club")]
    if how == "excluded":
        lifecycle.delete(bench.tenant, group, lifecycle.Event.CLOUD_DELETE)
    lifecycle.purge(bench.tenant, group)
    found, _ = read(bench, cookie)
    assert [(operation, values["cloudAnchor"]) for operation, values in found] == [("Delete", f"Group_{group.id}")]
    assert names(read(bench, full=True)[0]) == [("Add", "Club")]


def test_nothing_is_read_any_more_when_the_feature_is_off(bench: Any) -> None:
    switch(bench, on=True)
    make(bench, "Board")
    read(bench, full=True)
    switch(bench, on=False)
    assert read(bench, full=True)[0] == []


def test_what_went_back_is_part_of_a_snapshot(bench: Any) -> None:
    switch(bench, on=True)
    group = make(bench, "Board")
    read(bench, full=True)
    thaw(bench.tenant, freeze(bench.tenant))
    assert bench.tenant.sync.written_back == {group.id: "Board"}


@pytest.mark.parametrize(
    ("group_types", "value", "status"),
    [
        ([], {"isEnabled": True}, 501),
        (["Unified"], {"isEnabled": True, "onPremisesGroupType": "universalSecurityGroup"}, 501),
        (["Unified"], {"isEnabled": "yes"}, 400),
        (["Unified"], {"surprise": 1}, 400),
    ],
)
def test_what_only_the_second_version_did_is_refused(
    bench: Any, group_types: list[str], value: dict[str, Any], status: int
) -> None:
    kind = UNIFIED if group_types else SECURITY
    group = make(bench, "Board", **kind)
    with pytest.raises(GraphError) as refused:
        cloud_groups.change_group(bench.tenant, group, {"writebackConfiguration": value})
    assert refused.value.status == status
    assert "writebackConfiguration" not in group.own
