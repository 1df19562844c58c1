"""Looking into the forest from the sync server, with the account of its connector: Search-ADSyncDirectoryObjects and
Get-ADUser.

Source: facts "engine" 18.2; reference of the ActiveDirectory module; seed004.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engine.cmdlets.directory_filter import ldap_filter
from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.syntax import Block
from engine.cmdlets.powershell.values import Record, text_of
from engine.cmdlets.registry import Kind, Parameter, Parameters, cmdlet
from engine.connectors.active_directory.ldap_client import Entry, LdapClient, Scope
from engine.connectors.active_directory.search_filter import escape
from engine.connectors.active_directory.security_descriptor import sid_text
from engine.connectors.active_directory.session import DirectoryAccount, DirectorySession
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.schema import AttributeType, Schema

_SCOPES = {"Base": Scope.BASE, "OneLevel": Scope.ONE_LEVEL, "Subtree": Scope.SUBTREE}
_USERS = "(&(objectCategory=person)(objectClass=user))"
#: properties of Get-ADUser that have another name than the attribute
ATTRIBUTES = {
    "City": "l", "Country": "c", "Created": "whenCreated", "EmailAddress": "mail", "Fax": "facsimileTelephoneNumber",
    "HomePhone": "homePhone", "MobilePhone": "mobile", "Modified": "whenChanged",
    "Office": "physicalDeliveryOfficeName",
    "OfficePhone": "telephoneNumber", "POBox": "postOfficeBox", "State": "st", "Surname": "sn",
}  # fmt: skip
_DEFAULT = (
    "DistinguishedName", "Enabled", "GivenName", "Name", "ObjectClass", "ObjectGUID", "SamAccountName", "SID",
    "Surname", "UserPrincipalName",
)  # fmt: skip
_GUIDS = ("objectguid", "ms-ds-consistencyguid")


@cmdlet(
    "Search-ADSyncDirectoryObjects",
    Parameter("AdConnectorId", Kind.GUID, needed=True, position=0),
    Parameter("LdapFilter", needed=True, position=1),
    Parameter("PropertiesToRetrieve", Kind.TEXTS),
    Parameter("SearchScope", choices=tuple(_SCOPES)),
    Parameter("SizeLimit", Kind.INTEGER),
)
def search_adsync_directory_objects(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Search the domains of a forest with the connector's own account."""
    connector = server.connector(parameters["AdConnectorId"])[1]
    if connector.type is not ConnectorType.ACTIVE_DIRECTORY:
        raise EngineError("PARAMETER_VALUE", f"{connector.name} is no connector to Active Directory.")
    wanted = parameters.get("PropertiesToRetrieve", [])
    scope = _SCOPES[parameters.get("SearchScope", "Subtree")]
    limit = parameters.get("SizeLimit", 0)
    found: list[Record] = []
    for partition in connector.partitions:
        with _connected(server, connector, partition.dn) as client:
            for entry in _entries(client, partition.dn, scope, parameters["LdapFilter"], wanted):
                row = {"distinguishedName": entry.dn}
                for name in entry.attributes:
                    row.setdefault(name, _value(entry, name, connector.schema))
                found.append(Record("DirectoryObject", row))
                if limit and len(found) >= limit:
                    return found
    return found


