"""Names in ``world.federation`` and ``world.network`` that mean something else of the same world: said before it runs.

A word with a variable in it is left to the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.scenario.scope import Scope
from harness.scenario.tree import Path
from harness.scenario.variables import uses_variables

Named = Iterator[tuple[Path, str]]


def check_references(world: dict[str, Any], path: Path, scope: Scope) -> None:
    """Every domain, machine and verified domain that is named exists."""
    domains = list(_domains(world))
    verified = list(_verified(world))
    federation = _record(world.get("federation"))
    machines = list(_record(federation.get("machines")))
    short = [name.partition(".")[0] for name in machines]
    for at, name in _joined(federation):
        _known("domain", name, domains, (*path, "federation", *at), scope)
    for at, name in _of_farms(federation, "servers"):
        _known("machine", name.partition(".")[0], short, (*path, "federation", *at), scope)
    for at, name in _of_farms(federation, "forests"):
        _known("domain", name, domains, (*path, "federation", *at), scope)
    for at, name in _of_farms(federation, "trust", "domains"):
        _known("verified domain", name, verified, (*path, "federation", *at), scope)
    with scope.at_keys():
        for name in _record(_record(world.get("network")).get("firewall")):
            _known("domain", name, domains, (*path, "network", "firewall", name), scope)


def _known(kind: str, name: str, names: list[str], path: Path, scope: Scope) -> None:
    if uses_variables(name) or any(uses_variables(one) for one in names):
        return
    if name.lower() not in (one.lower() for one in names):
        scope.complain_name(path, f"the world has no {kind} {name}", name, names)


def _domains(world: dict[str, Any]) -> Iterator[str]:
    for forest, described in _record(world.get("forests")).items():
        yield forest
        yield from _record(_record(described).get("domains"))


def _verified(world: dict[str, Any]) -> Iterator[str]:
    for described in _record(world.get("tenants")).values():
        yield from _texts(_record(described).get("verified_domains"))


def _joined(federation: dict[str, Any]) -> Named:
    for name, facts in _record(federation.get("machines")).items():
        domain = _record(facts).get("domain")
        if isinstance(domain, str):
            yield ("machines", name, "domain"), domain


def _of_farms(federation: dict[str, Any], *keys: str) -> Named:
    """The texts of a list that every farm may have, with their places."""
    for name, facts in _record(federation.get("farms")).items():
        found: Any = facts
        for key in keys:
            found = _record(found).get(key)
        for number, text in enumerate(_texts(found)):
            place: Path = (number,) if isinstance(found, list) else ()
            yield ("farms", name, *keys, *place), text


def _texts(value: Any) -> list[str]:
    """A list of texts, where one alone may stand without its brackets."""
    return [value] if isinstance(value, str) else [one for one in value or () if isinstance(one, str)]


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


__all__ = ["check_references"]
