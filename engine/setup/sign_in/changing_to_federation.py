"""Change user sign-in to AD FS or PingFederate: the pages of the installation over a server that is configured.

What the installation decided (source anchor, sign-in attribute, forests) is taken as it stands. Pass-through
authentication goes off in the tenant, for its users sign in elsewhere. Source: facts "install" 15.5, 14.2, 14.3.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from engine.clock import Clock
from engine.errors import EngineError
from engine.pass_through.sign_in_memory import SignInMemory
from engine.profile import behaviour
from engine.setup.answers import Credential, HostMachine, Mode, SetupAnswers, SignIn
from engine.setup.configured_directories import directory_answers, open_directories
from engine.setup.federation.answers import FederationAnswers
from engine.setup.federation.configuring import federate_domain, prepare_federation
from engine.setup.global_settings import ANCHOR_SETTING
from engine.setup.lifecycle import ConfiguredServer, TaskOutcome, wizard_open
from engine.setup.page import PageOutcome, WizardState, refuse
from engine.setup.pages.connect_to_entra_id import connect_to_entra_id
from engine.setup.source_anchor import OBJECT_GUID, SourceAnchorDecision
from engine.setup.surroundings import Surroundings
from engine.setup.wizard import PAGES

UPN_SETTING = "Microsoft.SynchronizationOption.UPNAttribute"
#: modules of the pages that are about a farm
_FARM_PAGES = ("ad_fs_", "ping_federate_")


class SignInRequests(Protocol):
    memory: SignInMemory

    def remember(self, memory: SignInMemory) -> None: ...


class FederatingServer(ConfiguredServer, Protocol):
    """What the task needs of the server: name, files, time, and what the machine keeps of the sign-in."""

    name: str
    folder: Path
    clock: Clock

    @property
    def requests(self) -> SignInRequests: ...


def change_to_federation(
    server: FederatingServer,
    entra_admin: Credential,
    method: SignIn,
    wanted: FederationAnswers | None,
    surroundings: Surroundings,
    source: random.Random,
    task: str,
) -> TaskOutcome:
    """Run the pages about the farm, then set the trust up and federate the domain; nothing is written before."""
    host = HostMachine(server.name, server.folder, product_version=server.version)
    state = WizardState(host, surroundings, server.clock, source, behaviour())
    state.anchor = SourceAnchorDecision(server.global_settings.get(ANCHOR_SETTING, OBJECT_GUID), "", "")
    pages: list[PageOutcome] = []
    try:
        with wizard_open(server):
            answers = _answers(server, entra_admin, method, wanted)
            for page in _pages(answers, state, server):
                pages.append(page)
                if page.refused:
                    return TaskOutcome(tuple(pages))
            changes = _configure(server, answers, state)
    except EngineError as refusal:
        return TaskOutcome((*pages, refuse(task, refusal.code, refusal.message)))
    finally:
        state.close()
    return TaskOutcome((*pages, PageOutcome(task, facts=changes)), changes)


def _answers(
    server: FederatingServer, entra_admin: Credential, method: SignIn, wanted: FederationAnswers | None
) -> SetupAnswers:
    return SetupAnswers(
        entra_admin,
        directory_answers(server),
        Mode.CUSTOM,
        sign_in=method,
        upn_attribute=server.global_settings.get(UPN_SETTING, "userPrincipalName"),
        federation=wanted if wanted is not None else FederationAnswers(),
    )


def _pages(answers: SetupAnswers, state: WizardState, server: FederatingServer) -> Iterator[PageOutcome]:
    yield connect_to_entra_id(answers, state)
    open_directories(server, state)
    for entry in PAGES:
        name = entry.page.__module__.rpartition(".")[2]
        if name.startswith(_FARM_PAGES) and entry.takes_part(answers):
            try:
                outcome = entry.page(answers, state)
            except EngineError as refusal:
                outcome = refuse(entry.title, refusal.code, refusal.message)
            yield outcome


def _configure(server: FederatingServer, answers: SetupAnswers, state: WizardState) -> dict[str, object]:
    federated = prepare_federation(answers, state)
    session, _ = state.signed_in()
    session.register("EnablePassthroughAuthentication", {"Enable": False})
    federate_domain(answers, state, federated)
    memory = replace(server.requests.memory, method=str(answers.sign_in), set_up_here=True)
    server.requests.remember(memory)
    return {"sign_in": str(answers.sign_in), **federated.facts}


__all__ = ["change_to_federation"]
