"""In which order a synchronization step takes objects, what it tries again, what it marks while references are due."""

from __future__ import annotations

from dataclasses import replace

from engine.rules.rule import AttributeFlow, FlowType
from engine.run.sync_step import REFERENCES_DUE


def test_no_references_are_due_after_a_whole_step(deploy):
    world = deploy(anchor="objectGUID")
    ana = world.contoso.add("Ana")
    for initial in (True, False):
        world.cycle(initial=initial)
        assert world.server.database.fact(REFERENCES_DUE) == ""
        world.contoso.change(ana, title="Lead")


def test_who_is_gone_makes_room_for_who_was_there_before(deploy):
    """Bo is older than Ana and has waited out of scope with the same mail; Ana goes in the delta that lets Bo in."""
    world = deploy("contoso.com", "fabrikam.com", anchor="mS-DS-ConsistencyGuid", join_criteria="Mail")
    bo = world.contoso.add("Bo", mail="team@contoso.com", adminDescription="User_hidden")
    ana = world.contoso.add("Ana", mail="team@contoso.com")
    world.directories["fabrikam.com"].add("Twin", mail="team@contoso.com")
    world.cycle(initial=True)
    world.contoso.delete(ana)
    world.contoso.change(bo, adminDescription=None)
    world.run("contoso.com", "Delta Import")
    assert world.run("contoso.com", "Delta Synchronization").result == "success"
    one = world.server.database.connection.execute
    assert one("SELECT count(*) FROM cs WHERE mv != 0 AND anchor = ?", (bo,)).fetchone() == (1,)


def test_what_failed_with_nothing_pending_is_tried_again_until_it_passes(deploy):
    world = deploy(anchor="objectGUID")
    world.contoso.add("Ana")
    world.cycle(initial=True)
    world.cycle()
    sound = list(world.server.rules().values())
    broken = AttributeFlow("displayName", FlowType.EXPRESSION, expression='Error("No name today.")')
    world.server.save_rules([replace(r, flows=(broken,)) if r.name == "In from AD - User Common" else r for r in sound])
    assert len(world.run("contoso.com", "Full Synchronization").errors) == 1
    waiting = world.server.database.connection.execute("SELECT count(*) FROM cs WHERE pending_import != 0")
    assert waiting.fetchone() == (0,)
    (error,) = world.run("contoso.com", "Delta Synchronization").errors
    assert (error.text, error.detail["retry-count"]) == ("No name today.", "1")
    world.server.save_rules(sound)
    assert world.run("contoso.com", "Delta Synchronization").result == "success"
    assert not world.server.object_errors.any("sync")
