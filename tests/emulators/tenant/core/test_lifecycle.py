"""Active, soft-deleted, purged: who moves what, and when time does."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import background, cloud_groups, lifecycle
from emulators.tenant.core.lifecycle import TRANSITIONS, Event, Life
from emulators.tenant.core.properties import view
from emulators.tenant.core.refusals import GraphError


def test_the_table_is_complete_for_what_can_happen() -> None:
    assert {pair[0] for pair in TRANSITIONS} == {Life.ACTIVE, Life.SOFT_DELETED}
    assert {pair[1] for pair in TRANSITIONS} == set(Event)
    assert (Life.ACTIVE, Event.PURGE) not in TRANSITIONS


def test_deleted_user_waits_with_its_anchor(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com", proxyAddresses=["SMTP:a@contoso.com"])
    object_id = bench.by_anchor("A").id
    assert bench.delete("A")["ResultCode"] == "Success"
    user = bench.tenant.recycled[object_id]
    assert (user.dirsync, user.anchor, user.deleted) == (False, "A", "2026-01-05T08:00:00Z")
    assert view(user, ("userPrincipalName",)) == {"userPrincipalName": object_id.replace("-", "") + "a@contoso.com"}
    assert bench.tenant.by_upn.get("a@contoso.com") is None


def test_same_anchor_brings_the_same_object_back(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com")
    object_id = bench.by_anchor("A").id
    bench.delete("A")
    bench.clock.advance(days=29)
    background.run(bench.tenant)
    bench.add("A", userPrincipalName="a@contoso.com")
    assert (bench.by_anchor("A").id, bench.by_anchor("A").dirsync, bench.by_anchor("A").deleted) == (
        object_id,
        True,
        None,
    )


def test_after_thirty_days_it_is_another_object(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com")
    object_id = bench.by_anchor("A").id
    bench.delete("A")
    assert background.next_due(bench.tenant) == bench.clock.now().replace(month=2, day=4)
    bench.clock.advance(days=31)
    background.run(bench.tenant)
    assert bench.tenant.recycled == {}
    bench.add("A", userPrincipalName="a@contoso.com")
    assert bench.by_anchor("A").id != object_id


def test_new_anchor_never_revives(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com")
    object_id = bench.by_anchor("A").id
    bench.delete("A")
    bench.add("B", userPrincipalName="a@contoso.com")
    assert bench.by_anchor("B").id != object_id
    assert object_id in bench.tenant.recycled


@pytest.mark.parametrize(
    ("kind", "values"), [("Group", {"displayName": "G"}), ("Contact", {}), ("Device", {"deviceId": "AA=="})]
)
def test_other_kinds_are_gone_at_once(bench: Any, kind: str, values: dict[str, Any]) -> None:
    first = bench.add("X", kind=kind, **values)["CloudAnchor"]
    assert bench.delete("X", kind=kind)["ResultCode"] == "Success"
    assert bench.tenant.recycled == {}
    assert bench.add("X", kind=kind, **values)["CloudAnchor"] != first


def test_microsoft_365_group_waits(bench: Any) -> None:
    body = {
        "displayName": "T",
        "mailNickname": "t",
        "mailEnabled": True,
        "securityEnabled": False,
        "groupTypes": ["Unified"],
    }
    group = cloud_groups.create_group(bench.tenant, body, "contoso.com")
    lifecycle.delete(bench.tenant, group, Event.CLOUD_DELETE)
    assert group.id in bench.tenant.recycled
    lifecycle.restore(bench.tenant, group, Event.RESTORE)
    assert group.mail == "t@contoso.com"


def test_restore_in_the_cloud_leaves_it_unsynchronised(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com")
    bench.delete("A")
    user = lifecycle.restore(bench.tenant, bench.by_anchor("A"), Event.RESTORE)
    assert (user.dirsync, user.anchor, user.upn) == (False, "A", "a@contoso.com")
    assert bench.add("A", userPrincipalName="a@contoso.com")["ResultCode"] == "Success"
    assert user.dirsync is True


def test_restore_of_a_taken_name_is_refused(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com")
    bench.delete("A")
    bench.add("B", userPrincipalName="a@contoso.com")
    with pytest.raises(GraphError, match="already exists"):
        lifecycle.restore(bench.tenant, bench.by_anchor("A"), Event.RESTORE)
    assert bench.by_anchor("A").deleted is not None


def test_restore_of_an_active_object_is_refused(bench: Any) -> None:
    bench.add("A", userPrincipalName="a@contoso.com")
    with pytest.raises(GraphError):
        lifecycle.restore(bench.tenant, bench.by_anchor("A"), Event.RESTORE)


def test_purge_gives_roles_and_licences_back(bench: Any) -> None:
    from emulators.tenant.core import licences

    bench.add("A", userPrincipalName="a@contoso.com", usageLocation="GB")
    user = bench.by_anchor("A")
    bench.give_role(user, "User Administrator")
    licences.assign(bench.tenant, user, [{"skuId": "ENTERPRISEPACK"}], [])
    bench.delete("A")
    assert licences.subscriptions(bench.tenant)[0].consumed == 1
    lifecycle.purge(bench.tenant, user)
    assert licences.subscriptions(bench.tenant)[0].consumed == 0
    assert user.id not in {who for _, who in bench.tenant.role_assignments.values()}


def test_switching_synchronisation_off_releases_everything(make_bench: Any) -> None:
    bench = make_bench({"dirsync_switch_hours": 72})
    bench.add("A", userPrincipalName="a@contoso.com")
    background.switch_directory_sync(bench.tenant, enabled=False)
    assert bench.by_anchor("A").dirsync is True
    assert background.next_due(bench.tenant) == bench.clock.now().replace(day=8)
    bench.clock.advance(hours=72)
    background.run(bench.tenant)
    assert (bench.by_anchor("A").dirsync, bench.tenant.sync.enabled) == (False, False)
