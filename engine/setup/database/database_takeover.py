"""A new server takes over an existing database: new accounts first, then everything of it is written in one go.

Credentials are not recovered, for only the earlier server could decrypt them; the server ends in staging mode, goes on
from the watermarks, and reads the tenant in full first when those are too old. Source: existing-database; facts
"install" XDB-03 to XDB-09, 18 step 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from engine.clock import Clock
from engine.errors import EngineError
from engine.model.configuration import ENTRA_CONNECTOR_ID, ConnectorConfiguration, ConnectorType
from engine.model.identity import database_identity
from engine.network import Network
from engine.rules.rule import SyncRule
from engine.rules.rule_diff import compare
from engine.scheduler import settings_for_tenant, settings_from_tenant
from engine.setup.answers import Credential, SetupAnswers, SignIn
from engine.setup.apply import attribute_inclusion, login_name
from engine.setup.database.existing_database import ExistingDatabase
from engine.setup.global_settings import ANCHOR_SETTING, STAGING_SETTING, VERSION_SETTING
from engine.setup.installed_components import record
from engine.setup.lifecycle import standard_rules_of
from engine.setup.page import PageOutcome, Warned, WizardState, refuse
from engine.setup.source_anchor import (
    Operation,
    Route,
    SourceAnchorDecision,
    SourceAnchorFacts,
    classify_policy,
    decide,
)
from engine.setup.surroundings import selectable_anchors
from engine.setup.upgrade import renewed_rules
from engine.store.configuration import StoredConfiguration
from engine.store.database import Database
from engine.store.run_history import TIME
from engine.store.size import SQL_INSTANCE
from engine.sync_cycle import TENANT_FIRST
from engine.timespan import duration
from engine.versions import version

if TYPE_CHECKING:
    from engine.server import SyncServer

SUSPENDED = "Microsoft.Synchronize.SchedulerSuspended"


@dataclass(frozen=True)
class Takeover:
    """What is written to the database at the end. accounts: of each connector by its identifier."""

    accounts: Mapping[str, Credential] = field(repr=False)
    connectors: tuple[ConnectorConfiguration, ...]
    rules: tuple[SyncRule, ...]
    settings: Mapping[str, str]
    tenant_first: bool


def take_over(answers: SetupAnswers, state: WizardState, connect: Callable[..., object], page: str) -> PageOutcome:
    """The page Configure: accounts in the tenant and in every forest, the tenant's settings, and the plan for the
    database. ``connect`` gives a forest its account, as in any installation."""
    existing = state.existing
    assert existing is not None
    try:
        anchor = _anchor(existing, state)
        if anchor.attribute is None:
            return refuse(page, anchor.code, anchor.reason)
        session, _ = state.signed_in()
        tenant_account = session.service_account(f"{state.host.name}_{state.random.getrandbits(48):012x}")
        accounts = {ENTRA_CONNECTOR_ID: tenant_account, **_directory_accounts(existing, answers, state, connect)}
        _write_tenant(answers, state, anchor)
    except EngineError as refusal:
        return refuse(page, refusal.code, refusal.message)
    state.takeover = _plan(existing, accounts, anchor.attribute, state)
    warnings = tuple(Warned(code, text) for code, text in anchor.warnings)
    facts = {
        "source_anchor": anchor.attribute,
        "tenant_account": tenant_account.username,
        "sign_in": existing.sign_in,
        "staging": True,
        "full_import_first": state.takeover.tenant_first,
        "full_sync": [one.name for one in state.takeover.connectors if one.full_sync_required],
    }
    message = (
        "The configuration of the database was recovered; the server is in staging mode. Review its configuration and"
        " pending exports before staging mode is disabled."
    )
    return PageOutcome(page, messages=(message,), warnings=warnings, facts=facts)


def _anchor(existing: ExistingDatabase, state: WizardState) -> SourceAnchorDecision:
    """The anchor comes from the database; the tenant's record should agree (facts "install" 18 step 8)."""
    _, company = state.signed_in()
    offered = selectable_anchors([forest.schema for forest in state.forests])
    return decide(
        SourceAnchorFacts(
            version=state.host.product_version,
            route=Route.CUSTOM,
            policy=classify_policy(company.anchor_attribute, offered),
            operation=Operation.EXISTING_DATABASE,
            configured=existing.settings.get(ANCHOR_SETTING),
        )
    )


def _directory_accounts(
    existing: ExistingDatabase, answers: SetupAnswers, state: WizardState, connect: Callable[..., object]
) -> dict[str, Credential]:
    """Each forest's connector gets the account that was typed in, or one made by an Enterprise Admin."""
    method = SignIn.PASSWORD_HASH_SYNC if existing.password_hash_sync else SignIn.DO_NOT_CONFIGURE
    told = replace(answers, sign_in=method, features=frozenset())
    by_forest = dict(zip((name.lower() for name in existing.forests), existing.directories, strict=True))
    accounts = {}
    for forest in state.forests:
        connector = by_forest[forest.session.facts.name.lower()]
        chosen = {one.dn.lower() for one in connector.partitions if one.selected}
        forest.selected = tuple(one for one in forest.session.facts.domains if one.dn.lower() in chosen)
        plan = connect(forest, told, state)
        accounts[connector.identifier] = plan.account  # type: ignore[attr-defined]
    return accounts


