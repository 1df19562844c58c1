"""What the Synchronization Rules Editor does to a server: add, change, disable, remove rules. Unsound ones are refused.

Objects already synchronized keep what the old rules gave them until a full synchronization. Source: facts "engine"
sections 6.1, 8 and 18.2; how-to-connect-sync-change-the-configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from engine.errors import ConfigurationError, EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.schema import Schema
from engine.rules.checking import Surroundings, check_rules
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.pilot import refuse_before_its_time
from engine.rules.rule import SyncRule
from engine.rules.ruleset import RuleSet
from engine.rules.set_checking import complaints_of_set


class StoredSchema(Protocol):
    """Where the metaverse schema is kept."""

    def metaverse_schema(self) -> Schema | None: ...


class EditedServer(Protocol):
    """What the editor needs of the server whose rules it changes; the composition root satisfies it."""

    connectors: dict[int, ConnectorConfiguration]

    @property
    def version(self) -> str: ...

    @property
    def configuration(self) -> StoredSchema: ...

    def rules(self) -> Mapping[int, SyncRule]: ...

    def save_rules(self, rules: Iterable[SyncRule]) -> None: ...

    def save_connector(self, connector: ConnectorConfiguration) -> None: ...


def add_rules(server: EditedServer, rules: Iterable[SyncRule]) -> None:
    """Add rules, each at its precedence or beside the rule it names; one of a known identifier takes its place."""
    wanted = RuleSet(server.rules().values())
    for rule in rules:
        wanted = wanted.with_rule(rule)
    _save(server, wanted)


def change_rules(
    server: EditedServer, name: str, change: Callable[[SyncRule], SyncRule], connector: str | None = None
) -> None:
    """Replace every rule of that name by what ``change`` makes of it."""
    wanted = RuleSet(server.rules().values())
    for rule in find_rules(server, name, connector):
        changed = change(rule)
        if _place(changed) != _place(rule):
            wanted = wanted.with_rule(changed)
        else:
            wanted = RuleSet(changed if one.identifier == rule.identifier else one for one in wanted)
    _save(server, wanted)


def _place(rule: SyncRule) -> tuple[int, str, str]:
    return rule.precedence, rule.precedence_before, rule.precedence_after


def set_disabled(server: EditedServer, name: str, *, disabled: bool, connector: str | None = None) -> None:
    """Tick or clear the box Disabled."""
    change_rules(server, name, lambda rule: replace(rule, disabled=disabled), connector)


def remove_rules(server: EditedServer, name: str, connector: str | None = None) -> None:
    """Delete every rule of that name."""
    wanted = RuleSet(server.rules().values())
    for rule in find_rules(server, name, connector):
        wanted = wanted.without(rule.identifier)
    _save(server, wanted)


def find_rules(server: EditedServer, name: str, connector: str | None = None) -> tuple[SyncRule, ...]:
    """The rules of that name, aliases understood; those of one connector (its identifier) when it is told."""
    found = tuple(
        rule
        for rule in RuleSet(server.rules().values()).by_name(name)
        if connector is None or rule.connector == connector
    )
    if not found:
        raise EngineError("no-such-rule", f'There is no synchronization rule "{name}".')
    return found


def _save(server: EditedServer, wanted: RuleSet) -> None:
    """Refuse what ``anchorage rules check`` would complain about and the rules as they are do not have yet."""
    before = RuleSet(server.rules().values())
    changed = _changed(before, wanted)
    refuse_before_its_time(server.version, changed)
    surroundings = Surroundings(
        {c.identifier: c.schema for c in server.connectors.values()},
        server.configuration.metaverse_schema() or METAVERSE_SCHEMA,
    )
    former = [rule for rule in before if any(rule.identifier == one.identifier for one in changed)]
    known = {*_complaints(former, surroundings), *_complaints_between(before)}
    found = (*_complaints(changed, surroundings), *_complaints_between(wanted))
    problems = [one for one in dict.fromkeys(found) if one not in known]
    if problems:
        raise ConfigurationError(problems[0][0], "\n".join(text for _, text in problems))
    server.save_rules(wanted)
    _select_attributes(server, RuleSet(changed))


def _changed(before: RuleSet, wanted: RuleSet) -> list[SyncRule]:
    """Rules that are new or say something else; one that was merely shifted up does not."""
    held = {replace(rule, precedence=0) for rule in before}
    return [rule for rule in wanted if replace(rule, precedence=0) not in held]


def _complaints(rules: Iterable[SyncRule], surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    """Kind and text of what is wrong with each rule by itself."""
    for rule in rules:
        yield from ((one.kind, str(one)) for one in check_rules([rule], surroundings, complete=False))


def _complaints_between(rules: RuleSet) -> Iterator[tuple[str, str]]:
    """Kind and text of what is wrong between the rules."""
    for one in complaints_of_set(rules.rules):
        yield one.kind, f"{rules.rules[one.position].name}: {one.message}{'' if one.other is None else '.'}"


def _select_attributes(server: EditedServer, rules: RuleSet) -> None:
    """What a new rule reads or writes in a directory is selected on its connector; values come with a full import."""
    for connector in list(server.connectors.values()):
        if connector.type is not ConnectorType.ACTIVE_DIRECTORY or not connector.attributes:
            continue
        missing = set(rules.connector_attributes(connector.identifier)) - set(connector.attributes)
        missing &= connector.schema.attributes.keys()
        if missing:
            selected = sorted({*connector.attributes, *missing}, key=str.lower)
            server.save_connector(connector.with_(attributes=tuple(selected)))


__all__ = ["EditedServer", "add_rules", "change_rules", "find_rules", "remove_rules", "set_disabled"]
