"""Filter users and devices: the pilot group of each forest. Facts "install" 13.1."""

from __future__ import annotations

from engine.setup.answers import SetupAnswers
from engine.setup.page import PageOutcome, Warned, WizardState, refuse

PAGE = "Filter users and devices"
PILOT = Warned("GROUP_FILTER_PILOT", "Filtering by a group is meant for a pilot deployment, not for production.")


def filtering_groups(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Resolve each named group to its DN."""
    del answers
    found: dict[str, str] = {}
    for forest in state.forests:
        name = forest.answers.group_filter
        if name is None:
            continue
        dns = (forest.session.group_dn(domain.dn, name) for domain in forest.selected)
        forest.group_dn = next((dn for dn in dns if dn is not None), None)
        if forest.group_dn is None:
            return refuse(PAGE, "GROUP_NOT_FOUND", f"The forest {forest.session.facts.name} has no group {name}.")
        found[forest.session.facts.name] = forest.group_dn
    warnings = (PILOT,) if found else ()
    return PageOutcome(PAGE, warnings=warnings, facts={"groups": found})
