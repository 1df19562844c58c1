"""Configure: everything the wizard writes, in this order: tenant identity, connector accounts, tenant settings.

Source: facts "install" section 1, EXP-09 to EXP-13, CTE-01, CYD-01. Nothing is written before this page.
"""

from __future__ import annotations

import random
import string

from engine.connectors.active_directory.partitions import connector_account_name
from engine.errors import EngineError
from engine.run.delete_threshold import DeletionThreshold, threshold_for_tenant, threshold_from_tenant
from engine.scheduler import PolicyType, SchedulerSettings, settings_for_tenant, settings_from_tenant
from engine.setup.answers import AccountOption, Credential, Mode, SetupAnswers
from engine.setup.apply import build_blueprint
from engine.setup.page import OpenedForest, PageOutcome, WizardState, refuse
from engine.setup.plan import DirectoryPlan, InstallPlan, ServerBlueprint
from engine.setup.source_anchor import CONSISTENCY_GUID, OBJECT_GUID
from engine.setup.surroundings import FEATURE_PASSWORD_HASH_SYNC, selectable_anchors
from engine.timespan import duration

PAGE = "Configure"
_PASSWORD_ALPHABETS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#%+-.:=?@_")
_PASSWORD_LENGTH = 48


def configure(answers: SetupAnswers, state: WizardState) -> tuple[PageOutcome, ServerBlueprint | None]:
    """Write to the tenant and to the forests; the blueprint is what the local database is then filled with."""
    anchor = state.anchor.attribute if state.anchor is not None else None
    if anchor is None or not _usable(anchor, state):
        text = f"The sync engine cannot be configured with the source anchor {anchor}. Contact Support."
        return refuse(PAGE, "ANCHOR_INVALID_IN_ENGINE", text), None
    session, company = state.signed_in()
    try:
        entra_account = session.service_account(f"{state.host.name}_{state.random.getrandbits(48):012x}")
        directories = tuple(connected_directory(forest, answers, state) for forest in state.forests)
        scheduler = _scheduler(answers, state)
        threshold = threshold_from_tenant(company.accidental_deletes)
        _write_tenant(answers, state, anchor, scheduler, threshold)
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
        )
        blueprint = build_blueprint(plan, state.random)
    except EngineError as refusal:
        return refuse(PAGE, refusal.code, refusal.message), None
    facts = {
        "source_anchor": anchor,
        "tenant_account": entra_account.username,
        "directory_accounts": [d.account.username for d in directories],
    }
    message = f"The configuration is complete. The source anchor attribute is {anchor}."
    return PageOutcome(PAGE, messages=(message,), facts=facts), blueprint


def _usable(anchor: str, state: WizardState) -> bool:
    """The last guard before the engine is configured: the attribute exists in every forest's schema."""
    offered = selectable_anchors([f.schema for f in state.forests])
    return anchor.lower() in {name.lower() for name in (CONSISTENCY_GUID, OBJECT_GUID, *offered)}


def connected_directory(forest: OpenedForest, answers: SetupAnswers, state: WizardState) -> DirectoryPlan:
    account = forest.answers.credential
    if forest.answers.account is AccountOption.CREATE or answers.mode is Mode.EXPRESS:
        account = _create_account(forest, answers, state)
    return DirectoryPlan(
        facts=forest.session.facts,
        selected=forest.selected,
        schema=forest.schema,
        account=account,
        ou_selection=forest.ou_selection if answers.mode is Mode.CUSTOM else {},
        group_dn=forest.group_dn if answers.mode is Mode.CUSTOM else None,
    )


def _create_account(forest: OpenedForest, answers: SetupAnswers, state: WizardState) -> Credential:
    """Create MSOL_<id> in the forest root with its rights on every domain; the Enterprise Admin is forgotten."""
    name = connector_account_name(state.random)
    password = account_password(state.random)
    _, company = state.signed_in()
    description = (
        f"Account created by Microsoft Entra Connect, identifier {name.removeprefix('MSOL_')}, running on computer"
        f" {state.host.name} configured to synchronize to tenant {company.initial_domain}."
    )
    created = forest.session.create_account(name, password, description)
    for domain in forest.selected:
        forest.session.grant_rights(domain.dn, created.sid, password_hash_sync=answers.password_hash_sync)
    root = forest.session.facts.domain(forest.session.facts.root_dn) or forest.session.facts.domains[0]
    return Credential(f"{root.netbios}\\{created.name}", password)


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
    if features != company.features:
        session.set_features(features)
    changes: dict[str, object] = {"Scheduler": settings_for_tenant(scheduler)}
    if state.anchor is not None and state.anchor.write_policy:
        changes["AnchorAttribute"] = anchor
    if company.accidental_deletes is None:
        changes["PreventAccidentalDeletion"] = threshold_for_tenant(threshold)
    session.set_configuration(changes)
