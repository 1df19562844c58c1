"""Which link holds, who owns the object at its end, and what becomes of it when a rule lets go. Decision D8."""

from __future__ import annotations

import pytest

from engine.model.change import Operation
from engine.model.cs_object import LinkedBy

DN = {"dn": '"CN=" & [cn]', "title": "title"}
PERSON = {"cn": "cn", "mail": "mail", "title": "title"}


@pytest.fixture
def make_pair(small, rules):
    """Ana of the source; a rule makes her in the target and finds her twin there by mail. Gone when titled Out."""

    def make(name):
        return with_twin(small, rules, name)

    return make


def with_twin(small, rules, name):
    server = small(
        rules.inward(1, link="Provision", joins=["mail"], flows=PERSON),
        rules.back(2, joins=["mail"], scope=["department NOTEQUAL Hidden"], flows={"department": "department"}),
        rules.outward(3, link="Provision", joins=["mail"], scope=["title NOTEQUAL Out"], flows=DN),
    )
    server.ana = server.imported(1, "Ana", mail="ana@x", title="Lead")
    server.twin = server.imported(2, name, mail="ana@x", title="Lead")
    return server


@pytest.fixture
def pair(make_pair):
    return make_pair("Twin")


@pytest.fixture
def namesakes(make_pair):
    return make_pair("Ana")


def test_what_was_found_is_owned_and_goes_like_what_was_made(pair):
    pair.sync(pair.ana)
    twin = pair.cs(pair.twin)
    assert (twin.linked_by, twin.owned, twin.pending_export) == (LinkedBy.OUTBOUND_JOIN, True, Operation.NONE)
    pair.changed(pair.ana, title="Out")
    twin = pair.cs(pair.twin)
    assert (twin.mv, twin.owned, twin.pending_export) == (0, False, Operation.DELETE)


def test_a_deletion_that_was_not_sent_is_withdrawn(namesakes):
    namesakes.sync(namesakes.ana)
    namesakes.changed(namesakes.ana, title="Out")
    assert namesakes.cs(namesakes.twin).pending_export is Operation.DELETE
    namesakes.changed(namesakes.ana, title="Lead")
    twin = namesakes.cs(namesakes.twin)
    assert (twin.mv, twin.owned, twin.pending_export) == (namesakes.person().number, True, Operation.NONE)


def test_a_deletion_is_withdrawn_from_what_was_found_under_another_name(pair):
    pair.sync(pair.ana)
    pair.changed(pair.ana, title="Out")
    assert pair.cs(pair.twin).pending_export is Operation.DELETE
    pair.next_step()  # nothing is remembered of who was found by what
    pair.changed(pair.ana, title="Lead")
    twin = pair.cs(pair.twin)
    assert (twin.mv, twin.owned, twin.pending_export) == (pair.person().number, True, Operation.NONE)
    assert [cs.dn for cs in pair.space(2)] == ["CN=Twin"]


def test_an_inbound_rule_does_not_take_over_what_is_owned(pair):
    pair.sync(pair.ana)
    pair.sync(pair.twin)
    assert pair.cs(pair.twin).linked_by is LinkedBy.OUTBOUND_JOIN
    pair.changed(pair.twin, department="Hidden")  # out of scope of the inbound rule: the link is the outbound rule's
    assert pair.cs(pair.twin).mv == pair.person().number


def test_who_loses_its_link_is_owned_no_more(pair):
    """The inbound rule made the link, the outbound one came later; with another mail it finds the twin no more."""
    pair.changed(pair.ana, title="Out")
    pair.sync(pair.twin)
    pair.changed(pair.ana, title="Lead")
    twin = pair.cs(pair.twin)
    assert (twin.linked_by, twin.owned) == (LinkedBy.INBOUND_JOIN, True)
    pair.changed(pair.twin, department="Hidden", mail="other@x")
    twin = pair.cs(pair.twin)
    assert (twin.mv, twin.owned, twin.linked_by) == (0, False, LinkedBy.NOTHING)
    made = [cs for cs in pair.space(2) if cs.number != twin.number]
    assert [(cs.dn, cs.pending_export, cs.owned) for cs in made] == [("CN=Ana", Operation.ADD, True)]


