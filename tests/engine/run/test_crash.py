"""Whenever the process dies, the next cycles end where they would have: nothing twice, lost or wrongly deleted.

Every moment of a small history is tried: before each write to the database, before and after each call to a forest or
the tenant. The oracle is a twin that never died. Source: facts "engine" 1.7, 2.1, 3.1; ledger crash.
"""

from __future__ import annotations

from random import Random

import pytest

from engine.connectors.connector import ValueChanges
from engine.errors import ConnectorError
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.run.group_filter import PARAMETER

ENTRA = "contoso.onmicrosoft.com - AAD"


def people(world):
    """Where the history begins: a group that is read before its members, a manager that is read after her report."""
    forest = world.systems["contoso.com"]
    team = forest.add("Team", "group")
    ana = forest.add("Ana Lopez", title="Clerk", mail="ana@contoso.com")
    forest.add("Bo Berg", department="Sales")
    zoe = forest.add("Zoe Boss", title="Head")
    forest.change(team, member=[forest.dn(ana), forest.dn(zoe)])
    forest.change(ana, manager=forest.dn(zoe))


def named(forest, name):
    return next(guid for guid, body in forest.objects.items() if body["cn"] == name)


def everyday(world):
    """A title, a newcomer who joins the group, somebody who leaves, a move, a cleared value."""
    forest = world.systems["contoso.com"]
    ana, bo, team = named(forest, "Ana Lopez"), named(forest, "Bo Berg"), named(forest, "Team")
    kim = forest.add("Kim New", manager=forest.dn(ana))
    forest.change(team, member=ValueChanges(added=(forest.dn(kim),)))
    forest.change(ana, title="Lead", mail=None)
    forest.delete(bo)
    forest.move(named(forest, "Zoe Boss"), f"CN=Zoe Boss,OU=Legal,{forest.base}")
    for body in forest.objects.values():  # links follow, unreported
        for name in ("manager", "member"):
            if name in body:
                old, new = f"CN=Zoe Boss,OU=Staff,{forest.base}", f"CN=Zoe Boss,OU=Legal,{forest.base}"
                held = body[name]
                body[name] = (
                    [new if m == old else m for m in held] if isinstance(held, list) else held.replace(old, new)
                )


def vanish(world):
    """Somebody is gone without a trace in the forest's log, as after a domain controller was put back."""
    forest = world.systems["contoso.com"]
    gone = named(forest, "Kim New")
    dn = forest.dn(gone)
    del forest.objects[gone], forest.places[gone]
    for body in forest.objects.values():
        if dn in body.get("member", []):
            body["member"] = [m for m in body["member"] if m != dn]


def quiet(world):
    """Nobody does anything."""


HISTORY = ((people, True), (quiet, False), (everyday, False), (quiet, False), (vanish, True), (quiet, False))


def live(world, start, *, until=None, dying_at=None):
    """Go through the history from a step to another; dying_at: the process dies so many moments into its first cycle.

    Whoever died is opened again and runs that cycle once more, as the scheduler does. Answers False when the cycle was
    over before the moment came.
    """
    died = True
    for step in range(start, until or len(HISTORY)):
        change, initial = HISTORY[step]
        change(world)
        if dying_at is not None and step == start:
            died = world.dies_in(lambda initial=initial: world.cycle(initial=initial), dying_at)
            if not died:
                return False
            world.reopen()
        world.cycle(initial=initial)
    return died


@pytest.mark.parametrize(
    ("step", "stride", "anchor"),  # stride: every how many moments; the delta cycle is tried at each
    [(0, 3, "mS-DS-ConsistencyGuid"), (1, 3, "objectGUID"), (2, 1, "mS-DS-ConsistencyGuid"), (4, 2, "objectGUID")],
    ids=["initial", "confirming", "delta", "full"],
)
def test_whenever_it_dies_it_ends_like_its_twin(mortal, step, stride, anchor):
    world = mortal(anchor=anchor)
    for change, initial in HISTORY[:step]:
        change(world)
        world.cycle(initial=initial)
    before = world.keep()
    live(world, step, until=step + 2)
    world.cycle()
    expected = world.picture()
    moment = 0
    while True:
        world.back_to(before)
        if not live(world, step, until=step + 2, dying_at=moment):
            break
        world.cycle()
        settled = world.cycle()
        for name in ("contoso.com", ENTRA):
            assert settled[name, "Export"].steps[0].statistics.counters == {}, (moment, name)
        assert world.picture() == expected, moment
        moment += stride
    assert moment > 50


