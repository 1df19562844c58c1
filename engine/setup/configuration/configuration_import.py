"""A server set up from an exported server configuration: its connectors, rules, schema and settings, unchanged.

The accounts are new ones, made as the express path makes them; a connector may be mapped to another forest, so that a
customer's configuration runs against a forest on the desk. The export's OU selection stays unless another one is named
for that forest; a selected OU that the forest lacks is a warning. Source: facts "engine" 19.2, "install" 1 and 23.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from engine.clock import Clock
from engine.errors import ConfigurationError
from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition
from engine.network import Network
from engine.profile import Behaviour
from engine.scheduler import PolicyType, SchedulerSettings, settings_for_tenant
from engine.setup.answers import Credential, HostMachine, OuSelection
from engine.setup.configuration.server_configuration import ServerConfiguration, map_forest, read_server_configuration
from engine.setup.global_settings import ANCHOR_SETTING
from engine.setup.installation import InstallOutcome
from engine.setup.page import PageOutcome, Warned
from engine.setup.plan import ServerBlueprint
from engine.setup.reached_systems import ConnectedForest, ReachedSystems

PAGE = "Import configuration"
_CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#%+-_"


@dataclass(frozen=True)
class ConfigurationImport:
    """folder: the export (Connectors, GlobalSettings, SynchronizationRules). forests: exported name -> forest to use.

    administrators: an Enterprise Admin of each forest used, by its DNS name; used once. containers: by DNS name of a
    forest used, what is selected there instead of the export's own selection; an empty selection is the whole forest.
    """

    folder: Path
    entra_admin: Credential
    administrators: Mapping[str, Credential]
    forests: Mapping[str, str] = field(default_factory=dict)
    containers: Mapping[str, OuSelection] = field(default_factory=dict)
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
) -> InstallOutcome:
    """Read the folder, make the accounts, write the database. Raises EngineError; then no database is left behind."""
    from engine.server import SyncServer

    configuration = configuration_to_use(wanted)
    random = Random(f"{seed}/import/{host.name}")
    systems = ReachedSystems(
        network,
        clock,
        server_name=host.name,
        product_version=host.product_version,
        wait=wait or _go_on,
        identifiers=Random(f"{seed}/import-requests/{host.name}"),
    )
    connectors, secrets, warnings = [], {}, list[Warned]()
    for connector in configuration.connectors:
        if connector.type is ConnectorType.ACTIVE_DIRECTORY:
            connector, secret = _directory(connector, wanted, systems, host, random, warnings)
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
    server = SyncServer.create(
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
    facts = {"connectors": len(connectors), "rules": len(configuration.rules), "exported": configuration.exported}
    return InstallOutcome(server, [PageOutcome(PAGE, warnings=tuple(warnings), facts=facts)])


def configuration_to_use(wanted: ConfigurationImport) -> ServerConfiguration:
    """Read the export, map its forests, select other containers where asked for. Nothing is reached yet."""
    configuration = read_server_configuration(wanted.folder)
    for exported, used in wanted.forests.items():
        configuration = map_forest(configuration, exported, used)
    for forest, selection in wanted.containers.items():
        configuration = _select_containers(configuration, forest, selection)
    for forest in filter(None, map(_forest_of, configuration.connectors)):
        if forest.lower() not in wanted.administrators:
            text = f"The configuration connects to {forest}; name the forest that stands for it, with an administrator."
            raise ConfigurationError("IMPORT_FOREST_MISSING", text)
    return configuration


def _select_containers(configuration: ServerConfiguration, forest: str, selection: OuSelection) -> ServerConfiguration:
    """Exchange the OU selection of one forest; every container must lie in a partition of its connector."""
    found = [one for one in configuration.connectors if _forest_of(one).lower() == forest.lower()]
    if not found:
        known = ", ".join(filter(None, map(_forest_of, configuration.connectors)))
        raise ConfigurationError("forest-unknown", f"There is no connector to the forest {forest}; only to {known}.")
    partitions = found[0].partitions
    for container in (*selection.included, *selection.excluded):
        if not any(_below(container, partition) for partition in partitions):
            raise ConfigurationError("container-unknown", f"{container} lies in no domain of the forest {forest}.")
    selected = tuple(
        replace(
            partition,
            included=tuple(dn for dn in selection.included if _below(dn, partition)),
            excluded=tuple(dn for dn in selection.excluded if _below(dn, partition)),
        )
        for partition in partitions
    )
    connectors = tuple(one.with_(partitions=selected) if one is found[0] else one for one in configuration.connectors)
    return replace(configuration, connectors=connectors)


def _forest_of(connector: ConnectorConfiguration) -> str:
    if connector.type is not ConnectorType.ACTIVE_DIRECTORY:
        return ""
    return connector.parameters.get("forest-name", connector.name)


def _below(container: str, partition: Partition) -> bool:
    return f",{container}".lower().endswith(f",{partition.dn}".lower())


def _directory(
    connector: ConnectorConfiguration,
    wanted: ConfigurationImport,
    systems: ReachedSystems,
    host: HostMachine,
    random: Random,
    warnings: list[Warned],
) -> tuple[ConnectorConfiguration, str]:
    """Give the connector an account of its own in the forest it is mapped to."""
    forest = _forest_of(connector)
    session = systems.connect_forest(forest, wanted.administrators[forest.lower()])
    try:
        name = f"MSOL_{random.getrandbits(48):012x}"
        password = "".join(random.choice(_CHARACTERS) for _ in range(32))
        account = session.create_account(name, password, f"Account of the sync server {host.name}.")
        for domain in session.facts.domains:
            session.grant_rights(domain.dn, account.sid, password_hash_sync=connector.password_hash_sync)
        warnings.extend(_missing_containers(connector, session))
    finally:
        session.close()
    parameters = {**connector.parameters, "forest-login-user": name, "forest-login-domain": forest}
    return connector.with_(parameters=parameters), password


def _missing_containers(connector: ConnectorConfiguration, session: ConnectedForest) -> list[Warned]:
    """Warn about selected containers that the forest does not have: nothing would come from there."""
    missing = []
    for partition in connector.partitions:
        present = {container.dn.lower() for container in session.containers(partition.dn)} | {partition.dn.lower()}
        missing += [dn for dn in partition.included if dn.lower() not in present]
    text = "The configuration selects {}, which the forest {} does not have; nothing is imported from there."
    return [Warned("CONTAINER_MISSING", text.format(dn, _forest_of(connector))) for dn in missing]


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
