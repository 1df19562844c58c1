"""A scenario file to a Scenario: every complaint in one pass, each with ``file:line:col``, the line and a caret.

Reads text, never the disk: a file that another file names is asked for through ``open_text``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.scenario.document import Case, Scenario, World
from harness.scenario.file_shape import FILE_KEYS, PROFILE
from harness.scenario.language import Language
from harness.scenario.scope import Scope
from harness.scenario.shapes import Shape, kind_of, shown
from harness.scenario.source import Position, Problem, suggestion
from harness.scenario.steps_reader import build_steps, check_steps
from harness.scenario.tree import Node, Path, UnreadableYamlError, compose
from harness.scenario.variables import NAME, UnknownVariableError, resolve
from harness.scenario.world_reader import build_world, read_start
from harness.scenario.world_shape import WORLD

_CASE_NAME = re.compile(r"[\w-]+\Z")


class MissingFileError(Exception):
    """A file that a scenario names is not there; message says which."""


@dataclass(frozen=True)
class Files:
    """How the reader reaches other files: text of one, whether one exists, and what is called alike."""

    read: Callable[[str], str]
    exists: Callable[[str], bool]
    alike: Callable[[str], list[str]] = field(default=lambda name: [])
    folder: str = "."
    #: what is wrong with a folder as an exported configuration, each with a hint
    export: Callable[[str], list[tuple[str, str]]] = field(default=lambda name: [])
    #: what is wrong with other files of a world: path in the world, and the complaint
    examine: Callable[[World], list[tuple[Path, str]]] = field(default=lambda world: [])


def no_files() -> Files:
    """Return a reader's surroundings in which no other file exists."""

    def refuse(name: str) -> str:
        raise MissingFileError(f"there is no file {name}")

    return Files(read=refuse, exists=lambda name: False)


