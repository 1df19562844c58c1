"""Manager and member values on their way out: resolved to the objects of the target connector, or withheld.

Runs at the end of a synchronization step, so that everything the step provisioned can be referred to. A reference whose
target has no connector there is withheld and looked at again when the target gets one. Source: facts "engine" 3.2 step
10.
"""

from __future__ import annotations

from engine.errors import EngineError
from engine.model.change import Changes, Operation
from engine.model.cs_object import CSObject
from engine.rules.flow_plan import FlowError
from engine.sync.outbound import flow_to, stage, stage_references_of
from engine.sync.passage import Passage, SyncFailure, SyncSetting
from engine.sync.synchronize import SyncResult
from engine.sync.workspace import Workspace


def stage_references(number: int, workspace: Workspace, setting: SyncSetting) -> SyncResult | None:
    """Stage the reference attributes of one metaverse object for all its connectors; None when it is gone."""
    try:
        mv = workspace.mv(number)
    except LookupError:
        return None
    linked = [cs for cs in workspace.linked(number) if cs.pending_export is not Operation.DELETE]
    if not linked:
        return None
    workspace.begin()
    passage = Passage(linked[0], setting, mv=mv)
    try:
        for connector, group in setting.rules.outbound(mv.object_type).items():
            mask = group.in_scope(mv.values, setting.parameters_of(connector, 0))
            held = group.held(mask)
            for link in linked:
                if link.connector == connector and link.object_type in held.linked_types:
                    _stage(passage, workspace, link, mask)
                elif link.connector == connector and link.object_type in held.silenced_types:
                    flow_to(passage, workspace, mv, link, mask, created=False, muted=True)
    except FlowError as failed:
        return _failure(workspace, failed.error_type, failed.message, rule=failed.rule, attribute=failed.attribute)
    except SyncFailure as failed:
        return _failure(workspace, failed.error_type, failed.message)
    except EngineError as failed:
        return _failure(workspace, failed.code, failed.message)
    workspace.keep()
    return SyncResult("", passage.outbound)


def _stage(passage: Passage, workspace: Workspace, link: CSObject, mask: int) -> None:
    mv = passage.mv
    assert mv is not None
    _, plan = passage.setting.rules.outbound_plans(mv.object_type, link.connector, mask, link.object_type)
    if plan is None:
        return
    changes: Changes = {n: v for n, v in (link.unapplied or {}).items() if n not in plan.names}
    stage_references_of(passage, workspace, link, plan, changes)
    stage(passage, workspace, link, changes)


def _failure(workspace: Workspace, error_type: str, text: str, **detail: str) -> SyncResult:
    workspace.undo()
    return SyncResult("FlowFailure", error_type=error_type, error_text=text, error_detail=detail)
