"""Scenario files on disk: which there are, which YAML file is one, and reading it with the files it names.

Files that a person names must be scenarios; in folders only those count that look like one, and folders called
``worlds`` hold worlds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import harness
from harness.scenario.language import Language
from harness.scenario.reader import Files, MissingFileError, Reading, read_scenario, read_world_file
from harness.scenario.source import Position, Problem, nearest, suggestion

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
            raise NoSuchPathError(no_such_path(path))
    return list(found)


def nothing_found(paths: Iterable[str | Path]) -> str:
    """Return what is said when no path holds a scenario."""
    where = ", ".join(map(str, paths))
    return "no scenario files were found" + (f" in {where}" if where else "")


def no_such_path(path: Path, what: str = "file or folder") -> str:
    """Return the complaint about a path that is not there, with the nearest name beside it."""
    message = f"there is no {what} {path}"
    near = nearest(path.name, _names_in(path.parent))
    return f"{message}; did you mean {path.parent / near}?" if near and near != path.name else message


def _names_in(folder: Path) -> list[str]:
    try:
        return [one.name for one in sorted(folder.iterdir())]
    except (OSError, ValueError):
        return []


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
        if not exists(name):
            raise MissingFileError(f"there is no file {abbreviated(name)}")
        try:
            return (folder / name).read_text(encoding="utf-8-sig")
        except OSError as error:
            raise MissingFileError(f"the file {name} cannot be read: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise MissingFileError(f"the file {name} is not UTF-8 text") from None

    def exists(name: str) -> bool:
        try:
            return (folder / name).is_file()
        except (OSError, ValueError):
            return False  # no file can have such a name

    def alike(name: str) -> list[str]:
        prefix = name[: len(name) - len(Path(name).name)]
        return [prefix + one for one in _names_in((folder / name).parent) if one != Path(name).name]

    def export(name: str) -> list[tuple[str, str]]:
        return export_folder(folder, name, alike(name))

    return Files(read=read, exists=exists, alike=alike, folder=str(folder), export=export)


def export_folder(folder: Path, name: str, alike: list[str]) -> list[tuple[str, str]]:
    """Return what is wrong with the folder a configuration is to be read from: whether it is there."""
    try:
        if (folder / name).is_dir():
            return []
    except (OSError, ValueError):
        pass
    return [(f"there is no folder {abbreviated(name)}", suggestion(name, alike))]


def abbreviated(name: str) -> str:
    """Return a name for a message, cut when somebody gave a whole text instead."""
    return name if len(name) <= 100 else f"{name[:100]}..."


def read_file(
    path: Path,
    language: Language,
    shown: str | None = None,
    *,
    world: bool = False,
    around: Callable[[Path], Files] = surroundings,
) -> Reading:
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
        before = raw[: error.start]
        place = Position(before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1)
        utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
        return Reading([Problem(name, place, "the file is not UTF-8 text", hint="it is UTF-16" if utf16 else "")])
    reader = read_world_file if world else read_scenario
    return reader(name, text, language, around(path))


def _unreadable(name: str, message: str) -> Reading:
    return Reading([Problem(name, Position(), message)])
