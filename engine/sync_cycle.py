"""The built-in synchronization cycle of one server: when it is due, what it runs, who holds it, how it ended.

The rules of it are engine/scheduler.py's; this is where they meet the server, the tenant and the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.run.run_events import DENIED
from engine.run.runner import worst
from engine.scheduler import (
    FULL_IMPORT,
    CycleStep,
    PolicyType,
    SchedulerEvent,
    SchedulerSettings,
    SchedulerState,
    cycle_plan,
    may_run,
    next_policy_is_settled,
    next_start,
    policy_of_next_cycle,
    purge_before,
    settings_for_tenant,
    settings_from_tenant,
    transition,
)
from engine.store.run_history import TIME, RunResult
from engine.timespan import duration

if TYPE_CHECKING:
    from engine.server import SyncServer

STAGING = "Microsoft.Synchronize.StagingMode"
SUSPENDED = "Microsoft.Synchronize.SchedulerSuspended"
#: fact of the database: its watermark of the tenant was too old, so the tenant is read in full before anything else
TENANT_FIRST = "tenant-first"
#: counters that an idle cycle shows too
_STANDING = frozenset({"DisconnectorRemains", "DisconnectorFiltered", "StageNoChange", "FilteredObjects"})


@dataclass
class CycleResult:
    """One built-in cycle: its policy, its runs in order, and the worst result among them."""

    policy: PolicyType
    started: datetime
    runs: list[RunResult] = field(default_factory=list)
    ended: datetime | None = None

    @property
    def result(self) -> str:
        return worst([run.result for run in self.runs]) if self.runs else "success"

    def run(self, connector: str, profile: str) -> RunResult | None:
        """The run of one connector (name or identifier) and profile."""
        return next(
            (r for r in self.runs if connector in (r.connector, r.connector_name) and r.profile == profile), None
        )


class SyncCycle:
    """Owns the scheduler's state on this server; fulfils what the clock asks of it."""

    def __init__(self, server: SyncServer) -> None:
        self.server = server
        self.last: CycleResult | None = None
        self._state = _stored_state(server)
        self._known: SchedulerSettings | None = None
        self._looked_at: datetime | None = None

    def reload(self) -> None:
        """Take the state that the database holds now."""
        self._state = _stored_state(self.server)

    @property
    def in_progress(self) -> bool:
        return self._state is SchedulerState.RUNNING

    def settings(self) -> SchedulerSettings:
        """The settings as the tenant holds them now (decision D6), with what belongs to this server alone."""
        server = self.server
        company = server.systems.tenant_client(server.entra_connector[1]).company_configuration()
        self._known = settings_from_tenant(
            company.raw["DirSyncConfiguration"].get("Scheduler"),
            server.behaviour,
            allowed=duration(company.synchronization_interval),
            staging=server.staging,
            suspended=self._state is SchedulerState.SUSPENDED,
        )
        return self._known

    def save_settings(self, settings: SchedulerSettings) -> None:
        """Store what is shared in the tenant, staging mode and suspension on this server."""
        server = self.server
        client = server.systems.tenant_client(server.entra_connector[1])
        client.set_dirsync_configuration(Scheduler=settings_for_tenant(settings))
        server.save_setting(STAGING, str(settings.staging_mode_enabled))
        if settings.scheduler_suspended != (self._state is SchedulerState.SUSPENDED):
            self.suspend() if settings.scheduler_suspended else self.resume()
        self._known = settings

    def suspend(self) -> None:
        """A wizard or an upgrade takes hold of the engine. Raises EngineError while a cycle runs."""
        self.server.service.require_running()
        self._state = transition(self._state, SchedulerEvent.SUSPEND)
        self.server.save_setting(SUSPENDED, "True")

    def resume(self) -> None:
        self._state = transition(self._state, SchedulerEvent.RESUME)
        self.server.save_setting(SUSPENDED, "False")

    def start(self, policy: PolicyType | str = PolicyType.DELTA) -> CycleResult:
        """Run the built-in cycle now. Raises EngineError when one runs already or the scheduler is held."""
        for _ in self.run_by_run(policy):
            pass
        assert self.last is not None
        return self.last

    def run_by_run(self, policy: PolicyType | str = PolicyType.DELTA) -> Iterator[RunResult]:
        """The cycle one run at a time: between two of them it is in progress, and whoever looks sees it so."""
        server = self.server
        server.service.require_running()
        self._state = transition(self._state, SchedulerEvent.START)
        try:
            settings = server.scheduler_settings()
            chosen = policy_of_next_cycle(settings, policy)
            now = server.clock.now()
            with server.database.writing():
                server.database.set_fact("last-cycle", now.strftime(TIME))
            cycle = CycleResult(chosen, now)
            server.observe("engine.cycle", policy=str(chosen), state="started")
            server.events.write(904, detail=f"a synchronization cycle started, policy {chosen}.")
            for step in self._plan(chosen):
                if self._state is not SchedulerState.RUNNING:
                    break
                cycle.runs.append(server.run_profile(step.connector, step.profile))
                yield cycle.runs[-1]
            with server.database.writing():
                self._end(cycle, settings)
        finally:
            if self._state is SchedulerState.RUNNING:
                self._state = transition(self._state, SchedulerEvent.FINISH)

    def _plan(self, policy: PolicyType) -> tuple[CycleStep, ...]:
        server = self.server
        steps = cycle_plan(list(server.connectors.values()), policy, {}, server.behaviour, staging=server.staging)
        entra = server.entra_connector[1]
        if server.database.fact(TENANT_FIRST) == "True" and entra.full_import_required:
            return tuple(sorted(steps, key=lambda one: one != (entra.identifier, FULL_IMPORT)))
        return steps

    def _end(self, cycle: CycleResult, settings: SchedulerSettings) -> None:
        """Settle the next policy, purge the run history, say how it went."""
        server = self.server
        cycle.ended = server.clock.now()
        gone_through = self._state is SchedulerState.RUNNING
        if next_policy_is_settled(settings, cycle.policy, gone_through=gone_through):
            server.save_scheduler_settings(settings.with_(next_sync_cycle_policy_type=PolicyType.DELTA))
        purged = server.history.purge(purge_before(settings, cycle.ended))
        if purged:
            server.events.write(904, detail=f"run history purged: {purged} runs.")
        self.last = cycle
        server.events.write(904, detail=f"a synchronization cycle ended, result {cycle.result}.")
        server.observe("engine.cycle", policy=str(cycle.policy), state="ended", result=cycle.result)

    def stop(self) -> None:
        """Stop after the current run; pending changes wait for the next cycle."""
        self._state = transition(self._state, SchedulerEvent.STOP)
        self.server.events.write(904, detail="the synchronization cycle is to stop.")

    # ---- time --------------------------------------------------------------------------------------------------------
    def next_look(self) -> datetime:
        """When the scheduler looks whether a cycle is to run."""
        return next_start(self._known or SchedulerSettings(), self._looked_at or self.last_start(), self._now())

    def last_start(self) -> datetime | None:
        text = self.server.database.fact("last-cycle")
        return datetime.strptime(text, TIME).replace(tzinfo=UTC) if text else None

    def look(self, now: datetime) -> None:
        """Start a cycle when the scheduler may; a refusal of the tenant goes to the log."""
        server = self.server
        self._looked_at = now
        try:
            if self._state is SchedulerState.IDLE and may_run(server.scheduler_settings(), server.behaviour):
                self.start(PolicyType.UNSPECIFIED)
        except EngineError as refusal:
            server.events.write(106, detail=refusal.message)
            if refusal.code in DENIED:
                server.events.write(115)

    def passed_over(self, until: datetime) -> None:
        """Cycles up to then were skipped because they would have found nothing: only their watermarks would be new."""
        if self._known is not None and may_run(self._known, self.server.behaviour):
            self.server.configuration.refresh_watermarks(until.strftime(TIME))

    def _now(self) -> datetime:
        return self.server.clock.now()

    @property
    def quiet(self) -> bool:
        """Whether the last cycle ran to its end and neither moved anything nor left an object in error."""
        if self.last is None or self._state is not SchedulerState.IDLE:
            return False
        return not any(
            run.result != "success" or any(n and name not in _STANDING for name, n in step.statistics.counters.items())
            for run in self.last.runs
            for step in run.steps
        )


def _stored_state(server: SyncServer) -> SchedulerState:
    return SchedulerState.SUSPENDED if server.global_settings.get(SUSPENDED) == "True" else SchedulerState.IDLE
