"""Scenario files on disk: which there are, which YAML file is one, and reading it with the files it names.

Files that a person names must be scenarios; in folders only those count that look like one, and folders called
``worlds`` hold worlds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import harness
from harness.scenario.language import Language
from harness.scenario.reader import Files, MissingFileError, Reading, read_scenario, read_world_file
from harness.scenario.source import Position, Problem

SUFFIXES = (".yaml", ".yml")
WORLDS = "worlds"
_LOOKS_LIKE_SCENARIO = re.compile(r"^scenario[ \t]*:", re.MULTILINE)
_BYTES_MAX = 20_000_000


class NoSuchPathError(Exception):
    """A path on the command line that is not there."""


def shipped_folder() -> Path:
    """Return the folder of the scenarios that come with Anchorage."""
    package = Path(harness.__file__).parent
    installed = package / "shipped_scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def looks_like_scenario(path: Path) -> bool:
    """Whether a YAML file has a ``scenario:`` key at its top; unreadable files do not."""
    try:
        if path.stat().st_size > _BYTES_MAX:
            return False
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return _LOOKS_LIKE_SCENARIO.search(text) is not None


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """Return scenario files: those named, and those in folders, sorted by path; raises NoSuchPathError."""
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            for one in sorted(_below(path)):
                found.setdefault(one)
        elif path.exists():
            found.setdefault(path)
        else:
            raise NoSuchPathError(f"there is no file or folder {given}")
    return list(found)


def _below(folder: Path) -> list[Path]:
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one != WORLDS)
        for name in names:
            path = Path(root) / name
            if path.suffix in SUFFIXES and looks_like_scenario(path):
                found.append(path)
    return found


def is_world(path: Path) -> bool:
    """Whether a file holds a world and no scenario."""
    return not looks_like_scenario(path)


def surroundings(path: Path) -> Files:
    """Return how the reader reaches files that this one names: beside it, or by an absolute path."""
    folder = path.parent

    def read(name: str) -> str:
        target = folder / name
        if not target.is_file():
            raise MissingFileError(f"there is no file {name}")
        return target.read_text(encoding="utf-8")

    def alike(name: str) -> list[str]:
        beside = (folder / name).parent
        prefix = name[: len(name) - len(Path(name).name)]
        return [prefix + one.name for one in sorted(beside.iterdir())] if beside.is_dir() else []

    return Files(read=read, exists=lambda name: (folder / name).is_file(), alike=alike, folder=str(folder))


def read_file(path: Path, language: Language, shown: str | None = None, *, world: bool = False) -> Reading:
    """Read a scenario file, or a world file, from disk; a file that cannot be read is a problem like any other."""
    name = shown if shown is not None else str(path)
    try:
        raw = path.read_bytes()
        if len(raw) > _BYTES_MAX:
            return _unreadable(name, f"the file is too large for a scenario: {len(raw)} bytes")
        text = raw.decode("utf-8-sig")
    except OSError as error:
        return _unreadable(name, f"the file cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Reading([Problem(name, Position(line, 1), "the file is not UTF-8 text")])
    reader = read_world_file if world else read_scenario
    return reader(name, text, language, surroundings(path))


def _unreadable(name: str, message: str) -> Reading:
    return Reading([Problem(name, Position(), message)])