def _write_tenant(answers: SetupAnswers, state: WizardState, anchor: SourceAnchorDecision) -> None:
    """What all servers share stays as it is, but for the box "start synchronization"; the first cycle is a delta."""
    session, company = state.signed_in()
    if not company.dirsyncing:
        session.enable_dirsync()
    kept = settings_from_tenant(company.scheduler, state.behaviour, allowed=duration(company.sync_interval))
    changes: dict[str, object] = {"Scheduler": settings_for_tenant(kept.with_(sync_cycle_enabled=answers.start_sync))}
    if anchor.write_policy:
        changes["AnchorAttribute"] = anchor.attribute
    session.set_configuration(changes)


# ---- what becomes of the configuration -------------------------------------------------------------------------------
def _plan(existing: ExistingDatabase, accounts: Mapping[str, Credential], anchor: str, state: WizardState) -> Takeover:
    tenant_first = not existing.recent(state.clock.now())
    rules, changed = _rules(existing, state.host.product_version)
    connectors = []
    for connector in existing.connectors:
        connector = _with_account(connector, accounts[connector.identifier], state)
        if connector.identifier in changed:
            connector = _to_synchronize(connector, rules)
        if connector.type is ConnectorType.ENTRA and tenant_first:
            connector = connector.with_(full_import_required=True)
        connectors.append(connector)
    settings = {
        STAGING_SETTING: "True",
        SUSPENDED: "False",
        VERSION_SETTING: state.host.product_version,
        ANCHOR_SETTING: anchor,
    }
    return Takeover(accounts, tuple(connectors), rules, settings, tenant_first)


def _with_account(connector: ConnectorConfiguration, account: Credential, state: WizardState) -> ConnectorConfiguration:
    if connector.type is ConnectorType.ENTRA:
        return connector.with_(parameters={**connector.parameters, "UserName": account.username})
    forest = connector.parameters.get("forest-name", connector.name).lower()
    facts = next(one.session.facts for one in state.forests if one.session.facts.name.lower() == forest)
    domain, user = login_name(account.username, facts)
    named = {"forest-login-domain": domain, "forest-login-user": user}
    return connector.with_(parameters={**connector.parameters, **named})


@dataclass(frozen=True)
class _Described:
    """The database as standard_rules_of wants a server."""

    connectors: dict[int, ConnectorConfiguration]
    global_settings: dict[str, str]
    version: str
    held: tuple[SyncRule, ...]

    def rules(self) -> Mapping[int, SyncRule]:
        return dict(enumerate(self.held))


def _rules(existing: ExistingDatabase, wanted: str) -> tuple[tuple[SyncRule, ...], set[str]]:
    """The rules of this release, and the connectors that must synchronize in full because they differ (XDB-09)."""
    if version(existing.version) == version(wanted):
        return existing.rules, set()
    described = _Described(
        dict(enumerate(existing.connectors)), dict(existing.settings), existing.version, existing.rules
    )
    fresh = standard_rules_of(described, version=wanted)  # type: ignore[arg-type]
    rules = renewed_rules(existing.rules, fresh)
    return rules, compare(existing.rules, rules).affected_connectors


def _to_synchronize(connector: ConnectorConfiguration, rules: Iterable[SyncRule]) -> ConnectorConfiguration:
    """A full synchronization, and a full import too where the rules read an attribute that was not read before."""
    if connector.type is ConnectorType.ENTRA or not connector.attributes:
        return connector.with_(full_sync_required=True)
    read = set(attribute_inclusion(rules, connector.identifier, connector.schema))
    attributes = tuple(sorted(read | set(connector.attributes), key=str.lower))
    more = bool(read - set(connector.attributes))
    return connector.with_(
        attributes=attributes, full_sync_required=True, full_import_required=connector.full_import_required or more
    )


# ---- the database ----------------------------------------------------------------------------------------------------
class DoneWizard(Protocol):
    """A run of the wizard that has come to its end."""

    answers: SetupAnswers
    state: WizardState


def open_taken_over(
    run: DoneWizard,
    *,
    network: Network,
    clock: Clock,
    seed: str,
    observer: Callable[[str, dict[str, object]], None] | None = None,
    wait: Callable[[float], None] | None = None,
) -> SyncServer:
    """Write the plan in one transaction and start the service on the database."""
    from engine.server import SyncServer
    from engine.service import KEY_SET

    state = run.state
    existing, plan = state.existing, state.takeover
    assert existing is not None
    assert plan is not None
    database = Database(existing.path)
    now = clock.now().strftime(TIME)
    try:
        with database.transaction():
            stored = StoredConfiguration(database)
            stored.connectors()
            stored.forget_secrets()
            for connector in plan.connectors:
                stored.save_connector(connector)
                stored.save_secret(connector.identifier, plan.accounts[connector.identifier].password)
            stored.save_rules(plan.rules)
            stored.save_settings(plan.settings)
            if not plan.tenant_first:
                stored.refresh_watermarks(now)
            database.set_fact("identity", database.identity)
            database.set_fact("server", state.host.name)
            database.set_fact("product-version", state.host.product_version)
            database.set_fact("upgrade", "")
            database.set_fact("last-cycle", "")  # the next one starts when the scheduler is next looked at
            database.set_fact(SQL_INSTANCE, run.answers.components.sql_instance or "")
            database.set_fact(TENANT_FIRST, str(plan.tenant_first))
            database.set_fact(KEY_SET, database_identity(f"{seed}/{state.host.name}/{now}"))
            record(database, state)
    finally:
        database.close()
    return SyncServer.open(
        existing.path,
        name=state.host.name,
        network=network,
        clock=clock,
        seed=seed,
        observer=observer,
        profile=state.behaviour,
        wait=wait,
    )
