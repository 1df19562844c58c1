"""DirSync itself: a machine that exports to the tenant as the predecessor did, until Connect takes its place.

objectGUID is the anchor, no policy is read or written, a cycle starts every three hours, a linked mailbox is exported
like any mailbox. Source: seed002; how-to-dirsync-upgrade-get-started; topologies; facts "install" 17, 18.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from engine.clock import Clock
from engine.connectors.active_directory.partitions import connector_account_name
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.network import Network
from engine.profile import Behaviour
from engine.rules.rule import AttributeFlow
from engine.run.delete_threshold import threshold_from_tenant
from engine.scheduler import PolicyType, SchedulerSettings
from engine.server import SyncServer
from engine.setup.answers import (
    Credential,
    DirectoryAnswers,
    Feature,
    HostMachine,
    Mode,
    OuSelection,
    SetupAnswers,
    SignIn,
    SourceAnchorChoice,
)
from engine.setup.apply import build_blueprint, guid
from engine.setup.page import OpenedForest, PageOutcome, WizardState, refuse
from engine.setup.pages.configure import account_password, entitled
from engine.setup.pages.connect_directories import connect_directories
from engine.setup.pages.connect_to_entra_id import connect_to_entra_id
from engine.setup.pages.domain_and_ou_filtering import domain_and_ou_filtering
from engine.setup.pages.install_required_components import database_path, has_data
from engine.setup.plan import DirectoryPlan, InstallPlan, ServerBlueprint
from engine.setup.predecessor.dirsync_settings import AttributeFilter, DirSyncForest, DirSyncSettings, filter_rules
from engine.setup.reached_systems import ReachedSystems
from engine.setup.source_anchor import OBJECT_GUID
from engine.setup.surroundings import FEATURE_PASSWORD_HASH_SYNC, CompanyFacts, TenantSession
from engine.sync_cycle import SyncCycle

#: The database of the tool, on its own SQL Server Express or on an instance.
DATABASE = "FIMSynchronizationService"
INTERVAL = timedelta(hours=3)
CONFIGURATION = "Windows Azure Active Directory Sync tool Configuration Wizard"
_FILTERS, _REMOVED, _DLL, _OBJECTS, _NEXT = (f"dirsync/{n}" for n in ("filters", "removed", "dll", "objects", "next"))
_NOT_LINKED = "IIF([msExchRecipientTypeDetails]=2,NULL,"


@dataclass(frozen=True)
class DirSyncSetup:
    """What the administrator of DirSync chose. objects: how many the analysis will find beside those really there."""

    entra_admin: Credential
    directories: tuple[DirectoryAnswers, ...]
    settings: DirSyncSettings


@dataclass(frozen=True)
class DirSyncOutcome:
    """server None = the last page refused."""

    server: DirSyncServer | None
    pages: tuple[PageOutcome, ...]


class DirSyncCycle(SyncCycle):
    """Every three hours, whatever the tenant holds: DirSync knew no shared scheduler."""

    def settings(self) -> SchedulerSettings:
        stored = self.server.database.fact(_NEXT)
        self._known = SchedulerSettings(
            allowed_sync_cycle_interval=INTERVAL,
            next_sync_cycle_policy_type=PolicyType(stored) if stored else PolicyType.DELTA,
        )
        return self._known

    def save_settings(self, settings: SchedulerSettings) -> None:
        self.server.database.set_fact(_NEXT, str(settings.next_sync_cycle_policy_type))
        self._known = settings


class DirSyncServer(SyncServer):
    """The exporting half of a DirSync machine."""

    def __init__(self, *arguments: Any, **surroundings: Any) -> None:
        super().__init__(*arguments, **surroundings)
        self.cycle = DirSyncCycle(self)
        self.cycle.settings()

    def restore(self, state: Any) -> None:
        super().restore(state)
        self.cycle = DirSyncCycle(self)
        self.cycle.settings()


def set_up_dirsync(
    setup: DirSyncSetup,
    host: HostMachine,
    *,
    network: Network,
    clock: Clock,
    seed: str,
    profile: Behaviour,
    observer: Callable[[str, dict[str, object]], None] | None = None,
) -> DirSyncOutcome:
    """Run DirSync's own configuration: two sign-ins and what is synchronized; the first cycle is an initial one."""
    source = Random(f"{seed}/dirsync/{host.name}")
    surroundings = ReachedSystems(
        network,
        clock,
        server_name=host.name,
        product_version=setup.settings.version,
        wait=lambda _seconds: None,
        identifiers=Random(f"{seed}/dirsync-requests/{host.name}"),
    )
    state = WizardState(host, surroundings, clock, source, profile)
    pages: list[PageOutcome] = []
    try:
        blueprint = _configured(setup, state, pages)
    except EngineError as refusal:
        pages.append(refuse(CONFIGURATION, refusal.code, refusal.message))
        blueprint = None
    finally:
        state.close()
    if blueprint is None or state.database is None:
        return DirSyncOutcome(None, tuple(pages))
    state.database.parent.mkdir(parents=True, exist_ok=True)
    state.database.unlink(missing_ok=True)
    server = DirSyncServer.create(
        state.database,
        name=host.name,
        blueprint=blueprint,
        network=network,
        clock=clock,
        seed=f"{seed}/dirsync",
        observer=observer,
        profile=profile,
    )
    assert isinstance(server, DirSyncServer)
    _keep(server, setup.settings)
    return DirSyncOutcome(server, tuple(pages))


