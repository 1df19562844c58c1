"""The cycle's order, the table of states, intervals, what the tenant keeps. Facts "engine" 16; decisions P4, P5, D6."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.profile import behaviour
from engine.scheduler import (
    ConnectorOverride,
    PolicyType,
    SchedulerEvent,
    SchedulerSettings,
    SchedulerState,
    cycle_plan,
    due,
    next_start,
    policy_of_next_cycle,
    purge_before,
    settings_for_tenant,
    settings_from_tenant,
    stale,
    transition,
)

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
AD, ENTRA = ConnectorType.ACTIVE_DIRECTORY, ConnectorType.ENTRA
CONNECTORS = (
    ConnectorConfiguration("aad", "t - AAD", ENTRA, order=0),
    ConnectorConfiguration("f2", "fabrikam.com", AD, order=2),
    ConnectorConfiguration("f1", "contoso.com", AD, order=1),
)
IMPORTS = [("f1", "Delta Import"), ("f2", "Delta Import"), ("aad", "Delta Import")]
SYNCS = [("f1", "Delta Synchronization"), ("f2", "Delta Synchronization"), ("aad", "Delta Synchronization")]
GUIDE_EXPORTS = [("f1", "Export"), ("f2", "Export"), ("aad", "Export")]
VENDOR_EXPORTS = [("aad", "Export"), ("f1", "Export"), ("f2", "Export")]


@pytest.mark.parametrize(
    ("profile", "staging", "exports"),
    [("guide", False, GUIDE_EXPORTS), ("vendor", False, VENDOR_EXPORTS), ("guide", True, []), ("vendor", True, [])],
)
def test_order_of_a_delta_cycle(profile: str, staging: bool, exports: list) -> None:
    plan = cycle_plan(CONNECTORS, PolicyType.DELTA, {}, behaviour(profile), staging=staging)
    assert [tuple(step) for step in plan] == IMPORTS + SYNCS + exports


def test_initial_cycle_does_everything_in_full() -> None:
    profiles = {step.profile for step in cycle_plan(CONNECTORS, "Initial", {}, behaviour())}
    assert profiles == {"Full Import", "Full Synchronization", "Export"}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (ConnectorOverride(True, False), ["Full Import", "Delta Synchronization"]),
        (ConnectorOverride(False, True), ["Delta Import", "Full Synchronization"]),
    ],
)
def test_override_concerns_its_connector_alone(override: ConnectorOverride, expected: list) -> None:
    plan = cycle_plan(CONNECTORS, "Delta", {"f1": override}, behaviour(), staging=True)
    assert [s.profile for s in plan if s.connector == "f1"] == expected
    assert {s.profile for s in plan if s.connector != "f1"} == {"Delta Import", "Delta Synchronization"}


def test_flags_of_the_connector_count_as_override() -> None:
    flagged = [c.with_(full_import_required=True) if c.identifier == "f2" else c for c in CONNECTORS]
    plan = cycle_plan(flagged, "Delta", {}, behaviour())
    assert ("f2", "Full Import") in plan
    assert ("f1", "Delta Import") in plan


@pytest.mark.parametrize(
    ("wish", "effective"),
    [(None, timedelta(minutes=30)), (timedelta(minutes=10), timedelta(minutes=30)), (timedelta(hours=3),) * 2],
)
def test_interval_has_a_floor(wish: timedelta | None, effective: timedelta) -> None:
    assert SchedulerSettings(customized_sync_cycle_interval=wish).effective_interval == effective


@pytest.mark.parametrize(
    ("minutes", "changes", "profile", "expected"),
    [
        (None, {}, "guide", True),
        (29, {}, "guide", False),
        (30, {}, "guide", True),
        (400, {}, "guide", True),
        (400, {"sync_cycle_enabled": False}, "guide", False),
        (400, {"scheduler_suspended": True}, "guide", False),
        (400, {"maintenance_enabled": True}, "guide", False),
        (400, {"maintenance_enabled": True}, "vendor", True),
        (400, {"staging_mode_enabled": True}, "guide", True),
        (60, {"customized_sync_cycle_interval": timedelta(hours=2)}, "guide", False),
    ],
)
def test_due(minutes: int | None, changes: dict, profile: str, expected: bool) -> None:
    last = None if minutes is None else NOW - timedelta(minutes=minutes)
    assert due(SchedulerSettings(**changes), last, NOW, behaviour(profile)) is expected


def test_next_start() -> None:
    assert next_start(SchedulerSettings(), NOW - timedelta(minutes=10), NOW) == NOW + timedelta(minutes=20)
    assert next_start(SchedulerSettings(), NOW - timedelta(hours=5), NOW) == NOW


IDLE, RUNNING, SUSPENDED, MAINTENANCE = SchedulerState


@pytest.mark.parametrize(
    ("state", "event", "following"),
    [
        (IDLE, "start", RUNNING),
        (RUNNING, "finish", IDLE),
        (RUNNING, "stop", IDLE),
        (IDLE, "suspend", SUSPENDED),
        (SUSPENDED, "resume", IDLE),
        (IDLE, "window-opens", MAINTENANCE),
        (MAINTENANCE, "window-closes", IDLE),
    ],
)
def test_states(state: SchedulerState, event: str, following: SchedulerState) -> None:
    assert transition(state, SchedulerEvent(event)) is following


@pytest.mark.parametrize(
    ("state", "event", "code"),
    [
        (RUNNING, "start", "SYNC_ALREADY_RUNNING"),
        (RUNNING, "suspend", "SYNC_IN_PROGRESS"),
        (SUSPENDED, "start", "SCHEDULER_SUSPENDED"),
        (SUSPENDED, "suspend", "WIZARD_ALREADY_OPEN"),
        (MAINTENANCE, "start", "MAINTENANCE_WINDOW"),
        (IDLE, "finish", "SCHEDULER_TRANSITION"),
    ],
)
def test_refused_events(state: SchedulerState, event: str, code: str) -> None:
    with pytest.raises(EngineError) as refusal:
        transition(state, SchedulerEvent(event))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("asked", "stored", "policy"),
    [
        ("Unspecified", PolicyType.INITIAL, PolicyType.INITIAL),
        ("Unspecified", PolicyType.UNSPECIFIED, PolicyType.DELTA),
        ("Delta", PolicyType.INITIAL, PolicyType.DELTA),
    ],
)
def test_policy_of_the_next_cycle(asked: str, stored: PolicyType, policy: PolicyType) -> None:
    assert policy_of_next_cycle(SchedulerSettings(next_sync_cycle_policy_type=stored), asked) is policy


def test_tenant_keeps_everything_but_staging_and_suspension() -> None:
    settings = SchedulerSettings(
        sync_cycle_enabled=False,
        customized_sync_cycle_interval=timedelta(days=1, hours=2),
        next_sync_cycle_policy_type=PolicyType.INITIAL,
        maintenance_enabled=True,
        purge_run_history_interval=timedelta(days=2),
        staging_mode_enabled=True,
        scheduler_suspended=True,
    )
    document = settings_for_tenant(settings)
    assert document["CustomizedSyncCycleInterval"] == "1.02:00:00"
    assert not {"StagingModeEnabled", "SchedulerSuspended"} & set(document)
    other = settings_from_tenant(document, behaviour())
    assert other == settings.with_(staging_mode_enabled=False, scheduler_suspended=False)


@pytest.mark.parametrize(("profile", "expected"), [("guide", False), ("vendor", True)])
def test_maintenance_of_a_new_tenant(profile: str, expected: bool) -> None:
    assert settings_from_tenant(None, behaviour(profile)).maintenance_enabled is expected


def test_seven_days() -> None:
    assert not stale(NOW - timedelta(days=7), NOW)
    assert stale(NOW - timedelta(days=7, seconds=1), NOW)
    assert not stale(None, NOW)
    assert purge_before(SchedulerSettings(), NOW) == NOW - timedelta(days=7)
