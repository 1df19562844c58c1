"""An older copy of the sync database put in place: both sides are further along, and nothing is done to them again.

Every copy of a small history is tried against every later state of forest and tenant. Source: facts "engine" 2.2 (the
watermarks stand in the database), decision D8; ledger crash.database-restored.
"""

from __future__ import annotations

import pytest

from engine.connectors.connector import ValueChanges

AD, ENTRA = "contoso.com", "contoso.onmicrosoft.com - AAD"


def named(forest, name):
    return next(guid for guid, body in forest.objects.items() if body["cn"] == name)


def hire(world):
    forest = world.systems[AD]
    team = forest.add("Team", "group")
    for name in ("Ana Lopez", "Bo Berg", "Zoe Boss"):
        forest.change(team, member=ValueChanges(added=(forest.dn(forest.add(name, title="Clerk")),)))


def promote(world):
    forest = world.systems[AD]
    forest.change(named(forest, "Ana Lopez"), title="Lead", department="Sales")
    kim = forest.add("Kim New", manager=forest.dn(named(forest, "Ana Lopez")))
    forest.change(named(forest, "Team"), member=ValueChanges(added=(forest.dn(kim),)))


def dismiss(world):
    forest = world.systems[AD]
    forest.change(named(forest, "Team"), member=ValueChanges(removed=(forest.dn(named(forest, "Bo Berg")),)))
    forest.delete(named(forest, "Bo Berg"))
    forest.change(named(forest, "Ana Lopez"), department=None)


def replace(world):
    """Bo comes back as somebody else, and an intern came and went."""
    forest = world.systems[AD]
    forest.add("Bo Berg", title="Guest")
    forest.delete(forest.add("Intern"))
    forest.move(named(forest, "Kim New"), f"CN=Kim New,OU=Sales,{forest.base}")


def quiet(world):
    """Nobody does anything."""


HISTORY = (hire, quiet, promote, dismiss, quiet, replace, quiet)


@pytest.mark.parametrize("anchor", ["objectGUID", "mS-DS-ConsistencyGuid"])
def test_every_older_copy_finds_its_way_back(mortal, anchor):
    world = mortal(anchor=anchor)
    moments, ends = [], []
    for step, change in enumerate(HISTORY):
        change(world)
        world.cycle(initial=step == 0)
        moments.append(world.keep())
    for moment in moments:
        world.back_to(moment)
        world.cycle()
        world.cycle()
        ends.append(world.picture())
    for older, (database, _) in enumerate(moments):
        for later in range(older, len(moments)):
            world.back_to((database, moments[later][1]))
            sent = len(world.systems[ENTRA].batches)
            first = world.cycle()
            world.cycle()
            assert [world.cycle()[name, "Export"].steps[0].statistics.counters for name in (AD, ENTRA)] == [{}, {}]
            assert world.picture() == ends[later], (older, later)
            assert not any(run.result.startswith(("stopped", "no-start")) for run in first.values()), (older, later)
            adds = [c for batch in world.systems[ENTRA].batches[sent:] for c in batch if c.operation == "add"]
            assert adds == [], (older, later)
