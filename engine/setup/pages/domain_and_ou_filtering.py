"""Domain and OU filtering: which domains and containers are in. Facts "install" section 10."""

from __future__ import annotations

from engine.connectors.active_directory.partitions import DomainFacts
from engine.setup.answers import SetupAnswers
from engine.setup.page import OpenedForest, PageOutcome, WizardState, refuse

PAGE = "Domain and OU filtering"


def domain_and_ou_filtering(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Everything named must exist; what cannot be reached cannot be selected."""
    del answers
    for forest in state.forests:
        outcome = _domains(forest) or _containers(forest)
        if outcome is not None:
            return outcome
    return PageOutcome(PAGE, facts={"domains": [d.dns_name for f in state.forests for d in f.selected]})


def _domains(forest: OpenedForest) -> PageOutcome | None:
    wanted = forest.answers.domains
    if wanted is None:
        return None
    chosen: list[DomainFacts] = []
    for name in wanted:
        found = forest.session.facts.domain(name)
        if found is None:
            return refuse(PAGE, "DOMAIN_UNKNOWN", f"The forest {forest.session.facts.name} has no domain {name}.")
        if found in forest.unreachable:
            return refuse(PAGE, "DOMAIN_UNREACHABLE", f"The domain {name} cannot be reached.")
        chosen.append(found)
    if not chosen:
        return refuse(PAGE, "NO_DOMAIN_SELECTED", "At least one domain has to be selected.")
    forest.selected = tuple(chosen)
    return None


def _containers(forest: OpenedForest) -> PageOutcome | None:
    for name, selection in forest.answers.ou_selection.items():
        domain = forest.session.facts.domain(name)
        if domain is None or domain not in forest.selected:
            return refuse(PAGE, "DOMAIN_UNKNOWN", f"The domain {name} is not selected.")
        known = {c.dn.lower() for c in forest.session.containers(domain.dn)} | {domain.dn.lower()}
        for dn in (*selection.included, *selection.excluded):
            if dn.lower() not in known:
                return refuse(PAGE, "CONTAINER_UNKNOWN", f"The domain {name} has no container {dn}.")
    return None