@cmdlet(
    "Get-ADUser",
    Parameter("Identity", position=0),
    Parameter("Filter", Kind.OBJECT),
    Parameter("LDAPFilter"),
    Parameter("Properties", Kind.TEXTS, aliases=("Property",)),
    Parameter("SearchBase"),
    Parameter("SearchScope", choices=tuple(_SCOPES)),
    Parameter("ResultSetSize", Kind.OBJECT),
    Parameter("Server"),
)
def get_aduser(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Search users of the forest; of several forests the one of -Server."""
    connector = _forest(server, parameters.get("Server"))
    usual = {name.lower() for name in _DEFAULT}
    wanted = [*_DEFAULT, *(name for name in parameters.get("Properties", ()) if name.lower() not in usual)]
    everything = "*" in wanted
    asked = [] if everything else [ATTRIBUTES.get(_spelled(name), name) for name in wanted]
    limit = parameters.get("ResultSetSize")
    scope = _SCOPES[parameters.get("SearchScope", "Subtree")]
    bases = [parameters["SearchBase"]] if "SearchBase" in parameters else [p.dn for p in connector.partitions]
    condition = _condition(parameters)
    found: list[Record] = []
    for base in bases:
        with _connected(server, connector, base) as client:
            for entry in _entries(client, base, scope, condition, [*asked, "userAccountControl", "objectSid"]):
                found.append(_user(entry, [one for one in wanted if one != "*"], connector.schema, everything))
                if limit is not None and len(found) >= int(text_of(limit)):
                    return found
    if "Identity" in parameters and not found:
        text = f"Cannot find an object with identity: '{parameters['Identity']}' under: '{bases[0]}'."
        raise EngineError("ADIdentityNotFound", text)
    return found


def _condition(parameters: Parameters) -> str:
    given = [name for name in ("Identity", "Filter", "LDAPFilter") if name in parameters]
    if len(given) != 1:
        raise EngineError("PARAMETER_MISSING", "Give one of -Identity, -Filter and -LDAPFilter.")
    if "LDAPFilter" in parameters:
        return f"(&{_USERS}{parameters['LDAPFilter']})"
    if "Filter" in parameters:
        written = parameters["Filter"]
        text = written.text if isinstance(written, Block) else text_of(written)
        return _USERS if text.strip() == "*" else f"(&{_USERS}{ldap_filter(text, ATTRIBUTES)})"
    identity = parameters["Identity"]
    try:
        return f"(&{_USERS}(objectGUID={escape(UUID(identity).bytes_le)}))"
    except ValueError:
        name = (
            "distinguishedName" if "=" in identity else "objectSid" if identity.startswith("S-1-") else "sAMAccountName"
        )
        return f"(&{_USERS}({name}={escape(identity)}))"


def _forest(server: OperatedServer, name: str | None) -> ConnectorConfiguration:
    forests = [c for c in server.connectors.values() if c.type is ConnectorType.ACTIVE_DIRECTORY]
    if name is not None:
        wanted = name.lower()
        found = [c for c in forests if wanted == c.name.lower() or wanted.endswith(f".{c.name.lower()}")]
        found += [c for c in forests if c not in found and wanted in (p.name.lower() for p in c.partitions)]
        if not found:
            raise EngineError("FOREST_UNKNOWN", f"This server is connected to no forest {name}.")
        return found[0]
    if not forests:
        raise EngineError("FOREST_UNKNOWN", "This server is connected to no forest.")
    return forests[0]


@contextmanager
def _connected(server: OperatedServer, connector: ConnectorConfiguration, base: str) -> Iterator[LdapClient]:
    """A controller of the domain a DN lies in, signed in with the connector's account."""
    facts = connector.parameters
    forest = facts.get("forest-name", connector.name)
    user = f"{facts.get('forest-login-user', '')}@{facts.get('forest-login-domain', forest)}"
    account = DirectoryAccount(user, server.configuration.secret(connector.identifier))
    address = server.network.forest(forest).holding(base)
    session = DirectorySession(address, account, ca_bundle=server.network.ca_bundle)
    try:
        yield session.begin()
    finally:
        session.close()


def _entries(client: LdapClient, base: str, scope: Scope, condition: str, attributes: Sequence[str]) -> Iterator[Entry]:
    try:
        yield from client.search_all(base, scope, condition, attributes)
    except ValueError as wrong:
        raise EngineError("LDAP_FILTER", f"The filter {condition} cannot be read: {wrong}.") from None


def _user(entry: Entry, wanted: Sequence[str], schema: Schema, everything: bool) -> Record:
    row: dict[str, Any] = {}
    for name in wanted:
        row[name] = _user_property(entry, name, schema)
    if everything:
        known = {key.lower() for key in row}
        row |= {name: _value(entry, name, schema) for name in entry.attributes if name.lower() not in known}
    return Record("ADUser", row, entry)


def _user_property(entry: Entry, name: str, schema: Schema) -> Any:
    match name.lower():
        case "distinguishedname":
            return entry.dn
        case "enabled":
            return not int(entry.text("userAccountControl", "0")) & 2
        case "objectclass":
            return entry.texts("objectClass")[-1] if entry.texts("objectClass") else ""
        case "sid":
            octets = entry.first("objectSid")
            return sid_text(octets) if octets else None
    return _value(entry, ATTRIBUTES.get(_spelled(name), name), schema)


def _spelled(name: str) -> str:
    return next((known for known in ATTRIBUTES if known.lower() == name.lower()), name)


def _value(entry: Entry, name: str, schema: Schema) -> Any:
    octets = entry.values(name)
    if not octets:
        return None
    definition = next((d for n, d in schema.attributes.items() if n.lower() == name.lower()), None)
    values = [_one(one, name, definition.type if definition else None) for one in octets]
    several = definition.multivalued if definition is not None else len(values) > 1
    return values if several else values[0]


def _one(octets: bytes, name: str, kind: AttributeType | None) -> Any:
    folded = name.lower()
    if folded in _GUIDS and len(octets) == 16:
        return str(UUID(bytes_le=octets))
    if folded == "objectsid":
        return sid_text(octets)
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return octets
    if kind is AttributeType.BINARY:
        return octets
    if kind is AttributeType.BOOLEAN or text in ("TRUE", "FALSE"):
        return text == "TRUE"
    if folded in ("whencreated", "whenchanged"):
        return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if folded in ("lastlogontimestamp", "pwdlastset") and text.isdigit():
        return int(text)
    return int(text) if kind is AttributeType.INTEGER and text.lstrip("-").isdigit() else text
