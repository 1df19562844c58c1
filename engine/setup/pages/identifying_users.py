"""Uniquely identifying your users: matching across forests, and the source anchor. Facts "install" sections 11, 12, 18.

Express settings show no such page; the same source anchor decision is taken with no choice left.
"""

from __future__ import annotations

from engine.errors import EngineError
from engine.setup.answers import Identification, Mode, SetupAnswers
from engine.setup.page import PageOutcome, Warned, WizardState, refuse
from engine.setup.source_anchor import (
    CONSISTENCY_GUID,
    OBJECT_GUID,
    Route,
    Scan,
    SourceAnchorFacts,
    classify_policy,
    decide,
)
from engine.setup.surroundings import selectable_anchors

PAGE = "Uniquely identifying your users"


def identifying_users(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Decide the source anchor; run the search over all forests only when the decision asks for it."""
    custom = answers.mode is Mode.CUSTOM
    if custom and answers.identification is Identification.ATTRIBUTE and not answers.identification_attribute:
        return refuse(PAGE, "IDENTIFICATION_ATTRIBUTE_MISSING", "Choose the attribute that identifies users.")
    offered = selectable_anchors([f.schema for f in state.forests])
    chosen = answers.source_anchor.attribute if custom else None
    known = {name.lower(): name for name in (CONSISTENCY_GUID, OBJECT_GUID, *offered)}
    if chosen is not None and chosen.lower() not in known:
        text = f"{chosen} cannot be the source anchor: it is not offered by the directory schema of every forest."
        return refuse(PAGE, "ANCHOR_ATTRIBUTE_NOT_OFFERED", text, offered=offered)
    _, company = state.signed_in()
    facts = SourceAnchorFacts(
        version=state.host.product_version,
        route=Route.CUSTOM if custom else Route.EXPRESS,
        policy=classify_policy(company.anchor_attribute, offered),
        scan=Scan.SKIPPED if answers.switches.skip_ldap_search else Scan.NOT_DONE,
        chosen=known[chosen.lower()] if chosen is not None else None,
    )
    try:
        decision = decide(facts)
        if decision.scan_needed:
            decision = decide(_with_scan(facts, state))
    except EngineError as refusal:
        return refuse(PAGE, refusal.code, refusal.message)
    if decision.refused:
        return refuse(PAGE, decision.code, decision.reason, policy=company.anchor_attribute)
    state.anchor = decision
    warnings = tuple(Warned(code, text) for code, text in decision.warnings)
    learnt = {"source_anchor": decision.attribute, "reason": decision.code, "policy": company.anchor_attribute}
    return PageOutcome(PAGE, messages=(decision.reason,), warnings=warnings, facts=learnt)


def _with_scan(facts: SourceAnchorFacts, state: WizardState) -> SourceAnchorFacts:
    in_use = any(
        forest.session.consistency_guid_in_use(domain.dn) for forest in state.forests for domain in forest.selected
    )
    return SourceAnchorFacts(
        facts.version, facts.route, facts.policy, Scan.SOME if in_use else Scan.NONE, chosen=facts.chosen
    )
