"""Domain and OU filtering: which domains and containers are in. Facts "install" section 10.

The page opens at installation and again under Customize synchronization options.
"""

from __future__ import annotations

from dataclasses import replace

from engine.connectors.active_directory.partitions import DomainFacts
from engine.model.configuration import Partition
from engine.run.container_filter import container_filter
from engine.setup.answers import OuSelection, SetupAnswers
from engine.setup.apply import stored_exclusions
from engine.setup.page import OpenedForest, PageOutcome, WizardState, cannot_be_reached, refuse
from engine.versions import at_least

PAGE = "Domain and OU filtering"
#: The release whose wizard asks whether new OUs are synchronized; before it they always are (DOF-03, DOF-04).
ASKS_FOR_NEW_OUS = "1.1.524.0"


def domain_and_ou_filtering(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Everything named must exist; what cannot be reached cannot be selected."""
    del answers
    for forest in state.forests:
        outcome = _domains(forest) or _containers(forest, state.host.product_version)
        if outcome is not None:
            return outcome
    unreachable = [domain.dns_name for forest in state.forests for domain in forest.unreachable]
    facts = {"domains": [d.dns_name for f in state.forests for d in f.selected], "unreachable": unreachable}
    return PageOutcome(PAGE, warnings=tuple(map(cannot_be_reached, unreachable)), facts=facts)


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


def _containers(forest: OpenedForest, version: str) -> PageOutcome | None:
    for name, selection in forest.answers.ou_selection.items():
        domain = forest.session.facts.domain(name)
        if domain is None or domain not in forest.selected:
            return refuse(PAGE, "DOMAIN_UNKNOWN", f"The domain {name} is not selected.")
        tree = (domain.dn, *(c.dn for c in forest.session.containers(domain.dn) if c.dn.lower() != domain.dn.lower()))
        known = {dn.lower() for dn in tree}
        for dn in (*selection.included, *selection.excluded):
            if dn.lower() not in known:
                return refuse(PAGE, "CONTAINER_UNKNOWN", f"The domain {name} has no container {dn}.")
        if not selection.new_containers:
            if not at_least(version, ASKS_FOR_NEW_OUS):
                text = f"The wizard of version {version} does not ask: new OUs are synchronized."
                return refuse(PAGE, "NEW_OUS_NOT_ASKED", text)
            selection = _spelled_out(selection, domain, tree)
        forest.ou_selection[name] = selection
    return None


def _spelled_out(selection: OuSelection, domain: DomainFacts, tree: tuple[str, ...]) -> OuSelection:
    """Every container that is in today by its own name, so that none made later is."""
    excluded = stored_exclusions(selection, domain.dn)
    inside = container_filter(Partition("", domain.dn, domain.dns_name, True, selection.included, excluded))
    return replace(selection, included=tuple(dn for dn in tree if inside is None or inside(dn)))
