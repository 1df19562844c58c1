"""The ADSync cmdlets: ``run(line, server)`` reads and runs one command."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.cmdlets.connector import get_adsync_connector, get_adsync_connector_run_status
from engine.cmdlets.delete_threshold import (
    disable_adsync_export_deletion_threshold,
    enable_adsync_export_deletion_threshold,
    get_adsync_export_deletion_threshold,
)
from engine.cmdlets.registry import Cmdlet, CmdletAnswer, OperatedServer, Prompt, run_line, table
from engine.cmdlets.run import get_adsync_run_profile_result, invoke_adsync_run_profile
from engine.cmdlets.scheduler import (
    get_adsync_scheduler,
    get_adsync_scheduler_connector_override,
    set_adsync_scheduler,
    set_adsync_scheduler_connector_override,
    start_adsync_purge_run_history,
    start_adsync_sync_cycle,
    stop_adsync_sync_cycle,
)

CMDLETS: Mapping[str, Cmdlet] = MappingProxyType(
    table(
        (
            get_adsync_scheduler,
            set_adsync_scheduler,
            start_adsync_sync_cycle,
            stop_adsync_sync_cycle,
            get_adsync_scheduler_connector_override,
            set_adsync_scheduler_connector_override,
            start_adsync_purge_run_history,
            get_adsync_connector,
            get_adsync_connector_run_status,
            invoke_adsync_run_profile,
            get_adsync_run_profile_result,
            get_adsync_export_deletion_threshold,
            enable_adsync_export_deletion_threshold,
            disable_adsync_export_deletion_threshold,
        )
    )
)


def run(line: str, server: OperatedServer, prompt: Prompt | None = None) -> CmdletAnswer:
    """Run one command line on a server; ``prompt`` answers a cmdlet's question for a user's password."""
    return run_line(line, server, CMDLETS, prompt)


__all__ = ["CMDLETS", "CmdletAnswer", "OperatedServer", "Prompt", "run"]
