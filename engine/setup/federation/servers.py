"""Looking at a server that is to become a federation server or a proxy: can it be managed, is it new enough, joined.

Source: facts "install" FED-01; custom installation ("seed001"): remote management, Windows Server 2012 R2 or later,
federation servers joined to Active Directory, proxies not necessarily.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import EngineError
from engine.setup.answers import Credential, SetupAnswers
from engine.setup.federation.answers import FederationAnswers
from engine.setup.page import WizardState

OLDEST = "Windows Server 2012 R2"


def federation_answers(answers: SetupAnswers) -> FederationAnswers:
    """What was answered on these pages; raises EngineError when nothing was."""
    if answers.federation is None:
        raise EngineError("FEDERATION_ANSWERS_MISSING", "Nothing is said about the federation servers.")
    return answers.federation


def manager(answers: SetupAnswers) -> Credential:
    """The domain administrator who manages the federation servers."""
    credential = federation_answers(answers).domain_admin
    if credential is None:
        raise EngineError("REMOTE_ACCESS_DENIED", "Enter the credentials of a domain administrator.")
    return credential


def look_at(state: WizardState, name: str, credential: Credential) -> Mapping[str, Any]:
    """What a server says of itself; raises EngineError with the reason why it cannot be used."""
    facts: Mapping[str, Any] = state.surroundings.federation().machine(name, credential).run("Get-ComputerInfo")
    if too_old(str(facts["OsName"])):
        text = f"{name} runs {facts['OsName']}; {OLDEST} or later is needed."
        raise EngineError("OS_UNSUPPORTED", text)
    return facts


def too_old(system: str) -> bool:
    years = [int(word) for word in system.split() if word.isdigit()]
    year = years[0] if years else 0
    return year < 2012 or (year == 2012 and "R2" not in system)


def check_joined(state: WizardState, name: str) -> None:
    """A federation server has an account in one of the directories that are connected."""
    if not any(forest.session.service_accounts().has_computer(name) for forest in state.forests):
        raise EngineError("SERVER_NOT_DOMAIN_JOINED", f"{name} is not joined to a domain of the connected directories.")


def federates(answers: SetupAnswers) -> bool:
    """Whether the pages of AD FS are shown."""
    return str(answers.sign_in) == "ad-fs"


def makes_farm(answers: SetupAnswers) -> bool:
    return federates(answers) and answers.federation is not None and answers.federation.new_farm


def has_proxies(answers: SetupAnswers) -> bool:
    return federates(answers) and answers.federation is not None and bool(answers.federation.proxies)


def any_federation(answers: SetupAnswers) -> bool:
    return federates(answers) or pings(answers)


def pings(answers: SetupAnswers) -> bool:
    """Whether the pages of PingFederate are shown."""
    return str(answers.sign_in) == "ping-federate"
