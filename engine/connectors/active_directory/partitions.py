"""What the wizard and the connector's properties ask of a forest: domains, suffixes, containers, accounts, rights.

Source: facts "directory" sections 1, 6, 10, 11; facts "install" EXP-04, EXP-13, CYD-01..06, DOF-01, section 18.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from engine.connectors.active_directory import controls
from engine.connectors.active_directory.distinguished_name import dns_name, split_dn
from engine.connectors.active_directory.ldap_client import Entry, LdapClient, Modification, ModifyOperation, Scope
from engine.connectors.active_directory.ldap_refusal import (
    INSUFFICIENT_ACCESS_RIGHTS,
    NO_SUCH_OBJECT,
    LdapRefused,
    failed_search,
)
from engine.connectors.active_directory.search_filter import escape
from engine.connectors.active_directory.security_descriptor import (
    CONTROL_ACCESS,
    READ_PROPERTY,
    WRITE_PROPERTY,
    Ace,
    SecurityDescriptor,
    allow,
    read_descriptor,
    sid_text,
    with_rights,
    write_descriptor,
)

GET_CHANGES = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"
GET_CHANGES_ALL = "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2"
RESET_PASSWORD = "00299570-246d-11d0-a768-00aa006e0529"  # noqa: S105 - the GUID of a right
CLASS_GUIDS = {
    "user": "bf967aba-0de6-11d0-a285-00aa003049e2",
    "inetOrgPerson": "4828cc14-1437-45bc-9b07-ad6f015e5f28",
    "group": "bf967a9c-0de6-11d0-a285-00aa003049e2",
    "contact": "5cb41ed0-0e4c-11d0-a286-00aa003049e2",
}
CONSISTENCY_GUID_SCAN = "(&(objectCategory=person)(objectClass=user)(mS-DS-ConsistencyGuid=*))"
DOMAIN_ADMINS_RID, ENTERPRISE_ADMINS_RID = 512, 519
_DONT_EXPIRE_PASSWORD_NORMAL_ACCOUNT = 66048
_WORKSTATION_TRUST_ACCOUNT = 4096


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """One domain of the forest, from its crossRef."""

    dn: str
    dns_name: str
    netbios: str


@dataclass(frozen=True, slots=True)
class ForestFacts:
    """What the rootDSE and CN=Partitions say. ``upn_suffixes``: every domain's name, then the added suffixes."""

    name: str
    root_dn: str
    default_dn: str
    configuration_dn: str
    schema_dn: str
    functional_level: int
    domain_controller: str
    domains: tuple[DomainFacts, ...]
    upn_suffixes: tuple[str, ...]
    exchange_schema: bool

    def domain(self, name: str) -> DomainFacts | None:
        """The domain of this DN, DNS or NetBIOS name."""
        wanted = name.lower()
        return next((d for d in self.domains if wanted in (d.dn.lower(), d.dns_name.lower(), d.netbios.lower())), None)


