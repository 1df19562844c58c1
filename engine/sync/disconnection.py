"""What happens to connector-space objects whose metaverse object, rule or directory lets them go.

Source: lifetime and deprovisioning, facts "engine" section 9; ownership, decision D8.
"""

from __future__ import annotations

from engine.model.change import Operation
from engine.model.cs_object import CSObject, LinkedBy
from engine.sync.passage import Passage
from engine.sync.workspace import Workspace


def remove_metaverse_object(passage: Passage, workspace: Workspace) -> None:
    """Delete a metaverse object that nothing keeps alive: owned objects are staged for deletion, others
    disconnected."""
    mv = passage.mv
    if mv is None or not passage.mv_removed:
        return
    for linked in list(workspace.linked(mv.number)):
        if linked.owned:
            deprovision(passage, workspace, linked)
        else:
            disconnect(passage, workspace, linked)
    workspace.remove_mv(mv)
    passage.observe("engine.metaverse-delete", metaverse=mv.number)


def disconnect(passage: Passage, workspace: Workspace, cs: CSObject) -> None:
    """Unlink an object this server does not own; whatever was staged for it is withdrawn. It waits for another join."""
    workspace.link(cs, 0)
    if cs.anchor is not None and cs.pending_import is Operation.NONE:
        cs.pending_import = Operation.ADD
    cs.linked_by = LinkedBy.NOTHING
    cs.linking_rule = ""
    cs.owned = False
    cs.unapplied = None
    cs.pending_export = Operation.NONE
    passage.relinked.add(cs.number)
    passage.count_outbound(cs.connector, "provisioned-disconnect")


def deprovision(passage: Passage, workspace: Workspace, cs: CSObject) -> None:
    """Stage the deletion of an owned object; one that was never exported simply leaves the connector space."""
    workspace.link(cs, 0)
    cs.linked_by = LinkedBy.NOTHING
    cs.linking_rule = ""
    cs.owned = False
    passage.relinked.add(cs.number)
    passage.count_outbound(cs.connector, "provisioned-disconnect")
    if cs.pending_export is Operation.ADD and cs.anchor is None and cs.unconfirmed_operation is Operation.NONE:
        workspace.remove_cs(cs)
        return
    cs.unapplied = None
    cs.pending_export = Operation.DELETE
    passage.observe(
        "engine.pending-export",
        connector=passage.setting.connector_names.get(cs.connector, str(cs.connector)),
        dn=cs.dn,
        object_type=cs.object_type,
        operation="delete",
    )
