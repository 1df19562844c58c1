"""Configure device options: computers are told their tenant, registered devices are written back to the forest.

Device write-back wants the schema of Windows Server 2012 R2, one forest and one registration service; an Enterprise
Admin prepares the forest once. Source: device write-back page; facts "install" OPT-09, 15.5, 20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeVar, cast

from engine.connectors.active_directory import device_registration
from engine.connectors.active_directory.device_registration import SCHEMA_2012_R2, RegistrationFacts
from engine.connectors.active_directory.ldap_client import LdapClient
from engine.connectors.active_directory.partitions import AccountFacts, ForestFacts, find_account
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, Partition
from engine.run.container_filter import container_filter
from engine.setup.answers import Credential
from engine.setup.configured_directories import connect_as_connector, directories_of
from engine.setup.features.feature_changes import write_settings
from engine.setup.features.write_back_settings import DEVICE_RULES, DEVICES, FEATURE_DEVICES, device_settings
from engine.setup.lifecycle import (
    DEVICE_OPTIONS_SINCE,
    DEVICE_OPTIONS_TASK,
    ConfiguredServer,
    TaskOutcome,
    wizard_open,
)
from engine.setup.page import PageOutcome, Warned, refuse
from engine.setup.surroundings import Surroundings, TenantSession
from engine.versions import at_least

TASK, TASK_SINCE = DEVICE_OPTIONS_TASK, DEVICE_OPTIONS_SINCE
WRITEBACK_PAGE, CONTAINER_PAGE, JOIN_PAGE = "Writeback forest", "Device container", "SCP configuration"
Answer = TypeVar("Answer")


class Operation(StrEnum):
    """The choices of the page "Device options"."""

    HYBRID_JOIN = "hybrid-join"
    ENABLE_WRITEBACK = "enable-writeback"
    DISABLE_WRITEBACK = "disable-writeback"


@dataclass(frozen=True)
class DeviceChoice:
    """forest: the only one without it. enterprise_admin: prepares the forest; used once. downlevel: Windows versions
    before 10 as well.
    """

    operation: Operation
    forest: str = ""
    enterprise_admin: Credential | None = None
    downlevel: bool = False


class OpenForest(Protocol):
    """A forest with somebody bound, as the wizard reaches it."""

    facts: ForestFacts

    def at(self, dn: str, act: Callable[[LdapClient], Answer]) -> Answer: ...

    def account(self, name: str) -> AccountFacts | None: ...

    def close(self) -> None: ...


def configure_device_options(
    server: ConfiguredServer, entra_admin: Credential, wanted: DeviceChoice, surroundings: Surroundings
) -> TaskOutcome:
    """Run the task; the forest and the tenant are written to when every page has passed."""
    if not at_least(server.version, TASK_SINCE):
        text = f"The wizard of version {server.version} has no such task; it came with {TASK_SINCE}."
        return TaskOutcome((refuse(TASK, "TASK_UNKNOWN", text),))
    try:
        with wizard_open(server):
            session = surroundings.sign_in(entra_admin.username.rpartition("@")[2].lower(), entra_admin)
            try:
                return _run(server, wanted, surroundings, session)
            finally:
                session.close()
    except EngineError as refusal:
        return TaskOutcome((refuse(TASK, refusal.code, refusal.message),))


def _run(
    server: ConfiguredServer, wanted: DeviceChoice, surroundings: Surroundings, session: TenantSession
) -> TaskOutcome:
    if wanted.operation is Operation.DISABLE_WRITEBACK:
        return _disable(server, session)
    connector = _connector(server, wanted.forest)
    if connector is None:
        page = refuse(WRITEBACK_PAGE, "DEVICE_FOREST", "Name the one connected forest that devices belong to.")
        return TaskOutcome((page,))
    if wanted.operation is Operation.HYBRID_JOIN:
        return _join(server, connector, wanted, surroundings, session)
    return _enable(server, connector, wanted, surroundings, session)


# ---- what the page shows ---------------------------------------------------------------------------------------------
def shown_device_options(server: ConfiguredServer, surroundings: Surroundings) -> dict[str, object]:
    """What the page Device options offers when it opens, looked up with the connector's own account."""
    offered = at_least(server.version, TASK_SINCE)
    enabled = server.global_settings.get(DEVICES) == "True"
    reason = ("TASK_UNKNOWN", f"The task came with version {TASK_SINCE}.") if not offered else None
    connectors = directories_of(server)
    if reason is None and connectors:
        forest = _as_connector(server, connectors[0], surroundings)
        try:
            reason = unavailable(server, forest.at(forest.facts.root_dn, lambda client: _look(client, forest.facts)))
        finally:
            forest.close()
    return {
        "task": offered,
        "writeback": {"available": reason is None, "enabled": enabled, "code": reason[0] if reason else ""},
        "reason": reason[1] if reason else "",
    }


