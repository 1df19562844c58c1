"""What an expectation can look at in a forest, as its administrator reads it by LDAP."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.access_lists import allowed
from harness.lab.forest import USER_FILTER, Forest, readable
from harness.lab.ldap_client import BASE, Entry
from harness.refusal import ScenarioError
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("forest")
check = CHECKS.check

PERSON_FIELDS = (
    "cn", "sAMAccountName", "userPrincipalName", "displayName", "givenName", "sn", "title", "department", "mail",
    "proxyAddresses", "userAccountControl", "objectGUID", "mS-DS-ConsistencyGuid", "objectSid", "manager", "pwdLastSet",
    "whenCreated", "whenChanged", "uSNChanged", "description", "adminDescription",
)  # fmt: skip
GROUP_FIELDS = ("cn", "sAMAccountName", "groupType", "member", "mail", "objectGUID", "objectSid", "description")
#: made here from what the directory says
DERIVED = ("dn", "in", "guid", "immutableId", "enabled")


def _show(place: Forest, entry: Entry) -> dict[str, Any]:
    """Return an entry with a few readings of it: container, GUID as text, the anchor it makes, whether it is
    enabled.
    """
    shown = readable(entry)
    guid = entry.first("objectGUID")
    if guid is not None and len(guid) == 16:
        shown["guid"] = str(uuid.UUID(bytes_le=guid))
        shown["immutableId"] = base64.b64encode(guid).decode()
    control = entry.first("userAccountControl")
    if control is not None:
        shown["enabled"] = not int(control) & 2
    shown["in"] = _container(entry.dn, place.base_dn)
    return shown


def _container(dn: str, base_dn: str) -> str:
    """Return where an object stands in the form a scenario writes: Staff/Sales."""
    relative = dn[: -len(base_dn) - 1] if dn.lower().endswith(base_dn.lower()) else dn
    parts = relative.replace("\\,", "\0").split(",")[1:]
    return "/".join(part.split("=", 1)[-1].replace("\0", ",") for part in reversed(parts))


def _attributes(query: Query, known: tuple[str, ...], *, named: bool = False) -> list[str]:
    """Return what to ask the directory for; the attributes behind derived readings always."""
    kept = [name for name, _ in query.fields(named=named)]
    compared = [condition.name for condition in query.conditions]
    wanted = [*(kept or known), *compared]
    names = dict.fromkeys([*(name for name in wanted if name not in DERIVED), "objectGUID", "userAccountControl"])
    return list(names)


def _filtered(query: Query) -> str:
    return next((str(one.wanted) for one in query.conditions if one.name == "filter"), "")


def _search(place: Forest, query: Query, filter_text: str, known: tuple[str, ...]) -> list[dict[str, Any]]:
    base = next((str(one.wanted) for one in query.conditions if one.name == "in"), "")
    entries = place.search(filter_text, _attributes(query, known), base=place.container(base) if base else None)
    shown = [_show(place, entry) for entry in entries]
    for one in shown:
        for name in known:
            one.setdefault(name, None)
        if base:
            one["in"] = base  # below it, however deep
    return sorted(shown, key=lambda one: str(one["dn"]).lower())


@check(
    "users",
    "contoso.com.users(userPrincipalName, immutableId, in = Staff): {count: 5}",
    many=True,
    fields=PERSON_FIELDS,
)
def users(lab: Lab, place: Forest, query: Query) -> Any:
    """Users and inetOrgPersons, below ``in`` when it is given;
    octets are Base64, ``immutableId`` is the objectGUID's.
    """
    return _search(place, query, USER_FILTER, PERSON_FIELDS)


@check("user", "contoso.com.user(Ana Lopez): {title: Lead}", named=True, fields=PERSON_FIELDS)
def user(lab: Lab, place: Forest, query: Query) -> Any:
    """One object by name, logon name, UPN or DN; nothing when there is none."""
    return _one(place, query, PERSON_FIELDS)


@check("groups", "contoso.com.groups(cn, member): {count: 2}", many=True, fields=GROUP_FIELDS)
def groups(lab: Lab, place: Forest, query: Query) -> Any:
    """Groups, below ``in`` when it is given."""
    return _search(place, query, "(objectClass=group)", GROUP_FIELDS)


@check("group", "contoso.com.group(Readers): {cn: Readers}", named=True, fields=GROUP_FIELDS)
def group(lab: Lab, place: Forest, query: Query) -> Any:
    """One group by name."""
    return _one(place, query, GROUP_FIELDS)


@check("contacts", "contoso.com.contacts(cn, mail): {count: 0}", many=True, fields=PERSON_FIELDS)
def contacts(lab: Lab, place: Forest, query: Query) -> Any:
    """Contacts."""
    return _search(place, query, "(objectClass=contact)", ("cn", "displayName", "mail", "proxyAddresses", "objectGUID"))


@check("ous", "contoso.com.ous(ou): {contains: {ou: Staff}}", many=True)
def ous(lab: Lab, place: Forest, query: Query) -> Any:
    """Organizational units."""
    return _search(place, query, "(objectClass=organizationalUnit)", ("ou", "objectGUID"))


@check("objects", "contoso.com.objects(cn, filter = '(cn=MSOL_*)'): {count: 1}", many=True, whole=True)
def objects(lab: Lab, place: Forest, query: Query) -> Any:
    """Whatever an LDAP filter finds: ``filter = '(...)'``, below ``in`` when it is given."""
    text = _filtered(query)
    if not text:
        raise ScenarioError("objects needs a filter, as in contoso.com.objects(cn, filter = '(cn=MSOL_*)')")
    conditions = tuple(one for one in query.conditions if one.name != "filter")
    plain = Query(query.text, query.subject, query.bare, conditions)
    return _search(place, plain, text, ("cn", "objectGUID"))


@check("object", "contoso.com.object(Staff): {ou: Staff}", named=True)
def one_object(lab: Lab, place: Forest, query: Query) -> Any:
    """Any object by name or DN, with all its attributes unless fields are named."""
    return _one(place, query, ())


def _one(place: Forest, query: Query, known: tuple[str, ...]) -> Any:
    attributes = _attributes(query, known, named=True) if known or query.fields(named=True) else []
    found = place.find_all(query.name() or "", attributes)
    if len(found) > 1:
        raise ScenarioError(f"{len(found)} objects of {place.name} are called {query.name()}; name one by its DN")
    if not found:
        return None
    shown = _show(place, found[0])
    for name in known:
        shown.setdefault(name, None)
    return shown


@check("deleted", "contoso.com.deleted(cn): {count: 1}", many=True)
def deleted(lab: Lab, place: Forest, query: Query) -> Any:
    """Deleted objects, in the recycle bin or as tombstones."""
    attributes = ["cn", "isDeleted", "isRecycled", "lastKnownParent", "objectGUID", "sAMAccountName", "objectClass"]
    found = place.search("(&(isDeleted=TRUE)(!(isCriticalSystemObject=TRUE)))", attributes, deleted=True)
    return [_show(place, entry) for entry in found]


@check("rights", "contoso.com.rights(Administrator): {count: 0}", many=True, named=True)
def rights(lab: Lab, place: Forest, query: Query) -> Any:
    """What the access list of the domain's head, or of the object ``of``, gives an account of the forest by name:
    right, on; what comes by its groups is not part of it.
    """
    name = query.name() or ""
    domains = [place, *(one for one in (lab.forests | lab.domains).values() if one.service is place.service)]
    found = next((entry for one in domains for entry in one.find_all(name, ["objectSid"])), None)
    sid = found.first("objectSid") if found is not None else None
    if sid is None:
        raise ScenarioError(f"the forest of {place.name} has no account called {name}")
    of = next((str(one.wanted) for one in query.conditions if one.name == "of"), "")
    dn = place.find(of, ["1.1"]).dn if of else place.base_dn
    return [{**one, "of": of} if of else one for one in allowed(place.ldap().access_list(dn), sid)]


@check("root_dse", "contoso.com.root_dse: {isGlobalCatalogReady: 'TRUE'}")
def root_dse(lab: Lab, place: Forest, query: Query) -> Any:
    """The rootDSE."""
    entries = place.ldap().search("", "(objectClass=*)", scope=BASE)
    return readable(entries[0]) if entries else None


@check("log", "contoso.com.log(kind = ldap.modify): {count: {at_least: 1}}", many=True)
def log(lab: Lab, place: Forest, query: Query) -> Any:
    """Requests the directory has answered, from its journal: kind, object, what was asked."""
    return [record for record in lab.timeline.numbered() if record["actor"] == place.name]
