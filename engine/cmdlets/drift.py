"""Comparing this server with the exported configuration of another; a cmdlet of ours, the product has none.

Source: seed004 (compare before a staging server is promoted); facts "install" CFG-08, CFG-09.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.errors import EngineError
from engine.setup.configuration.server_configuration import read_server_configuration
from engine.setup.drift_effect import effects
from engine.setup.drift_report import drift_report
from engine.setup.promotion import configured, effects_shown, findings_shown, of_export

_FINDING = ("class", "about", "connector", "before", "after")
_EFFECT = ("object", "connector", "operation", "attribute", "before", "after", "rules", "cause")


@cmdlet(
    "Compare-ADSyncServerConfiguration",
    Parameter("Path", needed=True, position=0),
    Parameter("Effects", Kind.SWITCH),
    reads=True,
)
def compare_adsync_server_configuration(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show what this server is configured to do otherwise than the exported configuration in a folder; with -Effects
    what it would therefore export, each change with the difference that causes it."""
    folder = parameters.folder / parameters["Path"]
    if not folder.is_dir():
        raise EngineError("PATH", f"{folder} is no folder.")
    first = of_export(read_server_configuration(folder))
    findings = drift_report(first, configured(server))  # type: ignore[arg-type]
    if not parameters.get("Effects"):
        return [Record("DriftFinding", _capital(one, _FINDING)) for one in findings_shown(findings)]
    return [
        Record("DriftEffect", _capital(one, _EFFECT))
        for one in effects_shown(effects(server.database, first, findings))
    ]


def _capital(plain: dict[str, object], names: Sequence[str]) -> dict[str, object]:
    return {name.capitalize(): plain[name] for name in names}
