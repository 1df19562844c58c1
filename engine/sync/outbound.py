"""Outbound: provision or join on the other side, and stage the difference between what should be there and what is.

Source: facts "engine" 3.2 steps 8-9, sections 4 and 9, decisions D8 and D9. Reference attributes are staged by
references.py at the end of the step, when their targets have connectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.model.change import Changes, Operation
from engine.model.cs_object import RENAME, CSObject, LinkedBy
from engine.model.mv_object import MVObject
from engine.model.values import Scalar, Value, as_list, same
from engine.rules.flow_plan import Plan
from engine.rules.flowing import Resolution, resolve
from engine.rules.joining import find_reverse_join
from engine.rules.plans import CompiledRule, RuleGroup
from engine.sync.disconnection import deprovision, disconnect
from engine.sync.passage import Passage, SyncFailure
from engine.sync.workspace import Workspace

#: kinds of pending export that carry the whole object
_ADDING = (Operation.ADD, Operation.DELETE_ADD)


def flow_outbound(passage: Passage, workspace: Workspace) -> None:
    """Carry the metaverse object to every connector that has rules for its type."""
    mv = passage.mv
    if mv is None or passage.mv_removed:
        return
    for connector, group in passage.setting.rules.outbound(mv.object_type).items():
        _carry(passage, workspace, mv, connector, group)


def _carry(passage: Passage, workspace: Workspace, mv: MVObject, connector: int, group: RuleGroup) -> None:
    parameters = passage.setting.parameters_of(connector, 0)
    mask = group.in_scope(mv.values, parameters)
    held = group.held(mask)
    provisioning = held.provisioning
    links = [cs for cs in workspace.linked(mv.number) if cs.connector == connector]
    for lost in _let_go(links, held.rules):
        disconnect(passage, workspace, lost)
        links.remove(lost)
    link = _link_for(links, provisioning)
    created = False
    dn: str | None = None
    muted = bool(held.silenced_types)
    if provisioning is not None and muted:
        link = _keep_silent(passage, workspace, mv, connector, link, provisioning)
    elif provisioning is not None:
        if link is not None and link.object_type != provisioning.rule.target_object_type:
            if _new_dn(passage, mv, connector, provisioning) == link.dn:
                _replace(workspace, link, provisioning)
                created = True
            else:
                deprovision(passage, workspace, link)
                link = None
        if link is None:
            link, created = _provision(passage, workspace, mv, connector, provisioning)
            assert link is not None
        elif link.pending_export is Operation.ADD and link.anchor is None:
            link, made = _follow_dn(passage, workspace, mv, link, provisioning)
            created = created or made
        elif isinstance(link.anchor, bytes):
            dn = _rename(passage, mv, link, provisioning)
        if not link.owned:
            workspace.touch(link)
            link.owned = True
    elif link is not None and link.owned:
        deprovision(passage, workspace, link)
        link = None
    if link is None:
        return
    for each in links if not created and link in links else [link]:
        if each.object_type in held.linked_types | held.silenced_types:
            flow_to(passage, workspace, mv, each, mask, created=created, dn=dn, muted=muted)


def _keep_silent(
    passage: Passage,
    workspace: Workspace,
    mv: MVObject,
    connector: int,
    link: CSObject | None,
    rule: CompiledRule,
) -> CSObject | None:
    """Another tool has the object: it is linked when it is there, never made, and not deleted when it goes here.

    Source: pilot of Cloud Sync, link type JoinNoFlow (facts "install" 27).
    """
    if link is not None and link.pending_export is Operation.ADD and link.anchor is None:
        deprovision(passage, workspace, link)
        link = None
    if link is None:
        link, _ = _provision(passage, workspace, mv, connector, rule, existing=True)
    if link is not None and link.owned:
        workspace.touch(link)
        link.owned = False
    return link


def _link_for(links: Sequence[CSObject], provisioning: CompiledRule | None) -> CSObject | None:
    """The object a provisioning rule speaks of: one of its type, or one it has to replace. What an inbound rule found
    in a forest under another type stands beside it: a computer, when its device is written back.
    """
    if provisioning is None:
        return next((cs for cs in links if cs.owned), links[0] if links else None)
    wanted = provisioning.rule.target_object_type
    of_type = next((cs for cs in links if cs.object_type == wanted), None)
    if of_type is not None:
        return of_type
    return next((cs for cs in links if cs.owned or not isinstance(cs.anchor, bytes)), None)


def _let_go(links: Sequence[CSObject], chosen: Sequence[CompiledRule]) -> list[CSObject]:
    """Objects an outbound rule joined that is not in scope any more."""
    return [
        cs
        for cs in links
        if cs.linked_by is LinkedBy.OUTBOUND_JOIN
        and not cs.owned
        and all(rule.rule.identifier != cs.linking_rule for rule in chosen)
    ]


def _provision(
    passage: Passage, workspace: Workspace, mv: MVObject, connector: int, rule: CompiledRule, *, existing: bool = False
) -> tuple[CSObject | None, bool]:
    """Find the object on the other side by the rule's join, then by DN; else make a new one. True when it is new.

    existing: none is made.
    """

    def lookup(object_type: str, attribute: str, value: Scalar, case_sensitive: bool) -> Sequence[int]:
        return [cs.number for cs in workspace.find_cs(connector, object_type, attribute, value, case_sensitive)]

    outcome = find_reverse_join(rule.rule, mv.values, lookup)
    if outcome.ambiguous:
        raise SyncFailure(
            "sync-rule-flow-provisioning-failed",
            f"{rule.rule.name} finds more than one object to join: {', '.join(map(str, outcome.candidates))}.",
        )
    dn = _new_dn(passage, mv, connector, rule)
    found = workspace.cs(outcome.matched) if outcome.matched is not None else workspace.find_cs_by_dn(connector, dn)
    if found is passage.cs and passage.deleted:
        found = None  # it is about to leave the connector space
    if found is not None and found.object_type in (rule.rule.target_object_type, ""):
        if found.mv and found.mv != mv.number:
            raise SyncFailure(
                "ambiguous-import-flow-from-multiple-connectors",
                f"{found.dn} is already joined to another metaverse object.",
            )
        return _adopt(passage, workspace, mv, found, rule), False
    if existing:
        return None, False
    if found is not None and not found.mv and found.pending_export is Operation.DELETE:
        workspace.link(found, mv.number)
        found.linked_by, found.owned = LinkedBy.OUTBOUND_PROVISION, True
        _replace(workspace, found, rule)
        passage.relinked.add(found.number)
        return found, True
    if found is not None:
        raise SyncFailure(
            "sync-rule-flow-provisioning-failed",
            f"{dn} is taken by an object of type {found.object_type}.",
        )
    cs = workspace.create_cs(connector, rule.rule.target_object_type, dn)
    workspace.link(cs, mv.number)
    cs.linked_by, cs.linking_rule, cs.owned = LinkedBy.OUTBOUND_PROVISION, rule.rule.identifier, True
    cs.pending_export = Operation.ADD
    passage.relinked.add(cs.number)
    return cs, True


def _adopt(passage: Passage, workspace: Workspace, mv: MVObject, cs: CSObject, rule: CompiledRule) -> CSObject:
    """Link an object that is there already; a deletion staged for it is withdrawn, one that was sent is made good."""
    workspace.link(cs, mv.number)
    cs.linked_by, cs.linking_rule, cs.owned = LinkedBy.OUTBOUND_JOIN, rule.rule.identifier, True
    if cs.object_type == "":
        cs.object_type = rule.rule.target_object_type
    if cs.pending_export is Operation.DELETE:
        cs.pending_export = Operation.NONE
    if cs.unconfirmed_operation is Operation.DELETE or cs.anchor is None:
        cs.pending_export = Operation.ADD
    passage.relinked.add(cs.number)
    return cs


def _new_dn(passage: Passage, mv: MVObject, connector: int, rule: CompiledRule) -> str:
    for flow in rule.flows:
        if flow.target == "dn":
            value = flow.run(passage.setting.outbound_context(mv, connector))
            if isinstance(value, str):
                return value
    raise SyncFailure(
        "sync-rule-flow-provisioning-failed", f"{rule.rule.name} gives no distinguished name for the new object."
    )


def _follow_dn(
    passage: Passage, workspace: Workspace, mv: MVObject, link: CSObject, rule: CompiledRule
) -> tuple[CSObject, bool]:
    """An object not exported yet is called by what the rules say now, for another contributor may have changed it; what
    already has that name takes its place.
    """
    dn = _new_dn(passage, mv, link.connector, rule)
    if dn == link.dn:
        return link, False
    if workspace.find_cs_by_dn(link.connector, dn) is None:
        workspace.rename(link, dn)
        return link, False
    deprovision(passage, workspace, link)
    made, created = _provision(passage, workspace, mv, link.connector, rule)
    assert made is not None
    return made, created


def _rename(passage: Passage, mv: MVObject, link: CSObject, rule: CompiledRule) -> str | None:
    """The DN the rules want for an object of a forest, when it is another one; the tenant's objects have no names."""
    if not any(flow.target == "dn" for flow in rule.flows):
        return None
    dn = _new_dn(passage, mv, link.connector, rule)
    return dn if dn != link.dn else None