def unavailable(server: ConfiguredServer, found: RegistrationFacts) -> tuple[str, str] | None:
    """Why device write-back cannot be chosen; the first reason counts."""
    forests = directories_of(server)
    if len(forests) > 1:
        return "DEVICE_WRITEBACK_FORESTS", "Devices are written back to one forest; this server connects to several."
    if found.schema_version < SCHEMA_2012_R2:
        text = f"The schema of {forests[0].name} has version {found.schema_version}; Windows Server 2012 R2 is needed."
        return "DEVICE_WRITEBACK_SCHEMA", text
    if len(found.services) > 1:
        text = f"The forest has {len(found.services)} device registration objects: {'; '.join(found.services)}."
        return "DEVICE_REGISTRATION_DUPLICATE", text
    if found.services and not found.location:
        return "DEVICE_REGISTRATION_LOCATION", f"{found.services[0]} says nowhere where devices are stored."
    return None


# ---- device write-back -----------------------------------------------------------------------------------------------
def _enable(
    server: ConfiguredServer,
    connector: ConnectorConfiguration,
    wanted: DeviceChoice,
    surroundings: Surroundings,
    session: TenantSession,
) -> TaskOutcome:
    forest = _as_connector(server, connector, surroundings)
    try:
        facts = forest.facts
        found = forest.at(facts.root_dn, lambda client: _look(client, facts))
        reason = unavailable(server, found)
        if reason is not None:
            return TaskOutcome((refuse(WRITEBACK_PAGE, *reason),))
        shown = PageOutcome(WRITEBACK_PAGE, facts={"forest": connector.name})
        login = connector.parameters["forest-login-user"]
        sid = forest.at(facts.root_dn, lambda client: _sid_of(client, facts, login))
    finally:
        forest.close()
    made: list[str] = []
    if wanted.enterprise_admin is not None:
        prepared = _prepare(connector, wanted.enterprise_admin, surroundings, found, sid)
        if isinstance(prepared, PageOutcome):
            return TaskOutcome((shown, prepared))
        made = prepared
    elif not (found.container_ready and found.may_create):
        text = "Give credentials of an Enterprise Admin, or let one run CreateDeviceContainer.ps1 first."
        return TaskOutcome((shown, refuse(CONTAINER_PAGE, "DEVICE_CONTAINER_NOT_PREPARED", text)))
    location = found.location or f"CN=RegisteredDevices,{facts.root_dn}"
    _write_tenant(session, on=True)
    _select(server, connector.identifier, location)
    flagged = write_settings(server, {**device_settings(connector.parameters["forest-name"], location), **_RULED})
    changes = {"enabled": True, "container": location, "created": made, "flagged": flagged}
    return TaskOutcome((shown, PageOutcome(CONTAINER_PAGE, facts=changes)), changes)


_RULED: Mapping[str, str] = {DEVICE_RULES: "True"}


def _prepare(
    connector: ConnectorConfiguration,
    enterprise_admin: Credential,
    surroundings: Surroundings,
    found: RegistrationFacts,
    sid: bytes,
) -> list[str] | PageOutcome:
    """The Enterprise Admin makes the containers and grants the rights; another account is refused before anything."""
    name = connector.parameters["forest-name"]
    forest = cast(OpenForest, surroundings.connect_forest(name, enterprise_admin))
    try:
        account = forest.account(enterprise_admin.username)
        if account is None or not account.enterprise_admin:
            text = f"{enterprise_admin.username} is no member of Enterprise Admins of {name}."
            return refuse(CONTAINER_PAGE, "NOT_ENTERPRISE_ADMIN", text)
        facts = forest.facts
        return forest.at(facts.root_dn, lambda client: device_registration.prepare(client, facts, found, sid))
    finally:
        forest.close()


