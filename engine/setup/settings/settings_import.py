"""Import synchronization settings: a settings file of another server answers most pages of the wizard.

What the file knows and the import does not apply is listed as a difference; rules find their connectors by forest.
Source: import-export-config; facts "install" IRC-12, CYD-12, section 23 (CFG-01 to CFG-06), 18 step 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from engine.errors import ConfigurationError
from engine.model.configuration import ENTRA_CONNECTOR_ID, ConnectorConfiguration, ConnectorType
from engine.rules.rule import SyncRule
from engine.rules.rule_json import CUSTOM_PRECEDENCE_MAX
from engine.rules.ruleset import canonical_name
from engine.setup.answers import (
    DirectoryAnswers,
    Feature,
    Identification,
    OuSelection,
    SetupAnswers,
    SignIn,
    SourceAnchorChoice,
)
from engine.setup.apply import attribute_inclusion
from engine.setup.configuration.rule_source import examine_source
from engine.setup.global_settings import JOIN_CRITERIA
from engine.setup.page import PageOutcome, Warned, WizardState, refuse
from engine.setup.plan import ServerBlueprint
from engine.setup.settings.settings_file import GENERIC_CONNECTORS, edited, not_applied
from engine.setup.settings.synchronization_policy import (
    DirectoryPolicy,
    PartitionPolicy,
    SynchronizationPolicy,
    as_named,
    shipped_by_name,
)
from engine.setup.upgrade import renewed_rules

PAGE = "Install required components"
#: Names of features in a settings file to the boxes of the page "Optional features"; others are not applied.
FEATURES: Mapping[str, Feature] = {
    "HybridExchange": Feature.EXCHANGE_HYBRID,
    "PasswordHashSync": Feature.PASSWORD_HASH_SYNC,
    "PasswordWriteback": Feature.PASSWORD_WRITEBACK,
}


def read_settings(path: Path) -> SynchronizationPolicy:
    """A settings file, or MigratedPolicy.json with the exported configuration around it. Raises ConfigurationError."""
    return _read(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=16)
def _read(path: Path, changed: int) -> SynchronizationPolicy:
    del changed  # read again when it is another one
    source = examine_source(path, settings=True, any_precedence=True)
    if source.complaints:
        raise ConfigurationError("policy-invalid", "\n".join(source.complaints))
    return source.as_policy()


# ---- what the pages open with ----------------------------------------------------------------------------------------
def carried_over(answers: SetupAnswers) -> SetupAnswers:
    """The answers as an existing database or imported settings leave them; a file that cannot be read changes nothing,
    for the page that reads it says so."""
    if answers.switches.use_existing_database:
        # the sign-in method cannot be configured during such an installation, features are the database's (XDB-05)
        nothing = {"sign_in": SignIn.DO_NOT_CONFIGURE, "single_sign_on": False, "features": frozenset()}
        return replace(answers, staging=True, **nothing)  # type: ignore[arg-type]
    if answers.components.import_settings is None:
        return answers
    try:
        policy = read_settings(Path(answers.components.import_settings))
    except ConfigurationError:
        return answers
    return _proposed(answers, policy)


def _proposed(answers: SetupAnswers, policy: SynchronizationPolicy) -> SetupAnswers:
    entra = policy.entra
    identification, attribute = _identification(entra.join_criteria)
    features = {FEATURES[name] for name in entra.features if name in FEATURES}
    methods = {str(one): one for one in SignIn}
    return replace(
        answers,
        directories=tuple(_directory(one, policy) for one in answers.directories),
        sign_in=methods.get(entra.sign_in_method, SignIn.DO_NOT_CONFIGURE),
        upn_attribute=entra.upn_attribute or answers.upn_attribute,
        identification=identification,
        identification_attribute=attribute,
        source_anchor=SourceAnchorChoice(entra.source_anchor_attribute or None),
        features=frozenset(features),
    )


def _identification(criteria: str) -> tuple[Identification, str | None]:
    known = {stored: way for way, stored in JOIN_CRITERIA.items()}
    if not criteria or criteria in known:
        return known.get(criteria, Identification.ONCE), None
    return Identification.ATTRIBUTE, criteria


def _directory(answers: DirectoryAnswers, policy: SynchronizationPolicy) -> DirectoryAnswers:
    held = next((one for one in policy.directories if forest_of(one).lower() == answers.forest.lower()), None)
    if held is None:
        return answers
    chosen = [one for one in held.partitions if one.selected]
    return replace(
        answers,
        domains=tuple(_dns_name(one.dn) for one in chosen),
        ou_selection={_dns_name(one.dn): _selection(one) for one in chosen if one.inclusions or one.exclusions},
        group_filter=held.group_filter or None,
    )


def _selection(partition: PartitionPolicy) -> OuSelection:
    new = bool(partition.unknown.get("newContainers", True))
    return OuSelection(partition.inclusions, partition.exclusions, new)


def forest_of(directory: DirectoryPolicy) -> str:
    return directory.forest or directory.name


def _dns_name(dn: str) -> str:
    labels = (part.strip() for part in dn.split(","))
    return ".".join(label.partition("=")[2] for label in labels if label[:3].upper() == "DC=")


# ---- the page Install required components ----------------------------------------------------------------------------
def chosen(answers: SetupAnswers, state: WizardState) -> PageOutcome | None:
    """Read the file; the page stays with what it cannot use."""
    if answers.components.import_settings is None:
        return None
    try:
        policy = read_settings(Path(answers.components.import_settings))
    except ConfigurationError as refusal:
        return refuse(PAGE, "SETTINGS_UNREADABLE", refusal.message)
    generic = [one for one in policy.deployment.get("connectorTypes", ()) if one in GENERIC_CONNECTORS]
    if generic:
        text = f"Settings of a server with a connector of the type {generic[0]} cannot be imported."
        return refuse(PAGE, "IMPORT_GENERIC_CONNECTOR", text)
    if not policy.directories:
        return refuse(PAGE, "SETTINGS_INCOMPLETE", "The settings file names no directory.")
    state.imported = policy
    state.fixed_forests = tuple(map(forest_of, policy.directories))
    return None


def found_warnings(state: WizardState) -> tuple[Warned, ...]:
    """A file that somebody edited is taken, and nobody answers for it (CFG-02)."""
    if state.imported is None or not edited(state.imported):
        return ()
    text = "The settings file was changed after it was exported, which is not supported."
    return (Warned("SETTINGS_EDITED", text),)


def found_facts(state: WizardState) -> dict[str, object]:
    """What the wizard proposes from the file (CFG-03)."""
    policy = state.imported
    if policy is None:
        return {}
    return {
        "proposed_administrator": policy.metadata.get("administrator", ""),
        "proposed_sign_in": policy.entra.sign_in_method,
        "proposed_forests": list(state.fixed_forests),
    }


# ---- Configure -------------------------------------------------------------------------------------------------------
def with_imported_rules(blueprint: ServerBlueprint, state: WizardState) -> tuple[ServerBlueprint, tuple[Warned, ...]]:
    """The rules of the file among those this release ships; what could not be applied as it is, is a warning."""
    policy = state.imported
    if policy is None:
        return blueprint, ()
    mapped = _connectors(policy, blueprint)
    fresh = tuple(_as_in_file(blueprint.rules, policy, mapped))
    custom = tuple(_custom(policy, mapped))
    rules = renewed_rules((*fresh, *custom), fresh)
    before = {rule.identifier: rule for rule in custom}
    shifted = [rule for rule in rules if rule.identifier in before and before[rule.identifier] != rule]
    warnings = [
        Warned(
            "CUSTOM_RULE_SHIFTED",
            f'The custom rule "{rule.name}" had the precedence {before[rule.identifier].precedence}, outside 0 to'
            f" {CUSTOM_PRECEDENCE_MAX}, and has {rule.precedence} now.",
        )
        for rule in shifted
    ]
    warnings += [Warned("SETTING_NOT_APPLIED", text) for text in not_applied(policy)]
    held = {mapped[one.identifier]: one for one in policy.directories}
    connectors = tuple(
        _as_chosen(connector, held[connector.identifier], rules)
        if connector.type is ConnectorType.ACTIVE_DIRECTORY
        else connector
        for connector in blueprint.connectors
    )
    return replace(blueprint, rules=rules, connectors=connectors), tuple(warnings)


def _as_chosen(
    connector: ConnectorConfiguration, directory: DirectoryPolicy, rules: Iterable[SyncRule]
) -> ConnectorConfiguration:
    """The attributes the rules read; where new containers were to stay out, those made since the export do (DOF-04)."""
    told = {one.dn.lower(): one for one in directory.partitions}
    partitions = []
    for partition in connector.partitions:
        if not partition.new_containers:
            named = {dn.lower() for dn in told[partition.dn.lower()].inclusions}
            partition = replace(partition, included=tuple(dn for dn in partition.included if dn.lower() in named))
        partitions.append(partition)
    attributes = attribute_inclusion(rules, connector.identifier, connector.schema)
    return connector.with_(attributes=attributes, partitions=tuple(partitions))


def _connectors(policy: SynchronizationPolicy, blueprint: ServerBlueprint) -> dict[str, str]:
    """Connector in the file to connector here: the same forest, whatever its identifier (CFG-07)."""
    here = {one.parameters.get("forest-name", one.name).lower(): one.identifier for one in blueprint.connectors}
    found = {one.identifier: here[forest_of(one).lower()] for one in policy.directories}
    return {**found, ENTRA_CONNECTOR_ID: ENTRA_CONNECTOR_ID}


def _as_in_file(
    fresh: Iterable[SyncRule], policy: SynchronizationPolicy, mapped: Mapping[str, str]
) -> Iterator[SyncRule]:
    """Standard rules as this release ships them; one that is disabled in the file stays so, one that was modified there
    is taken as it is, in the place it has here."""
    held = {
        (canonical_name(rule.name), mapped[rule.connector]): rule
        for rule in policy.rules
        if rule.is_standard and rule.connector in mapped
    }
    shipped = {} if policy.metadata.get("type") is None else shipped_by_name(policy, held.values())
    for rule in fresh:
        told = held.get((canonical_name(rule.name), rule.connector))
        if told is None:
            yield rule
            continue
        known = shipped.get((canonical_name(told.name), told.connector))
        if known is not None and as_named(known, told) != told:
            rule = replace(
                told,
                identifier=rule.identifier,
                internal_identifier=rule.internal_identifier,
                connector=rule.connector,
                precedence=rule.precedence,
            )
        yield replace(rule, disabled=told.disabled)


def _custom(policy: SynchronizationPolicy, mapped: Mapping[str, str]) -> Iterator[SyncRule]:
    for rule in policy.rules:
        if rule.is_standard:
            continue
        if rule.connector not in mapped:
            text = f'The rule "{rule.name}" belongs to a connector that the settings file does not name.'
            raise ConfigurationError("IMPORT_CONNECTOR_UNKNOWN", text)
        yield replace(rule, connector=mapped[rule.connector])
