"""The runs of one server's connectors: one at a time, each with its history, its events and what a full one settles.

How the steps of a run follow each other is engine/run/runner.py's. Source: facts "engine" 2 and 16.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, RunProfile, StepType
from engine.run.perform import StepWork
from engine.run.run_events import run_events
from engine.run.runner import Runner, RunOneStep
from engine.run.since_full import SinceFull
from engine.store.database import DatabaseFull
from engine.store.run_history import TIME, RunResult
from engine.versions import at_least

if TYPE_CHECKING:
    from engine.server import SyncServer

#: The release whose import goes on with the next domain when one cannot be reached (catalogue DR-18).
PAST_UNREACHABLE_SINCE = "1.1.484.0"


class ConnectorRuns:
    """Runs profiles on one server; knows which connector is at it and whether an operator wants that to end."""

    def __init__(self, server: SyncServer) -> None:
        self.server = server
        self.busy_connector: str | None = None
        self.to_stop = False

    def run_profile(self, connector: str, profile: str) -> RunResult:
        """Run one profile of one connector, by names or identifiers. Raises EngineError when there is no such thing."""
        ordinal, configuration = self.server.connector(connector)
        found = configuration.profile(profile)
        if found is None:
            names = ", ".join(p.name for p in configuration.run_profiles)
            raise EngineError(
                "no-start-unknown-profile-name", f"{configuration.name} has no run profile {profile!r}; it has {names}."
            )
        return self.run_steps(ordinal, configuration, found, StepWork(self.server, ordinal, configuration).perform)

    def run_steps(
        self, ordinal: int, configuration: ConnectorConfiguration, profile: RunProfile, perform: RunOneStep
    ) -> RunResult:
        """Run these steps as a run of the connector, with its history, its events and its hop."""
        server = self.server
        server.service.require_running()
        if self.busy_connector is not None:
            raise EngineError("no-start-ma-already-running", f"A run of {self.busy_connector} is in progress.")
        self.busy_connector, self.to_stop = configuration.name, False
        try:
            past_unreachable = at_least(server.version, PAST_UNREACHABLE_SINCE)
            runner = Runner(server.database, server.history, server.clock.now, past_unreachable)
            identifier = server.identifier(f"run/{server.history.next_number()}")
            run = runner.run(configuration, profile, identifier, server.size.guarded(perform))
        finally:
            self.busy_connector, self.to_stop = None, False
        stale: set[str] = set()
        try:
            with server.database.transaction():
                stale = self._note_completion(ordinal, configuration, run)
        except DatabaseFull as full:  # nothing of it is noted: what was asked for stays asked for
            run.result = full.code
            server.history.unwritten = run
        for each in run_events(configuration, run, stale):
            server.events.append(each)
        server.observe(
            "engine.run",
            connector=configuration.name,
            profile=profile.name,
            result=run.result,
            staging=server.staging,
            counters={n: c for step in run.steps for n, c in sorted(step.statistics.counters.items()) if c},
            errors=[{"dn": e.dn, "type": e.error_type, "text": e.text} for e in run.errors],
        )
        return run

    def stop(self) -> None:
        """Stop the run that is on between two batches; what they have done stays."""
        self.to_stop = self.busy_connector is not None

    def _note_completion(self, ordinal: int, configuration: ConnectorConfiguration, run: RunResult) -> set[str]:
        """A full run that came to its end settles what was asked for (facts "engine" 16.1). Returns the types of its
        steps that were delta although something changed since the last full one."""
        server = self.server
        if run.result.startswith(("no-start", "stopped", "completed-discovery-errors")):
            return set()
        stale = SinceFull(server.database).note(configuration, run, lambda: server.rules_fingerprint)
        changed = configuration
        kinds = {step.type for step in run.steps}
        if StepType.FULL_IMPORT.value in kinds:
            changed = changed.with_(full_import_required=False)
        if StepType.FULL_SYNCHRONIZATION.value in kinds:
            changed = changed.with_(full_sync_required=False)
            server.database.set_fact(f"full-sync/{configuration.identifier}", server.clock.now().strftime(TIME))
        if (changed.full_import_required, changed.full_sync_required) != (
            configuration.full_import_required,
            configuration.full_sync_required,
        ):
            server.configuration.save_connector(changed)
            server.connectors[ordinal] = changed
        return stale
