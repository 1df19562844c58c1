"""The sync cycle: what runs in which order, when it is due, and in which state the scheduler may do what.

Source: scheduler page, facts "engine" section 16, "install" section 16; decisions P4, P5, D6. Settings are stored in
the tenant and shared by its servers; staging mode, suspension and the cycle in progress belong to one server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.profile import Behaviour
from engine.timespan import timespan, timespan_text

FULL_IMPORT = "Full Import"
FULL_SYNCHRONIZATION = "Full Synchronization"
DELTA_IMPORT = "Delta Import"
DELTA_SYNCHRONIZATION = "Delta Synchronization"
EXPORT = "Export"

ALLOWED_INTERVAL = timedelta(minutes=30)
PURGE_INTERVAL = timedelta(days=7)
#: A delta must happen within this time of the last one, on a staging server too, else a full synchronization is needed.
DELTA_VALIDITY = timedelta(days=7)


class PolicyType(StrEnum):
    UNSPECIFIED = "Unspecified"
    DELTA = "Delta"
    INITIAL = "Initial"


class SchedulerState(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    SUSPENDED = "suspended"  # a wizard or an upgrade holds the engine
    MAINTENANCE = "maintenance"  # a maintenance window of the tenant (profile guide)


class SchedulerEvent(StrEnum):
    START = "start"
    FINISH = "finish"
    STOP = "stop"
    SUSPEND = "suspend"
    RESUME = "resume"
    WINDOW_OPENS = "window-opens"
    WINDOW_CLOSES = "window-closes"


TRANSITIONS: Mapping[tuple[SchedulerState, SchedulerEvent], SchedulerState] = {
    (SchedulerState.IDLE, SchedulerEvent.START): SchedulerState.RUNNING,
    (SchedulerState.RUNNING, SchedulerEvent.FINISH): SchedulerState.IDLE,
    (SchedulerState.RUNNING, SchedulerEvent.STOP): SchedulerState.IDLE,
    (SchedulerState.IDLE, SchedulerEvent.STOP): SchedulerState.IDLE,
    (SchedulerState.IDLE, SchedulerEvent.SUSPEND): SchedulerState.SUSPENDED,
    (SchedulerState.SUSPENDED, SchedulerEvent.RESUME): SchedulerState.IDLE,
    (SchedulerState.IDLE, SchedulerEvent.WINDOW_OPENS): SchedulerState.MAINTENANCE,
    (SchedulerState.MAINTENANCE, SchedulerEvent.WINDOW_CLOSES): SchedulerState.IDLE,
}

REFUSALS: Mapping[tuple[SchedulerState, SchedulerEvent], tuple[str, str]] = {
    (SchedulerState.RUNNING, SchedulerEvent.START): (
        "SYNC_ALREADY_RUNNING",
        "Sync is already running. Cannot start a new run till this one completes.",
    ),
    (SchedulerState.RUNNING, SchedulerEvent.SUSPEND): (
        "SYNC_IN_PROGRESS",
        "A synchronization cycle is in progress: the configuration cannot be changed until it ends or is stopped.",
    ),
    (SchedulerState.SUSPENDED, SchedulerEvent.START): (
        "SCHEDULER_SUSPENDED",
        "The scheduler is suspended: the installation wizard or an upgrade is open on this server.",
    ),
    (SchedulerState.MAINTENANCE, SchedulerEvent.START): (
        "MAINTENANCE_WINDOW",
        "A maintenance window of the tenant is open: no synchronization cycle can run until it closes.",
    ),
    (SchedulerState.SUSPENDED, SchedulerEvent.SUSPEND): (
        "WIZARD_ALREADY_OPEN",
        "The installation wizard is already open on this server.",
    ),
}


def transition(state: SchedulerState, event: SchedulerEvent) -> SchedulerState:
    """Return the next state; what the table does not list is refused with its code."""
    following = TRANSITIONS.get((state, event))
    if following is not None:
        return following
    code, text = REFUSALS.get(
        (state, event), ("SCHEDULER_TRANSITION", f"The scheduler cannot take '{event}' while it is '{state}'.")
    )
    raise EngineError(code, text)


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """What Get-ADSyncScheduler shows, apart from times and the cycle in progress."""

    sync_cycle_enabled: bool = True
    customized_sync_cycle_interval: timedelta | None = None
    next_sync_cycle_policy_type: PolicyType = PolicyType.DELTA
    maintenance_enabled: bool = False
    purge_run_history_interval: timedelta = PURGE_INTERVAL
    allowed_sync_cycle_interval: timedelta = ALLOWED_INTERVAL
    staging_mode_enabled: bool = False  # of this server alone
    scheduler_suspended: bool = False  # of this server alone

    def with_(self, **changes: object) -> SchedulerSettings:
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def effective_interval(self) -> timedelta:
        """The customised interval unless it is shorter than the tenant allows."""
        wish = self.customized_sync_cycle_interval
        return self.allowed_sync_cycle_interval if wish is None else max(wish, self.allowed_sync_cycle_interval)


class CycleStep(NamedTuple):
    """One run of a cycle: which connector, which run profile."""

    connector: str
    profile: str


@dataclass(frozen=True, slots=True)
class ConnectorOverride:
    """Set-ADSyncSchedulerConnectorOverride: what the connector's next cycle must do in full."""

    full_import_required: bool = False
    full_sync_required: bool = False


