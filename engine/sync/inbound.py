"""Inbound: scope, join or project, and the flow of every linked object into the metaverse.

The metaverse object is always computed from all objects linked to it, so the result cannot depend on the order in which
forests are imported, and a contributor that leaves takes its values along. Source: facts "engine" 3.2 and 8, decision
D7.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from engine.model.change import Changes, Operation, difference
from engine.model.cs_object import CSObject, LinkedBy
from engine.model.mv_object import MVObject
from engine.model.values import Attributes, Scalar, same
from engine.rules.expression import Context
from engine.rules.flowing import Pattern, resolve
from engine.rules.joining import find_claim, find_join
from engine.rules.plans import CompiledRule, LinkKey, RulesInScope
from engine.rules.rule import LinkType
from engine.sync.passage import Passage, SyncFailure
from engine.sync.workspace import Workspace


def evaluate_scope(passage: Passage, workspace: Workspace) -> None:
    """Which inbound rules hold for the source object; none when its directory deleted it."""
    cs = passage.cs
    passage.was_linked = cs.mv != 0
    if passage.deleted:
        return
    passage.context = passage.setting.inbound_context(cs)
    group = passage.setting.rules.inbound(cs.connector, cs.object_type)
    passage.mask = group.in_scope(passage.context.attributes, passage.context.parameters)
    passage.held = group.held(passage.mask)


def keep_or_break_link(passage: Passage, workspace: Workspace) -> None:
    """A link ends when the rule that made it is no longer in scope, never because join values stopped matching."""
    cs = passage.cs
    if not cs.mv:
        return
    passage.mv = workspace.mv(cs.mv)
    passage.retyped = cs.pending_import is Operation.DELETE_ADD  # another object: it looks for a link of its own
    if not passage.deleted and not passage.retyped:
        linking = passage.held.linking
        if cs.linked_by in (LinkedBy.OUTBOUND_JOIN, LinkedBy.OUTBOUND_PROVISION):
            if linking and not cs.owned:  # from now on an inbound rule holds it
                workspace.touch(cs)
                cs.linked_by, cs.linking_rule = LinkedBy.INBOUND_JOIN, linking[0].rule.identifier
            return
        if any(rule.rule.identifier == cs.linking_rule for rule in linking):
            return
        if linking:
            workspace.touch(cs)
            cs.linking_rule = linking[0].rule.identifier
            return
    workspace.link(cs, 0)
    cs.linked_by = LinkedBy.NOTHING
    cs.linking_rule = ""
    cs.owned = False
    passage.unlinked = True
    passage.relinked.add(cs.number)
    passage.observe("engine.unlink", **_place(passage, cs))


def join_or_project(passage: Passage, workspace: Workspace) -> None:
    """Give a disconnector its metaverse object: the one its join rule finds, else a new one if a rule provisions, else
    the one whose outbound rule asks for it.
    """
    cs = passage.cs
    if passage.deleted or cs.mv or passage.unlinked:
        return
    rule = _join_rule(passage.held)
    if rule is not None:
        _join_by(passage, workspace, rule)
    if not cs.mv:
        _join_by_outbound_rule(passage, workspace)


def _join_by(passage: Passage, workspace: Workspace, rule: CompiledRule) -> None:
    assert passage.context is not None

    def lookup(object_type: str, attribute: str, value: Scalar, case_sensitive: bool) -> Sequence[int]:
        return workspace.find_mv(None if object_type == "*" else object_type, attribute, value, case_sensitive)

    outcome = find_join(rule.rule, passage.context.attributes, lookup)
    if outcome.matched is not None:
        _join(passage, workspace, rule, outcome.matched)
    elif rule.rule.link_type is LinkType.PROVISION and (outcome.has_value or not rule.rule.joins):
        mv = workspace.create_mv(rule.rule.target_object_type)
        passage.mv, passage.mv_created, passage.projected = mv, True, True
        _link(passage, workspace, mv, rule, LinkedBy.INBOUND_PROVISION)


def _join_by_outbound_rule(passage: Passage, workspace: Workspace) -> None:
    """Outbound rules that only join are looked up from this end: every synchronization comes by the disconnectors."""
    cs, setting = passage.cs, passage.setting
    assert passage.context is not None

    def lookup(object_type: str, attribute: str, value: Scalar, case_sensitive: bool) -> Sequence[int]:
        return workspace.find_mv(object_type, attribute, value, case_sensitive)

    for rule, group in setting.rules.claims(cs.connector, cs.object_type):
        number = find_claim(rule.rule, passage.context.attributes, lookup).matched
        if number is None or any(other.connector == cs.connector for other in workspace.linked(number)):
            continue
        mv = workspace.mv(number)
        if rule.bit & group.in_scope(mv.values, setting.parameters_of(cs.connector, 0)):
            passage.mv, passage.joined = mv, True
            _link(passage, workspace, mv, rule, LinkedBy.OUTBOUND_JOIN)
            return


def _join_rule(held: RulesInScope) -> CompiledRule | None:
    """The one rule in scope that may link. Two with different criteria are an error (facts "engine" 3.2)."""
    if held.conflicting:
        names = ", ".join(held.conflicting)
        raise SyncFailure(
            "sync-rule-inbound-flow-rules-invalid", f"More than one rule in scope carries join criteria: {names}."
        )
    return held.joining


def _join(passage: Passage, workspace: Workspace, rule: CompiledRule, number: int) -> None:
    cs = passage.cs
    mv = workspace.mv(number)
    for other in workspace.linked(number):
        if other.connector == cs.connector and not _stands_beside(cs, other):
            raise SyncFailure(
                "ambiguous-import-flow-from-multiple-connectors",
                f"{other.dn} of the same connector is already joined to the metaverse object that "
                f"{rule.rule.name} finds for {cs.dn}.",
            )
    passage.mv, passage.joined = mv, True
    _link(passage, workspace, mv, rule, LinkedBy.INBOUND_JOIN)


def _stands_beside(cs: CSObject, other: CSObject) -> bool:
    """A computer and the msDS-Device its registration was written back as are one device (facts "engine" 10.1)."""
    return {cs.object_type, other.object_type} == {"computer", "msDS-Device"}


def _link(passage: Passage, workspace: Workspace, mv: MVObject, rule: CompiledRule, how: LinkedBy) -> None:
    cs = passage.cs
    workspace.link(cs, mv.number)
    cs.linked_by = how
    cs.linking_rule = rule.rule.identifier
    passage.relinked.add(cs.number)
    passage.observe(
        "engine.project" if how is LinkedBy.INBOUND_PROVISION else "engine.join",
        rule=rule.rule.name,
        **_place(passage, cs),
    )


def flow_inbound(passage: Passage, workspace: Workspace, only: Collection[str] | None = None) -> None:
    """Compute the metaverse object from everything linked to it; without a rule that keeps it alive it goes.

    only: attributes that sync itself has just staged on a linked object; what they cannot change is left alone.
    """
    mv = passage.mv
    if mv is None or passage.mv_removed:
        return
    keys: list[LinkKey] = []
    contexts: list[Context] = []
    sources: list[CSObject] = []
    alive = False
    rules = passage.setting.rules
    for linked in workspace.linked(mv.number):
        group = rules.inbound(linked.connector, linked.object_type)
        if not group.rules:
            continue
        if linked is passage.cs and passage.context is not None:
            context, mask = passage.context, passage.mask
        else:
            context = passage.setting.inbound_context(linked)
            mask = group.in_scope(context.attributes, context.parameters)
        held = group.held(mask)
        if not held.linking:
            continue  # attributes flow where a rule in scope joins (facts "engine" 3.2 step 4)
        alive = alive or held.keeps_alive
        keys.append((linked.connector, linked.object_type, mask))
        contexts.append(context)
        sources.append(linked)
    if not alive:
        passage.mv_removed = True
        return
    resolution = resolve(rules.metaverse_plan(tuple(keys)), contexts, creating=passage.mv_created, only=only)
    if only is not None and all(
        same(mv.values.get(name), resolution.values.get(name)) or name in resolution.kept
        for name in resolution.considered
    ):
        return
    values, pattern = resolution.values, resolution.pattern
    givers = tuple([source.number for source in sources])
    staying = resolution.kept if only is None else resolution.kept | (mv.values.keys() - resolution.considered)
    if staying:
        pattern, givers = _keep(mv, staying, values, pattern, givers)
    changes: Changes = difference(mv.values, values) if mv.values else dict(values)
    if changes or givers != mv.givers or (pattern is not mv.pattern and pattern != mv.pattern):
        workspace.touch(mv)
        before = mv.values
        mv.values, mv.pattern, mv.givers = values, pattern, givers
        passage.mv_changed = passage.mv_changed or bool(changes)
        if passage.setting.observer is not None:
            _observe_changes(passage, mv, before, changes)


def _keep(
    mv: MVObject, names: Collection[str], values: Attributes, pattern: Pattern, givers: tuple[int, ...]
) -> tuple[Pattern, tuple[int, ...]]:
    """Leave attributes as they are, and who gave them; adds to ``values``, returns who gave what."""
    pattern, held = dict(pattern), mv.values
    for name in names:
        if name not in held:
            continue
        values[name] = held[name]
        if name in mv.pattern:
            rule, place = mv.pattern[name]
            giver = mv.givers[place]
            if giver not in givers:
                givers = (*givers, giver)
            pattern[name] = (rule, givers.index(giver))
    return pattern, givers


def _observe_changes(passage: Passage, mv: MVObject, before: Attributes, changes: Mapping[str, object]) -> None:
    names = passage.setting.rules.names
    for name in sorted(changes):
        rule = mv.pattern.get(name)
        passage.observe(
            "engine.inbound",
            attribute=name,
            rule=names.get(rule[0], "") if rule else "",
            before=before.get(name),
            value=changes[name],
            metaverse=mv.number,
            **_place(passage, passage.cs),
        )


def _place(passage: Passage, cs: CSObject) -> dict[str, object]:
    return {
        "connector": passage.setting.connector_names.get(cs.connector, str(cs.connector)),
        "dn": cs.dn,
        "object_type": cs.object_type,
    }
