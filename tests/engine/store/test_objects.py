"""Numbers of objects, and the GUIDs made of them, are given once."""

from __future__ import annotations

from engine.store.objects import next_number


def numbers(world, table):
    return {row[0] for row in world.server.database.connection.execute(f"SELECT number FROM {table}")}


def test_a_deleted_object_s_number_does_not_come_back(deploy):
    world = deploy()
    ana = world.contoso.add("Ana Lopez")
    world.cycle(initial=True)
    world.cycle()
    before = {table: numbers(world, table) for table in ("cs", "mv")}
    world.contoso.delete(ana)
    world.cycle()
    world.cycle()
    assert numbers(world, "cs") == numbers(world, "mv") == set()
    world.contoso.add("Ana Lopez")
    world.cycle()
    for table, earlier in before.items():
        assert numbers(world, table).isdisjoint(earlier)


def test_an_emptied_space_starts_above_its_last_number(deploy):
    world = deploy()
    connection = world.server.database.connection
    world.contoso.add("Ana Lopez")
    world.cycle(initial=True)
    following = next_number(connection, "cs")
    connection.execute("DELETE FROM cs")
    assert next_number(connection, "cs") == following
