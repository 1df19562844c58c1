"""A server set up from an exported server configuration: its connectors, rules, schema and settings, unchanged.

The accounts are new ones, made as the express path makes them; a connector may be mapped to another forest, so that a
customer's configuration runs against a forest on the desk. Source: facts "engine" 19.2, "install" sections 1 and 23.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from engine.clock import Clock
from engine.errors import ConfigurationError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.network import Network
from engine.profile import Behaviour
from engine.scheduler import PolicyType, SchedulerSettings, settings_for_tenant
from engine.setup.answers import Credential, HostMachine
from engine.setup.apply import ANCHOR_SETTING, ServerBlueprint
from engine.setup.reached_systems import ReachedSystems
from engine.setup.server_configuration import ServerConfiguration, map_forest, read_server_configuration

if TYPE_CHECKING:
    from engine.server import SyncServer

_CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#%+-_"


@dataclass(frozen=True)
class ConfigurationImport:
    """folder: the export (Connectors, GlobalSettings, SynchronizationRules). forests: exported name -> forest to use.

    administrators: an Enterprise Admin of each forest used, by its DNS name; used once.
    """

    folder: Path
    entra_admin: Credential
    administrators: Mapping[str, Credential]
    forests: Mapping[str, str] = field(default_factory=dict)
    start_sync: bool = True


def import_configuration(
    wanted: ConfigurationImport,
    host: HostMachine,
    *,
    network: Network,
    clock: Clock,
    seed: str,
    profile: Behaviour,
    observer: Callable[[str, dict[str, object]], None] | None = None,
    wait: Callable[[float], None] | None = None,
) -> SyncServer:
    """Read the folder, make the accounts, write the database. Raises EngineError; then no database is left behind."""
    from engine.server import SyncServer

    configuration = read_server_configuration(wanted.folder)
    for exported, used in wanted.forests.items():
        configuration = map_forest(configuration, exported, used)
    random = Random(f"{seed}/import/{host.name}")
    systems = ReachedSystems(
        network,
        clock,
        server_name=host.name,
        product_version=host.product_version,
        wait=wait or _go_on,
        identifiers=Random(f"{seed}/import-requests/{host.name}"),
    )
    connectors, secrets = [], {}
    for connector in configuration.connectors:
        if connector.type is ConnectorType.ACTIVE_DIRECTORY:
            connector, secret = _directory(connector, wanted, systems, host, random)
        else:
            connector, secret = _tenant(connector, wanted, configuration, systems, host, random)
        connectors.append(connector)
        secrets[connector.identifier] = secret
    suffix = wanted.entra_admin.username.rpartition("@")[2]
    blueprint = ServerBlueprint(
        host.name,
        host.product_version,
        network.tenant(suffix).tenant_domain,
        tuple(connectors),
        configuration.rules,
        configuration.global_settings,
        secrets,
        configuration.metaverse,
    )
    path = host.folder / "ADSync.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    return SyncServer.create(
        path,
        name=host.name,
        blueprint=blueprint,
        network=network,
        clock=clock,
        seed=seed,
        observer=observer,
        profile=profile,
        wait=wait,
    )


def _directory(
    connector: ConnectorConfiguration,
    wanted: ConfigurationImport,
    systems: ReachedSystems,
    host: HostMachine,
    random: Random,
) -> tuple[ConnectorConfiguration, str]:
    """Give the connector an account of its own in the forest it is mapped to."""
    forest = connector.parameters.get("forest-name", connector.name)
    administrator = wanted.administrators.get(forest.lower())
    if administrator is None:
        raise ConfigurationError(
            "IMPORT_FOREST_MISSING",
            f"The configuration connects to {forest}; name a forest for it (forests: {{{forest}: <forest>}}).",
        )
    session = systems.connect_forest(forest, administrator)
    try:
        name = f"MSOL_{random.getrandbits(48):012x}"
        password = "".join(random.choice(_CHARACTERS) for _ in range(32))
        account = session.create_account(name, password, f"Account of the sync server {host.name}.")
        for domain in session.facts.domains:
            session.grant_rights(domain.dn, account.sid, password_hash_sync=connector.password_hash_sync)
    finally:
        session.close()
    parameters = {**connector.parameters, "forest-login-user": name, "forest-login-domain": forest}
    return connector.with_(parameters=parameters), password


def _tenant(
    connector: ConnectorConfiguration,
    wanted: ConfigurationImport,
    configuration: ServerConfiguration,
    systems: ReachedSystems,
    host: HostMachine,
    random: Random,
) -> tuple[ConnectorConfiguration, str]:
    """Sign in, turn synchronization on, record the anchor attribute, take a service account."""
    suffix = wanted.entra_admin.username.rpartition("@")[2]
    session = systems.sign_in(suffix, wanted.entra_admin)
    try:
        session.enable_dirsync()
        scheduler = SchedulerSettings(
            sync_cycle_enabled=wanted.start_sync, next_sync_cycle_policy_type=PolicyType.INITIAL
        )
        anchor = configuration.global_settings.get(ANCHOR_SETTING, "objectGUID")
        session.set_configuration({"AnchorAttribute": anchor, "Scheduler": settings_for_tenant(scheduler)})
        account = session.service_account(f"{host.name}_{random.getrandbits(48):012x}")
    finally:
        session.close()
    tenant = account.username.rpartition("@")[2]
    parameters = {**connector.parameters, "UserName": account.username}
    return connector.with_(name=f"{tenant} - AAD", parameters=parameters), account.password


def _go_on(seconds: float) -> None:
    """A machine on the virtual clock does not wait."""
    del seconds