def test_a_server_that_dies_again_and_again(mortal):
    """Deaths at drawn moments, also while it recovers; delta cycles follow, whatever kind was cut off."""
    random = Random("again and again")
    world = mortal(anchor="mS-DS-ConsistencyGuid")
    people(world)
    world.cycle(initial=True)
    before = world.keep()
    live(world, 1)
    world.cycle()
    expected = world.picture()
    deaths = 0
    for _ in range(12):
        world.back_to(before)
        for change, initial in HISTORY[1:]:
            change(world)
            for _ in range(random.choice((1, 1, 2, 4))):
                moment = random.randrange(120)
                deaths += world.dies_in(lambda initial=initial: world.cycle(initial=initial), moment)
                world.reopen()
            if initial:
                world.cycle(initial=True)  # only a full import finds out who is gone without a trace
            world.cycle()
        world.cycle()
        settled = world.cycle()
        assert settled[ENTRA, "Export"].steps[0].statistics.counters == {}
        assert world.picture() == expected
    assert deaths > 40


def test_a_connection_lost_after_any_object_of_a_batch(mortal):
    """The tenant took so many objects of the batch and was never heard of again: the run ends, the next ones heal."""
    world = mortal(anchor="objectGUID")
    people(world)
    world.cycle(initial=True)
    world.cycle()
    before = world.keep()
    live(world, 2)
    world.cycle()
    expected = world.picture()
    for taken in range(3):
        world.back_to(before)
        everyday(world)
        tenant = world.systems[ENTRA]

        def export(changes, tenant=tenant, taken=taken):
            del tenant.export
            for each in changes[:taken]:
                tenant._take(each)
            raise ConnectorError("dropped-connection", "The answer was lost.", "stopped-extension-dll-exception")

        tenant.export = export
        assert world.cycle()[ENTRA, "Export"].result == "stopped-extension-dll-exception"
        live(world, 3)
        world.cycle()
        assert world.cycle()[ENTRA, "Export"].steps[0].statistics.counters == {}
        assert world.picture() == expected, taken


def test_a_line_of_the_log_that_was_cut_off_is_left_out(mortal):
    world = mortal()
    world.server.events.write(106, detail="the tenant does not answer")
    world.server.events.write(106, detail="the tenant does not answer again")
    path = world.path.with_suffix(".events")
    path.write_bytes(path.read_bytes()[:-20])
    world.reopen()
    assert len(world.server.events.read([106])) == 1
    world.server.events.write(106, detail="once more")
    world.reopen()
    assert len(world.server.events.read([106])) == 2


def filtered_by_a_group(deployment):
    server = deployment.server
    _, held = server.connector("contoso.com")
    server.save_connector(held.with_(parameters={**held.parameters, PARAMETER: "CN=Team,OU=Staff,DC=contoso,DC=com"}))


def test_members_of_a_filtering_group_come_and_go_whenever_it_dies(mortal):
    connector = DirectoryConnector("00000001-0000-0000-0000-000000000000", "contoso.com", False, False, True)
    rules = standard_rules(StandardRuleOptions((connector,), anchor="objectGUID"))
    world = mortal(rules=rules, prepare=filtered_by_a_group)
    people(world)
    world.cycle(initial=True)
    world.cycle()
    forest = world.systems["contoso.com"]
    came, went = forest.dn(named(forest, "Bo Berg")), forest.dn(named(forest, "Ana Lopez"))
    forest.change(named(forest, "Team"), member=ValueChanges((came,), (went,)))
    before = world.keep()
    for _ in range(3):
        world.cycle()
    expected = world.picture()
    assert sorted(body["displayName"] for body in world.systems[ENTRA].objects.values()) == ["Bo Berg", "Zoe Boss"]
    moment = 0
    while True:
        world.back_to(before)
        if not world.dies_in(world.cycle, moment):
            break
        world.reopen()
        for _ in range(3):
            world.cycle()
        assert world.picture() == expected, moment
        moment += 2
    assert moment > 30
