"""Behaviour profiles: where a seed and the vendor's page contradict each other, both readings exist.

Source: decisions, "Behaviour profiles" P1-P6. Every switch names its entry in the fidelity ledger;
the switches are few on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The readings one world follows; build it with ``behaviour("guide")``."""

    name: str
    outbound_failure_event: int  # P1: which event says that Entra ID did not take a batch
    ping_failure_event: int  # P1: the same for the heartbeat
    batch_end_event: int | None  # P1: the event that ends a successful batch, if any
    success_beat_event: bool  # P2: one 656 per delivered batch, instead of one per password
    ping_start_event: int | None  # P2: the event before a heartbeat
    staging_by_cmdlet: bool  # P3: Set-ADSyncScheduler -StagingModeEnabled works (with a warning)
    maintenance_means_window: bool  # P4: MaintenanceEnabled tells of a tenant window during which no cycle runs
    export_entra_first: bool  # P5: order of the exports at the end of a cycle


@dataclass(frozen=True, slots=True)
class Switch:
    """One row of the table: the point of decisions, the field it sets, the ledger entry, the two readings."""

    point: str
    field: str
    ledger: str
    guide: object
    vendor: object


SWITCHES: tuple[Switch, ...] = (
    Switch("P1", "outbound_failure_event", "password-sync.event.outbound-failure", 651, 652),
    Switch("P1", "ping_failure_event", "password-sync.event.outbound-failure", 651, 655),
    Switch("P1", "batch_end_event", "password-sync.event.batch-end", None, 651),
    Switch("P2", "success_beat_event", "password-sync.event.success-beat", True, False),
    Switch("P2", "ping_start_event", "password-sync.event.ping-start", None, 653),
    Switch("P3", "staging_by_cmdlet", "cmdlets.scheduler.staging-parameter", True, False),
    Switch("P4", "maintenance_means_window", "scheduler.maintenance.meaning", True, False),
    Switch("P5", "export_entra_first", "scheduler.cycle.export-order", False, True),
)

PROFILES: tuple[str, ...] = ("guide", "vendor")


def behaviour(profile: str = "guide") -> Behaviour:
    """Return the readings of a profile by name."""
    if profile not in PROFILES:
        raise ValueError(f"no behaviour profile is called {profile!r}; there are {', '.join(PROFILES)}")
    readings = {switch.field: getattr(switch, profile) for switch in SWITCHES}
    return Behaviour(name=profile, **readings)