@dataclass(frozen=True, slots=True)
class Container:
    """One row of the OU tree."""

    dn: str
    name: str
    object_class: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What matters of an account that shall connect; ``managed``: a managed service account, which cannot."""

    dn: str
    sid: str
    enterprise_admin: bool
    domain_admin: bool
    managed: bool = False


def read_forest(client: LdapClient) -> ForestFacts:
    """Read the forest this domain controller belongs to."""
    root = client.root_dse()
    configuration = root.text("configurationNamingContext")
    partitions = f"CN=Partitions,{configuration}"
    try:
        domains = tuple(
            DomainFacts(e.text("nCName"), e.text("dnsRoot"), e.text("nETBIOSName"))
            for e in client.search(
                partitions,
                Scope.ONE_LEVEL,
                "(&(objectClass=crossRef)(systemFlags:1.2.840.113556.1.4.803:=2))",
                ("nCName", "dnsRoot", "nETBIOSName"),
            )
        )
        suffixes = client.search(partitions, Scope.BASE, "(objectClass=*)", ("uPNSuffixes",))
    except LdapRefused as refusal:
        raise failed_search(f"The forest's partitions cannot be read: {refusal.message}") from refusal
    root_dn = root.text("rootDomainNamingContext")
    schema = root.text("schemaNamingContext")
    names = [d.dns_name for d in sorted(domains, key=lambda d: d.dn.lower() != root_dn.lower())]
    names += sorted(suffixes[0].texts("uPNSuffixes"), key=str.lower) if suffixes else []
    return ForestFacts(
        name=dns_name(root_dn),
        root_dn=root_dn,
        default_dn=root.text("defaultNamingContext"),
        configuration_dn=configuration,
        schema_dn=schema,
        functional_level=int(root.text("forestFunctionality", "0")),
        domain_controller=root.text("dnsHostName"),
        domains=domains,
        upn_suffixes=tuple(dict.fromkeys(names)),
        exchange_schema=exchange_in_schema(client, schema),
    )


def exchange_in_schema(client: LdapClient, schema_dn: str) -> bool:
    """Whether Exchange has extended the schema: its version object is there."""
    try:
        return bool(client.search(schema_dn, Scope.ONE_LEVEL, "(cn=ms-Exch-Schema-Version-Pt)", ("cn",), size_limit=1))
    except LdapRefused as refusal:
        if refusal.result == NO_SUCH_OBJECT:
            return False
        raise


def list_controllers(client: LdapClient, forest: ForestFacts) -> tuple[str, ...]:
    """The domain controllers of the forest by host name, as far as this account may see them."""
    sites = f"CN=Sites,{forest.configuration_dn}"
    try:
        found = list(client.search_all(sites, Scope.SUBTREE, "(objectClass=server)", ("dNSHostName",)))
    except LdapRefused as refusal:
        if refusal.result != NO_SUCH_OBJECT:
            raise
        return ()
    return tuple(name for entry in found for name in entry.texts("dNSHostName"))


def read_containers(client: LdapClient, base_dn: str) -> tuple[Container, ...]:
    """The container tree of a domain, parents before children."""
    found = [
        Container(entry.dn, entry.text("name"), entry.texts("objectClass")[-1])
        for entry in client.search_all(
            base_dn,
            Scope.SUBTREE,
            "(|(objectClass=organizationalUnit)(objectClass=container)(objectClass=domainDNS)"
            "(objectClass=builtinDomain)(objectClass=lostAndFound))",
            ("name", "objectClass"),
        )
    ]
    return tuple(sorted(found, key=lambda c: [part.lower() for part in reversed(split_dn(c.dn))]))


def consistency_guid_in_use(client: LdapClient, base_dn: str) -> bool:
    """Whether any user of the domain has mS-DS-ConsistencyGuid: one search, size limit 1."""
    return bool(client.search(base_dn, Scope.SUBTREE, CONSISTENCY_GUID_SCAN, ("objectGUID",), size_limit=1))


def find_account(client: LdapClient, base_dn: str, name: str) -> Entry | None:
    """A user or group by DN, UPN, ``DOMAIN\\name`` or sAMAccountName."""
    attributes = ("objectSid", "objectClass", "sAMAccountName", "userPrincipalName", "objectGUID")
    if name.upper().endswith(base_dn.upper()) and "=" in name:
        try:
            return next(iter(client.search(name, Scope.BASE, "(objectClass=*)", attributes)), None)
        except LdapRefused as refusal:
            if refusal.result == NO_SUCH_OBJECT:
                return None
            raise
    account = escape(name.rpartition("\\")[2])
    local = escape(name.partition("@")[0].rpartition("\\")[2])
    found = client.search(base_dn, Scope.SUBTREE, f"(userPrincipalName={account})", attributes, size_limit=1)
    found = found or client.search(base_dn, Scope.SUBTREE, f"(sAMAccountName={local})", attributes, size_limit=1)
    return found[0] if found else None


def account_facts(client: LdapClient, forest: ForestFacts, name: str) -> AccountFacts | None:
    """Rights that matter of an account, by the groups in its token; None when there is no such account."""
    base_dn = forest.default_dn
    account = find_account(client, base_dn, name)
    if account is None:
        return None
    token = client.search(account.dn, Scope.BASE, "(objectClass=*)", ("tokenGroups",))
    groups = {sid_text(sid) for entry in token for sid in entry.values("tokenGroups")}
    domain_sid = _sid_of(client, base_dn)
    root_sid = domain_sid if forest.root_dn.lower() == base_dn.lower() else _sid_of(client, forest.root_dn)
    classes = {c.lower() for c in account.texts("objectClass")}
    return AccountFacts(
        dn=account.dn,
        sid=sid_text(account.first("objectSid") or b"\1\0\0\0\0\0\0\0"),
        enterprise_admin=f"{root_sid}-{ENTERPRISE_ADMINS_RID}" in groups,
        domain_admin=f"{domain_sid}-{DOMAIN_ADMINS_RID}" in groups,
        managed=bool(classes & {"msds-managedserviceaccount", "msds-groupmanagedserviceaccount"}),
    )


def _sid_of(client: LdapClient, dn: str) -> str:
    found = client.search(dn, Scope.BASE, "(objectClass=*)", ("objectSid",))
    sid = found[0].first("objectSid") if found else None
    if sid is None:
        raise failed_search(f"The SID of {dn} cannot be read.")
    return sid_text(sid)


@dataclass(frozen=True, slots=True)
class ConnectorAccount:
    """The account the wizard made; the password is shown to nobody."""

    dn: str
    name: str
    sid: bytes

    @property
    def sid_text(self) -> str:
        return sid_text(self.sid)


def connector_account_name(source: random.Random) -> str:
    """``MSOL_`` and twelve hexadecimal digits."""
    return f"MSOL_{source.getrandbits(48):012x}"


def create_connector_account(
    client: LdapClient, forest: ForestFacts, name: str, password: str, description: str = ""
) -> ConnectorAccount:
    """Create the enabled account in CN=Users of the forest's root domain; the password needs a protected connection."""
    dn = f"CN={name},CN=Users,{forest.root_dn}"
    attributes = {
        "objectClass": [b"user"],
        "sAMAccountName": [name.encode()],
        "userPrincipalName": [f"{name}@{forest.name}".encode()],
        "displayName": [name.encode()],
        "unicodePwd": [f'"{password}"'.encode("utf-16-le")],
        "userAccountControl": [str(_DONT_EXPIRE_PASSWORD_NORMAL_ACCOUNT).encode()],
    }
    if description:
        attributes["description"] = [description.encode()]
    client.add(dn, attributes)
    found = client.search(dn, Scope.BASE, "(objectClass=*)", ("objectSid",))
    sid = found[0].first("objectSid") if found else None
    if sid is None:
        raise failed_search(f"The new account {dn} cannot be read back.")
    return ConnectorAccount(dn, name, sid)


