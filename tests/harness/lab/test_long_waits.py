"""Seven days: a server that sat still longer needs a full import from the tenant, one that only had nothing to do does
not.

Source: facts "engine" 2.2, "install" 16.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.vocabulary import actions

FOREST = {"contoso.com": {"users": [{"name": "Ana Lopez", "in": "Staff"}]}}
TENANT = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
ENTRA = "contoso.onmicrosoft.com - AAD"


@pytest.mark.parametrize(("enabled", "result"), [(True, "success"), (False, "no-start-full-import-required")])
def test_ten_days_without_a_change(enabled: bool, result: str) -> None:
    with Lab(make_world(forests=FOREST, tenants=TENANT)) as lab:
        actions()["install"].call(lab, {"server": "SYNC1"})
        engine = lab.server("SYNC1").engine
        engine.start_sync_cycle("Delta")
        engine.save_scheduler_settings(engine.scheduler_settings().with_(sync_cycle_enabled=enabled))
        lab.advance(timedelta(days=10))
        if enabled:  # cycles were passed over
            assert any(record["kind"] == "stage.idle" for record in lab.timeline.records)
        cycle = engine.start_sync_cycle("Delta")
        run = cycle.run(ENTRA, "Delta Import")
        assert run is not None
        assert run.result == result
        assert engine.start_sync_cycle("Initial").result == "success"
