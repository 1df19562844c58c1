"""The wizard run again over a configured server: Customize synchronization options. Source: facts "install" 15.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from harness.actions.registry import Actions, ForestName, ServerName
from harness.actions.sync_server import IDENTIFY, OUS
from harness.refusal import demand_completed
from harness.scenario.shapes import Choice, ListOf, Name

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


@action("wizard.customize", "wizard.customize: {server: SYNC1, ous: {exclude: [Staff]}}")
def customize(
    lab: Lab,
    server: ServerName,
    forest: Annotated[ForestName, "the directory whose selection is changed; the only one without it"] | None = None,
    ous: Annotated[dict[str, Any], OUS, "the OUs from now on; {} selects all"] | None = None,
    remove_group_filter: Annotated[bool, "clear the filter by a group, for good"] = False,
    group_filter: Annotated[str, "ask for a group filter again, which the wizard does not offer"] | None = None,
    upn_attribute: Annotated[str, "ask for another UPN attribute, which is read-only"] | None = None,
    anchor: Annotated[str, "ask for another source anchor, which is read-only here"] | None = None,
    identify: Annotated[str, Choice(IDENTIFY), "ask for another join method, which is read-only"] | None = None,
    domains: Annotated[list[str], ListOf(Name("forest")), "the domains of the directory from now on"] | None = None,
) -> None:
    """Run Customize synchronization options: change which domains and OUs are synchronized, remove the group filter. A
    changed directory is flagged for a full import, a freed one for a full synchronization; the next cycle does both.
    """
    from harness.lab.wizard_tasks import CustomChoices
    from harness.lab.wizard_tasks import customize as run

    chosen = None if domains is None else tuple(domains)
    choices = CustomChoices(forest, ous, remove_group_filter, group_filter, upn_attribute, anchor, identify, chosen)
    outcome = run(lab, lab.server(server), choices)
    demand_completed(outcome)