def test_what_lost_its_link_waits_for_another_one(pair):
    pair.changed(pair.ana, title="Out")
    pair.sync(pair.twin)
    assert pair.cs(pair.twin).pending_import is Operation.NONE
    pair.changed(pair.twin, department="Hidden")
    assert (pair.cs(pair.twin).mv, pair.cs(pair.twin).pending_import) == (0, Operation.ADD)


@pytest.mark.parametrize(
    ("sent", "left"),
    [(Operation.NONE, []), (Operation.ADD, [Operation.DELETE])],
    ids=["never sent", "sent, not seen yet"],
)
def test_an_add_goes_without_a_trace_only_when_it_never_left(small, rules, sent, left):
    server = small(
        rules.inward(1, link="Provision", flows=PERSON),
        rules.outward(3, link="Provision", scope=["title NOTEQUAL Out"], flows=DN),
    )
    ana = server.imported(1, "Ana", title="Lead")
    server.sync(ana)
    (made,) = server.space(2)
    assert (made.pending_export, made.anchor) == (Operation.ADD, None)
    made.unconfirmed_operation = sent
    server.write(made)
    server.changed(ana, title="Out")
    assert [cs.pending_export for cs in server.space(2)] == left


def test_an_update_with_nothing_left_to_say_is_none(namesakes):
    namesakes.sync(namesakes.ana)
    twin = namesakes.cs(namesakes.twin)
    twin.pending_export, twin.unapplied = Operation.UPDATE, None
    namesakes.write(twin)
    namesakes.changed(namesakes.ana, mail="ana@x")
    assert namesakes.cs(namesakes.twin).pending_export is Operation.NONE


def test_a_value_that_stays_keeps_its_giver_when_another_object_comes_before_it(small, rules):
    """The title flows once, when the twin makes the person; then Ana joins, and contributors are counted anew."""
    server = small(
        rules.inward(1, joins=["mail"], flows={"cn": "cn"}),
        rules.back(2, link="Provision", joins=["mail"], flows={"mail": "mail", "title": "once:[title]"}),
    )
    twin = server.imported(2, "Twin", mail="ana@x", title="Lead")
    server.sync(twin)
    ana = server.imported(1, "Ana", mail="ana@x", title="Clerk")
    server.sync(ana)
    person = server.person()
    givers = {name: person.givers[place] for name, (_, place) in person.pattern.items()}
    assert person.values == {"cn": "Ana", "mail": "ana@x", "title": "Lead"}
    assert givers == {"cn": ana, "mail": twin, "title": twin}


def test_an_object_of_another_type_carries_its_references_anew(small, rules):
    flows = {"dn": '"CN=" & [cn]', "cn": "cn", "manager": "manager"}
    server = small(
        rules.inward(1, link="Provision", flows={**PERSON, "manager": "manager"}),
        rules.outward(2, link="Provision", scope=["title NOTEQUAL Guest"], flows=flows),
        rules.outward(3, "contact", link="Provision", scope=["title EQUAL Guest"], flows=flows),
    )
    boss = server.imported(1, "Boss", title="Boss")
    ana = server.imported(1, "Ana", title="Lead", manager=boss)
    for number in (boss, ana):
        server.sync(number)
    made = {cs.dn: cs.number for cs in server.space(2)}
    for number in made.values():
        server.exported(number)
    assert server.cs(made["CN=Ana"]).base == {"cn": "Ana", "manager": made["CN=Boss"]}
    server.changed(ana, title="Guest")
    replaced = server.cs(made["CN=Ana"])
    assert (replaced.object_type, replaced.pending_export) == ("contact", Operation.DELETE_ADD)
    assert replaced.unapplied == {"cn": "Ana", "manager": made["CN=Boss"]}


def test_what_was_staged_for_an_object_that_is_let_go_is_withdrawn(small, rules):
    server = small(
        rules.inward(1, link="Provision", flows=PERSON),
        rules.outward(3, joins=["mail"], scope=["title NOTEQUAL Out"], flows={"title": "title"}),
    )
    ana, twin = server.imported(1, "Ana", mail="ana@x", title="Lead"), server.imported(2, "Twin", mail="ana@x")
    for number in (ana, twin):
        server.sync(number)
    held = server.cs(twin)
    assert (held.owned, held.pending_export, held.unapplied) == (False, Operation.UPDATE, {"title": "Lead"})
    server.changed(ana, title="Out")
    held = server.cs(twin)
    assert (held.mv, held.pending_export, held.unapplied) == (0, Operation.NONE, None)
    assert held.pending_import is Operation.ADD