def _replace(workspace: Workspace, link: CSObject, rule: CompiledRule) -> None:
    """Another type under the same name: what is there is deleted and added anew (facts "engine" section 9 point 8)."""
    workspace.rename(link, link.dn)
    link.object_type = rule.rule.target_object_type
    link.linking_rule = rule.rule.identifier
    link.unapplied = None
    if link.pending_export is not Operation.ADD:
        link.pending_export = Operation.DELETE_ADD


def flow_to(
    passage: Passage,
    workspace: Workspace,
    mv: MVObject,
    link: CSObject,
    mask: int,
    *,
    created: bool,
    dn: str | None = None,
    muted: bool = False,
) -> None:
    """Stage what the rules want against what the directory should hold by now. dn: its new name. muted: only where a
    reference moves, and then everything (facts "install" 27).
    """
    setting = passage.setting
    plain, references = setting.rules.outbound_plans(mv.object_type, link.connector, mask, link.object_type)
    resolution = resolve(plain, [setting.outbound_context(mv, link.connector)], creating=created)
    held = {} if link.pending_export in _ADDING else link.confirmed_and_sent()
    if plain.merging:
        _merge(plain, resolution, held)
    changes = _differences(plain, resolution, held)
    if references is not None:
        complete = stage_references_of(passage, workspace, link, references, changes)
        if not complete:
            passage.references.add(mv.number)
    if dn is not None:
        changes[RENAME] = dn
    if muted and (references is None or references.names.isdisjoint(changes)):
        changes = {}
    stage(passage, workspace, link, changes, resolution, created=created)