def cycle_plan(
    connectors: Sequence[ConnectorConfiguration],
    policy: PolicyType | str,
    overrides: Mapping[str, ConnectorOverride],
    behaviour: Behaviour,
    *,
    staging: bool = False,
) -> tuple[CycleStep, ...]:
    """Order the runs of one cycle: imports, synchronizations, exports; AD before Entra except as decision P5 says."""
    initial = PolicyType(policy) is PolicyType.INITIAL
    on_premises = _of_type(connectors, ConnectorType.ACTIVE_DIRECTORY)
    tenants = _of_type(connectors, ConnectorType.ENTRA)
    inward = [*on_premises, *tenants]
    outward = [*tenants, *on_premises] if behaviour.export_entra_first else [*on_premises, *tenants]
    steps: list[CycleStep] = []
    for connector in inward:
        full = initial or _override(connector, overrides).full_import_required
        steps.append(CycleStep(connector.identifier, FULL_IMPORT if full else DELTA_IMPORT))
    for connector in inward:
        full = initial or _override(connector, overrides).full_sync_required
        steps.append(CycleStep(connector.identifier, FULL_SYNCHRONIZATION if full else DELTA_SYNCHRONIZATION))
    if not staging:
        steps.extend(CycleStep(connector.identifier, EXPORT) for connector in outward)
    return tuple(steps)


def _of_type(connectors: Iterable[ConnectorConfiguration], kind: ConnectorType) -> list[ConnectorConfiguration]:
    return sorted((c for c in connectors if c.type is kind), key=lambda c: (c.order, c.created))


def _override(connector: ConnectorConfiguration, overrides: Mapping[str, ConnectorOverride]) -> ConnectorOverride:
    asked = overrides.get(connector.identifier, ConnectorOverride())
    return ConnectorOverride(
        asked.full_import_required or connector.full_import_required,
        asked.full_sync_required or connector.full_sync_required,
    )


def next_start(settings: SchedulerSettings, last: datetime | None, now: datetime) -> datetime:
    """When the next cycle starts: an interval after the last one began, at once when none ran or the moment is past."""
    return now if last is None else max(now, last + settings.effective_interval)


def may_run(settings: SchedulerSettings, behaviour: Behaviour) -> bool:
    """Whether the scheduler would run cycles at all: enabled, not suspended, no maintenance window (profile guide)."""
    window = behaviour.maintenance_means_window and settings.maintenance_enabled
    return settings.sync_cycle_enabled and not settings.scheduler_suspended and not window


def due(settings: SchedulerSettings, last: datetime | None, now: datetime, behaviour: Behaviour) -> bool:
    """Whether a cycle must start now. ``last`` is the start of the last cycle."""
    return may_run(settings, behaviour) and next_start(settings, last, now) <= now


def stale(last_synchronization: datetime | None, now: datetime) -> bool:
    """The seven-day rule: after a longer gap a full synchronization is needed instead of a delta."""
    return last_synchronization is not None and now - last_synchronization > DELTA_VALIDITY


def purge_before(settings: SchedulerSettings, now: datetime) -> datetime:
    """Runs that ended before this moment leave the run history."""
    return now - settings.purge_run_history_interval


def next_policy_is_settled(settings: SchedulerSettings, ran: PolicyType, *, gone_through: bool) -> bool:
    """Whether the policy kept for the next cycle goes back to Delta: a stored Initial waits for a cycle that was one
    and was not stopped on the way."""
    stored = settings.next_sync_cycle_policy_type
    return (
        gone_through
        and stored is not PolicyType.DELTA
        and (ran is PolicyType.INITIAL or stored is not PolicyType.INITIAL)
    )


def policy_of_next_cycle(settings: SchedulerSettings, asked: PolicyType | str = PolicyType.UNSPECIFIED) -> PolicyType:
    """A cycle takes the policy it is started with; Unspecified means the one the settings name for the next run."""
    policy = PolicyType(asked)
    if policy is not PolicyType.UNSPECIFIED:
        return policy
    stored = settings.next_sync_cycle_policy_type
    return PolicyType.DELTA if stored is PolicyType.UNSPECIFIED else stored


def settings_from_tenant(
    document: Mapping[str, object] | None,
    behaviour: Behaviour,
    *,
    allowed: timedelta = ALLOWED_INTERVAL,
    staging: bool = False,
    suspended: bool = False,
) -> SchedulerSettings:
    """Read the tenant's ``Scheduler`` document and add what belongs to this server alone (decision D6)."""
    record = document or {}
    wish = record.get("CustomizedSyncCycleInterval")
    return SchedulerSettings(
        sync_cycle_enabled=bool(record.get("SyncCycleEnabled", True)),
        customized_sync_cycle_interval=None if wish is None else timespan(str(wish)),
        next_sync_cycle_policy_type=PolicyType(str(record.get("NextSyncCyclePolicyType", PolicyType.DELTA))),
        maintenance_enabled=bool(record.get("MaintenanceEnabled", not behaviour.maintenance_means_window)),
        purge_run_history_interval=timespan(str(record.get("PurgeRunHistoryInterval", timespan_text(PURGE_INTERVAL)))),
        allowed_sync_cycle_interval=allowed,
        staging_mode_enabled=staging,
        scheduler_suspended=suspended,
    )


def settings_for_tenant(settings: SchedulerSettings) -> dict[str, object]:
    """Write the part of the settings that all servers of the tenant share."""
    wish = settings.customized_sync_cycle_interval
    return {
        "SyncCycleEnabled": settings.sync_cycle_enabled,
        "CustomizedSyncCycleInterval": None if wish is None else timespan_text(wish),
        "NextSyncCyclePolicyType": str(settings.next_sync_cycle_policy_type),
        "MaintenanceEnabled": settings.maintenance_enabled,
        "PurgeRunHistoryInterval": timespan_text(settings.purge_run_history_interval),
    }