def _disable(server: ConfiguredServer, session: TenantSession) -> TaskOutcome:
    """The rules go, and the devices they wrote with the next cycle; the containers stay."""
    if server.global_settings.get(DEVICES) != "True":
        page = refuse(TASK, "DEVICE_WRITEBACK_OFF", "Device writeback is not enabled, so it cannot be disabled.")
        return TaskOutcome((page,))
    _write_tenant(session, on=False)
    changes = {"enabled": False, "flagged": write_settings(server, device_settings("", ""))}
    return TaskOutcome((PageOutcome(TASK, facts=changes),), changes)


def _write_tenant(session: TenantSession, *, on: bool) -> None:
    before = session.company().features
    features = before | FEATURE_DEVICES if on else before & ~FEATURE_DEVICES
    if features != before:
        session.set_features(features)


def _select(server: ConfiguredServer, identifier: str, location: str) -> None:
    """Devices are read again where they are written: their container is selected, whatever the OUs are (decided)."""
    connector = next(one for one in server.connectors.values() if one.identifier == identifier)
    partitions = tuple(_with_container(one, location) for one in connector.partitions)
    if partitions != connector.partitions:
        server.save_connector(connector.with_(partitions=partitions, full_import_required=True))


def _with_container(partition: Partition, location: str) -> Partition:
    inside = container_filter(partition)
    if not location.lower().endswith(f",{partition.dn.lower()}") or inside is None or inside(location):
        return partition
    return replace(partition, included=(*partition.included, location))


# ---- hybrid join -----------------------------------------------------------------------------------------------------
def _join(
    server: ConfiguredServer,
    connector: ConnectorConfiguration,
    wanted: DeviceChoice,
    surroundings: Surroundings,
    session: TenantSession,
) -> TaskOutcome:
    """Write the connection point with the Enterprise Admin's rights; from then on computers go to the tenant."""
    if wanted.downlevel:
        text = "Joining Windows versions before Windows 10 is not emulated."
        return TaskOutcome((refuse(JOIN_PAGE, "DOWNLEVEL_NOT_EMULATED", text),))
    if wanted.enterprise_admin is None:
        text = "Give credentials of an Enterprise Admin, or let one run ConfigureSCP.ps1."
        return TaskOutcome((refuse(JOIN_PAGE, "ENTERPRISE_ADMIN_NEEDED", text),))
    company = session.company()
    forest = cast(OpenForest, surroundings.connect_forest(connector.parameters["forest-name"], wanted.enterprise_admin))
    try:
        account = forest.account(wanted.enterprise_admin.username)
        if account is None or not account.enterprise_admin:
            text = f"{wanted.enterprise_admin.username} is no member of Enterprise Admins of {connector.name}."
            return TaskOutcome((refuse(JOIN_PAGE, "NOT_ENTERPRISE_ADMIN", text),))
        facts = forest.facts
        before = forest.at(
            facts.root_dn,
            lambda client: device_registration.connect_computers(
                client, facts, company.initial_domain, company.tenant_id
            ),
        )
    finally:
        forest.close()
    warnings = (Warned("SCP_OTHER_TENANT", f"The connection point named another tenant: {before}."),) if before else ()
    flagged = write_settings(server, _RULED)
    changes = {"forest": connector.name, "tenant": company.initial_domain, "flagged": flagged}
    return TaskOutcome((PageOutcome(JOIN_PAGE, warnings=warnings, facts=changes),), changes)


# ---- reaching the forest ---------------------------------------------------------------------------------------------
def _connector(server: ConfiguredServer, forest: str) -> ConnectorConfiguration | None:
    return _named(directories_of(server), forest)


def _named(connectors: Iterable[ConnectorConfiguration], forest: str) -> ConnectorConfiguration | None:
    known = list(connectors)
    if forest:
        return next((one for one in known if one.parameters["forest-name"].lower() == forest.lower()), None)
    return known[0] if len(known) == 1 else None


def _as_connector(
    server: ConfiguredServer, connector: ConnectorConfiguration, surroundings: Surroundings
) -> OpenForest:
    return cast(OpenForest, connect_as_connector(server, connector, surroundings))


def _look(client: LdapClient, facts: ForestFacts) -> RegistrationFacts:
    return device_registration.read_registration(client, facts)


def _sid_of(client: LdapClient, facts: ForestFacts, login: str) -> bytes:
    account = find_account(client, facts.root_dn, login)
    sid = account.first("objectSid") if account is not None else None
    if sid is None:
        raise EngineError("ACCOUNT_UNKNOWN", f"The connector account {login} cannot be found in {facts.name}.")
    return sid
