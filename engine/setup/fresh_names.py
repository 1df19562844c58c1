"""Names of the accounts Configure makes: drawn until nobody has one, so that leftovers never stand in the way.

An installation that broke off leaves its Sync_ account and its MSOL_ accounts behind; the next one makes its own. That
is decided: the documents only say that accounts nobody uses are to be removed. Source: facts "install" 1, 7 (CTE-16).
"""

from __future__ import annotations

from engine.connectors.active_directory.partitions import connector_account_name
from engine.setup.page import OpenedForest, WizardState


def server_identifier(state: WizardState) -> str:
    """<SERVER>_<12 hexadecimal digits> that no account of the tenant carries."""
    _, company = state.signed_in()
    taken = {name.partition("@")[0].lower() for name in company.service_accounts}
    while True:
        identifier = f"{state.host.name}_{state.random.getrandbits(48):012x}"
        if f"sync_{identifier}".lower() not in taken:
            return identifier


def connector_account(forest: OpenedForest, state: WizardState) -> str:
    """MSOL_<12 hexadecimal digits> that nobody in the forest's root domain has."""
    facts = forest.session.facts
    root = facts.domain(facts.root_dn) or facts.domains[0]
    while True:
        name = connector_account_name(state.random)
        if forest.session.account(f"{root.netbios}\\{name}") is None:
            return name
