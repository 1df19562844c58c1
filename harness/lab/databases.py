"""SQL instances of a world and their databases before any server uses them: made by an administrator, or left over.

An instance is a folder; a database is a file in it, with what it was made with beside it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

FILE_SUFFIX = ".sqlite"
PROPERTIES_SUFFIX = ".properties"


def database_file(folder: Path, name: str) -> Path:
    return folder / f"{name}{FILE_SUFFIX}"


def make_database(folder: Path, name: str, state: str, properties: Mapping[str, str] | None = None) -> None:
    """Leave a database in the state asked for: ``data`` (tables and rows), ``empty`` or ``absent``."""
    path = database_file(folder, name)
    for left in (path, path.with_suffix(PROPERTIES_SUFFIX), *folder.glob(f"{path.name}-*")):
        left.unlink(missing_ok=True)
    if state == "absent":
        return
    if properties:
        path.with_suffix(PROPERTIES_SUFFIX).write_text(json.dumps(dict(properties), sort_keys=True), encoding="utf-8")
    connection = sqlite3.connect(path)
    try:
        if state == "data":
            connection.execute("CREATE TABLE mms_server_configuration (id INTEGER PRIMARY KEY, value TEXT)")
            connection.execute("INSERT INTO mms_server_configuration (value) VALUES ('left by an earlier server')")
        connection.commit()
    finally:
        connection.close()


def database_properties(folder: Path, name: str) -> dict[str, str]:
    """Return what a database is set up with, as far as it was ever said."""
    path = database_file(folder, name).with_suffix(PROPERTIES_SUFFIX)
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


class SqlInstances:
    """The instances of a world by name, each with its folder and what its administrator said of it."""

    def __init__(self, root: Path, facts: Mapping[str, Mapping[str, Any]]) -> None:
        self._root = root
        self.facts: dict[str, dict[str, Any]] = {}
        for name, given in facts.items():
            self.describe(name, given)

    def folder(self, name: str) -> Path:
        """Return the folder of an instance, made when it is missing."""
        self.facts.setdefault(name, {})
        folder = self._root / name.replace("\\", "_").replace("/", "_")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def describe(self, name: str, given: Mapping[str, Any]) -> None:
        """Say more of an instance, or something else; what is not named stays."""
        self.folder(name)
        self.facts[name] |= given

    def of_machine(self) -> dict[str, Any]:
        """Return the instances as the installer finds them."""
        from engine.setup.database.sql_instance import Listener, SqlInstance

        found = {}
        for name, given in self.facts.items():
            facts = {"dbo" if key == "rights" else key: value for key, value in given.items()}
            if facts.get("listener") is not None:
                facts["listener"] = Listener(**facts["listener"])
            found[name] = SqlInstance(self.folder(name), **facts)
        return found

    def snapshot(self) -> dict[str, dict[str, Any]]:
        return deepcopy(self.facts)

    def restore(self, state: Mapping[str, dict[str, Any]]) -> None:
        self.facts = deepcopy(dict(state))
