"""Set-ADSync...Permissions and Get-ADSyncADConnectorAccount of the module AdSyncConfig.

The product acts as whoever sits at the prompt; here that is the forest's Administrator, whose password is asked for.
Source: the module's reference; facts "install" 20.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from engine.cmdlets.operated_server import OperatedServer
from engine.cmdlets.powershell.values import Record
from engine.cmdlets.registry import Cmdlet, Kind, Parameter, Parameters, cmdlet
from engine.connectors.active_directory import feature_rights
from engine.connectors.active_directory.ldap_client import Entry, LdapClient, Scope
from engine.connectors.active_directory.partitions import find_account, grant_rights
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.setup.answers import Credential
from engine.setup.installation import reach_from
from engine.setup.reached_systems import ConnectedForest

_NAMED = (
    Parameter("ADConnectorAccountName"),
    Parameter("ADConnectorAccountDomain"),
    Parameter("ADConnectorAccountDN"),
)
_PLACED = (*_NAMED, Parameter("ADobjectDN"), Parameter("IncludeAdminSdHolders", Kind.SWITCH))
#: rights on the head of a domain have no other place
_ROOT_ONLY = ("PasswordHashSync",)


@cmdlet("Get-ADSyncADConnectorAccount", machine=True)
def get_adsync_ad_connector_account(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Show the accounts by which this server connects to its forests."""
    del parameters
    rows = []
    for connector in _directories(server):
        facts = connector.parameters
        name, domain = facts["forest-login-user"], facts["forest-login-domain"]
        row = {
            "ADConnectorName": connector.name,
            "ADConnectorForest": facts["forest-name"],
            "ADConnectorAccountName": name,
            "ADConnectorAccountDomain": domain,
        }
        rows.append(Record("ADConnectorAccount", row))
    return rows


