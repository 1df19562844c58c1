"""The wizard's policy file (Applied-SynchronizationPolicy-<time>.JSON, MigratedPolicy.json) as data, and its reading.

Two layouts are read: ours, with all rules in one place, and the one of published files, where the rules of a directory
stand inside it. Standard rules may be only named, custom ones are whole; unknown keys stay where they are.
Source: facts "engine" 19.1, "install" 23 (CFG-01 to CFG-06); community scripts over exported policies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from engine.errors import ConfigurationError
from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.rules.json_document import JsonValue, read_json
from engine.rules.json_fields import Complaints, Fields
from engine.rules.place import ReadRule
from engine.rules.rule import SyncRule
from engine.rules.rule_json import JsonRule, read_json_rule
from engine.rules.ruleset import canonical_name
from engine.rules.standard import (
    ALWAYS_PROVISION,
    CONSISTENCY_GUID,
    DirectoryConnector,
    StandardRuleOptions,
    standard_rules,
)

STANDARD, CUSTOM = "standardSynchronizationRules", "customSynchronizationRules"


class Layout(Enum):
    """Names of keys: directories, forest, partitions, their DN, the tenant's part, all rules ("" = inside both)."""

    FLAT = ("onpremisesDirectories", "forest", "partitions", "dn", "azureADPolicy", "synchronizationRules")
    NESTED = (
        "onpremisesDirectoryPolicy",
        "fullyQualifiedDomainName",
        "partitionFilters",
        "distinguishedName",
        "azureDirectoryPolicy",
        "",
    )

    def key(self, part: str) -> str:
        return self.value[("directories", "forest", "partitions", "dn", "entra", "rules").index(part)]


@dataclass(frozen=True)
class PartitionPolicy:
    """A domain with the containers chosen in it."""

    dn: str
    selected: bool = True
    inclusions: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    unknown: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DirectoryPolicy:
    """A connected forest. identifier: of its connector. group_filter: DN of the group synchronization is limited to."""

    forest: str
    identifier: str = ""
    name: str = ""
    account: str = ""
    partitions: tuple[PartitionPolicy, ...] = ()
    group_filter: str = ""
    unknown: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EntraPolicy:
    """What the wizard decided for the tenant's side."""

    sign_in_method: str = ""
    features: tuple[str, ...] = ()
    source_anchor_attribute: str = ""
    upn_attribute: str = ""
    join_criteria: str = ""
    deletion_threshold: int | None = None
    unknown: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SynchronizationPolicy:
    """One policy file. metadata, deployment: who wrote it, and of which server. rule_unknown: by rule identifier."""

    metadata: dict[str, Any] = field(default_factory=dict)
    deployment: dict[str, Any] = field(default_factory=dict)
    directories: tuple[DirectoryPolicy, ...] = ()
    entra: EntraPolicy = field(default_factory=EntraPolicy)
    rules: tuple[SyncRule, ...] = ()
    rule_unknown: dict[str, dict[str, Any]] = field(default_factory=dict)
    layout: Layout = Layout.FLAT
    unknown: dict[str, Any] = field(default_factory=dict)

    def directory(self, identifier: str) -> DirectoryPolicy | None:
        return next((one for one in self.directories if one.identifier == identifier), None)


def read_policy(source: bytes | str | Path, name: str = "") -> SynchronizationPolicy:
    """Read a policy; raises ConfigurationError with every fault of the file, one per line, each with its place."""
    policy, _, problems = examine_policy(source, name)
    if problems:
        raise ConfigurationError("policy-invalid", "\n".join(problems))
    return policy


def examine_policy(
    source: bytes | str | Path, name: str = "", *, any_precedence: bool = False
) -> tuple[SynchronizationPolicy, list[ReadRule], list[str]]:
    """Read what can be read, its rules with their places, and say what cannot be; raises for what is no JSON object."""
    if isinstance(source, Path):
        label = name or source.name
        try:
            content: bytes | str = source.read_bytes()
        except OSError as error:
            raise ConfigurationError("file-unreadable", f"{label}: cannot be read: {error.strerror}.") from None
    else:
        label, content = name or "policy", source
    root = read_json(content, label)
    if not isinstance(root.value, dict):
        message = f"{label}:{root.line}:{root.column}: a policy is an object, not {root.kind}."
        raise ConfigurationError("policy-invalid", message)
    reading = _Reading(root, Complaints(label), any_precedence=any_precedence)
    policy = reading.policy()
    return policy, reading.rules, reading.complaints.lines