def _configured(setup: DirSyncSetup, state: WizardState, pages: list[PageOutcome]) -> ServerBlueprint | None:
    answers = _answers(setup)
    state.database = _database(state.host, setup.settings.sql_instance)
    for page in (connect_to_entra_id, connect_directories, domain_and_ou_filtering):
        pages.append(page(answers, state))
        if pages[-1].refused:
            return None
    session, company = state.signed_in()
    account = session.service_account(f"{state.host.name}_{state.random.getrandbits(48):012x}")
    directories = tuple(_directory(forest, answers, state) for forest in state.forests)
    _write_tenant(session, company, password_sync=setup.settings.password_sync)
    plan = InstallPlan(
        answers=answers,
        server_name=state.host.name,
        product_version=setup.settings.version,
        tenant=company.initial_domain,
        directories=directories,
        anchor=OBJECT_GUID,
        entra_account=account,
        entra_schema=session.schema(),
        scheduler=SchedulerSettings(),
        deletion_threshold=threshold_from_tenant(company.accidental_deletes),
        now=state.clock.now(),
    )
    pages.append(PageOutcome(CONFIGURATION, facts={"source_anchor": OBJECT_GUID}))
    return as_dirsync(build_blueprint(plan, state.random), setup.settings, state.random)


def _answers(setup: DirSyncSetup) -> SetupAnswers:
    settings = setup.settings
    return SetupAnswers(
        entra_admin=setup.entra_admin,
        directories=setup.directories,
        mode=Mode.CUSTOM,
        tenant=settings.tenant,
        sign_in=SignIn.PASSWORD_HASH_SYNC if settings.password_sync else SignIn.DO_NOT_CONFIGURE,
        upn_attribute=settings.upn_attribute,
        source_anchor=SourceAnchorChoice(OBJECT_GUID),
        features=frozenset({Feature.EXCHANGE_HYBRID} if settings.exchange_hybrid else ()),
    )


def _database(host: HostMachine, sql_instance: str) -> Path:
    folder = host.folder
    if sql_instance:
        found = next((one for name, one in host.sql_instances.items() if name.lower() == sql_instance.lower()), None)
        if found is None:
            raise EngineError("SQL_NOT_FOUND", f"The SQL Server instance {sql_instance} cannot be reached.")
        folder = found.folder
    path = database_path(folder, DATABASE)
    if has_data(path):
        raise EngineError("DIRSYNC_INSTALLED", f"DirSync is installed on {host.name} already.")
    return path


def _directory(forest: OpenedForest, answers: SetupAnswers, state: WizardState) -> DirectoryPlan:
    """DirSync makes its own MSOL_ account with the Enterprise Admin's credentials and forgets them."""
    name, password = connector_account_name(state.random), account_password(state.random)
    _, company = state.signed_in()
    description = (
        f"Account created by the Windows Azure Active Directory Sync tool running on computer {state.host.name},"
        f" configured to synchronize to tenant {company.initial_domain}."
    )
    created = forest.session.create_account(name, password, description)
    account = entitled(forest, created, password, answers)
    return DirectoryPlan(forest.session.facts, forest.selected, forest.schema, account, forest.ou_selection)