def stage_references_of(passage: Passage, workspace: Workspace, link: CSObject, plan: Plan, changes: Changes) -> bool:
    """Add the reference attributes to the changes; False when a target has no counterpart yet, so it must be tried
    again."""
    mv = passage.mv
    assert mv is not None
    held = {} if link.pending_export in _ADDING else link.confirmed_and_sent()
    if plan.sources.isdisjoint(mv.values) and plan.names.isdisjoint(held):
        return True
    context = passage.setting.outbound_context(mv, link.connector)
    present = None if plan.always else plan.sources & mv.values.keys()
    resolution = resolve(plan, [context], creating=link.pending_export in _ADDING, only=present)
    complete = True
    for name in resolution.values.keys() | (plan.names & held.keys()):
        if name in resolution.kept:
            continue
        value = resolution.values.get(name)
        numbers = [n for n in as_list(value) if isinstance(n, int)]
        found = workspace.counterparts(link.connector, numbers) if numbers else {}
        targets: list[Scalar] = list(dict.fromkeys(found[n] for n in numbers if n in found))
        complete = complete and len(found) == len(numbers)
        wanted: Value | None = targets or None
        if targets and not isinstance(value, list):
            wanted = targets[0]
        if not same(held.get(name), wanted):
            changes[name] = wanted
    return complete


