"""The operator's prompt of a server: the ADSync cmdlets, and ``run(line, server)``, which reads and runs a line.

A ``Session`` keeps variables from one line to the next; ``render`` writes what it brought as a console shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.cmdlets.adsync_config import get_adsync_objects_with_inheritance_disabled
from engine.cmdlets.adsync_permissions import (
    SET_PERMISSIONS,
    get_adsync_ad_connector_account,
    set_adsync_restricted_permissions,
)
from engine.cmdlets.connector import (
    add_adsync_connector,
    get_adsync_connector,
    get_adsync_connector_run_status,
    get_adsync_connector_statistics,
)
from engine.cmdlets.connector_space import get_adsync_cs_object, get_adsync_cs_object_log, sync_adsync_cs_object
from engine.cmdlets.delete_threshold import (
    disable_adsync_export_deletion_threshold,
    enable_adsync_export_deletion_threshold,
    get_adsync_export_deletion_threshold,
)
from engine.cmdlets.directory import get_aduser, search_adsync_directory_objects
from engine.cmdlets.drift import compare_adsync_server_configuration
from engine.cmdlets.event_log import get_win_event
from engine.cmdlets.metaverse import get_adsync_mv_object, get_adsync_schema
from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.password_hash import (
    get_adsync_aad_password_sync_configuration,
    get_adsync_partition_password_sync_state,
    invoke_adsync_cs_object_password_hash_sync,
    set_adsync_aad_password_sync_configuration,
)
from engine.cmdlets.powershell.formatting import render
from engine.cmdlets.powershell.pipeline import PIPELINE_CMDLETS, PipelineCmdlet
from engine.cmdlets.powershell.session import Failure, Session, Transcript, rows_of
from engine.cmdlets.powershell.syntax import CommandLineError, read_statements
from engine.cmdlets.registry import Cmdlet, CmdletAnswer, Parameter, Prompt, shown, table
from engine.cmdlets.rule import (
    add_adsync_attribute_flow_mapping,
    add_adsync_join_condition_group,
    add_adsync_rule,
    add_adsync_scope_condition_group,
    get_adsync_rule,
    new_adsync_rule,
    new_object,
    remove_adsync_rule,
)
from engine.cmdlets.run import (
    get_adsync_run_profile_result,
    get_adsync_run_step_result,
    invoke_adsync_run_profile,
    invoke_adsync_specific_object_run_profile,
    stop_adsync_run_profile,
)
from engine.cmdlets.scheduler import (
    get_adsync_scheduler,
    get_adsync_scheduler_connector_override,
    set_adsync_scheduler,
    set_adsync_scheduler_connector_override,
    start_adsync_purge_run_history,
    start_adsync_sync_cycle,
    stop_adsync_sync_cycle,
)
from engine.cmdlets.service import (
    add_adsync_aad_service_account,
    get_credential,
    restart_service,
    start_service,
    stop_service,
)
from engine.cmdlets.settings import (
    get_adsync_auto_upgrade,
    get_adsync_database_configuration,
    get_adsync_global_settings,
    get_adsync_server_configuration,
    set_adsync_auto_upgrade,
)
from engine.cmdlets.single_object import invoke_adsync_single_object_sync

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
            add_adsync_connector,
            get_adsync_connector_statistics,
            get_adsync_connector_run_status,
            invoke_adsync_run_profile,
            invoke_adsync_specific_object_run_profile,
            stop_adsync_run_profile,
            get_adsync_run_profile_result,
            get_adsync_run_step_result,
            get_adsync_cs_object,
            get_adsync_cs_object_log,
            sync_adsync_cs_object,
            invoke_adsync_single_object_sync,
            get_adsync_mv_object,
            get_adsync_schema,
            get_adsync_rule,
            new_adsync_rule,
            add_adsync_attribute_flow_mapping,
            add_adsync_scope_condition_group,
            add_adsync_join_condition_group,
            add_adsync_rule,
            remove_adsync_rule,
            new_object,
            get_adsync_export_deletion_threshold,
            enable_adsync_export_deletion_threshold,
            disable_adsync_export_deletion_threshold,
            get_adsync_aad_password_sync_configuration,
            set_adsync_aad_password_sync_configuration,
            get_adsync_partition_password_sync_state,
            invoke_adsync_cs_object_password_hash_sync,
            get_adsync_global_settings,
            get_adsync_auto_upgrade,
            set_adsync_auto_upgrade,
            get_adsync_database_configuration,
            get_adsync_server_configuration,
            compare_adsync_server_configuration,
            get_adsync_objects_with_inheritance_disabled,
            get_adsync_ad_connector_account,
            *SET_PERMISSIONS,
            set_adsync_restricted_permissions,
            start_service,
            stop_service,
            restart_service,
            get_credential,
            add_adsync_aad_service_account,
            search_adsync_directory_objects,
            get_aduser,
            get_win_event,
        )
    )
)


def run(line: str, server: OperatedServer, prompt: Prompt | None = None) -> CmdletAnswer:
    """Run one command line on a server; ``prompt`` answers a cmdlet's question for a user's password."""
    transcript = Session(server, CMDLETS, prompt=prompt).run(line)
    if transcript.failure is not None:
        raise transcript.failure.refusal
    rows = tuple({name: shown(value) for name, value in row.items()} for row in rows_of(transcript.output))
    return CmdletAnswer(rows, tuple(transcript.warnings))


__all__ = [
    "CMDLETS",
    "PIPELINE_CMDLETS",
    "Cmdlet",
    "CmdletAnswer",
    "CommandLineError",
    "Failure",
    "OperatedServer",
    "Parameter",
    "PipelineCmdlet",
    "Prompt",
    "Session",
    "Transcript",
    "read_statements",
    "render",
    "rows_of",
    "run",
    "shown",
]
