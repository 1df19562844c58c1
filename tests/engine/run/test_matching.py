"""Which object a report is about: by anchor, by DN, and what becomes of those at that DN. Facts "engine" 2.1."""

from __future__ import annotations

from engine.model.cs_object import Kind
from engine.run import import_step
from engine.views import Windows

STAFF = "OU=Staff,DC=contoso,DC=com"


def spaces(world):
    return {view.dn: view for view in Windows(world.server.database).connector_space("contoso.com")}


def test_the_hash_of_an_anchor_is_not_enough(deploy, monkeypatch):
    """Two anchors of one hash are two objects."""
    monkeypatch.setattr(import_step, "anchor_key", lambda connector, anchor: connector)
    monkeypatch.setattr("engine.store.objects.anchor_key", lambda connector, anchor: connector)
    world = deploy(anchor="objectGUID")
    ana = world.contoso.add("Ana")
    world.run("contoso.com", "Full Import")
    bo = world.contoso.add("Bo")
    world.run("contoso.com", "Delta Import")
    assert {dn: view.anchor for dn, view in spaces(world).items()} == {
        f"CN=Ana,{STAFF}": ana.hex(),
        f"CN=Bo,{STAFF}": bo.hex(),
    }


def test_whoever_is_referred_to_stays_through_a_full_import(deploy):
    """Crew's member is out of sight: a placeholder while Crew names it, gone when nobody does."""
    world = deploy(anchor="objectGUID")
    unseen = f"CN=Unseen,OU=Elsewhere,{STAFF}"
    crew = world.contoso.add("Crew", "group", member=[unseen])
    for _ in range(2):
        world.run("contoso.com", "Full Import")
        world.run("contoso.com", "Full Synchronization")
        kinds = world.server.database.connection.execute("SELECT dn FROM cs WHERE kind = ?", (Kind.PLACEHOLDER,))
        assert [dn for (dn,) in kinds] == [unseen]
    world.contoso.change(crew, member=None)
    world.run("contoso.com", "Full Import")
    world.run("contoso.com", "Full Synchronization")
    world.run("contoso.com", "Full Import")
    assert unseen not in {dn for (dn,) in world.server.database.connection.execute("SELECT dn FROM cs")}


def test_a_container_s_children_are_found_under_their_new_name(deploy):
    """The OU's name holds signs that a search by pattern would take for anything."""
    world = deploy(anchor="objectGUID")
    unit = world.contoso.add("A_B", "organizationalUnit", "OU=Top")
    ana = world.contoso.add("Ana", ou="CN=A_B,OU=Top")
    other = world.contoso.add("Bo", ou="CN=AxB,OU=Top")
    world.run("contoso.com", "Full Import")
    old, base = world.contoso.dn(unit), world.contoso.base
    world.contoso.move(unit, f"CN=New,OU=Top,{base}")
    world.contoso.places[ana] = (f"CN=Ana,CN=New,OU=Top,{base}", "user")
    world.run("contoso.com", "Delta Import")
    assert old not in spaces(world)
    assert spaces(world)[f"CN=Ana,CN=New,OU=Top,{base}"].anchor == ana.hex()
    assert spaces(world)[f"CN=Bo,CN=AxB,OU=Top,{base}"].anchor == other.hex()
    crew = world.contoso.add("Crew", "group", member=[f"CN=Ana,CN=New,OU=Top,{base}"])
    world.run("contoso.com", "Delta Import")
    one = world.server.database.connection.execute
    number = one("SELECT number FROM cs WHERE anchor = ?", (ana,)).fetchone()
    group = one("SELECT number FROM cs WHERE anchor = ?", (crew,)).fetchone()
    assert one("SELECT target FROM reference WHERE source = ?", group).fetchall() == [number]


def test_a_directory_that_shows_nothing_at_all_loses_nobody(deploy):
    world = deploy(anchor="objectGUID")
    ana = world.contoso.add("Ana")
    world.contoso.add("Bo")
    world.run("contoso.com", "Full Import")
    kept = dict(world.contoso.objects)
    world.contoso.objects.clear()
    assert world.run("contoso.com", "Full Import").counter("StageDelete") == 0
    world.contoso.objects.update({ana: kept[ana]})
    assert world.run("contoso.com", "Full Import").counter("StageDelete") == 1


def test_who_was_referred_to_by_a_new_name_is_referred_to_when_it_comes(deploy):
    """Crew names Ana by the name she has by now, which a later delta tells."""
    world = deploy(anchor="objectGUID")
    ana = world.contoso.add("Ana")
    world.run("contoso.com", "Full Import")
    crew = world.contoso.add("Crew", "group", member=[f"CN=Ana Diaz,{STAFF}"])
    world.run("contoso.com", "Delta Import")
    world.contoso.move(ana, f"CN=Ana Diaz,{STAFF}")
    world.run("contoso.com", "Delta Import")
    one = world.server.database.connection.execute
    numbers = {anchor: number for number, anchor in one("SELECT number, anchor FROM cs").fetchall()}
    assert set(numbers) == {ana, crew}
    assert one("SELECT target, source FROM reference").fetchall() == [(numbers[ana], numbers[crew])]
