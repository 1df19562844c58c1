"""One object end to end: inbound into the metaverse, outbound to every connector, as an ordered tuple of phases.

Nothing here touches a file or a socket; what changed lies in the workspace, which the step saves or, when the object
fails, restores. Preview is this same function without the save. Source: facts "engine" section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.errors import EngineError
from engine.model.change import Operation
from engine.model.cs_object import CSObject
from engine.model.mv_object import MVObject
from engine.rules.flow_plan import FlowError
from engine.sync.disconnection import remove_metaverse_object
from engine.sync.inbound import evaluate_scope, flow_inbound, join_or_project, keep_or_break_link
from engine.sync.outbound import flow_outbound
from engine.sync.passage import Passage, SyncFailure, SyncSetting
from engine.sync.workspace import Workspace

Phase = Callable[[Passage, Workspace], None]

PHASES: tuple[Phase, ...] = (
    evaluate_scope,
    keep_or_break_link,
    join_or_project,
    flow_inbound,
    remove_metaverse_object,
    flow_outbound,
)

#: Provisioning is capped at this many rounds for one object (facts "engine" 3.1).
ROUNDS_MAX = 10


@dataclass(slots=True)
class SyncResult:
    """counter: the inbound counter; outbound: (connector, counter) -> count; references: metaverse objects whose
    reference attributes must be staged; relinked: connector-space objects whose link changed; error: why it failed."""

    counter: str
    outbound: dict[tuple[int, str], int] = field(default_factory=dict)
    references: set[int] = field(default_factory=set)
    relinked: set[int] = field(default_factory=set)
    error_type: str | None = None
    error_text: str = ""
    error_detail: dict[str, str] = field(default_factory=dict)


def synchronize(cs: CSObject, workspace: Workspace, setting: SyncSetting) -> SyncResult:
    """Synchronize one connector-space object; on failure everything it touched is as before."""
    workspace.begin()
    passage = Passage(cs, setting, deleted=cs.pending_import is Operation.DELETE)
    try:
        for phase in PHASES:
            phase(passage, workspace)
        _settle(passage, workspace)
        if passage.unlinked and not passage.deleted:
            _look_again(passage, workspace)
    except FlowError as failed:
        return _failure(workspace, failed.error_type, failed.message, rule=failed.rule, attribute=failed.attribute)
    except SyncFailure as failed:
        return _failure(workspace, failed.error_type, failed.message)
    except EngineError as failed:
        return _failure(workspace, failed.code, failed.message)
    if passage.deleted:
        workspace.remove_cs(cs)
    elif cs.mv or passage.unlinked:
        workspace.rebase(cs)
        if not cs.mv:
            cs.pending_import = Operation.ADD  # a disconnector waits for what might join it
    workspace.keep()
    return SyncResult(passage.counter(), passage.outbound, passage.references, passage.relinked)


def _settle(passage: Passage, workspace: Workspace) -> None:
    """What sync staged for a linked directory is read by its inbound rules at once; repeat until nothing moves."""
    mv = passage.mv
    if mv is None or passage.mv_removed:
        return
    for _ in range(ROUNDS_MAX):
        staged = _read_back(passage, workspace, mv)
        if not staged:
            return
        passage.context = None
        before = mv.values
        flow_inbound(passage, workspace, staged)
        remove_metaverse_object(passage, workspace)
        if mv.values is before or passage.mv_removed:
            return
        flow_outbound(passage, workspace)
    raise SyncFailure(
        "extension-provisioning-call-limit-reached",
        f"The rules do not come to rest: {ROUNDS_MAX} rounds for one object.",
    )


def _read_back(passage: Passage, workspace: Workspace, mv: MVObject) -> set[str]:
    """Names that sync has staged on linked objects and that a rule in scope there reads."""
    setting = passage.setting
    found: set[str] = set()
    for cs in workspace.linked(mv.number):
        if not cs.unapplied:
            continue
        group = setting.rules.inbound(cs.connector, cs.object_type)
        if group.reads.isdisjoint(cs.unapplied):
            continue
        fresh = not cs.base and not cs.unconfirmed  # an export add: what is staged is all there is
        attributes = cs.unapplied if fresh else cs.newest()
        mask = group.in_scope(attributes, setting.parameters_of(cs.connector, cs.partition))  # type: ignore[arg-type]
        # what no rule holds any more may have been held until this was staged
        found |= (group.reads_of(mask) if mask else group.scope_reads) & cs.unapplied.keys()
    return found


def _look_again(passage: Passage, workspace: Workspace) -> None:
    """An object that lost its link looks for another one in the same pass, for it may be in scope of other rules."""
    removed = passage.mv_removed
    passage.unlinked = False
    passage.mv = None
    passage.mv_removed = False
    join_or_project(passage, workspace)
    passage.unlinked = not (passage.joined or passage.projected)
    if passage.unlinked:
        passage.mv_removed = removed
        return
    flow_inbound(passage, workspace)
    remove_metaverse_object(passage, workspace)
    flow_outbound(passage, workspace)


def _failure(workspace: Workspace, error_type: str, text: str, **detail: str) -> SyncResult:
    workspace.undo()
    return SyncResult("FlowFailure", error_type=error_type, error_text=text, error_detail=detail)
