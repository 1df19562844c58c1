"""What an administrator does with two sync servers of one tenant: compare them, let one take over, upgrade one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.lab.installation import Choices, host_machine
from harness.lab.server import Server
from harness.lab.wizard_tasks import run_task
from harness.refusal import ScenarioError, StepRefusedError, demand_completed

if TYPE_CHECKING:
    from engine.setup.drift_report import Configured
    from harness.lab.lab import Lab

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


def drift_from(lab: Lab, name: str, second: Server) -> list[dict[str, Any]]:
    """Return the drift report against a server or an export of one: class, about, connector, what either has."""
    from engine.setup.drift_report import drift_report
    from engine.setup.promotion import configured, findings_shown

    return findings_shown(drift_report(_configured(lab, name), configured(second.engine)))


def drift_effects(lab: Lab, name: str, second: Server) -> list[dict[str, Any]]:
    """Return what the server would export now, each change with the difference that it comes from."""
    from engine.setup.drift_effect import effects
    from engine.setup.drift_report import drift_report
    from engine.setup.promotion import configured, effects_shown

    first = _configured(lab, name)
    findings = drift_report(first, configured(second.engine))
    return effects_shown(effects(second.engine.database, first, findings))


def drift_page(lab: Lab, name: str, second: Server) -> dict[str, Any]:
    """Return the drift report with its effects as text and as HTML."""
    from harness.lab.clock import show_time
    from harness.reports.drift import DriftReport, as_html, as_text

    found, done = drift_from(lab, name, second), drift_effects(lab, name, second)
    report = DriftReport(name, second.name, found, done, show_time(lab.clock.now()))
    return {"text": as_text(report), "html": as_html(report), "hard": report.hard}


def _configured(lab: Lab, name: str) -> Configured:
    from engine.setup.configuration.server_configuration import read_server_configuration
    from engine.setup.promotion import configured, of_export

    folder = _export_folder(lab, name)
    return of_export(read_server_configuration(folder)) if folder.exists() else configured(lab.server(name).engine)


def _export_folder(lab: Lab, name: str) -> Path:
    return lab.folder / "exports" / name


def export_configuration(lab: Lab, server: Server, name: str) -> None:
    """Write the server's configuration as Get-ADSyncServerConfiguration does; the folder outlives the machine."""
    from engine.setup.configuration.server_configuration import write_server_configuration
    from engine.setup.promotion import exported_configuration

    if not NAME.fullmatch(name) or name in lab.servers:
        raise ScenarioError(f"an export cannot be called {name}: letters, digits and - only, and no server's name")
    write_server_configuration(exported_configuration(server.engine), _export_folder(lab, name))


def promote(lab: Lab, server: Server, instead_of: Server | None, *, force: bool) -> None:
    """Ask the gate, put the old server in staging mode, then take the new one out of it."""
    from engine.setup.promotion import promotion_gate

    if instead_of is server or (instead_of is not None and instead_of.tenant != server.tenant):
        raise ScenarioError(f"{server.name} cannot take over from itself or from a server of another tenant")
    gate = promotion_gate(server.engine, instead_of.engine if instead_of is not None else None)
    refusal = gate.refusal(force=force)
    if refusal is not None:
        raise StepRefusedError(refusal.code, refusal.text, "promotion gate")
    steps = [(instead_of, True)] if instead_of is not None and not instead_of.staging else []
    for one, staging in (*steps, (server, False)):
        assert one is not None
        outcome = run_task(lab, one, "staging", enabled=staging, skip_ldap_search=False)
        demand_completed(outcome)


def upgrade(
    lab: Lab, server: Server, version: str, *, start_sync: bool, leave_open: bool, host: Mapping[str, Any]
) -> None:
    """Run the installer of a newer version on the machine, or stop half-way through it."""
    from engine.setup import upgrade as upgrading

    machine = host_machine(lab, server.name, Choices(version=version, host=host))
    if leave_open:
        outcome = upgrading.begin_upgrade(server.engine, machine)
    else:
        outcome = upgrading.upgrade(server.engine, machine, start_sync=start_sync)
    demand_completed(outcome)
    if start_sync and not leave_open:
        server.engine.start_sync_cycle("Unspecified")
