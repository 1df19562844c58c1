"""In-place upgrade of a server: the engine held, standard rules as the new release ships them, what must run in full.

Source: how-to-upgrade-previous-version (edited standard rules are set back, overrides recorded, deferral), version
release history 2.2.1.0 (deleted standard rules come back); facts "install" 26, CFG-05. Downgrading is not supported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from engine.errors import EngineError
from engine.model.configuration import ENTRA_CONNECTOR_ID, ConnectorConfiguration, ConnectorType
from engine.rules.rule import SyncRule
from engine.rules.rule_diff import compare
from engine.rules.ruleset import FIRST_STANDARD_PRECEDENCE
from engine.scheduler import SchedulerSettings
from engine.setup.answers import HostMachine
from engine.setup.apply import attribute_inclusion
from engine.setup.global_settings import VERSION_SETTING
from engine.setup.lifecycle import ConfiguredServer, TaskOutcome, leave_settings_file, standard_rules_of
from engine.setup.page import PageOutcome, Warned, refuse
from engine.setup.prerequisites import check_prerequisites
from engine.setup.source_anchor import WRITE_BACK_RULE, write_back_lost
from engine.versions import version

TASK = "Upgrade"
_UNDER_WAY = "upgrade"  # fact of the database: the version the binaries were replaced by, "" = no upgrade under way


class Facts(Protocol):
    """Single values the database keeps."""

    def fact(self, name: str) -> str: ...

    def set_fact(self, name: str, value: str) -> None: ...


class Connections(Protocol):
    def close(self) -> None: ...


class UpgradedServer(ConfiguredServer, Protocol):
    """What an upgrade needs beyond a task of the wizard; the composition root satisfies it."""

    @property
    def systems(self) -> Connections: ...

    @property
    def database(self) -> Facts: ...

    def scheduler_settings(self) -> SchedulerSettings: ...

    def save_scheduler_settings(self, settings: SchedulerSettings) -> None: ...


def upgrade(server: UpgradedServer, host: HostMachine, *, start_sync: bool = True) -> TaskOutcome:
    """Bring the server to the version of the installer on this machine; an upgrade left half-way is gone on with, also
    by a newer installer, not by an older one.
    """
    under_way = server.database.fact(_UNDER_WAY)
    if under_way and version(under_way) < version(host.product_version):
        blocking = next((one for one in check_prerequisites(host) if one.blocking), None)
        if blocking is not None:
            return TaskOutcome((refuse(TASK, blocking.code, blocking.text),))
        server.database.set_fact(_UNDER_WAY, host.product_version)
        server.systems.close()
    elif under_way and under_way != host.product_version:
        text = f"An upgrade to {under_way} is under way on this server; the installer is {host.product_version}."
        return TaskOutcome((refuse(TASK, "OTHER_UPGRADE_UNDER_WAY", text),))
    if not under_way:
        begun = begin_upgrade(server, host)
        if begun.refused:
            return begun
    return complete_upgrade(server, start_sync=start_sync)


def begin_upgrade(server: UpgradedServer, host: HostMachine) -> TaskOutcome:
    """Start the installer: the scheduler is suspended from here to the end, password synchronization goes on."""
    wanted = host.product_version
    try:
        _check(server, wanted)
        findings = check_prerequisites(host)
        for finding in findings:
            if finding.blocking:
                raise EngineError(finding.code, finding.text)
        server.suspend()
    except EngineError as refusal:
        return TaskOutcome((refuse(TASK, refusal.code, refusal.message),))
    server.database.set_fact(_UNDER_WAY, wanted)
    server.systems.close()  # the new files say another version to the tenant
    warnings = tuple(Warned(one.code, one.text) for one in findings)
    page = PageOutcome(TASK, warnings=warnings, facts={"from": server.version, "to": wanted})
    return TaskOutcome((page,), {"suspended": True})


def _check(server: UpgradedServer, wanted: str) -> None:
    if version(wanted) <= version(server.version):
        newer = "This version is installed already" if version(wanted) == version(server.version) else "Downgrading"
        text = f"{newer}: this server runs {server.version}, the installer is {wanted}."
        raise EngineError("VERSION_NOT_NEWER", text)
    if all(connector.identifier != ENTRA_CONNECTOR_ID for connector in server.connectors.values()):
        raise EngineError("MA_NOT_FOUND", "Operation failed because the specified MA could not be found.")


def complete_upgrade(server: UpgradedServer, *, start_sync: bool = True) -> TaskOutcome:
    """Configure page of the upgrade: rules set back, overrides recorded, the scheduler let go or left disabled."""
    wanted = server.database.fact(_UNDER_WAY)
    if not wanted:
        return TaskOutcome((refuse(TASK, "NO_UPGRADE", "No upgrade is under way on this server."),))
    try:
        settings = server.scheduler_settings().with_(sync_cycle_enabled=start_sync)
        server.save_scheduler_settings(settings)
    except EngineError as refusal:  # the tenant cannot be reached: nothing was changed, the upgrade stays under way
        return TaskOutcome((refuse(TASK, refusal.code, refusal.message),))
    present = tuple(server.rules().values())
    rules = renewed_rules(present, _shipped(server, wanted))
    difference = compare(present, rules)
    affected = difference.affected_connectors
    server.save_rules(rules)
    for connector in list(server.connectors.values()):
        if connector.identifier in affected:
            server.save_connector(_overridden(connector, rules))
    server.database.set_fact("product-version", wanted)
    server.save_setting(VERSION_SETTING, wanted)
    server.database.set_fact(_UNDER_WAY, "")
    server.resume()
    leave_settings_file(server)
    overrides = [c.name for c in server.connectors.values() if c.full_import_required or c.full_sync_required]
    facts: Mapping[str, object] = {
        "version": wanted,
        "set_back": [change.after.name for change in difference.changed if not change.moved_only],
        "created": [rule.name for rule in difference.only_after],
        "removed": [rule.name for rule in difference.only_before],
        "kept": [rule.name for rule in rules if not rule.is_standard],
        "overrides": overrides,
    }
    return TaskOutcome((PageOutcome(TASK, facts=dict(facts)),), facts)


def _shipped(server: ConfiguredServer, wanted: str) -> tuple[SyncRule, ...]:
    """The standard rules as this release sets them up: before 1.1.558.0 the anchor's write-back is lost."""
    shipped = standard_rules_of(server, version=wanted)
    return tuple(rule for rule in shipped if not (rule.name == WRITE_BACK_RULE and write_back_lost(wanted)))