class _Report:
    """Turns complaints by path into problems with places, each told once."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.root: Node | None = None
        self.problems: dict[tuple[Position, str], Problem] = {}

    def at(self, position: Position, message: str, hint: str = "") -> None:
        line = self.lines[position.line - 1] if 0 < position.line <= len(self.lines) else ""
        problem = Problem(self.file, position, message, line, hint)
        self.problems.setdefault((position, message), problem)

    def __call__(self, path: Path, key: bool, message: str, hint: str, offset: int) -> None:
        place = self.root.at(path, key=key) if self.root is not None else Position()
        if offset:
            line = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
            quoted = line[place.column - 1 : place.column] in ("'", '"')
            place = Position(place.line, place.column + offset + (1 if quoted else 0))
        self.at(place, message, hint)

    def sorted(self) -> list[Problem]:
        return sorted(self.problems.values(), key=lambda one: one.position)


@dataclass(frozen=True)
class Reading:
    """What came of reading a file: a scenario or a world when there are no problems."""

    problems: list[Problem]
    scenario: Scenario | None = None
    world: World | None = None


def read_scenario(file: str, text: str, language: Language, files: Files | None = None) -> Reading:
    """Read a scenario file."""
    files = files or no_files()
    report = _Report(file, text)
    plain = _compose(report, text, "a scenario")
    if plain is None:
        return Reading(report.sorted())
    scope = Scope(report, export=files.export)
    _check_file_keys(plain, scope)
    cases = _read_cases(plain, scope)
    worlds: list[World | None] = []
    for name, variables in cases.items():
        known = {"seed": "", **variables}
        here = Scope(
            report,
            variables=set(known),
            count=scope.count,
            export=files.export,
            read=files.read,
            alike=files.alike,
        )
        world = _read_world(plain.get("world"), known, here, files, language) if "world" in plain else None
        if "steps" in plain:
            check_steps(plain["steps"], here, language, tuple(cases) if name else ())
        worlds.append(world)
    if report.problems or None in worlds:
        return Reading(report.sorted())
    assert report.root is not None
    return Reading([], _build(file, plain, report, language, cases, [world for world in worlds if world is not None]))


def read_world_file(file: str, text: str, language: Language, files: Files | None = None) -> Reading:
    """Read a file that is a world: its keys stand at the top, or under ``world:``."""
    report = _Report(file, text)
    plain = _compose(report, text, "a world")
    if plain is None:
        return Reading(report.sorted())
    scope = Scope(report)
    inside = plain
    if "world" in plain and isinstance(plain["world"], dict):
        inside = plain["world"]
        with scope.under("world"):
            world = _check_world(inside, scope, files or no_files(), language)
    else:
        world = _check_world(inside, scope, files or no_files(), language)
    return Reading(report.sorted(), world=world)


def read_mapping(
    file: str, text: str, shape: Shape, what: str, names: dict[str, list[str]]
) -> tuple[list[Problem], dict[str, Any]]:
    """Read a file that holds one mapping of a shape; names: what of this world it may use, by kind."""
    report = _Report(file, text)
    plain = _compose(report, text, what)
    if plain is not None:
        shape.check(plain, (), Scope(report, names=names))
    return report.sorted(), plain or {}


def _compose(report: _Report, text: str, what: str) -> dict[str, Any] | None:
    try:
        root, complaints = compose(text)
    except UnreadableYamlError as error:
        report.at(error.position, error.message)
        return None
    for position, message in complaints:
        report.at(position, message)
    if root is None:
        report.at(Position(), f"the file is empty; {what} was expected")
        return None
    report.root = root
    plain = root.plain()
    if not isinstance(plain, dict):
        report.at(root.position, f"{what} is a mapping with keys, not {kind_of(plain)}")
        return None
    return plain


def _check_file_keys(plain: dict[str, Any], scope: Scope) -> None:
    for name, value in plain.items():
        if name in FILE_KEYS:
            FILE_KEYS[name].shape.check(value, (name,), scope)
        else:
            scope.complain_name((name,), f"a scenario has no key {name}", name, FILE_KEYS, key=True)
    for key in FILE_KEYS.values():
        if key.required and key.name not in plain:
            scope.complain((), f"a scenario needs the key {key.name}: {key.doc or key.shape.text()}")


def _read_cases(plain: dict[str, Any], scope: Scope) -> dict[str, dict[str, Any]]:
    """Return variables by case; one nameless case when the file has none. All cases set the same variables."""
    cases = plain.get("cases")
    if not isinstance(cases, dict) or not cases:
        return {"": {}}
    named = {name: values for name, values in cases.items() if isinstance(values, dict)}
    wanted = {variable for values in named.values() for variable in values}
    for name, values in named.items():
        if not _CASE_NAME.match(name):
            scope.complain(("cases", name), f"{name} cannot be the name of a case: letters, digits, _ and -", key=True)
        for variable in values:
            if not NAME.match(variable):
                scope.complain(("cases", name, variable), f"{variable} cannot be the name of a variable", key=True)
        if "profile" in values:
            PROFILE.check(values["profile"], ("cases", name, "profile"), scope)
        missing = sorted(wanted - set(values))
        if missing:
            scope.complain(("cases", name), f"case {name} does not set {', '.join(missing)}", key=True)
    return {name: {**dict.fromkeys(wanted), **values} for name, values in named.items()} or {"": {}}


def _read_world(plain: Any, variables: dict[str, Any], scope: Scope, files: Files, language: Language) -> World | None:
    if isinstance(plain, str):
        return _read_named_world(plain, scope, files, language)
    if not isinstance(plain, dict):
        scope.complain(("world",), f"a world is a mapping with forests and tenants, not {kind_of(plain)}")
        return None
    with scope.under("world"):
        scope.check_variables(plain, ())
        try:
            plain = resolve(plain, variables)
        except UnknownVariableError:
            return None  # complained about above
        return _check_world(plain, scope, files, language)


def _read_named_world(name: str, scope: Scope, files: Files, language: Language) -> World | None:
    try:
        text = files.read(name)
    except MissingFileError as error:
        scope.complain(("world",), str(error), suggestion(name, files.alike(name)))
        return None
    reading = read_world_file(name, text, language, files)
    for problem in reading.problems:
        scope.complain(("world",), f"{problem.place}: {problem.message}", problem.hint)
    if reading.world is not None:
        _declare(reading.world, scope)
    return reading.world


def _check_world(plain: dict[str, Any], scope: Scope, files: Files, language: Language) -> World | None:
    before = scope.count
    WORLD.check(plain, (), scope)
    if scope.count == before:
        _check_meaning(plain, scope, files, language)
    if scope.count != before:
        _declare_names(plain, scope)
        return None
    world = build_world(plain, folder=files.folder)
    for path, message in files.examine(world):
        scope.complain(path, message)
    _declare(world, scope)
    return world


def _check_meaning(plain: dict[str, Any], scope: Scope, files: Files, language: Language) -> None:
    """Things a shape cannot see: files that must exist, dates of the calendar, names of faults."""
    if plain.get("start"):
        try:
            read_start(str(plain["start"]))
        except ValueError as error:
            scope.complain(("start",), f"no such moment: {error}")
    for name, forest in (plain.get("forests") or {}).items():
        ldif = (forest or {}).get("ldif")
        if ldif and not files.exists(str(ldif)):
            path = ("forests", name, "ldif")
            scope.complain(path, f"there is no file {shown(ldif)}", suggestion(str(ldif), files.alike(str(ldif))))
    for name in plain.get("faults") or {}:
        if language.faults and name not in language.faults:
            scope.complain_name(("faults", name), f"there is no fault {name}", name, language.faults, key=True)


def _declare(world: World, scope: Scope) -> None:
    for forest in world.forests:
        for domain in (forest, *forest.domains):
            scope.declare("forest", domain.name)
    for tenant in world.tenants:
        scope.declare("tenant", tenant.name)


def _declare_names(plain: dict[str, Any], scope: Scope) -> None:
    for section, kind in (("forests", "forest"), ("tenants", "tenant")):
        entries = plain.get(section)
        for name, described in entries.items() if isinstance(entries, dict) else ():
            scope.declare(kind, name)
            domains = described.get("domains") if isinstance(described, dict) else None
            for domain in domains if isinstance(domains, dict) else ():
                scope.declare(kind, domain)


def _build(
    file: str,
    plain: dict[str, Any],
    report: _Report,
    language: Language,
    cases: dict[str, dict[str, Any]],
    worlds: list[World],
) -> Scenario:
    assert report.root is not None
    tags = plain.get("tags") or []
    violations = plain.get("expects_violation") or []
    return Scenario(
        file=file,
        title=str(plain["scenario"]),
        source=str(plain.get("source") or ""),
        tags=tuple(str(tag) for tag in (tags if isinstance(tags, list) else [tags])),
        violations=tuple(violations if isinstance(violations, list) else [violations]),
        cases=tuple(
            Case(name, world, variables, str(variables.get("profile") or plain.get("profile") or ""))
            for (name, variables), world in zip(cases.items(), worlds, strict=True)
        ),
        steps=build_steps(report.root, report.lines, language),
        position=report.root.at(("scenario",), key=True),
    )
