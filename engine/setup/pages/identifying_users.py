"""Uniquely identifying your users: matching across forests, and the source anchor. Facts "install" sections 11, 12, 18.

Express settings show no such page; the same source anchor decision is taken with no choice left.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from engine.errors import EngineError
from engine.model.schema import AttributeType, Schema
from engine.rules.standard import matching_attribute
from engine.setup.answers import Identification, Mode, SetupAnswers
from engine.setup.page import PageOutcome, Warned, WizardState, refuse
from engine.setup.source_anchor import (
    CONSISTENCY_GUID,
    OBJECT_GUID,
    Operation,
    PolicyKind,
    Predecessor,
    Route,
    Scan,
    SourceAnchorFacts,
    TenantPolicy,
    classify_policy,
    decide,
)
from engine.setup.surroundings import selectable_anchors

PAGE = "Uniquely identifying your users"
MANAGED = "Let Azure manage the source anchor for me"


def identifying_users(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Decide the source anchor; run the search over all forests only when the decision asks for it."""
    custom = answers.mode is Mode.CUSTOM
    if custom and answers.identification is Identification.ATTRIBUTE:
        refused = refused_identification(answers.identification_attribute, [f.schema for f in state.forests])
        if refused is not None:
            return refused
    offered = selectable_anchors([f.schema for f in state.forests])
    chosen = answers.source_anchor.attribute if custom else None
    known = {name.lower(): name for name in (CONSISTENCY_GUID, OBJECT_GUID, *offered)}
    imported = answers.components.import_settings is not None
    if chosen is not None and not imported and chosen.lower() not in known:
        text = f"{chosen} cannot be the source anchor: it is not offered by the directory schema of every forest."
        return refuse(PAGE, "ANCHOR_ATTRIBUTE_NOT_OFFERED", text, offered=list(offered))
    _, company = state.signed_in()
    policy = classify_policy(company.anchor_attribute, offered)
    shown = {"policy": company.anchor_attribute, "preselected": preselected(policy), "offered": list(offered)}
    facts = SourceAnchorFacts(
        version=state.host.product_version,
        route=Route.CUSTOM if custom else Route.EXPRESS,
        policy=policy,
        scan=Scan.SKIPPED if answers.switches.skip_ldap_search else Scan.NOT_DONE,
        predecessor=Predecessor.DIRSYNC if answers.dirsync is not None else Predecessor.NONE,
        chosen=known[chosen.lower()] if chosen is not None and not imported else None,
        operation=Operation.IMPORT_SETTINGS if imported else Operation.NEW_INSTALL,
        configured=known.get(chosen.lower(), chosen) if chosen is not None and imported else None,
    )
    try:
        decision = decide(facts)
        if decision.scan_needed:
            decision = decide(_with_scan(facts, state))
    except EngineError as refusal:
        return refuse(PAGE, refusal.code, refusal.message)
    if decision.refused:
        return refuse(PAGE, decision.code, decision.reason, **shown, next_enabled=False)
    state.anchor = decision
    warnings = tuple(Warned(code, text) for code, text in decision.warnings)
    learnt = {"source_anchor": decision.attribute, "reason": decision.code, "next_enabled": True}
    return PageOutcome(PAGE, messages=(decision.reason,), warnings=warnings, facts={**shown, **learnt})


def refused_identification(name: str | None, schemas: Sequence[Schema]) -> PageOutcome | None:
    """A chosen attribute must be in the metaverse, and single-valued and no reference in every forest (UIU-05)."""
    if not name:
        return refuse(PAGE, "IDENTIFICATION_ATTRIBUTE_MISSING", "Choose the attribute that identifies users.")
    offered = matching_attributes(schemas)
    if name.lower() in {one.lower() for one in offered}:
        return None
    lacks = "the metaverse has no such attribute"
    if matching_attribute(name) is not None:
        lacks = "it is not a single-valued attribute of users in every forest"
    spelled = {one.lower(): one for one in offered}
    near = [spelled[one] for one in get_close_matches(name.lower(), spelled, 3)]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    text = f"Users cannot be identified by {name}: {lacks}.{hint}"
    return refuse(PAGE, "IDENTIFICATION_ATTRIBUTE_UNKNOWN", text, offered=offered)


def matching_attributes(schemas: Sequence[Schema]) -> tuple[str, ...]:
    """What can identify users across these forests."""
    usable = (AttributeType.STRING, AttributeType.INTEGER, AttributeType.BINARY)
    names: set[str] | None = None
    for schema in schemas:
        of_users = schema.object_types.get("user", frozenset(schema.attributes))
        found = {
            name
            for name, definition in schema.attributes.items()
            if name in of_users and not definition.multivalued and definition.type in usable
        }
        names = found if names is None else names & found
    return tuple(sorted((one for one in names or () if matching_attribute(one) is not None), key=str.lower))


def preselected(policy: TenantPolicy) -> str | None:
    """The choice the page opens with: the attribute on record, nothing for an unexpected one (SAS-01, 03, 04)."""
    match policy.kind:
        case PolicyKind.ATTRIBUTE:
            return policy.text
        case PolicyKind.UNEXPECTED:
            return None
    return MANAGED


def _with_scan(facts: SourceAnchorFacts, state: WizardState) -> SourceAnchorFacts:
    in_use = any(
        forest.session.consistency_guid_in_use(domain.dn) for forest in state.forests for domain in forest.selected
    )
    return SourceAnchorFacts(
        facts.version, facts.route, facts.policy, Scan.SOME if in_use else Scan.NONE, chosen=facts.chosen
    )
