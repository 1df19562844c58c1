"""Files a scenario names, looked through without starting a world: LDIF of forests, exported server configurations.

``anchorage check`` asks; a run finds the same when it loads them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.lab.clock import VirtualClock
from harness.refusal import ScenarioError
from harness.scenario.document import ForestDocument, World
from harness.scenario.shapes import Record
from harness.scenario.wizard_pages import read_answers

Place = tuple[str | int, ...]


def load_ldif(service: Any, folder: Path, name: str) -> None:
    """Load a forest's LDIF; raises ScenarioError that names the file and, where there is one, the line."""
    try:
        service.load_ldif(folder / name)
    except OSError as error:
        raise ScenarioError(f"{name}: the file cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        line, reason = getattr(error, "line", None), getattr(error, "reason", None)
        raise ScenarioError(f"{name}:{line}: {reason}" if line else f"{name}: {error}") from None


def examine_world(world: World) -> list[tuple[Place, str]]:
    """Return what is wrong with the LDIF of each forest: where the forest names it, and the complaint."""
    found: list[tuple[Place, str]] = []
    for forest in world.forests:
        if not forest.ldif:
            continue
        try:
            load_ldif(_idle_directory(forest), Path(world.folder), forest.ldif)
        except ScenarioError as error:
            found.append((("forests", forest.name, "ldif"), str(error)))
    return found


def _idle_directory(document: ForestDocument) -> Any:
    """Return a directory that listens nowhere."""
    from emulators.directory.service import DirectoryService, DomainDescription, ForestDescription
    from emulators.faults import FaultPlan
    from emulators.journal import Journal

    clock = VirtualClock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
    domain = DomainDescription(document.name, document.netbios, document.controllers, document.functional_level)
    return DirectoryService(
        ForestDescription(document.name, (domain,), document.exchange, document.recycle_bin, document.upn_suffixes),
        clock=clock,
        seed="check",
        journal=Journal("check", clock, lambda record: None),
        faults=FaultPlan(),
        tls=None,
        options=dict(document.options),
        admin_password="not-used-1A",  # noqa: S106 - nobody can sign in to a directory that listens nowhere
    )


def examine_export(folder: Path) -> list[str]:
    """Return everything that is wrong with an exported server configuration: file and line, or rule and column."""
    from engine.errors import ConfigurationError
    from engine.rules.checking import check_rules
    from engine.setup.configuration.server_configuration import RULES, read_server_configuration

    try:
        configuration = read_server_configuration(folder)
    except ConfigurationError as error:
        return error.message.splitlines()
    files = {rule.name: f"{RULES}/SynchronizationRule_{{{rule.identifier}}}.xml" for rule in configuration.rules}
    problems = check_rules(configuration.rules, configuration.surroundings())
    return [
        f"{files[one.rule]}: {one}" if (folder / files.get(one.rule, "-")).is_file() else str(one) for one in problems
    ]


def read_answers_of(lab: Any, name: str, record: Record) -> dict[str, Any]:
    """Return the answers of a file beside the scenario; raises ScenarioError with every complaint about it."""
    try:
        text = (Path(lab.world.folder) / name).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{name}: the file cannot be read: {getattr(error, 'strerror', None) or error}") from None
    names = {"forest": [*lab.forests, *lab.domains], "tenant": [*lab.tenants], "server": [*lab.servers]}
    problems, answers = read_answers(name, text, record, names)
    if problems:
        raise ScenarioError("\n".join(problem.render() for problem in problems))
    return {page: record.names()[page].shape.convert(boxes) for page, boxes in answers.items()}
