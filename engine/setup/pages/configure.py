"""Configure: everything the wizard writes, in this order: tenant identity, connector accounts, tenant settings.

Source: facts "install" section 1, EXP-09 to EXP-13, CTE-01, CYD-01. Nothing is written before this page.
"""

from __future__ import annotations

import random
import string

from engine.connectors.active_directory.partitions import ConnectorAccount
from engine.errors import EngineError
from engine.run.delete_threshold import DeletionThreshold, threshold_for_tenant, threshold_from_tenant
from engine.scheduler import PolicyType, SchedulerSettings, settings_for_tenant, settings_from_tenant
from engine.setup.answers import AccountOption, Credential, Mode, SetupAnswers
from engine.setup.apply import build_blueprint
from engine.setup.database.database_takeover import take_over
from engine.setup.features.directory_extensions import FEATURE_DIRECTORY_EXTENSIONS
from engine.setup.features.write_back_settings import chosen_settings, tenant_write_back
from engine.setup.federation.configuring import federate_domain, prepare_federation
from engine.setup.fresh_names import connector_account, server_identifier
from engine.setup.installed_components import make_service_account
from engine.setup.page import OpenedForest, PageOutcome, WizardState, refuse
from engine.setup.pages.directory_extensions import registered
from engine.setup.plan import DirectoryPlan, InstallPlan, ServerBlueprint
from engine.setup.predecessor.dirsync_upgrade import taken_over, uninstalled, with_filters
from engine.setup.security_context import service_context
from engine.setup.settings.settings_file import differences
from engine.setup.settings.settings_import import with_imported_rules
from engine.setup.sign_in.method import configure_sign_in
from engine.setup.source_anchor import CONSISTENCY_GUID, OBJECT_GUID
from engine.setup.surroundings import FEATURE_PASSWORD_HASH_SYNC, selectable_anchors
from engine.timespan import duration

PAGE = "Configure"
#: the groups made by the installation count from the next sign-in on (RTC-04)
SIGN_OUT = "Sign out and sign in again before you use Synchronization Service Manager or Synchronization Rules Editor."
_PASSWORD_ALPHABETS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#%+-.:=?@_")
_PASSWORD_LENGTH = 48


def configure(answers: SetupAnswers, state: WizardState) -> tuple[PageOutcome, ServerBlueprint | None]:
    """Write to the tenant and to the forests; the blueprint is what the local database is then filled with."""
    if state.existing is not None:
        return take_over(answers, state, connected_directory, PAGE), None
    anchor = state.anchor.attribute if state.anchor is not None else None
    if anchor is None or not _usable(anchor, state):
        text = f"The sync engine cannot be configured with the source anchor {anchor}. Contact Support."
        return refuse(PAGE, "ANCHOR_INVALID_IN_ENGINE", text), None
    session, company = state.signed_in()
    try:
        session.run_as(service_context(state))
        federated = prepare_federation(answers, state)
        entra_account = session.service_account(server_identifier(state))
        directories = tuple(connected_directory(forest, answers, state) for forest in state.forests)
        make_service_account(state, lambda: account_password(state.random))
        scheduler = _scheduler(answers, state)
        threshold = threshold_from_tenant(company.accidental_deletes)
        _write_tenant(answers, state, anchor, scheduler, threshold)
        state.sign_in = configure_sign_in(answers, state)
        extensions = registered(state)
        plan = InstallPlan(
            answers=answers,
            server_name=state.host.name,
            product_version=state.host.product_version,
            tenant=company.initial_domain,
            directories=directories,
            anchor=anchor,
            entra_account=entra_account,
            entra_schema=session.schema(),
            scheduler=scheduler,
            deletion_threshold=threshold,
            now=state.clock.now(),
            extensions=extensions,
        )
        blueprint = with_filters(build_blueprint(plan, state.random), answers, state.random)
        blueprint, warnings = with_imported_rules(blueprint, state)
        federate_domain(answers, state, federated)
    except EngineError as refusal:
        return refuse(PAGE, refusal.code, refusal.message), None
    facts = {
        "source_anchor": anchor,
        "tenant_account": entra_account.username,
        "directory_accounts": [d.account.username for d in directories],
        **uninstalled(answers, state.host),
        **federated.facts,
        **(differences(state.imported) if state.imported is not None else {}),
    }
    message = f"The configuration is complete. The source anchor attribute is {anchor}."
    messages = (message, SIGN_OUT)
    return PageOutcome(PAGE, messages=messages, warnings=(*warnings, *federated.warnings), facts=facts), blueprint


