"""A delta run after a change that needs a full one: the log warns until the full one has run."""

from __future__ import annotations

from dataclasses import replace

from engine.run.since_full import fingerprint_of_selection

ENTRA = "contoso.onmicrosoft.com - AAD"


def warned(world, number):
    return [record.text for record in world.server.events.read([number])]


def change_rules(world):
    rules = list(world.server.rules().values())
    world.server.save_rules([replace(rules[0], description="another"), *rules[1:]])


def test_changed_rules_warn_at_every_delta_synchronization_until_a_full_one(deploy):
    world = deploy()
    world.cycle(initial=True)
    world.cycle()
    assert warned(world, 6127) == []
    change_rules(world)
    world.run("contoso.com", "Delta Synchronization")
    world.run("contoso.com", "Delta Synchronization")
    assert len(warned(world, 6127)) == 2
    assert '"contoso.com"' in warned(world, 6127)[0]
    world.run("contoso.com", "Full Synchronization")
    world.run("contoso.com", "Delta Synchronization")
    assert len(warned(world, 6127)) == 2
    world.run(ENTRA, "Delta Synchronization")
    assert len(warned(world, 6127)) == 3  # each connector has its own last full run


def test_another_selection_warns_at_a_delta_import(deploy):
    world = deploy()
    world.cycle(initial=True)
    _, connector = world.server.connector("contoso.com")
    partition = replace(connector.partitions[0], excluded=("OU=Staff,DC=contoso,DC=com",))
    world.server.save_connector(connector.with_(partitions=(partition,)))
    world.run("contoso.com", "Delta Import")
    assert len(warned(world, 6126)) == 1
    world.run("contoso.com", "Full Import")
    world.run("contoso.com", "Delta Import")
    assert len(warned(world, 6126)) == 1


def test_before_the_first_full_run_nothing_is_due(deploy):
    world = deploy()
    world.run("contoso.com", "Delta Synchronization")
    assert warned(world, 6127) == []


def test_a_run_profile_is_no_part_of_the_selection(deploy):
    _, connector = deploy().server.connector("contoso.com")
    assert fingerprint_of_selection(connector) == fingerprint_of_selection(connector.with_(run_profiles=()))
