"""Get-ADSyncObjectsWithInheritanceDisabled of the module AdSyncConfig.

The product asks as whoever sits at the prompt; here the connector's own account asks, and what it may not read is told.
Source: the module's reference; facts "install" 20.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Parameter, Parameters, cmdlet
from engine.connectors.active_directory.inheritance import ProtectedObject
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.setup.answers import Credential
from engine.setup.installation import reach_from

DEFAULT_CLASS = "organizationalUnit"


@cmdlet(
    "Get-ADSyncObjectsWithInheritanceDisabled",
    Parameter("SearchBase", needed=True, position=0),
    Parameter("ObjectClass", position=1),
)
def get_adsync_objects_with_inheritance_disabled(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show objects whose permissions do not come from above; organizational units without -ObjectClass."""
    connector, base_dn = _place(server, str(parameters["SearchBase"]))
    properties = connector.parameters
    user = f"{properties['forest-login-user']}@{properties['forest-login-domain']}"
    account = Credential(user, server.configuration.secret(connector.identifier))
    forest = reach_from(server).connect_forest(properties["forest-name"], account)
    try:
        found = forest.inheritance_disabled(base_dn, str(parameters.get("ObjectClass", DEFAULT_CLASS)))
    finally:
        forest.close()
    unread = [one.dn for one in found if not one.readable]
    if unread:
        objects = f"{len(unread)} object{'' if len(unread) == 1 else 's'}"
        parameters.warn(f"The permissions of {objects} cannot be read, {unread[0]} among them.")
    return [_record(one) for one in found if one.readable]


def _record(one: ProtectedObject) -> Record:
    row = {"DistinguishedName": one.dn, "Name": one.name, "ObjectClass": one.object_class, "ObjectGUID": one.guid}
    return Record("ADObject", row)


def _place(server: OperatedServer, search_base: str) -> tuple[ConnectorConfiguration, str]:
    """The connector and DN of a search base: a DN, or the DNS or NetBIOS name of a domain."""
    wanted = search_base.lower()
    for connector in server.connectors.values():
        if connector.type is not ConnectorType.ACTIVE_DIRECTORY:
            continue
        for partition in connector.partitions:
            netbios = connector.parameters.get(f"netbios:{partition.dn}", "")
            if wanted in (partition.name.lower(), netbios.lower()):
                return connector, partition.dn
            if wanted == partition.dn.lower() or wanted.endswith(f",{partition.dn.lower()}"):
                return connector, search_base
    raise EngineError("SEARCH_BASE", f"{search_base} lies in no domain that this server is connected to.")
