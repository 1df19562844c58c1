"""A rule of link type JoinNoFlow keeps a server from writing an object that another tool has: the pilot of Cloud Sync.

Source: facts "install" 27; tutorial-pilot-aadc-aadccp.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.rules.editing import add_rules, set_disabled
from engine.rules.rule import AttributeFlow, Direction, FlowType, LinkType, ScopeClause, SyncRule

CONTOSO = "00000001-0000-0000-0000-000000000000"
IN = SyncRule(
    "aaaaaaaa-0000-4000-8000-000000000001", "In from AD - Pilot", Direction.INBOUND, CONTOSO, "user", "person",
    LinkType.JOIN, 50, flows=(AttributeFlow("cloudNoFlow", FlowType.CONSTANT, constant="True"),),
    scope=((ScopeClause("department", "EQUAL", "Pilot"),),),
)  # fmt: skip
OUT = replace(
    IN, identifier="aaaaaaaa-0000-4000-8000-000000000002", name="Out to AAD - Pilot", direction=Direction.OUTBOUND,
    connector=ENTRA_CONNECTOR_ID, source_object_type="person", target_object_type="user",
    link_type=LinkType.JOIN_NO_FLOW, precedence=51, flows=(), scope=((ScopeClause("cloudNoFlow", "EQUAL", "True"),),),
)  # fmt: skip


@pytest.fixture
def pilot(deploy):
    """Ana is in the pilot and has been exported before, Bea is not; neither has anything pending."""
    made = deploy()
    made.bea = made.contoso.add("Bea")
    made.cem = made.contoso.add("Cem")
    made.ana = made.contoso.add("Ana", department="Pilot", manager=made.contoso.dn(made.bea))
    made.cycle(initial=True)
    add_rules(made.server, [IN, OUT])
    made.cycle(initial=True)
    made.tenant.batches.clear()
    assert made.pending_exports() == 0
    return made


def sent(made) -> list[tuple[str, list[str]]]:
    found = [(str(c.operation), sorted(c.attributes)) for batch in made.tenant.batches for c in batch]
    made.tenant.batches.clear()
    return found


def test_a_plain_change_is_not_even_staged(pilot):
    pilot.contoso.change(pilot.ana, title="Lead")
    pilot.cycle()
    assert (sent(pilot), pilot.pending_exports()) == ([], 0)


def test_a_reference_takes_everything_along_and_then_silence_returns(pilot):
    pilot.contoso.change(pilot.ana, title="Lead")
    pilot.cycle()
    pilot.contoso.change(pilot.ana, manager=pilot.contoso.dn(pilot.cem))
    pilot.cycle()
    assert sent(pilot) == [("update", ["manager", "title"])]
    pilot.contoso.change(pilot.ana, title="Director")
    pilot.cycle()
    assert sent(pilot) == []


def test_who_goes_in_the_directory_is_not_deleted_in_the_cloud(pilot):
    pilot.contoso.delete(pilot.ana)
    pilot.contoso.delete(pilot.cem)
    pilot.cycle()
    assert [operation for operation, _ in sent(pilot)] == ["delete"]
    assert pilot.tenant.by_name("Ana")["displayName"] == "Ana"


def test_who_comes_in_the_pilot_is_not_made(pilot):
    pilot.contoso.add("Dan", department="Pilot")
    pilot.cycle()
    pilot.cycle()
    assert (sent(pilot), pilot.pending_exports()) == ([], 0)


def test_an_addition_that_was_not_exported_yet_is_withdrawn(pilot):
    dan = pilot.contoso.add("Dan")
    pilot.cycle(export=False)
    assert pilot.pending_exports() == 2  # the addition, and the anchor that is written back
    pilot.contoso.change(dan, department="Pilot")
    pilot.cycle()
    assert (sent(pilot), pilot.pending_exports()) == ([], 0)


def test_when_the_rules_are_disabled_the_server_has_its_objects_back(pilot):
    pilot.contoso.change(pilot.ana, title="Lead")
    pilot.cycle()
    set_disabled(pilot.server, IN.name, disabled=True)
    set_disabled(pilot.server, OUT.name, disabled=True)
    pilot.cycle(initial=True)
    assert sent(pilot) == [("update", ["title"])]
    pilot.contoso.delete(pilot.ana)
    pilot.cycle()
    assert [operation for operation, _ in sent(pilot)] == ["delete"]


def test_another_tool_that_deletes_is_not_overruled(pilot):
    anchor = next(a for a, body in pilot.tenant.objects.items() if body.get("displayName") == "Ana")
    pilot.tenant.gone[anchor] = str(pilot.tenant.objects.pop(anchor)["cloudAnchor"])
    pilot.tenant.log.append(("delete", anchor))
    pilot.cycle()
    pilot.cycle()
    assert (sent(pilot), pilot.pending_exports()) == ([], 0)
