"""Members and managers by anchor, known or awaited."""

from __future__ import annotations

from typing import Any

from emulators.tenant.core import lifecycle
from emulators.tenant.core.cloud_groups import all_members, is_nested


def members(bench: Any, anchor: str) -> list[str]:
    group = bench.by_anchor(anchor)
    return [bench.tenant.objects[i].anchor for i in group.members if i in bench.tenant.objects]


def read(bench: Any, anchor: str) -> dict[str, Any]:
    page = bench.call("ReadBackAzureADSyncObjects2", {"IsFullSync": True, "InputCookie": None, "PageSize": 999})
    return next(o["PropertyValues"] for o in page["ResultObjects"] if o["PropertyValues"]["sourceAnchor"] == anchor)


def incremental(bench: Any, anchor: str, *moves: tuple[str, str]) -> dict[str, Any]:
    changes = [{"Anchor": a, "ReferenceType": "SourceAnchor", "Operation": word} for word, a in moves]
    return bench.export(
        {
            "SyncObjectType": "Group",
            "SyncOperation": "Set",
            "SourceAnchor": anchor,
            "CloudAnchor": None,
            "PropertyValues": {},
            "ReferenceChanges": {"member": changes},
        }
    )[0]


def test_full_list_then_increments(bench: Any) -> None:
    for name in "abc":
        bench.add(name, userPrincipalName=f"{name}@contoso.com")
    bench.add("G", kind="Group", displayName="G", member=["a", "b"])
    assert members(bench, "G") == ["a", "b"]
    assert incremental(bench, "G", ("Add", "c"), ("Remove", "a"))["ResultCode"] == "Success"
    assert members(bench, "G") == ["b", "c"]
    assert read(bench, "G")["member"] == ["b", "c"]


def test_member_by_cloud_anchor(bench: Any) -> None:
    cloud_anchor = bench.add("a", userPrincipalName="a@contoso.com")["CloudAnchor"]
    bench.add("G", kind="Group", displayName="G")
    incremental(bench, "G", ("Add", cloud_anchor))
    assert members(bench, "G") == ["a"]


def test_target_that_arrives_later(bench: Any) -> None:
    bench.add("G", kind="Group", displayName="G", member=["later", "never"])
    bench.add("m", userPrincipalName="m@contoso.com", manager="later")
    assert members(bench, "G") == []
    assert read(bench, "G")["member"] == ["later", "never"]
    bench.add("later", userPrincipalName="later@contoso.com")
    later = bench.by_anchor("later")
    assert members(bench, "G") == ["later"]
    assert bench.by_anchor("m").manager == later.id
    assert bench.kinds().count("tenant.reference.pending") == 3
    assert bench.kinds().count("tenant.reference.resolved") == 2
    assert read(bench, "G")["member"] == ["later", "never"]


def test_awaited_member_taken_out_again_never_comes(bench: Any) -> None:
    bench.add("G", kind="Group", displayName="G", member=["later"])
    incremental(bench, "G", ("Remove", "later"))
    bench.add("later", userPrincipalName="later@contoso.com")
    assert members(bench, "G") == []
    assert bench.tenant.waiting == {}


def test_manager_cleared(bench: Any) -> None:
    bench.add("boss", userPrincipalName="boss@contoso.com")
    bench.add("m", userPrincipalName="m@contoso.com", manager="boss")
    bench.set("m", manager=None)
    assert bench.by_anchor("m").manager is None
    assert bench.tenant.reports[bench.by_anchor("boss").id] == {}


def test_purged_target_is_forgotten_everywhere(bench: Any) -> None:
    bench.add("boss", userPrincipalName="boss@contoso.com")
    bench.add("m", userPrincipalName="m@contoso.com", manager="boss")
    bench.add("G", kind="Group", displayName="G", member=["boss"])
    bench.delete("boss")
    assert len(bench.by_anchor("G").members) == 1
    assert members(bench, "G") == []
    lifecycle.purge(bench.tenant, bench.by_anchor("boss"))
    assert bench.by_anchor("G").members == {}
    assert bench.by_anchor("m").manager is None
    assert "manager" not in read(bench, "m")


def test_restored_member_is_a_member_again(bench: Any) -> None:
    bench.add("a", userPrincipalName="a@contoso.com")
    bench.add("G", kind="Group", displayName="G", member=["a"])
    bench.delete("a")
    bench.add("a", userPrincipalName="a@contoso.com")
    assert members(bench, "G") == ["a"]


def test_nested_groups(bench: Any) -> None:
    bench.add("a", userPrincipalName="a@contoso.com")
    bench.add("inner", kind="Group", displayName="inner", member=["a"])
    bench.add("outer", kind="Group", displayName="outer", member=["inner"])
    bench.set("inner", kind="Group", member=["a", "outer"])
    user, inner, outer = (bench.by_anchor(anchor) for anchor in ("a", "inner", "outer"))
    assert is_nested(bench.tenant, user.id) == [inner.id, outer.id]
    assert [obj.anchor for obj in all_members(bench.tenant, outer)] == ["inner", "a"]
