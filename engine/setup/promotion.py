"""The gate before a staging server becomes the active one: what an administrator makes sure of first.

Source: facts "install" section 24 (preconditions of a failover), CFG-09, CFG-10; seed004 (a drifted server rolls
attribute flows back). The product itself does not look: the gate belongs to the procedure, not to the wizard.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.clock import Clock
from engine.model.schema import Schema
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.scheduler import SchedulerSettings, stale
from engine.setup.configuration.server_configuration import ServerConfiguration
from engine.setup.drift_effect import Effect
from engine.setup.drift_report import Configured, Finding, drift_report
from engine.setup.lifecycle import ConfiguredServer, StoredSecrets
from engine.store.configuration import StoredConfiguration


class StoredParts(StoredSecrets, Protocol):
    def metaverse_schema(self) -> Schema | None: ...


class PromotedServer(ConfiguredServer, Protocol):
    """What the gate looks at beyond the configuration; the composition root satisfies it."""

    name: str
    clock: Clock

    @property
    def configuration(self) -> StoredParts: ...

    def scheduler_settings(self) -> SchedulerSettings: ...

    def last_cycle_start(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Obstacle:
    """hard: forcing does not help, the servers would give objects other identities."""

    code: str
    text: str
    hard: bool = False


@dataclass(frozen=True)
class Gate:
    """Everything that stands against a promotion; drift: the findings among it, one by one."""

    obstacles: tuple[Obstacle, ...]
    drift: tuple[Finding, ...] = field(default=())

    def refusal(self, *, force: bool = False) -> Obstacle | None:
        """One refusal with all texts, its code that of the gravest obstacle; None when the way is free."""
        standing = [one for one in self.obstacles if one.hard or not force]
        if not standing:
            return None
        gravest = next((one for one in standing if one.hard), standing[0])
        return Obstacle(gravest.code, "\n".join(one.text for one in standing), gravest.hard)


def configured(server: ConfiguredServer) -> Configured:
    """The server's configuration as the drift report compares it."""
    connectors = tuple(sorted(server.connectors.values(), key=lambda one: (one.order, one.created)))
    return Configured(connectors, tuple(server.rules().values()), dict(server.global_settings))


def configured_in(stored: StoredConfiguration) -> Configured:
    """The same, of a database that no server runs on."""
    connectors = tuple(sorted(stored.connectors().values(), key=lambda one: (one.order, one.created)))
    return Configured(connectors, tuple(stored.rules().values()), stored.settings())


def findings_shown(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as plain values: class, about, connector, what either has, whether it forbids a promotion."""
    return [
        {
            "class": one.drift.value,
            "about": one.about,
            "connector": one.connector,
            "before": one.before,
            "after": one.after,
            "hard": one.drift.hard,
        }
        for one in findings
    ]


def effects_shown(found: Iterable[Effect]) -> list[dict[str, Any]]:
    """Effects as plain values; octets are Base64."""
    return [
        {
            "connector": one.connector,
            "dn": one.dn,
            "object": one.name,
            "operation": one.operation,
            "attribute": one.attribute,
            "before": _plain(one.before),
            "after": _plain(one.after),
            "rules": list(one.rules),
            "cause": one.cause,
        }
        for one in found
    ]


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def exported_configuration(server: PromotedServer) -> ServerConfiguration:
    """What Get-ADSyncServerConfiguration writes out, so that a server that is lost can still be compared with."""
    own = configured(server)
    return ServerConfiguration(
        own.connectors,
        own.rules,
        server.configuration.metaverse_schema() or METAVERSE_SCHEMA,
        dict(own.global_settings),
        server.name,
        server.clock.now().strftime("%m/%d/%Y %H:%M:%S"),
    )


def of_export(export: ServerConfiguration) -> Configured:
    """An exported configuration as the drift report compares it."""
    return Configured(export.connectors, export.rules, export.global_settings)


def promotion_gate(staging: PromotedServer, active: ConfiguredServer | None = None) -> Gate:
    """Look at the server that is to take over; compare it with the one it replaces while that one can be asked."""
    drift = drift_report(configured(active), configured(staging)) if active is not None else ()
    return Gate((*_drifted(drift), *_unready(staging)), drift)


def _drifted(drift: tuple[Finding, ...]) -> Iterator[Obstacle]:
    for hard in (True, False):
        found = [str(one) for one in drift if one.drift.hard is hard]
        if found:
            code = "PROMOTION_IDENTITY_DRIFT" if hard else "PROMOTION_DRIFT"
            yield Obstacle(code, "\n".join(found), hard)


def _unready(server: PromotedServer) -> Iterator[Obstacle]:
    pending = [c.name for c in server.connectors.values() if c.full_import_required or c.full_sync_required]
    if pending:
        yield Obstacle("PROMOTION_FULL_RUN_PENDING", f"A full run is still due on {server.name}: {', '.join(pending)}.")
    last = server.last_cycle_start()
    if last is None or stale(last, server.clock.now()):
        yield Obstacle("PROMOTION_STALE", f"{server.name} has not synchronized within the last seven days.")
    if not server.scheduler_settings().sync_cycle_enabled:
        yield Obstacle(
            "PROMOTION_SCHEDULER_DISABLED", "SyncCycleEnabled is False: no cycle would run after the switch."
        )


__all__ = [
    "Gate",
    "Obstacle",
    "PromotedServer",
    "configured",
    "exported_configuration",
    "of_export",
    "promotion_gate",
]