def renewed_rules(present: Iterable[SyncRule], fresh: Sequence[SyncRule]) -> tuple[SyncRule, ...]:
    """Standard rules as they are shipped, but those disabled stay so; custom rules as they are.

    A custom rule at 100 or above stands in the place of the standard rules: it goes behind them (CFG-05).
    """
    held = tuple(present)
    disabled = {rule.identifier for rule in held if rule.is_standard and rule.disabled}
    renewed = [replace(rule, disabled=rule.identifier in disabled) for rule in fresh]
    custom = sorted((rule for rule in held if not rule.is_standard), key=lambda rule: rule.precedence)
    free = max((rule.precedence for rule in fresh), default=FIRST_STANDARD_PRECEDENCE - 1) + 1
    for rule in custom:
        if rule.precedence >= FIRST_STANDARD_PRECEDENCE:
            rule, free = replace(rule, precedence=free), free + 1
        renewed.append(rule)
    return tuple(sorted(renewed, key=lambda rule: rule.precedence))


def _overridden(connector: ConnectorConfiguration, rules: Iterable[SyncRule]) -> ConnectorConfiguration:
    """Recorded as overrides: full import and full synchronization; what the rules read now is selected."""
    changed = connector.with_(full_import_required=True, full_sync_required=True)
    if connector.type is ConnectorType.ACTIVE_DIRECTORY and connector.attributes:
        selected = {*connector.attributes, *attribute_inclusion(rules, connector.identifier, connector.schema)}
        changed = changed.with_(attributes=tuple(sorted(selected, key=str.lower)))
    return changed


__all__ = ["UpgradedServer", "begin_upgrade", "complete_upgrade", "renewed_rules", "upgrade"]