def set_password(client: LdapClient, dn: str, password: str) -> None:
    """Reset an account's password; needs a protected connection."""
    value = f'"{password}"'.encode("utf-16-le")
    client.modify(dn, [Modification(ModifyOperation.REPLACE, "unicodePwd", (value,))])


def reset_connector_account(client: LdapClient, forest: ForestFacts, name: str, password: str) -> ConnectorAccount:
    """Give an account of the forest's root domain a new password; needs a protected connection."""
    found = find_account(client, forest.root_dn, name)
    sid = found.first("objectSid") if found is not None else None
    if found is None or sid is None:
        raise failed_search(f"The account {name} cannot be found in {forest.name}.")
    set_password(client, found.dn, password)
    return ConnectorAccount(found.dn, name, sid)


def create_computer_account(
    client: LdapClient, base_dn: str, name: str, password: str, principals: tuple[str, ...]
) -> str:
    """A computer account in CN=Computers with these service principal names; one that is there gets the password."""
    dn = f"CN={name},CN=Computers,{base_dn}"
    value = f'"{password}"'.encode("utf-16-le")
    attributes = {
        "objectClass": [b"computer"],
        "sAMAccountName": [f"{name}$".encode()],
        "userAccountControl": [str(_WORKSTATION_TRUST_ACCOUNT).encode()],
        "servicePrincipalName": [one.encode() for one in principals],
        "unicodePwd": [value],
    }
    found = find_account(client, base_dn, f"{name}$")
    if found is None:
        client.add(dn, attributes)
        return dn
    replaced = [
        Modification(ModifyOperation.REPLACE, "servicePrincipalName", tuple(attributes["servicePrincipalName"])),
        Modification(ModifyOperation.REPLACE, "unicodePwd", (value,)),
    ]
    client.modify(found.dn, replaced)
    return found.dn


def express_rights(sid: bytes, *, password_hash_sync: bool = True) -> tuple[Ace, ...]:
    """What Express settings give the connector account on a domain's head (facts "install" EXP-13)."""
    rights = [allow(sid, CONTROL_ACCESS, GET_CHANGES)]
    if password_hash_sync:
        rights.append(allow(sid, CONTROL_ACCESS, GET_CHANGES_ALL))
    rights += [allow(sid, READ_PROPERTY | WRITE_PROPERTY, None, class_guid) for class_guid in CLASS_GUIDS.values()]
    rights.append(allow(sid, CONTROL_ACCESS, RESET_PASSWORD, CLASS_GUIDS["user"]))
    return tuple(rights)


def replication_rights(sid: bytes) -> tuple[Ace, ...]:
    """Replicating Directory Changes and Replicating Directory Changes All."""
    return allow(sid, CONTROL_ACCESS, GET_CHANGES), allow(sid, CONTROL_ACCESS, GET_CHANGES_ALL)


def grant_rights(client: LdapClient, dn: str, aces: tuple[Ace, ...]) -> None:
    """Add entries to the DACL of one object."""
    change_dacl(client, dn, lambda descriptor: with_rights(descriptor, aces))


def change_dacl(client: LdapClient, dn: str, change: Callable[[SecurityDescriptor], SecurityDescriptor]) -> None:
    """Read the DACL of one object, change it, write it back."""
    flags = (controls.sd_flags(controls.DACL),)
    found = client.search(dn, Scope.BASE, "(objectClass=*)", ("nTSecurityDescriptor",), controls=flags)
    octets = found[0].first("nTSecurityDescriptor") if found else None
    if octets is None:
        raise LdapRefused(INSUFFICIENT_ACCESS_RIGHTS, f"The security descriptor of {dn} cannot be read.")
    changed = write_descriptor(change(read_descriptor(octets)))
    client.modify(dn, [Modification(ModifyOperation.REPLACE, "nTSecurityDescriptor", (changed,))], flags)
