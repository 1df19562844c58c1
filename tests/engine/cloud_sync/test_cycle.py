"""What a cycle exports: additions, differences, deletes, references, the threshold. Pure."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from engine.cloud_sync.anchor import guid_text
from engine.cloud_sync.cycle import Situation, SourceObject, decide, held_back
from engine.cloud_sync.mapping import CompiledMapping
from engine.cloud_sync.scope import Scope
from engine.cloud_sync.work import UNRESOLVED, AttributeMapping, Entry, Job, ObjectMapping, ScopingFilter

STAFF = "OU=Staff,DC=contoso,DC=com"
USER = ObjectMapping(
    "user",
    "User",
    ("Add", "Update", "Delete"),
    (
        AttributeMapping("title", "Attribute", "[title]"),
        AttributeMapping("company", "Constant", "Contoso"),
        AttributeMapping("displayName", "Function", 'Join(" ", [givenName], [sn])'),
        AttributeMapping("usageLocation", "Attribute", "[c]", "US"),
        AttributeMapping("userType", "Constant", "Member", None, True),
        AttributeMapping("manager", "Attribute", "[manager]"),
    ),
)
GROUP = ObjectMapping("group", "Group", ("Add", "Update"), (AttributeMapping("member", "Attribute", "[member]"),))
JOB = Job("J", "contoso.com", 1, False, b"c", False, 3, False, b"", ScopingFilter((STAFF,)), (USER, GROUP))


def guid(number: int) -> bytes:
    return bytes([number]) * 16


def anchor(number: int) -> str:
    return base64.b64encode(guid(number)).decode()


def person(number: int, where: str = STAFF, **attributes: Any) -> SourceObject:
    return SourceObject(guid(number), "user", f"CN=P{number},{where}", attributes)


def entry(number: int, **values: Any) -> Entry:
    return Entry(
        guid_text(guid(number)), "User", f"CN=P{number},{STAFF}", anchor(number), f"User_{number}",
        {"company": "Contoso", "usageLocation": "US", "userType": "Member", **values},
    )  # fmt: skip


def situation(*entries: Entry, known: dict[str, str] | None = None, job: Job = JOB) -> Situation:
    return Situation(
        job,
        Scope(job.scope),
        {one.source: CompiledMapping.of(one) for one in job.mappings},
        {"DomainFQDN": "contoso.com"},
        {one.object: one for one in entries},
        (known or {}).get,
    )


def test_an_object_in_scope_is_added_with_what_has_a_value():
    plan = decide(situation(), [person(1, title="Lead", givenName="Ana", sn="Lopez")])
    [export] = plan.exports
    assert (export.operation, export.anchor) == ("Add", anchor(1))
    assert export.values == {
        "title": "Lead", "company": "Contoso", "displayName": "Ana Lopez", "usageLocation": "US", "userType": "Member",
    }  # fmt: skip


def test_later_only_differences_go_out_and_an_absent_value_clears():
    plan = decide(situation(entry(1, title="Lead", displayName="Ana")), [person(1, givenName="Ana")])
    assert [(one.operation, one.values) for one in plan.exports] == [("Set", {"title": None})]


def test_defaults_and_mappings_of_creation_are_not_exported_again():
    held = Entry(guid_text(guid(1)), "User", f"CN=P1,{STAFF}", anchor(1), "User_1", {"company": "Contoso"})
    assert decide(situation(held), [person(1)]).exports == []


def test_what_left_the_scope_or_the_directory_is_deleted_first():
    plan = decide(situation(entry(1), entry(2)), [person(1, where="OU=Else,DC=contoso,DC=com"), person(3)],
                  [guid_text(guid(2)), guid_text(guid(9))])  # fmt: skip
    assert [one.operation for one in plan.exports] == ["Delete", "Delete", "Add"]


def test_a_full_read_deletes_what_it_does_not_find():
    plan = decide(situation(entry(1), entry(2)), [person(1)], complete=True)
    assert [(one.operation, one.object) for one in plan.exports] == [("Delete", guid_text(guid(2)))]


def test_an_object_out_of_scope_that_was_never_exported_is_skipped():
    plan = decide(situation(), [person(1, where="DC=contoso,DC=com")])
    assert ([one.reason for one in plan.skipped], plan.exports) == (["OutOfScope"], [])


@pytest.mark.parametrize(("deletes", "threshold", "forced", "held"), [
    (2, 3, False, False), (3, 3, False, True), (3, 3, True, False), (3, None, False, False),
])  # fmt: skip
def test_deletes_that_reach_the_threshold_are_held_back(deletes, threshold, forced, held):
    entries = [entry(number) for number in range(deletes)]
    job = replace(JOB, delete_threshold=threshold, force_deletes=forced)
    plan = decide(situation(*entries, job=job), [], [one.object for one in entries])
    assert held_back(job, plan) is held


def test_an_anchor_that_changed_fails_its_object():
    changed = person(1, **{"mS-DS-ConsistencyGuid": guid(7)})
    plan = decide(situation(entry(1)), [changed])
    assert [(one.reason, one.failed) for one in plan.skipped] == [("SourceAnchorChanged", True)]


def test_a_reference_to_an_object_in_scope_is_its_anchor_and_any_other_is_left_alone():
    known = {"CN=P2": anchor(2)}
    plan = decide(situation(entry(1, manager=anchor(2), displayName="x"), known=known), [person(1, manager="CN=P9")])
    assert "manager" not in plan.exports[0].values
    assert plan.exports[0].remember[UNRESOLVED] == ["CN=P9"]
    plan = decide(situation(known=known), [person(1, manager="CN=P2")])
    assert plan.exports[0].values["manager"] == anchor(2)


def test_members_go_out_as_differences():
    group = SourceObject(guid(5), "group", f"CN=G,{STAFF}", {"member": ["CN=P2", "CN=P3", "CN=P9"]})
    known = {"CN=P2": anchor(2), "CN=P3": anchor(3)}
    held = Entry(guid_text(guid(5)), "Group", f"CN=G,{STAFF}", anchor(5), "Group_5", {"member": [anchor(1), anchor(2)]})
    [export] = decide(situation(held, known=known), [group]).exports
    assert export.members == ((anchor(3),), (anchor(1),))


def test_a_mapping_that_may_not_delete_leaves_the_object():
    held = Entry(guid_text(guid(5)), "Group", f"CN=G,{STAFF}", anchor(5), "Group_5", {})
    group = SourceObject(guid(5), "group", "CN=G,DC=contoso,DC=com", {})
    assert decide(situation(held), [group]).exports == []