def _usable(anchor: str, state: WizardState) -> bool:
    """The last guard before the engine is configured: the attribute exists in every forest's schema."""
    offered = selectable_anchors([f.schema for f in state.forests])
    return anchor.lower() in {name.lower() for name in (CONSISTENCY_GUID, OBJECT_GUID, *offered)}


def connected_directory(forest: OpenedForest, answers: SetupAnswers, state: WizardState) -> DirectoryPlan:
    account = forest.answers.credential
    taken = taken_over(forest.session.facts.name, answers, state.host)
    if taken is not None:
        account = _reset_account(taken, forest, answers, state)
    elif forest.answers.account is AccountOption.CREATE or answers.mode is Mode.EXPRESS:
        account = _create_account(forest, answers, state)
    return DirectoryPlan(
        facts=forest.session.facts,
        selected=forest.selected,
        schema=forest.schema,
        account=account,
        ou_selection=forest.ou_selection if answers.mode is Mode.CUSTOM else {},
        group_dn=forest.group_dn if answers.mode is Mode.CUSTOM else None,
    )


def _reset_account(name: str, forest: OpenedForest, answers: SetupAnswers, state: WizardState) -> Credential:
    """Keep the predecessor's account: its password cannot be read, so it gets a new one (DSU-08)."""
    password = account_password(state.random)
    kept = forest.session.reset_account(name, password)
    return entitled(forest, kept, password, answers)


def entitled(forest: OpenedForest, made: ConnectorAccount, password: str, answers: SetupAnswers) -> Credential:
    """Give the connector account its rights on every selected domain; returns what it signs in with."""
    for domain in forest.selected:
        forest.session.grant_rights(domain.dn, made.sid, password_hash_sync=answers.password_hash_sync)
    facts = forest.session.facts
    root = facts.domain(facts.root_dn) or facts.domains[0]
    return Credential(f"{root.netbios}\\{made.name}", password)


def _create_account(forest: OpenedForest, answers: SetupAnswers, state: WizardState) -> Credential:
    """Create MSOL_<id> in the forest root with its rights on every domain; the Enterprise Admin is forgotten."""
    name = connector_account(forest, state)
    password = account_password(state.random)
    _, company = state.signed_in()
    description = (
        f"Account created by Microsoft Entra Connect, identifier {name.removeprefix('MSOL_')}, running on computer"
        f" {state.host.name} configured to synchronize to tenant {company.initial_domain}."
    )
    created = forest.session.create_account(name, password, description)
    return entitled(forest, created, password, answers)


def account_password(source: random.Random) -> str:
    """A long random password with every kind of character."""
    needed = [source.choice(alphabet) for alphabet in _PASSWORD_ALPHABETS]
    rest = [source.choice("".join(_PASSWORD_ALPHABETS)) for _ in range(_PASSWORD_LENGTH - len(needed))]
    letters = needed + rest
    source.shuffle(letters)
    return "".join(letters)


def _scheduler(answers: SetupAnswers, state: WizardState) -> SchedulerSettings:
    """What the tenant keeps stays (decision D6), but for the box "start synchronization" and the next policy."""
    _, company = state.signed_in()
    kept = settings_from_tenant(
        company.scheduler, state.behaviour, allowed=duration(company.sync_interval), staging=answers.staging
    )
    return kept.with_(sync_cycle_enabled=answers.start_sync, next_sync_cycle_policy_type=PolicyType.INITIAL)


def _write_tenant(
    answers: SetupAnswers,
    state: WizardState,
    anchor: str,
    scheduler: SchedulerSettings,
    threshold: DeletionThreshold,
) -> None:
    session, company = state.signed_in()
    if not company.dirsyncing:
        session.enable_dirsync()
    features = company.features | (FEATURE_PASSWORD_HASH_SYNC if answers.password_hash_sync else 0)
    back, changes = tenant_write_back(chosen_settings(answers))
    features |= back | (FEATURE_DIRECTORY_EXTENSIONS if state.extensions else 0)
    if features != company.features:
        session.set_features(features)
    changes["Scheduler"] = settings_for_tenant(scheduler)
    if state.anchor is not None and state.anchor.write_policy:
        changes["AnchorAttribute"] = anchor
    if company.accidental_deletes is None:
        changes["PreventAccidentalDeletion"] = threshold_for_tenant(threshold)
    session.set_configuration(changes)
