"""Customize synchronization options, Connect your directories: a forest connected to a server that is running.

Its connector comes last in every group of rules, so earlier forests keep winning ties; how users are identified and the
source anchor stay as they are. Source: facts "engine" 8, "install" 8 (CYD-08), 15.1; default configuration.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from engine.clock import Clock
from engine.errors import EngineError
from engine.model.schema import Schema
from engine.profile import Behaviour
from engine.rules import standard
from engine.run.delete_threshold import DeletionThreshold
from engine.scheduler import SchedulerSettings
from engine.setup.answers import (
    Credential,
    DirectoryAnswers,
    Feature,
    HostMachine,
    Mode,
    SetupAnswers,
    SignIn,
    Switches,
)
from engine.setup.apply import attribute_inclusion, directory_connector, guid
from engine.setup.configured_directories import directories_of
from engine.setup.features.attribute_choice import public_folders
from engine.setup.global_settings import ANCHOR_SETTING
from engine.setup.lifecycle import (
    ConfiguredServer,
    StoredSecrets,
    TaskOutcome,
    standard_rules_of,
    wizard_open,
)
from engine.setup.page import PageOutcome, WizardState, refuse
from engine.setup.pages import connect_directories as connecting
from engine.setup.pages.configure import connected_directory
from engine.setup.pages.domain_and_ou_filtering import domain_and_ou_filtering
from engine.setup.pages.identifying_users import refused_identification
from engine.setup.plan import DirectoryPlan, InstallPlan
from engine.setup.source_anchor import OBJECT_GUID, Operation, Route, Scan, SourceAnchorFacts, decide
from engine.setup.surroundings import Surroundings

TASK = "Customize synchronization options"
_NAMED_WAYS = (standard.ALWAYS_PROVISION, standard.MAIL, standard.OBJECT_SID, standard.SAM_ACCOUNT_NAME)


class SecretStore(StoredSecrets, Protocol):
    def save_secret(self, connector: str, value: str) -> None: ...


class GrowingServer(ConfiguredServer, Protocol):
    """What the task needs besides: where it stands in time, and a place for the new account's password."""

    name: str
    clock: Clock
    behaviour: Behaviour

    @property
    def configuration(self) -> SecretStore: ...

    @property
    def tenant(self) -> str: ...


def add_directories(
    server: GrowingServer,
    entra_admin: Credential,
    directories: Sequence[DirectoryAnswers],
    host: HostMachine,
    surroundings: Surroundings,
    *,
    source: random.Random,
    switches: Switches = Switches(),  # noqa: B008 - a frozen value
) -> TaskOutcome:
    """Connect further forests; nothing is written unless every page passes."""
    state = WizardState(host, surroundings, server.clock, source, server.behaviour)
    try:
        with wizard_open(server):
            state.tenant = surroundings.sign_in(entra_admin.username.rpartition("@")[2].lower(), entra_admin)
            state.company = state.tenant.company()
            return _add(server, _answers(server, entra_admin, directories, switches), state)
    except EngineError as refusal:
        return TaskOutcome((refuse(TASK, refusal.code, refusal.message),))
    finally:
        state.close()


def _answers(
    server: GrowingServer, entra_admin: Credential, directories: Sequence[DirectoryAnswers], switches: Switches
) -> SetupAnswers:
    """Only the directories are new; the sign-in method says whether the new account may replicate passwords."""
    hashes = any(connector.password_hash_sync for connector in directories_of(server))
    return SetupAnswers(
        entra_admin,
        tuple(directories),
        Mode.CUSTOM,
        sign_in=SignIn.PASSWORD_HASH_SYNC if hashes else SignIn.DO_NOT_CONFIGURE,
        features=frozenset({Feature.EXCHANGE_MAIL_PUBLIC_FOLDERS} if public_folders(server.global_settings) else ()),
        switches=switches,
    )


def _add(server: GrowingServer, answers: SetupAnswers, state: WizardState) -> TaskOutcome:
    known = {connector.parameters["forest-name"].lower() for connector in directories_of(server)}
    twice = [one.forest for one in answers.directories if one.forest.lower() in known]
    if twice:
        return TaskOutcome((refuse(connecting.PAGE, "DIRECTORY_TWICE", f"{twice[0]} is connected already."),))
    pages: list[PageOutcome] = []
    for page in (connecting.connect_directories, partial(_anchor, server), domain_and_ou_filtering):
        pages.append(page(answers, state))
        if pages[-1].refused:
            return TaskOutcome(tuple(pages))
    refused = _matching(server, state)
    if refused is not None:
        return TaskOutcome((*pages, refused))
    plans = tuple(connected_directory(forest, answers, state) for forest in state.forests)
    return TaskOutcome(tuple(pages), {"directories": _write(server, plans, answers, state)})


def _anchor(server: GrowingServer, answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """A forest whose users hold ConsistencyGuid already cannot be added while it is the anchor (CYD-08)."""
    facts = SourceAnchorFacts(
        server.version,
        Route.CUSTOM,
        scan=Scan.SKIPPED if answers.switches.skip_ldap_search else Scan.NOT_DONE,
        operation=Operation.ADD_DIRECTORY,
        configured=server.global_settings.get(ANCHOR_SETTING, OBJECT_GUID),
    )
    decision = decide(facts)
    if decision.scan_needed:
        used = any(f.session.consistency_guid_in_use(domain.dn) for f in state.forests for domain in f.selected)
        decision = decide(replace(facts, scan=Scan.SOME if used else Scan.NONE))
    if decision.refused:
        return refuse(connecting.PAGE, decision.code, decision.reason)
    return PageOutcome(connecting.PAGE, messages=(decision.reason,))


def _matching(server: GrowingServer, state: WizardState) -> PageOutcome | None:
    """A chosen attribute that identifies users has to exist in the new forest too."""
    criteria = server.global_settings["Microsoft.SynchronizationOption.JoinCriteria"]
    if criteria in _NAMED_WAYS:
        return None
    return refused_identification(criteria, [forest.schema for forest in state.forests])


def _write(
    server: GrowingServer, directories: tuple[DirectoryPlan, ...], answers: SetupAnswers, state: WizardState
) -> list[str]:
    """The connectors first, then their rules among those that are there, then what each of them has to read."""
    plan = InstallPlan(
        answers=answers,
        server_name=server.name,
        product_version=server.version,
        tenant=server.tenant,
        directories=directories,
        anchor=server.global_settings.get(ANCHOR_SETTING, OBJECT_GUID),
        entra_account=Credential("", ""),
        entra_schema=Schema(),
        scheduler=SchedulerSettings(),
        deletion_threshold=DeletionThreshold(),
        now=server.clock.now(),
    )
    order = max(connector.order for connector in server.connectors.values())
    added: dict[str, str] = {}
    for position, directory in enumerate(directories, 1):
        identifier = guid(state.random)
        server.save_connector(directory_connector(plan, directory, identifier, order + position, (), state.random))
        server.configuration.save_secret(identifier, directory.account.password)
        added[identifier] = directory.facts.name
    fresh = standard_rules_of(server)
    rules = standard.with_further_connectors(server.rules().values(), fresh, frozenset(added))
    server.save_rules(rules)
    for connector in list(server.connectors.values()):
        if connector.identifier in added:
            names = attribute_inclusion(rules, connector.identifier, connector.schema)
            server.save_connector(connector.with_(attributes=names))
    return list(added.values())
