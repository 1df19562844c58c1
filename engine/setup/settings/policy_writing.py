"""A synchronization policy to the wizard's policy file, and what a configured server's policy is.

Standard rules that are as this version ships them are only named; custom rules are carried with precedence 0 to 99 and
no other, for importing would shift them. Source: facts "engine" 19.1, "install" 23 (CFG-01 to CFG-05).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import ConfigurationError
from engine.model.configuration import ENTRA_CONNECTOR_ID, ConnectorConfiguration, ConnectorType
from engine.rules.json_document import written_json
from engine.rules.rule import SyncRule
from engine.rules.rule_json import CUSTOM_PRECEDENCE_MAX, json_of_rule
from engine.rules.ruleset import canonical_name
from engine.run.delete_threshold import ENABLED_SETTING, VALUE_SETTING
from engine.setup.configuration.server_configuration import ServerConfiguration
from engine.setup.global_settings import ANCHOR_SETTING
from engine.setup.settings.synchronization_policy import (
    CUSTOM,
    STANDARD,
    DirectoryPolicy,
    EntraPolicy,
    PartitionPolicy,
    SynchronizationPolicy,
    as_named,
    shipped_by_name,
)

#: the standard rules of a server with the policy, by name and connector
Shipped = Mapping[tuple[str, str], SyncRule]


def write_policy(policy: SynchronizationPolicy, *, any_precedence: bool = False) -> str:
    """Write the policy in its layout; read again it is the same. Custom rules outside 0 to 99 are refused, unless the
    wizard writes down what is there."""
    return written_json(policy_document(policy, any_precedence=any_precedence))


def policy_document(policy: SynchronizationPolicy, *, any_precedence: bool = False) -> dict[str, Any]:
    """What such a file holds, its metadata first."""
    outside = [rule for rule in policy.rules if not rule.is_standard and rule.precedence > CUSTOM_PRECEDENCE_MAX]
    if outside and not any_precedence:
        told = "\n".join(
            f'The custom rule "{rule.name}" has the precedence {rule.precedence}; a policy file carries custom rules '
            f"from 0 to {CUSTOM_PRECEDENCE_MAX} only."
            for rule in outside
        )
        raise ConfigurationError("custom-precedence", told)
    layout = policy.layout
    together = layout.key("rules")
    document: dict[str, Any] = {}
    if policy.metadata:
        document["policyMetadata"] = policy.metadata
    document["deploymentMetadata"] = policy.deployment
    shipped = shipped_by_name(policy, [rule for rule in policy.rules if rule.is_standard])
    document[layout.key("directories")] = [_directory(policy, one, shipped) for one in policy.directories]
    document[layout.key("entra")] = _entra(policy, shipped)
    if together:
        document[together] = _rules(policy, policy.rules, shipped)
    return {**document, **policy.unknown}


def policy_of_rules(rules: Iterable[SyncRule]) -> SynchronizationPolicy:
    """A policy of nothing but rules; of their directories only the connectors are known."""
    ordered = tuple(sorted(rules, key=lambda rule: rule.precedence))
    connectors = dict.fromkeys(rule.connector for rule in ordered if rule.connector != ENTRA_CONNECTOR_ID)
    return SynchronizationPolicy(
        directories=tuple(DirectoryPolicy("", connector) for connector in connectors), rules=ordered
    )


def policy_of(configuration: ServerConfiguration) -> SynchronizationPolicy:
    """What the wizard would export of a server so configured, by what its configuration says."""
    settings = configuration.global_settings
    custom = settings.get("Microsoft.SynchronizationOption.CustomAttribute", "")
    prefix = "Microsoft.OptionalFeature."
    return SynchronizationPolicy(
        deployment={"hostName": configuration.server, "connectorIds": [c.identifier for c in configuration.connectors]},
        directories=tuple(
            _directory_of(connector)
            for connector in configuration.connectors
            if connector.type is ConnectorType.ACTIVE_DIRECTORY
        ),
        entra=EntraPolicy(
            features=tuple(
                sorted(name.removeprefix(prefix) for name in settings if _is_feature(settings, name, prefix))
            ),
            source_anchor_attribute=settings.get(ANCHOR_SETTING, ""),
            upn_attribute=settings.get("Microsoft.SynchronizationOption.UPNAttribute", ""),
            join_criteria=custom or settings.get("Microsoft.SynchronizationOption.JoinCriteria", ""),
            deletion_threshold=_threshold(settings),
        ),
        rules=tuple(sorted(configuration.rules, key=lambda rule: rule.precedence)),
    )


def _on(settings: Mapping[str, str], name: str) -> bool:
    return settings.get(name, "").lower() == "true"


def _threshold(settings: Mapping[str, str]) -> int | None:
    value = settings.get(VALUE_SETTING, "")
    return int(value) if _on(settings, ENABLED_SETTING) and value.isascii() and value.isdigit() else None


def _is_feature(settings: Mapping[str, str], name: str, prefix: str) -> bool:
    return name.startswith(prefix) and _on(settings, name) and name != ENABLED_SETTING


def _directory_of(connector: ConnectorConfiguration) -> DirectoryPolicy:
    parameters = connector.parameters
    account = (parameters.get("forest-login-domain", ""), parameters.get("forest-login-user", ""))
    return DirectoryPolicy(
        parameters.get("forest-name", connector.name),
        connector.identifier,
        connector.name,
        "\\".join(part for part in account if part),
        tuple(PartitionPolicy(one.dn, one.selected, one.included, one.excluded) for one in connector.partitions),
        parameters.get("Connector.GroupFilteringGroupDn", ""),
    )


def _directory(policy: SynchronizationPolicy, directory: DirectoryPolicy, shipped: Shipped) -> dict[str, Any]:
    said = {
        policy.layout.key("forest"): directory.forest,
        "friendlyName": directory.name,
        "uniqueIdentifier": directory.identifier,
        "account": directory.account,
        "groupFilter": directory.group_filter,
    }
    document: dict[str, Any] = {key: value for key, value in said.items() if value}
    document[policy.layout.key("partitions")] = [
        {
            policy.layout.key("dn"): one.dn,
            "selected": one.selected,
            "containerInclusions": list(one.inclusions),
            "containerExclusions": list(one.exclusions),
            **one.unknown,
        }
        for one in directory.partitions
    ]
    if not policy.layout.key("rules"):
        document |= _rules(policy, [rule for rule in policy.rules if rule.connector == directory.identifier], shipped)
    return {**document, **directory.unknown}


def _entra(policy: SynchronizationPolicy, shipped: Shipped) -> dict[str, Any]:
    entra = policy.entra
    said = {
        "signInMethod": entra.sign_in_method,
        "features": list(entra.features),
        "sourceAnchorAttribute": entra.source_anchor_attribute,
        "upnAttribute": entra.upn_attribute,
        "joinCriteria": entra.join_criteria,
    }
    document: dict[str, Any] = {key: value for key, value in said.items() if value}
    if entra.deletion_threshold is not None:
        document["deletionThreshold"] = entra.deletion_threshold
    if not policy.layout.key("rules"):
        directories = {one.identifier for one in policy.directories}
        document |= _rules(policy, [rule for rule in policy.rules if rule.connector not in directories], shipped)
    return {**document, **entra.unknown}


def _rules(policy: SynchronizationPolicy, rules: Iterable[SyncRule], shipped: Shipped) -> dict[str, Any]:
    def written(rule: SyncRule) -> dict[str, Any]:
        found = shipped.get((canonical_name(rule.name), rule.connector)) if rule.is_standard else None
        named_only = found is not None and not rule.unknown and as_named(found, rule) == rule
        return json_of_rule(rule, policy.rule_unknown.get(rule.identifier), named_only=named_only)

    chosen = list(rules)
    return {
        STANDARD: [written(rule) for rule in chosen if rule.is_standard],
        CUSTOM: [written(rule) for rule in chosen if not rule.is_standard],
    }