class _Reading:
    """Takes a policy apart. read: the rules as they stand in the file, each with what nobody knows of it."""

    def __init__(self, root: JsonValue, complaints: Complaints, *, any_precedence: bool) -> None:
        self.complaints = complaints
        self.any_precedence = any_precedence
        self.fields = Fields(root, complaints, "the policy")
        nested = any(Layout.NESTED.key(part).lower() in self.fields.values for part in ("directories", "entra"))
        self.layout = Layout.NESTED if nested else Layout.FLAT
        self.read: list[tuple[JsonValue, JsonRule]] = []
        self.rules: list[ReadRule] = []

    def policy(self) -> SynchronizationPolicy:
        fields, layout = self.fields, self.layout
        directories = tuple(self.directory(item) for item in fields.items(layout.key("directories")))
        tenant = fields.get(layout.key("entra"))
        entra = self.entra(Fields(tenant, self.complaints, layout.key("entra"))) if tenant else EntraPolicy()
        together = fields.get(layout.key("rules")) if layout.key("rules") else None
        if together is not None:
            inside = Fields(together, self.complaints, layout.key("rules"))
            self.rules_of(inside, "")
            self.nothing_else(inside)
        policy = SynchronizationPolicy(
            self.plain("policyMetadata"),
            self.plain("deploymentMetadata"),
            directories,
            entra,
            rule_unknown={one.read.rule.identifier: one.unknown for _, one in self.read if one.unknown},
            layout=layout,
            unknown=fields.unknown(),
        )
        self.complete(policy)
        return replace(policy, rules=tuple(one.rule for one in self.rules))

    def plain(self, name: str) -> dict[str, Any]:
        value = self.fields.get(name)
        if value is None:
            return {}
        if not isinstance(value.value, dict):
            self.complaints.add(value, f"{name} is an object, not {value.kind}.")
            return {}
        found: dict[str, Any] = value.plain()
        return found

    def nothing_else(self, fields: Fields) -> None:
        for name in fields.unknown():
            value = fields.values[name.lower()]
            self.complaints.add(value, f"{fields.what} holds {STANDARD} and {CUSTOM}, not {name}.")

    def directory(self, item: JsonValue) -> DirectoryPolicy:
        fields = Fields(item, self.complaints, f"{self.layout.key('directories')}")
        identifier = fields.guid("uniqueIdentifier", default="")
        forest = fields.text(self.layout.key("forest"), default="" if identifier else None)
        fields.what = f"the directory {forest or identifier}"
        partitions = tuple(self.partition(one) for one in fields.items(self.layout.key("partitions")))
        if not self.layout.key("rules"):
            self.rules_of(fields, identifier)
        return DirectoryPolicy(
            forest,
            identifier,
            fields.text("friendlyName", default=""),
            fields.text("account", default=""),
            partitions,
            fields.text("groupFilter", default=""),
            fields.unknown(),
        )

    def partition(self, item: JsonValue) -> PartitionPolicy:
        fields = Fields(item, self.complaints, "a partition")
        dn = fields.text(self.layout.key("dn"))
        fields.what = f"the partition {dn or '?'}"
        return PartitionPolicy(
            dn,
            fields.boolean("selected", default=True),
            fields.texts("containerInclusions"),
            fields.texts("containerExclusions"),
            fields.unknown(),
        )

    def entra(self, fields: Fields) -> EntraPolicy:
        if not self.layout.key("rules"):
            self.rules_of(fields, ENTRA_CONNECTOR_ID)
        threshold = fields.get("deletionThreshold")
        return EntraPolicy(
            fields.text("signInMethod", default=""),
            fields.texts("features"),
            fields.text("sourceAnchorAttribute", default=""),
            fields.text("upnAttribute", default=""),
            fields.text("joinCriteria", default=""),
            fields.number("deletionThreshold") if threshold is not None else None,
            fields.unknown(),
        )

    def rules_of(self, fields: Fields, connector: str) -> None:
        for name, custom in ((STANDARD, False), (CUSTOM, True)):
            for item in fields.items(name):
                read = read_json_rule(
                    item, self.complaints, connector, custom=custom, any_precedence=self.any_precedence
                )
                self.read.append((item, read))

    def complete(self, policy: SynchronizationPolicy) -> None:
        """Give standard rules that are only named what this version ships under that name."""
        shipped = shipped_by_name(
            policy, [one.read.rule for _, one in self.read if one.named_only or one.read.rule.is_standard]
        )
        for item, one in self.read:
            if not one.named_only:
                self.rules.append(one.read)
                continue
            found = shipped.get((canonical_name(one.read.rule.name), one.read.rule.connector))
            if found is None and one.read.whole:
                told = f"there is no standard rule {one.read.rule.name!r} for this connector in this version"
                self.complaints.add(item, f"{told}: its content is not known.")
            if found is not None:
                self.rules.append(replace(one.read, rule=as_named(found, one.read.rule)))
        self.rules.sort(key=lambda one: one.rule.precedence)


def as_named(shipped: SyncRule, named: SyncRule) -> SyncRule:
    return replace(
        shipped,
        identifier=named.identifier,
        internal_identifier=named.internal_identifier,
        name=named.name,
        immutable_tag=named.immutable_tag,
        precedence=named.precedence,
        disabled=named.disabled,
    )


def shipped_by_name(policy: SynchronizationPolicy, standard: Iterable[SyncRule]) -> dict[tuple[str, str], SyncRule]:
    """The standard rules of a server with this policy, by name and connector."""
    names: dict[str, list[str]] = {}
    for rule in standard:
        names.setdefault(rule.connector, []).append(rule.name)
    identifiers = [one.identifier for one in policy.directories if one.identifier]
    identifiers += [one for one in names if one not in (*identifiers, ENTRA_CONNECTOR_ID, "")]
    connectors = tuple(
        DirectoryConnector(
            identifier,
            directory.forest if (directory := policy.directory(identifier)) is not None else "",
            has_exchange=_names_one(names.get(identifier), "Exchange"),
            has_lync=_names_one(names.get(identifier), "Lync"),
            group_filtered=bool(directory is not None and directory.group_filter),
        )
        for identifier in identifiers
    )
    options = StandardRuleOptions(
        connectors,
        anchor=policy.entra.source_anchor_attribute or CONSISTENCY_GUID,
        join_criteria=policy.entra.join_criteria or ALWAYS_PROVISION,
        upn_attribute=policy.entra.upn_attribute or "userPrincipalName",
        exchange_hybrid="HybridExchange" in policy.entra.features,
    )
    try:
        return {(canonical_name(rule.name), rule.connector): rule for rule in standard_rules(options)}
    except ConfigurationError:  # an anchor no standard rule is made for
        return {}


def _names_one(names: Iterable[str] | None, word: str) -> bool:
    """Whether a directory that lists its rules lists such a one; one that lists none has all."""
    return names is None or any(word in name for name in names)
