"""SQL instances that a scenario makes are what the engine's wizard finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.setup.database.sql_instance import Listener, properties_of
from engine.setup.pages.install_required_components import database_path, has_data
from harness.lab.databases import SqlInstances, database_file, database_properties, make_database


def test_the_states_of_a_database(tmp_path: Path) -> None:
    path = database_file(tmp_path, "ADSync")
    assert path == database_path(tmp_path, "ADSync")
    make_database(tmp_path, "ADSync", "data")
    assert has_data(path)
    make_database(tmp_path, "ADSync", "empty")
    assert path.exists()
    assert not has_data(path)
    make_database(tmp_path, "ADSync", "absent")
    assert not path.exists()


def test_what_a_database_is_made_with_goes_with_it(tmp_path: Path) -> None:
    instances = SqlInstances(tmp_path, {"SQL1": {}})
    folder = instances.folder("SQL1")
    make_database(folder, "ADSync", "empty", {"collation": "Latin1_General_CS_AS"})
    (found,) = instances.of_machine().values()
    assert properties_of(found, "ADSync") == {"collation": "Latin1_General_CS_AS"}
    make_database(folder, "ADSync", "empty")
    assert database_properties(folder, "ADSync") == {}


def test_instances_as_the_installer_finds_them(tmp_path: Path) -> None:
    given = {"SQL1\\CONNECT": {"rights": "nested", "port": 1435, "listener": {"commit": "asynchronous"}}}
    instances = SqlInstances(tmp_path, given)
    instances.describe("SQL1\\CONNECT", {"browsing": False})
    found = instances.of_machine()["SQL1\\CONNECT"]
    assert (found.dbo, found.port, found.browsing) == ("nested", 1435, False)
    assert found.listener == Listener("asynchronous")
    assert found.folder.parent == tmp_path


@pytest.mark.parametrize("fact", [{"rights": "direct"}, {"listener": {"commit": "asynchronous"}}])
def test_a_snapshot_is_a_copy(tmp_path: Path, fact: dict[str, object]) -> None:
    instances = SqlInstances(tmp_path, {"SQL1": {"listener": {"commit": "synchronous"}}})
    kept = instances.snapshot()
    instances.describe("SQL1", fact)
    instances.restore(kept)
    assert instances.facts == {"SQL1": {"listener": {"commit": "synchronous"}}}
