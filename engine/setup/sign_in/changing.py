"""The wizard's task Change user sign-in: to any method but "Do not configure", with or without single sign-on.

Source: facts "install" 15.5, USI-04, USI-07; user sign-in page (a federated domain becomes a managed one unless the box
"Do not convert user accounts" is ticked).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.errors import EngineError
from engine.model.configuration import ConnectorType
from engine.setup.answers import Credential, SignIn
from engine.setup.configured_directories import directories_of
from engine.setup.federation.answers import FederationAnswers
from engine.setup.lifecycle import ConfiguredServer, TaskOutcome, wizard_open
from engine.setup.page import PageOutcome, refuse
from engine.setup.pages import user_sign_in as sign_in_page
from engine.setup.pages.single_sign_on import ask_for_administrators
from engine.setup.sign_in import single_sign_on
from engine.setup.sign_in.changing_to_federation import FederatingServer, change_to_federation
from engine.setup.sign_in.method import enable_pass_through, new_agent
from engine.setup.surroundings import FEATURE_PASSWORD_HASH_SYNC, CompanyFacts, Surroundings, TenantSession

TASK = "Change user sign-in"
FEDERATED = frozenset({SignIn.AD_FS, SignIn.PING_FEDERATE})
_PHS_SETTING = "Microsoft.OptionalFeature.PasswordHashSync"


@dataclass(frozen=True)
class SignInChange:
    """What the administrator chooses. single_sign_on None: left as it is. keep_users: the box "Do not convert user
    accounts": federated domains stay what they are (USI-07).
    """

    method: SignIn
    single_sign_on: bool | None = None
    accounts: Mapping[str, Credential] = field(default_factory=dict)
    keep_users: bool = False
    federation: FederationAnswers | None = None  # the pages about the farm, for AD FS and PingFederate


def change_user_sign_in(
    server: FederatingServer,
    entra_admin: Credential,
    change: SignInChange,
    surroundings: Surroundings,
    source: random.Random,
) -> TaskOutcome:
    """Run the task; nothing is written unless its pages pass."""
    refused = _refused(change)
    if refused is not None:
        return TaskOutcome((refused,))
    if change.method in FEDERATED:
        return change_to_federation(server, entra_admin, change.method, change.federation, surroundings, source, TASK)
    pages = [PageOutcome(sign_in_page.PAGE, facts={"sign_in": str(change.method)})]
    try:
        with wizard_open(server):
            if change.single_sign_on:
                forests = [c.parameters["forest-name"] for c in directories_of(server)]
                pages.append(ask_for_administrators(forests, change.accounts, surroundings))
                if pages[-1].refused:
                    return TaskOutcome(tuple(pages))
            session = surroundings.sign_in(entra_admin.username.rpartition("@")[2].lower(), entra_admin)
            try:
                changes = _change(server, change, session, surroundings, source)
            finally:
                session.close()
    except EngineError as refusal:
        return TaskOutcome((*pages, refuse(TASK, refusal.code, refusal.message)))
    return TaskOutcome((*pages, PageOutcome(TASK, facts=changes)), changes)


def _refused(change: SignInChange) -> PageOutcome | None:
    if change.method is SignIn.DO_NOT_CONFIGURE:
        text = "The sign-in method cannot be changed to Do not configure."
        return refuse(sign_in_page.PAGE, "SIGN_IN_METHOD_NOT_OFFERED", text)
    if change.method in FEDERATED and change.single_sign_on:
        text = "Single sign-on is offered only with password hash synchronization or pass-through authentication."
        return refuse(sign_in_page.PAGE, "SINGLE_SIGN_ON_NOT_OFFERED", text)
    return None


def _change(
    server: FederatingServer,
    change: SignInChange,
    session: TenantSession,
    surroundings: Surroundings,
    source: random.Random,
) -> dict[str, object]:
    company = session.company()
    memory = server.requests.memory
    if change.method is SignIn.PASS_THROUGH:
        if not [d for d in company.verified_domains if d.lower() != company.initial_domain.lower()]:
            raise EngineError("NO_VERIFIED_DOMAIN", "Pass-through authentication needs at least one verified domain.")
        agent = memory.agent
        if agent is None:
            forests = tuple(c.parameters["forest-name"] for c in directories_of(server))
            agent = new_agent(session, company, server.name, forests, source)
        enable_pass_through(session, agent, surroundings)
        memory = replace(memory, agent=agent)
    else:
        session.register("EnablePassthroughAuthentication", {"Enable": False})
        _enable_password_hash_sync(server, session, session.company())
    converted: list[str] = []
    if not change.keep_users:
        answer = session.register("ConvertDomainsToManaged", {})
        converted = [str(name) for name in answer.get("Domains", ())]  # type: ignore[attr-defined]
    enabled = memory.single_sign_on
    if change.single_sign_on is not None:
        enabled = bool(change.single_sign_on)
        if enabled:
            enabled = bool(single_sign_on.enable_forests(session, change.accounts, surroundings, source))
        else:
            single_sign_on.disable(session)
    server.requests.remember(replace(memory, method=str(change.method), single_sign_on=enabled, set_up_here=True))
    return {"sign_in": str(change.method), "single_sign_on": enabled, "converted": converted}


def _enable_password_hash_sync(server: ConfiguredServer, session: TenantSession, company: CompanyFacts) -> None:
    features = company.features | FEATURE_PASSWORD_HASH_SYNC
    if features != company.features:
        session.set_features(features)
    server.save_setting(_PHS_SETTING, "True")
    for connector in list(server.connectors.values()):
        if connector.type is ConnectorType.ACTIVE_DIRECTORY and not connector.password_hash_sync:
            server.save_connector(connector.with_(password_hash_sync=True))
