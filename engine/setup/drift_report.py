"""The drift report: what one server is configured to do and another is not. Identifiers and times are no difference.

Rules are the same by connector name, direction, types and name; connectors by name. Source: facts "install" CFG-08 to
CFG-10 and section 24; seed004 (compare before a staging server is promoted). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition
from engine.rules.rule import ZERO_GUID, SyncRule
from engine.rules.rule_diff import RuleChange, compare
from engine.rules.ruleset import FIRST_STANDARD_PRECEDENCE, canonical_name
from engine.setup.apply import attribute_inclusion


class Drift(StrEnum):
    """The class of a finding; ``hard`` ones stop a promotion even when it is forced (CFG-10)."""

    MISSING_RULE = "missing rule"
    EXTRA_RULE = "extra rule"
    RULE_DISABLED = "rule disabled"
    RULE_ENABLED = "rule enabled"
    PRECEDENCE = "precedence differs"
    FLOW = "flow differs"
    SCOPE = "scope differs"
    RULE = "rule differs"
    MISSING_CONNECTOR = "missing connector"
    EXTRA_CONNECTOR = "extra connector"
    OU_LIST = "OU list differs"
    SELECTION = "selection differs"
    FEATURE = "feature differs"
    ANCHOR = "anchor differs"
    JOIN_METHOD = "join method differs"
    UPN_ATTRIBUTE = "UPN attribute differs"

    @property
    def hard(self) -> bool:
        return self in (Drift.ANCHOR, Drift.JOIN_METHOD, Drift.UPN_ATTRIBUTE)


@dataclass(frozen=True, slots=True)
class Finding:
    """about: the rule, connector or setting. connector: where it belongs, if anywhere. before: what the first server
    has, after: what the second has."""

    drift: Drift
    about: str
    connector: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        place = f" of {self.connector}" if self.connector and self.connector != self.about else ""
        values = f": {self.before or '(none)'} -> {self.after or '(none)'}" if self.before or self.after else ""
        return f"{self.drift}: {self.about}{place}{values}"


@dataclass(frozen=True)
class Configured:
    """What one server is configured to do, as far as another can be compared with it."""

    connectors: tuple[ConnectorConfiguration, ...]
    rules: tuple[SyncRule, ...]
    global_settings: Mapping[str, str] = field(default_factory=dict)


#: Settings that decide which object becomes which: they must agree before a server takes over.
_HARD: Mapping[str, Drift] = {
    "Microsoft.SynchronizationOption.AnchorAttribute": Drift.ANCHOR,
    "Microsoft.SynchronizationOption.JoinCriteria": Drift.JOIN_METHOD,
    "Microsoft.SynchronizationOption.CustomAttribute": Drift.JOIN_METHOD,
    "Microsoft.SynchronizationOption.UPNAttribute": Drift.UPN_ATTRIBUTE,
}
_FEATURES = (
    "Microsoft.OptionalFeature.",
    "Microsoft.AADFilter.",
    "Microsoft.DirectoryExtension.",
    "Microsoft.DeviceWriteBack.",
    "Microsoft.GroupWriteBack.",
    "Microsoft.UserWriteBack.",
)
#: Says how a server is maintained, not what it synchronizes; express and custom installations differ in it.
_NO_DRIFT = frozenset(
    {"Microsoft.OptionalFeature.AutoUpgradeState", "Microsoft.OptionalFeature.AutoUpgradeSuspensionReason"}
)
_GROUP_FILTER = "Connector.GroupFilteringGroupDn"


def drift_report(first: Configured, second: Configured) -> tuple[Finding, ...]:
    """Tell what the second server has otherwise than the first, by class, in the order of the classes."""
    found = [*_rules(first, second), *_connectors(first, second), *_settings(first, second)]
    order = {drift: number for number, drift in enumerate(Drift)}
    return tuple(sorted(found, key=lambda one: order[one.drift]))


# ---- rules ---------------------------------------------------------------------------------------------------------
def _rules(first: Configured, second: Configured) -> Iterator[Finding]:
    shared = _names(first) & _names(second)
    ours, theirs = (
        tuple(rule for rule in _comparable(side) if rule.connector.casefold() in shared) for side in (first, second)
    )
    diff = compare(ours, theirs)
    for rule in diff.only_before:
        yield Finding(Drift.MISSING_RULE, rule.name, rule.connector)
    for rule in diff.only_after:
        yield Finding(Drift.EXTRA_RULE, rule.name, rule.connector)
    gone = {rule.identifier for rule in (*diff.only_before, *diff.only_after)}
    moved = _moved(
        [rule for rule in ours if rule.identifier not in gone], {rule.identifier: rule.precedence for rule in theirs}
    )
    for change in diff.changed:
        yield from _rule_findings(change, moved=change.before.identifier in moved)


def _names(server: Configured) -> set[str]:
    return {connector.name.casefold() for connector in server.connectors}


def _comparable(server: Configured) -> tuple[SyncRule, ...]:
    """Rules with names in the place of identifiers, so that they mean the same on every server."""
    names = {connector.identifier: connector.name for connector in server.connectors}
    seen: dict[str, int] = {}
    found = []
    for rule in sorted(server.rules, key=lambda one: one.precedence):
        connector = names.get(rule.connector, rule.connector)
        parts = (connector, rule.direction, rule.source_object_type, rule.target_object_type, canonical_name(rule.name))
        sign = "|".join(parts).casefold()
        seen[sign] = seen.get(sign, 0) + 1
        found.append(
            replace(
                rule,
                identifier=f"{sign}|{seen[sign]}",
                connector=connector,
                precedence_after=ZERO_GUID,
                precedence_before=ZERO_GUID,
            )
        )
    return tuple(found)


def _moved(rules: list[SyncRule], other: Mapping[str, int]) -> set[str]:
    """Rules whose place among the others is another one, and custom rules with another number.

    A missing rule or a further forest shifts the numbers of standard rules without changing who wins.
    """
    rules = sorted(rules, key=lambda rule: rule.precedence)
    kept = _longest_rising([other.get(rule.identifier, 0) for rule in rules])
    moved = {rule.identifier for position, rule in enumerate(rules) if position not in kept}
    for rule in rules:
        numbers = (rule.precedence, other.get(rule.identifier, rule.precedence))
        if numbers[0] != numbers[1] and min(numbers) < FIRST_STANDARD_PRECEDENCE:
            moved.add(rule.identifier)
    return moved


def _longest_rising(numbers: list[int]) -> set[int]:
    """Positions of the longest part in which every number is larger than the one before."""
    if all(one < other for one, other in pairwise(numbers)):
        return set(range(len(numbers)))
    length = [1] * len(numbers)
    before = [-1] * len(numbers)
    for here, number in enumerate(numbers):
        for there in range(here):
            if numbers[there] < number and length[there] + 1 > length[here]:
                length[here], before[here] = length[there] + 1, there
    at = max(range(len(numbers)), key=lambda position: length[position], default=-1)
    kept = set()
    while at >= 0:
        kept.add(at)
        at = before[at]
    return kept


def _rule_findings(change: RuleChange, *, moved: bool) -> Iterator[Finding]:
    name, connector = change.before.name, change.before.connector
    others = []
    for one in change.fields:
        if one.field == "disabled":
            yield Finding(Drift.RULE_DISABLED if change.after.disabled else Drift.RULE_ENABLED, name, connector)
        elif one.field == "precedence":
            if moved:
                yield Finding(Drift.PRECEDENCE, name, connector, one.before, one.after)
        elif one.field != "name":  # the pair has one name; it may be spelled with either label
            others.append((one.field.replace("_", " "), one.before, one.after))
    if change.flows:
        targets = sorted({flow.target for flow in change.flows}, key=str.lower)
        yield Finding(Drift.FLOW, name, connector, after=", ".join(targets))
    if change.scope:
        before, after = _sides(change.scope)
        yield Finding(Drift.SCOPE, name, connector, before, after)
    if change.joins:
        others.append(("joins", *_sides(change.joins)))
    if others:
        before, after = ("; ".join(f"{field} {side}" for field, *side in _pick(others, at)) for at in (1, 2))
        yield Finding(Drift.RULE, name, connector, before, after)


def _pick(others: list[tuple[str, str, str]], at: int) -> Iterator[tuple[str, str]]:
    return ((one[0], one[at]) for one in others)


def _sides(lines: Iterable[str]) -> tuple[str, str]:
    """The lines of either side only."""
    kept = list(lines)
    before, after = (", ".join(line[2:] for line in kept if line.startswith(mark)) for mark in ("- ", "+ "))
    return before, after


# ---- connectors ----------------------------------------------------------------------------------------------------
def _connectors(first: Configured, second: Configured) -> Iterator[Finding]:
    ours = {one.name.casefold(): one for one in first.connectors}
    theirs = {one.name.casefold(): one for one in second.connectors}
    for name, one in ours.items():
        if name not in theirs:
            yield Finding(Drift.MISSING_CONNECTOR, one.name)
    for name, other in theirs.items():
        if name not in ours:
            yield Finding(Drift.EXTRA_CONNECTOR, other.name)
    for name, one in ours.items():
        if name in theirs:
            yield from _scope(one, theirs[name])
            yield from _attributes(one, theirs[name], first.rules, second.rules)


def _scope(one: ConnectorConfiguration, other: ConnectorConfiguration) -> Iterator[Finding]:
    ours = {part.name.casefold(): part for part in one.partitions}
    theirs = {part.name.casefold(): part for part in other.partitions}
    for name in {**ours, **theirs}:
        mine, yours = ours.get(name), theirs.get(name)
        about = (mine or yours or Partition("", "", name)).name
        for drift, shown in ((Drift.OU_LIST, _containers), (Drift.SELECTION, _object_types)):
            before, after = shown(mine), shown(yours)
            if before.casefold() != after.casefold():
                yield Finding(drift, about, one.name, before, after)
    before, after = (each.parameters.get(_GROUP_FILTER, "") for each in (one, other))
    if before.casefold() != after.casefold():
        yield Finding(Drift.FEATURE, "group filter", one.name, before, after)
    if one.password_hash_sync != other.password_hash_sync:
        values = (str(each.password_hash_sync) for each in (one, other))
        yield Finding(Drift.FEATURE, "password hash synchronization", one.name, *values)


def _containers(partition: Partition | None) -> str:
    """The OUs of a domain as one text that does not depend on the order they were ticked in."""
    if partition is None or not partition.selected:
        return "not selected"
    parts = []
    for word, dns in (("in", partition.included), ("out", partition.excluded)):
        if dns:
            parts.append(f"{word}: {'; '.join(sorted(dns, key=str.casefold))}")
    return " / ".join(parts) or "everything"


def _object_types(partition: Partition | None) -> str:
    return ", ".join(sorted(partition.object_types, key=str.casefold)) if partition is not None else ""


def _attributes(
    one: ConnectorConfiguration,
    other: ConnectorConfiguration,
    our_rules: Iterable[SyncRule],
    their_rules: Iterable[SyncRule],
) -> Iterator[Finding]:
    """Attributes read on one side only, apart from those that only a differing rule needs: the rule is told already."""
    if one.type is not ConnectorType.ACTIVE_DIRECTORY or not (one.attributes and other.attributes):
        return
    needed = set(attribute_inclusion(our_rules, one.identifier, one.schema))
    needed ^= set(attribute_inclusion(their_rules, other.identifier, other.schema))
    before, after = set(one.attributes) - set(other.attributes), set(other.attributes) - set(one.attributes)
    if (before | after) - needed:
        texts = (", ".join(sorted(side - needed, key=str.lower)) for side in (before, after))
        yield Finding(Drift.SELECTION, "attributes", one.name, *texts)


# ---- settings ------------------------------------------------------------------------------------------------------
def _settings(first: Configured, second: Configured) -> Iterator[Finding]:
    ours, theirs = first.global_settings, second.global_settings
    for name in sorted(ours.keys() | theirs.keys()):
        drift = _HARD.get(name)
        if drift is None and name.startswith(_FEATURES) and name not in _NO_DRIFT:
            drift = Drift.FEATURE
        before, after = ours.get(name, ""), theirs.get(name, "")
        if drift is not None and before.casefold() != after.casefold():
            yield Finding(drift, name, "", before, after)


__all__ = ["Configured", "Drift", "Finding", "drift_report"]
