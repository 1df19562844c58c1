"""Databases left on a SQL instance: with data, empty, gone."""

from __future__ import annotations

from pathlib import Path

from engine.setup.pages.install_required_components import database_path, has_data
from harness.lab.databases import database_file, make_database


def test_states(tmp_path: Path) -> None:
    path = database_file(tmp_path, "ADSync")
    assert path == database_path(tmp_path, "ADSync")
    make_database(tmp_path, "ADSync", "data")
    assert has_data(path)
    make_database(tmp_path, "ADSync", "empty")
    assert path.exists()
    assert not has_data(path)
    make_database(tmp_path, "ADSync", "absent")
    assert not path.exists()
