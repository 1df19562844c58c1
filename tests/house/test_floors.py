"""The floors that pyproject.toml declares are the versions that `tox -e floors` tests: tests/floors.txt pins them."""

from __future__ import annotations

import configparser
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
FLOORS = ROOT / "tests" / "floors.txt"

#: a library and the extras it is asked for with
Library = tuple[str, frozenset[str]]


def library(requirement: Requirement) -> Library:
    return canonicalize_name(requirement.name), frozenset(requirement.extras)


def version(requirement: Requirement, operator: str) -> Version:
    """The one version a requirement names: a second bound, a marker or another operator has no place in either file."""
    assert requirement.marker is None, requirement
    [bound] = requirement.specifier
    assert bound.operator == operator, requirement
    return Version(bound.version)


def declared() -> dict[Library, Version]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [Requirement(text) for text in project["dependencies"]]
    return {library(requirement): version(requirement, ">=") for requirement in requirements}


def pinned() -> dict[Library, tuple[Version, str]]:
    """Every pin with its comment."""
    found: dict[Library, tuple[Version, str]] = {}
    for line in FLOORS.read_text(encoding="utf-8").splitlines():
        text, _, comment = line.partition("#")
        if text.strip():
            requirement = Requirement(text.strip())
            assert library(requirement) not in found, line
            found[library(requirement)] = version(requirement, "=="), comment.strip()
    return found


def test_every_floor_is_pinned_as_declared() -> None:
    pins = pinned()
    assert {name: pins[name][0] for name in declared() if name in pins} == declared()


def test_a_pin_beyond_the_dependencies_says_why() -> None:
    asked = declared()
    assert [name for name, (_, comment) in pinned().items() if name not in asked and not comment] == []


def test_tox_installs_the_floors_on_the_oldest_python() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    floors = tox["testenv:floors"]
    assert floors["deps"] == f"-r {FLOORS.relative_to(ROOT).as_posix()}"
    assert project["requires-python"] == f">={floors['base_python'].removeprefix('python')}"