def _merge(plan: Plan, resolution: Resolution, held: Mapping[str, Value]) -> None:
    """A merging flow adds to what the directory holds and takes nothing away (facts "engine" section 7)."""
    for name, exact in plan.merging.items():
        given = as_list(resolution.values.get(name))
        if not given:
            resolution.kept.add(name)
            continue
        present = as_list(held.get(name))
        known = {_merge_key(value, exact=exact) for value in present}
        resolution.values[name] = [*present, *(v for v in given if _merge_key(v, exact=exact) not in known)]


def _merge_key(value: Scalar, *, exact: bool) -> Scalar:
    return value if exact or not isinstance(value, str) else value.casefold()


def _differences(plan: Plan, resolution: Resolution, held: Mapping[str, Value]) -> Changes:
    changes: Changes = {}
    values = resolution.values
    for name, value in values.items():
        if name not in held or not same(held[name], value):
            changes[name] = value
    for name in held:
        if name in plan.names and name not in values and name not in resolution.kept:
            changes[name] = None
    return changes


def stage(
    passage: Passage,
    workspace: Workspace,
    link: CSObject,
    changes: Changes,
    resolution: Resolution | None = None,
    *,
    created: bool = False,
) -> None:
    """Put the changes in the unapplied layer; an export add stays an add even when it carries nothing yet."""
    before = link.unapplied or {}
    if changes != before or (not changes and link.pending_export is Operation.UPDATE):
        workspace.touch(link)
        link.unapplied = changes or None
        if link.pending_export not in _ADDING:
            link.pending_export = Operation.UPDATE if changes else Operation.NONE
        passage.count_outbound(link.connector, _outbound_counter(link, changes, before, created=created))
        if passage.setting.observer is not None:
            _observe(passage, link, changes, before, resolution)
    elif created:
        passage.count_outbound(link.connector, _outbound_counter(link, changes, before, created=True))
    else:
        passage.count_outbound(link.connector, "connector-no-flow")


def _outbound_counter(link: CSObject, changes: Changes, before: Changes, *, created: bool) -> str:
    """The counter of an object whose staged changes are others than before (facts "engine" 5.3)."""
    if created:
        what = "provisioned-delete-add" if link.pending_export is Operation.DELETE_ADD else "provisioned-add"
    elif RENAME in changes and changes[RENAME] != before.get(RENAME):
        what = "provisioned-rename"
    else:
        return "connector-flow"
    return f"{what}-flow" if changes.keys() - {RENAME} else f"{what}-no-flow"


def _observe(
    passage: Passage, link: CSObject, changes: Changes, before: Changes, resolution: Resolution | None
) -> None:
    names = passage.setting.rules.names
    place: dict[str, object] = {
        "connector": passage.setting.connector_names.get(link.connector, str(link.connector)),
        "dn": link.dn,
        "object_type": link.object_type,
    }
    for name in sorted(changes):
        if name in before and same(before[name], changes[name]):
            continue
        rule = resolution.pattern.get(name) if resolution is not None else None
        passage.observe(
            "engine.outbound",
            attribute=name,
            rule=names.get(rule[0], "") if rule else "",
            value=changes[name],
            **place,
        )
    passage.observe("engine.pending-export", operation=link.pending_export.label, attributes=sorted(changes), **place)
