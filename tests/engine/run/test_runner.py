"""Which failed steps end a run, and which leave the next domain its turn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.errors import ConnectorError
from engine.model.configuration import ConnectorConfiguration, ConnectorType, RunProfile, RunStep, StepType
from engine.run.runner import Runner
from engine.store.database import Database
from engine.store.run_history import RunHistory

IMPORT, EXPORT = StepType.DELTA_IMPORT, StepType.EXPORT


@pytest.mark.parametrize(
    ("kind", "failure", "past_unreachable", "results"),
    [
        (IMPORT, "no-start-connection", True, ["no-start-connection", "success"]),
        (IMPORT, "stopped-connectivity", True, ["stopped-connectivity", "success"]),
        (StepType.FULL_IMPORT, "no-start-connection", True, ["no-start-connection", "success"]),
        (IMPORT, "no-start-connection", False, ["no-start-connection"]),
        (IMPORT, "no-start-credentials", True, ["no-start-credentials"]),
        (EXPORT, "no-start-connection", True, ["no-start-connection", "success"]),
        (StepType.DELTA_SYNCHRONIZATION, "no-start-connection", True, ["no-start-connection"]),
    ],
)
def test_a_domain_out_of_reach(tmp_path, kind, failure, past_unreachable, results) -> None:
    database = Database(tmp_path / "sync.db", create=True)
    runner = Runner(database, RunHistory(database), lambda: datetime(2026, 1, 5, tzinfo=UTC), past_unreachable)
    profile = RunProfile("p", "Profile", (RunStep(kind, "root"), RunStep(kind, "child")))

    def perform(run, result, step) -> None:
        if step.partition == "root":
            raise ConnectorError("failed", "no answer", failure)
        result.statistics.count("StageNoChange")

    connector = ConnectorConfiguration("c", "contoso.com", ConnectorType.ACTIVE_DIRECTORY)
    run = runner.run(connector, profile, "r", perform)
    assert [step.result for step in run.steps] == results
    assert run.result == failure
    database.close()
