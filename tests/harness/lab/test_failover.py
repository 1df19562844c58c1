"""Two servers of a small world: refusals of the gate and of an upgrade are a step's refusals, exports have names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.lab.failover import drift_from, export_configuration, promote, upgrade
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError, StepRefusedError


@pytest.fixture
def pair() -> Iterator[Lab]:
    tenants = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
    with Lab(make_world(forests={"contoso.com": {"users": ["Ana Lopez"]}}, tenants=tenants)) as lab:
        for name, staging in (("SYNC1", False), ("SYNC2", True)):
            server = install_server(lab, name, Choices(mode="custom", staging=staging, version="2.4.21.0"))
            server.engine.start_sync_cycle("Initial")
        yield lab


def test_a_story_of_two_servers(pair: Lab) -> None:
    lab = pair
    first, second = lab.server("SYNC1"), lab.server("SYNC2")
    for name in ("SYNC1", "with blank", "../up", ""):
        with pytest.raises(ScenarioError):
            export_configuration(lab, first, name)
    export_configuration(lab, first, "kept")
    assert drift_from(lab, "kept", second) == drift_from(lab, "SYNC1", second) == []
    with pytest.raises(ScenarioError, match="there is no server missing"):
        drift_from(lab, "missing", second)
    with pytest.raises(ScenarioError, match="from itself"):
        promote(lab, second, second, force=True)
    with pytest.raises(StepRefusedError, match="VERSION_NOT_NEWER"):
        upgrade(lab, first, "2.4.21.0", start_sync=True, leave_open=False, host={})
    second.engine.save_rules(list(second.engine.rules().values())[1:])
    with pytest.raises(StepRefusedError, match="PROMOTION_DRIFT"):
        promote(lab, second, first, force=False)
    assert (first.staging, second.staging) == (False, True)
    promote(lab, second, first, force=True)
    assert (first.staging, second.staging) == (True, False)
    upgrade(lab, first, "2.5.79.0", start_sync=True, leave_open=False, host={})
    assert first.engine.version == "2.5.79.0"
