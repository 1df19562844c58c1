"""The ``world:`` part of a scenario file: its keys, what each may hold and what it means.

The one source for schema and docs.
"""

from __future__ import annotations

from harness.scenario.cloud_administrator_shape import ADMINISTRATOR_KEYS
from harness.scenario.federation_shape import FEDERATION
from harness.scenario.network_shape import NETWORK
from harness.scenario.scope import Scope
from harness.scenario.shapes import (
    Anything,
    Boolean,
    Checked,
    Choice,
    Integer,
    Json,
    Key,
    ListOf,
    MapOf,
    Record,
    Shape,
    Text,
)
from harness.scenario.sql_shape import SQL
from harness.scenario.tree import Path
from harness.scenario.variables import uses_variables
from harness.scenario.world_references import check_references

GUID = Text("a GUID such as 00112233-4455-6677-8899-aabbccddeeff", r"(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
DOMAIN = Text("a domain name such as contoso.com", r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")
UPN = Text("a name such as ana@contoso.com", r"^[^@\n]+@[^@\s]+$")
CONTAINER = Text("a container such as Staff, Staff/Sales or a DN")

#: attributes of a person that may stand beside ``name``; any other goes under ``attributes``
PERSON_ATTRIBUTES = (
    "givenName", "sn", "initials", "displayName", "title", "department", "company", "division",
    "physicalDeliveryOfficeName", "streetAddress", "l", "st", "postalCode", "c", "co", "countryCode",
    "telephoneNumber", "mobile", "otherMobile", "homePhone", "pager", "facsimileTelephoneNumber", "info",
    "description", "employeeID", "employeeNumber", "employeeType", "manager", "proxyAddresses", "mailNickname",
    "targetAddress", "userAccountControl", "adminDescription", "adminCount", "msExchRecipientTypeDetails",
    "msExchHideFromAddressLists", "preferredLanguage", "wWWHomePage", "url", "otherTelephone", "otherMailbox",
    "extensionAttribute1", "extensionAttribute2", "extensionAttribute3", "extensionAttribute4",
    "extensionAttribute5", "extensionAttribute6", "extensionAttribute7", "extensionAttribute8",
    "extensionAttribute9", "extensionAttribute10", "extensionAttribute11", "extensionAttribute12",
    "extensionAttribute13", "extensionAttribute14", "extensionAttribute15",
)  # fmt: skip

VALUE = Anything("text, number, true or false, a list of them, {guid: ...}, {base64: ...} or {dn: NAME}")

_PERSON_KEYS = (
    Key("name", Text("full name"), required=True, doc="full name; logon name, UPN and names follow from it"),
    Key("in", CONTAINER, doc="organizational unit, made when it is missing; CN=Users without it"),
    Key("login", Text("logon name"), doc="sAMAccountName; first.last without it"),
    Key("upn", Text("user principal name"), doc="userPrincipalName; login@forest without it; empty = none"),
    Key("mail", Text("mail address"), doc="mail, and the primary SMTP address"),
    Key("enabled", Boolean(), doc="whether the account is enabled; true without it"),
    Key("password", Text("password"), doc="made from the seed without it"),
    Key("guid", GUID, doc="objectGUID; made from the seed without it"),
    Key("consistency_guid", GUID, doc="mS-DS-ConsistencyGuid; empty without it"),
    Key("kind", Choice(("user", "inetOrgPerson")), doc="object class"),
    Key("attributes", MapOf(VALUE), doc="further attributes by their LDAP names"),
)

PERSON = Record((*_PERSON_KEYS, *(Key(name, VALUE) for name in PERSON_ATTRIBUTES)), shorthand="name", what="a user")
CONTACT = Record(
    (
        Key("name", Text("full name"), required=True),
        Key("in", CONTAINER),
        Key("mail", Text("mail address")),
        Key("guid", GUID),
        Key("attributes", MapOf(VALUE)),
        *(Key(name, VALUE) for name in PERSON_ATTRIBUTES),
    ),
    shorthand="name",
    what="a contact",
)
GROUP = Record(
    (
        Key("name", Text("group name"), required=True),
        Key("in", CONTAINER),
        Key("members", ListOf(Text("name of a member"))),
        Key("mail", Text("mail address")),
        Key("security", Boolean(), doc="security group (true, the default) or distribution list"),
        Key("scope", Choice(("global", "universal", "domain-local"))),
        Key("links", Integer(), doc="so many further members that are links only, to objects nobody reads; world only"),
        Key("guid", GUID),
        Key("attributes", MapOf(VALUE)),
        Key("description", VALUE),
        Key("displayName", VALUE),
        Key("proxyAddresses", VALUE),
    ),
    shorthand="name",
    what="a group",
)
POPULATION = Record(
    (
        Key("users", Integer(), doc="how many people"),
        Key("groups", Integer(), doc="how many groups, with members from these people"),
        Key("contacts", Integer(), doc="how many contacts"),
        Key("in", CONTAINER, doc="organizational unit of all of them"),
        Key("mail", Boolean(), doc="whether people have mail and proxyAddresses; true without it"),
        Key("consistency_guid", Boolean(), doc="whether mS-DS-ConsistencyGuid already holds the objectGUID"),
        Key("members_each", Integer(), doc="members of each group; 5 without it"),
    ),
    what="a population",
)
_DOMAIN_KEYS = (
    Key("population", ListOf(POPULATION), doc="people made from the seed"),
    Key("users", ListOf(PERSON), doc="people by name"),
    Key("groups", ListOf(GROUP), doc="groups by name; members of another domain by name or as NETBIOS\\login"),
    Key("contacts", ListOf(CONTACT), doc="contacts by name"),
    Key("ous", ListOf(CONTAINER), doc="organizational units that stand empty"),
)
FURTHER_DOMAIN = Record(
    (
        *_DOMAIN_KEYS,
        Key("netbios", Text("NetBIOS name", r"^[A-Z0-9.-]{1,15}$")),
        Key("controllers", ListOf(Text("name of a domain controller")), doc="DC2, DC3 ... without it"),
    ),
    what="a domain",
)
FOREST = Record(
    (
        *_DOMAIN_KEYS,
        Key("domains", MapOf(FURTHER_DOMAIN), doc="further domains by name: children of the root, or other trees"),
        Key("ldif", Text("file name"), doc="a file loaded below the protocol; GUIDs, SIDs and times are kept"),
        Key("netbios", Text("NetBIOS name", r"^[A-Z0-9.-]{1,15}$")),
        Key("controllers", ListOf(Text("name of a domain controller"))),
        Key("functional_level", Integer()),
        Key("exchange", Boolean(), doc="whether the schema has the Exchange attributes"),
        Key("recycle_bin", Boolean(), doc="whether the recycle bin is enabled; true without it"),
        Key("upn_suffixes", ListOf(DOMAIN), doc="further UPN suffixes of the forest"),
        Key("options", MapOf(Anything()), doc="options of the directory emulator"),
    ),
    what="a forest",
)
CLOUD_USER = Record(
    (
        Key("upn", UPN, required=True),
        Key("name", Text("display name")),
        Key("immutable_id", Text("onPremisesImmutableId")),
        Key("mail_nickname", Text("mailNickname")),
        Key("licence", Text("licence plan")),
        Key("role", Text("directory role")),
        *ADMINISTRATOR_KEYS,
        Key("attributes", MapOf(Anything())),
    ),
    shorthand="upn",
    what="a cloud user",
)
TENANT = Record(
    (
        Key("verified_domains", ListOf(DOMAIN), doc="verified custom domains"),
        Key("display_name", Text("name of the organization")),
        Key("anchor_policy", Text("attribute name"), doc="source anchor attribute on record from an earlier server"),
        Key("users", ListOf(CLOUD_USER), doc="cloud-only users that exist already"),
        Key("sync_accounts", Integer(), doc="accounts that earlier sync servers left behind"),
        Key("features", MapOf(Anything()), doc="directory synchronisation features, by their Graph names"),
        Key("settings", MapOf(Anything()), doc="settings of the tenant emulator"),
    ),
    what="a tenant",
)


def _check_world(value: dict[str, object], path: Path, scope: Scope) -> None:
    """Every forest, domain and tenant has a name that may be one, and no domain is there twice."""
    for section in ("forests", "tenants"):
        entries = value.get(section)
        with scope.at_keys():
            for name in entries if isinstance(entries, dict) else ():
                if not uses_variables(name):
                    DOMAIN.check(name, (*path, section, name), scope)
    forests = value.get("forests")
    if isinstance(forests, dict):
        _check_domains(forests, (*path, "forests"), scope)
    check_references(value, path, scope)


def _check_domains(forests: dict[str, object], path: Path, scope: Scope) -> None:
    taken = {name.lower() for name in forests}
    for forest, described in forests.items():
        domains = described.get("domains") if isinstance(described, dict) else None
        if not isinstance(domains, dict):
            continue
        if isinstance(described, dict) and described.get("ldif"):
            scope.complain((*path, forest, "ldif"), "a forest that comes from a file has one domain")
        with scope.at_keys():
            for name in domains:
                here = (*path, forest, "domains", name)
                if not uses_variables(name):
                    DOMAIN.check(name, here, scope)
                if name.lower() in taken:
                    scope.complain(here, f"there is a domain {name} already")
                taken.add(name.lower())


_WORLD = Record(
    (
        Key("seed", Text("seed"), doc="everything made up follows from it; 1 without it"),
        Key("start", Text("time such as 2026-03-02T08:00:00Z", r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?$")),
        Key("clock", Choice(("virtual", "real")), doc="virtual unless a lab runs in real time"),
        Key("forests", MapOf(FOREST), doc="Active Directory forests by name"),
        Key("tenants", MapOf(TENANT), doc="Entra ID tenants by initial domain"),
        Key("sql", SQL, doc="SQL instances, what is said of each, their databases and whether each holds data"),
        Key("network", NETWORK, doc="name service and firewalls between sync servers and domain controllers"),
        Key("federation", FEDERATION, doc="federation servers, proxies, their certificates and names"),
        Key("faults", MapOf(Integer()), doc="faults armed from the beginning, with how often each strikes"),
    ),
    what="a world",
)

WORLD: Shape = Checked(_WORLD, _check_world)


def world_schema() -> Json:
    """Return the JSON Schema of a world."""
    return WORLD.schema()