def _write_tenant(session: TenantSession, company: CompanyFacts, *, password_sync: bool) -> None:
    """Synchronization is activated; no anchor policy and no scheduler settings: DirSync knows neither."""
    if not company.dirsyncing:
        session.enable_dirsync()
    features = company.features | (FEATURE_PASSWORD_HASH_SYNC if password_sync else 0)
    if features != company.features:
        session.set_features(features)


def as_dirsync(blueprint: ServerBlueprint, settings: DirSyncSettings, source: Random) -> ServerBlueprint:
    """The rules as DirSync's: no exception for linked mailboxes; its filters; its removed attributes are not read."""
    rules = [replace(rule, flows=tuple(_flow_of_dirsync(flow) for flow in rule.flows)) for rule in blueprint.rules]
    removed = {name.lower() for name in settings.removed_attributes}
    connectors = []
    for connector in blueprint.connectors:
        if connector.type is ConnectorType.ACTIVE_DIRECTORY:
            identifiers = tuple(guid(source) for _ in settings.filters)
            rules += filter_rules(settings.filters, connector.identifier, identifiers)
            wanted = {*connector.attributes, *(one.attribute for one in settings.filters)}
            read = sorted((name for name in wanted if name.lower() not in removed), key=str.lower)
            connector = connector.with_(attributes=tuple(read))
        connectors.append(connector)
    return replace(
        blueprint, rules=tuple(sorted(rules, key=lambda rule: rule.precedence)), connectors=tuple(connectors)
    )


def _flow_of_dirsync(flow: AttributeFlow) -> AttributeFlow:
    text = flow.expression or ""
    if text.startswith(_NOT_LINKED) and text.endswith(")"):
        return replace(flow, expression=text.removeprefix(_NOT_LINKED)[:-1])
    return flow


def _keep(server: SyncServer, settings: DirSyncSettings) -> None:
    """What the analysis will read: choices that no connector and no rule shows, the number of objects."""
    facts = server.database
    facts.set_fact("sql-instance", settings.sql_instance)
    facts.set_fact(_OBJECTS, str(settings.objects))
    facts.set_fact(_REMOVED, "\n".join(settings.removed_attributes))
    facts.set_fact(_DLL, settings.extension_dll)
    facts.set_fact(_FILTERS, "\n".join("\t".join((f.object_type, f.attribute, f.value)) for f in settings.filters))
    facts.set_fact(_NEXT, PolicyType.INITIAL)
    server.cycle.settings()


# ---- what the successor's analysis reads ---------------------------------------------------------------------------
def settings_of(server: SyncServer) -> DirSyncSettings:
    """Read the settings out of DirSync's own database; the number of objects is at least what is really there."""
    held = server.global_settings
    facts = server.database
    there = facts.connection.execute("SELECT count(*) FROM mv").fetchone()[0]
    removed = facts.fact(_REMOVED)
    filters = facts.fact(_FILTERS)
    return DirSyncSettings(
        tenant=server.tenant,
        forests=tuple(_forest(one) for one in _directories(server.connectors.values())),
        version=server.version,
        sql_instance=facts.fact("sql-instance"),
        objects=max(int(facts.fact(_OBJECTS) or 0), there),
        password_sync=any(one.password_hash_sync for one in server.connectors.values()),
        exchange_hybrid=held.get("Microsoft.OptionalFeature.HybridExchange") == "True",
        upn_attribute=held.get("Microsoft.SynchronizationOption.UPNAttribute", "userPrincipalName"),
        filters=tuple(AttributeFilter(*line.split("\t")) for line in filters.splitlines()),
        removed_attributes=tuple(removed.splitlines()),
        extension_dll=facts.fact(_DLL),
    )


def _directories(connectors: Iterable[ConnectorConfiguration]) -> list[ConnectorConfiguration]:
    found = [one for one in connectors if one.type is ConnectorType.ACTIVE_DIRECTORY]
    return sorted(found, key=lambda one: (one.order, one.created))


def _forest(connector: ConnectorConfiguration) -> DirSyncForest:
    selected = [part for part in connector.partitions if part.selected]
    return DirSyncForest(
        connector.parameters["forest-name"],
        tuple(part.name for part in selected),
        {part.name: OuSelection(part.included, part.excluded, part.new_containers) for part in selected
         if part.included or part.excluded},
    )  # fmt: skip


def accounts_of(server: SyncServer) -> dict[str, str]:
    """The logon name of the account DirSync reads each forest with."""
    return {
        one.parameters["forest-name"].lower(): one.parameters["forest-login-user"]
        for one in _directories(server.connectors.values())
    }