def _setting(noun: str) -> Cmdlet:
    """The cmdlet that grants what one feature needs."""
    rights = feature_rights.BY_CMDLET[noun]

    def body(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
        with _as_administrator(server, parameters) as (forest, account, _):
            sid = _sid(account)
            for place in _places(forest, parameters):
                forest.at(place, lambda client, dn=place: grant_rights(client, dn, rights(sid)))  # type: ignore[misc]
        return []

    body.__doc__ = f"Grant the connector account what {noun} needs, on every domain of its forest or on one object."
    known = _NAMED if noun in _ROOT_ONLY else _PLACED
    return cmdlet(f"Set-ADSync{noun}Permissions", *known, machine=True)(body)


#: one for each feature, in the order of the module's reference
SET_PERMISSIONS: tuple[Cmdlet, ...] = tuple(map(_setting, feature_rights.BY_CMDLET))


@cmdlet(
    "Set-ADSyncRestrictedPermissions",
    Parameter("ADConnectorAccountDN", needed=True, position=0),
    Parameter("Credential", Kind.OBJECT, needed=True, position=1),
    machine=True,
)
def set_adsync_restricted_permissions(server: OperatedServer, parameters: Parameters) -> Sequence[Record]:
    """Take the connector account's own object out of everybody's reach but administrators'."""
    with _as_administrator(server, parameters) as (forest, account, _):
        root, domain = forest.facts.root_dn, _domain_of(forest, account.dn)
        sids = [forest.at(dn, lambda client, dn=dn: _sid(_read(client, dn))) for dn in (domain, root)]  # type: ignore[misc]
        forest.at(account.dn, lambda client: feature_rights.restrict(client, account.dn, sids[0], sids[1]))
    return []


# ---- who, where, as whom ---------------------------------------------------------------------------------------------
@contextmanager
def _as_administrator(
    server: OperatedServer, parameters: Parameters
) -> Iterator[tuple[ConnectedForest, Entry, ConnectorConfiguration]]:
    """The forest of the account that is named, connected as its Administrator, and the account."""
    connector, wanted = _account_named(server, parameters)
    domain = connector.parameters["forest-name"]
    user = _user_of(parameters.get("Credential")) or f"{_netbios(connector, domain)}\\Administrator"
    forest = reach_from(server).connect_forest(domain, Credential(user, parameters.password_of(user)))
    try:
        account = _find(forest, wanted)
        if account is None:
            raise EngineError("ACCOUNT_UNKNOWN", f"The forest {domain} has no account {wanted}.")
        yield forest, account, connector
    finally:
        forest.close()


def _user_of(given: object) -> str:
    """The name in a PSCredential, or a name as it stands."""
    if isinstance(given, Record):
        return str(given["UserName"])
    return str(given) if given is not None else ""


def _account_named(server: OperatedServer, parameters: Parameters) -> tuple[ConnectorConfiguration, str]:
    """The connector of the account's forest, and the account as it can be looked up."""
    dn = parameters.get("ADConnectorAccountDN")
    if dn is not None:
        for connector in _directories(server):
            if any(str(dn).lower().endswith(f",{one.dn.lower()}") for one in connector.partitions):
                return connector, str(dn)
        raise EngineError("ACCOUNT_UNKNOWN", f"{dn} lies in no forest that this server is connected to.")
    if "ADConnectorAccountName" not in parameters or "ADConnectorAccountDomain" not in parameters:
        text = "Give -ADConnectorAccountName and -ADConnectorAccountDomain, or -ADConnectorAccountDN."
        raise EngineError("PARAMETER_MISSING", text)
    domain = str(parameters["ADConnectorAccountDomain"]).lower()
    for connector in _directories(server):
        for one in connector.partitions:
            if domain in (one.name.lower(), connector.parameters.get(f"netbios:{one.dn}", "").lower()):
                return connector, f"{domain}\\{parameters['ADConnectorAccountName']}"
    raise EngineError("FOREST_UNKNOWN", f"This server is connected to no domain {domain}.")


def _find(forest: ConnectedForest, wanted: str) -> Entry | None:
    if "=" in wanted:
        dn = _domain_of(forest, wanted)
        return forest.at(dn, lambda client: find_account(client, dn, wanted))
    domain = forest.facts.domain(wanted.partition("\\")[0])
    if domain is None:
        return None
    return forest.at(domain.dn, lambda client: find_account(client, domain.dn, wanted))


def _places(forest: ConnectedForest, parameters: Parameters) -> list[str]:
    """One object when it is named; otherwise every domain's head, and the template of protected accounts if asked."""
    if "ADobjectDN" in parameters:
        return [str(parameters["ADobjectDN"])]
    heads = [domain.dn for domain in forest.facts.domains]
    if not parameters.get("IncludeAdminSdHolders"):
        return heads
    return [*heads, *(f"CN=AdminSDHolder,CN=System,{dn}" for dn in heads)]


def _domain_of(forest: ConnectedForest, dn: str) -> str:
    holding = [one.dn for one in forest.facts.domains if dn.lower().endswith(one.dn.lower())]
    if not holding:
        raise EngineError("SEARCH_BASE", f"{dn} lies in no domain of {forest.facts.name}.")
    return max(holding, key=len)


def _read(client: LdapClient, dn: str) -> Entry:
    return client.search(dn, Scope.BASE, "(objectClass=*)", ("objectSid",))[0]


def _sid(entry: Entry) -> bytes:
    sid = entry.first("objectSid")
    if sid is None:
        raise EngineError("ACCOUNT_UNKNOWN", f"{entry.dn} has no security identifier.")
    return sid


def _netbios(connector: ConnectorConfiguration, domain: str) -> str:
    root = next((one.dn for one in connector.partitions if one.name.lower() == domain.lower()), "")
    return connector.parameters.get(f"netbios:{root}") or domain


def _directories(server: OperatedServer) -> list[ConnectorConfiguration]:
    return [one for one in server.connectors.values() if one.type is ConnectorType.ACTIVE_DIRECTORY]
