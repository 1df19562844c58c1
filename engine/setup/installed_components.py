"""What the page "Install required components" leaves on the machine once the wizard has come to its end.

Source: facts "install" section 1, IRC-01, IRC-02, IRC-07, IRC-09 to IRC-11, IRC-13. It is kept with the database, as
the rest of a server's facts; the password of an account made here is known to the service control manager only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Protocol

from engine.errors import EngineError
from engine.setup.database.sql_instance import SqlInstance, correct_properties, reached
from engine.setup.page import InstalledComponents, WizardState
from engine.setup.service_account import ServiceAccount

FACT = "installed-components"


class Facts(Protocol):
    """The part of a sync database that holds single facts."""

    def fact(self, name: str, default: str = "") -> str: ...

    def set_fact(self, name: str, value: str) -> None: ...


def make_service_account(state: WizardState, password: Callable[[], str]) -> None:
    """On a domain controller without an account of its own: AAD_<id> in the forest's root domain (IRC-13)."""
    components = state.components
    if components is None or components.service_account or not state.forests:
        return
    session = state.forests[0].session
    name = f"AAD_{state.random.getrandbits(48):012x}"
    description = f"Service account of Microsoft Entra Connect on computer {state.host.name}."
    session.create_account(name, password(), description)
    root = session.facts.domain(session.facts.root_dn) or session.facts.domains[0]
    state.components = replace(components, service_account=f"{root.netbios}\\{name}")


def correct_database(state: WizardState) -> None:
    """Set a database made in advance right where the installation may (IRC-07)."""
    components = state.components
    if components is None or state.database is None or not state.database.exists():
        return
    found = reached(state.host.sql_instances, components.sql)
    correct_properties(found or SqlInstance(state.host.folder), components.database)


def record(facts: Facts, state: WizardState) -> None:
    if state.components is not None:
        facts.set_fact(FACT, json.dumps(asdict(state.components)))


def recorded(facts: Facts) -> InstalledComponents | None:
    """What was put on the machine; None where the wizard was not asked."""
    held = facts.fact(FACT)
    if not held:
        return None
    plain = json.loads(held)
    return InstalledComponents(**{**plain, "groups": tuple(plain["groups"])})


def change_service_account(facts: Facts, account: ServiceAccount) -> None:
    """The account a server was installed with stays; only its password may be another one (IRC-10)."""
    held = recorded(facts)
    if held is not None and held.service_account.lower() != account.name.lower():
        text = f"The service runs as {held.service_account}; its account cannot be changed after the installation."
        raise EngineError("SERVICE_ACCOUNT_FIXED", text)
