"""Group write-back: what the page Optional features asks before it takes the box, and what the choice writes.

Source: group write-back pages of the product; facts "install" OPT-06 to OPT-08. One organizational unit of one forest
with the Exchange schema; the container cannot be changed while the feature is on.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.connectors.active_directory.partitions import DomainFacts
from engine.model.configuration import Partition
from engine.run.container_filter import container_filter
from engine.setup.answers import Feature, GroupWriteBackChoice, OuSelection, SetupAnswers
from engine.setup.apply import stored_exclusions
from engine.setup.page import OpenedForest, WizardState

WRITEBACK_PAGE = "Writeback"
DELETION_WARNING = (
    "GROUP_WRITEBACK_DELETES",
    "Disabling group writeback deletes the groups it created from Active Directory in the next synchronization cycle.",
)


def refused(answers: SetupAnswers, state: WizardState) -> tuple[str, str] | None:
    """Why the box cannot be ticked with this choice; the first reason counts."""
    choice = answers.group_writeback
    with_exchange = [forest for forest in state.forests if forest.session.facts.exchange_schema]
    if not with_exchange:
        names = ", ".join(forest.session.facts.name for forest in state.forests)
        return "FEATURE_NOT_OFFERED", f"Group writeback is not offered: {names} has no Exchange schema."
    if Feature.GROUP_WRITEBACK not in answers.features:
        return None  # offered, and not asked for
    if choice is None or not choice.container:
        return "GROUP_WRITEBACK_CONTAINER", "Choose the organizational unit that written-back groups are stored in."
    forest = _forest(state.forests, choice)
    if forest is None:
        return "GROUP_WRITEBACK_FOREST", "Name the one connected forest that written-back groups are stored in."
    if not forest.session.facts.exchange_schema:
        return "FEATURE_NOT_OFFERED", f"Group writeback is not offered: {forest.answers.forest} has no Exchange schema."
    return _container_refused(forest, choice.container)


def _container_refused(forest: OpenedForest, container: str) -> tuple[str, str] | None:
    """The container exists and is synchronized: its groups could not be confirmed otherwise (decided)."""
    dn = container.lower()
    domains = [one for one in forest.selected if dn == one.dn.lower() or dn.endswith(f",{one.dn.lower()}")]
    domain = max(domains, key=lambda one: len(one.dn), default=None)
    if domain is None or dn not in {one.dn.lower() for one in forest.session.containers(domain.dn)}:
        return "GROUP_WRITEBACK_CONTAINER", f"{container} is no organizational unit of a selected domain."
    inside = container_filter(_partition(domain, forest.ou_selection.get(domain.dns_name, OuSelection())))
    if inside is not None and not inside(container):
        return "GROUP_WRITEBACK_CONTAINER", f"{container} is not selected on the page Domain and OU filtering."
    return None


def _partition(domain: DomainFacts, selection: OuSelection) -> Partition:
    excluded = stored_exclusions(selection, domain.dn)
    return Partition(
        "", domain.dn, domain.dns_name, True, selection.included, excluded, new_containers=selection.new_containers
    )


def _forest(forests: Iterable[OpenedForest], choice: GroupWriteBackChoice) -> OpenedForest | None:
    """The named forest, or the only one."""
    known = list(forests)
    if choice.forest:
        return next((one for one in known if one.answers.forest.lower() == choice.forest.lower()), None)
    return known[0] if len(known) == 1 else None
