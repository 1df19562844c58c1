"""What an administrator does to Active Directory: every verb is an LDAP request of the forest's administrator."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from harness.actions.registry import Actions, ForestName, ServerName
from harness.lab.access_lists import READ_PROPERTY, denied
from harness.lab.forest import Forest
from harness.lab.late_anchor import warn_of_late_anchor
from harness.lab.ldap_client import ADD, BASE, DELETE, REPLACE, Entry, LdapRefusedError
from harness.lab.population import ForestContents, container_dn, escape_rdn
from harness.lab.seeds import guid_octets
from harness.refusal import ScenarioError
from harness.scenario.document import ForestDocument
from harness.scenario.shapes import Key, MapOf, Name, Record
from harness.scenario.world_reader import read_group, read_person, read_population
from harness.scenario.world_shape import CONTACT, GROUP, PERSON, POPULATION, VALUE

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

Object = Annotated[str, "name, logon name, UPN or DN"]
Container = Annotated[str, "OU such as Staff or Staff/Sales, or a DN"]
Where = Annotated[str, "LDAP filter; users without it"]
First = Annotated[int, "only the first so many, by name"]
Members = Annotated[list[str], "who; NETBIOS\\login for an account of another domain or forest"]
DISABLED = 0x2
_SET = "attribute and value; {guid: ...}, {random_guid: true}, {copy: ...}, {sid_of: NAME, forest: another}"
_REFERENCES = frozenset({"manager", "secretary", "member", "managedby", "msexchmasteraccount"})


# ---- which objects a verb means ------------------------------------------------------------------------------------
def targets(
    forest: Forest, object_: str | None, in_: str | None, where: str | None, first: int | None, attributes: list[str]
) -> list[Entry]:
    """Return the one object named, or those below a container."""
    if object_ is not None:
        return [forest.find(object_, attributes)]
    if in_ is None and where is None:
        raise ScenarioError("which objects? name one with object, or several with in, where and first")
    found = forest.find_in(in_ or "", where or "", attributes, first)
    if not found or (first is not None and len(found) < first):
        wanted = f"{first} objects" if first is not None else "objects"
        raise ScenarioError(f"{wanted} wanted below {in_ or forest.base_dn}, {len(found)} found")
    return found


def octets(forest: Forest, lab: Lab, name: str, value: Any, entry: Entry) -> list[bytes]:
    """Return a value of a scenario as LDAP octets; references become DNs."""
    if value is None:
        return []
    if isinstance(value, list):
        return [one for item in value for one in octets(forest, lab, name, item, entry)]
    if isinstance(value, dict):
        return [_made(forest, lab, value, entry)]
    if isinstance(value, bool):
        return [b"TRUE" if value else b"FALSE"]
    if name.lower() in _REFERENCES:
        return [forest.find(str(value), ["1.1"]).dn.encode()]
    return [str(value).encode()]


def _made(forest: Forest, lab: Lab, value: dict[str, Any], entry: Entry) -> bytes:
    match value:
        case {"guid": text}:
            return guid_octets(str(text))
        case {"base64": text}:
            return base64.b64decode(str(text))
        case {"dn": name}:
            return forest.find(str(name), ["1.1"]).dn.encode()
        case {"random_guid": True}:
            return lab.seeds.guid("scenario/random-guid").bytes_le
        case {"sid_of": name, **rest}:
            return account_sid(lab.forest(rest.get("forest")) if rest.get("forest") else forest, str(name))
        case {"copy": attribute}:
            found = entry.first(str(attribute))
            if found is None:
                raise ScenarioError(f"{entry.dn} has no {attribute} to copy")
            return found
    keys = "guid, base64, dn, sid_of, random_guid: true, copy"
    raise ScenarioError(f"a value made by {', '.join(value)} is unknown; known are {keys}")


def account_sid(forest: Forest, name: str) -> bytes:
    """Return the SID of an account, to be named in another forest."""
    found = forest.find(name, ["objectSid"]).first("objectSid")
    if found is None:
        raise ScenarioError(f"{name} of {forest.name} is no account: it has no SID")
    return found


def member_value(lab: Lab, place: Forest, name: str) -> bytes:
    """Return how a member is named to the directory: its DN, or the SID of ``CONTOSO\\ana.lopez`` of another domain."""
    netbios, backslash, login = name.partition("\\")
    if not backslash or "=" in name:
        return place.find(name, ["1.1"]).dn.encode()
    domains = [*lab.forests.values(), *lab.domains.values()]
    trusted = next((one for one in domains if one.document.netbios.lower() == netbios.lower()), None)
    if trusted is None:
        known = ", ".join(one.document.netbios for one in domains)
        raise ScenarioError(f"{netbios} is the NetBIOS name of no forest; there are {known}")
    if trusted is place:
        return place.find(login, ["1.1"]).dn.encode()
    return b"<SID=" + account_sid(trusted, login).hex().encode() + b">"


def _copied(values: dict[str, Any]) -> list[str]:
    items = [one for value in values.values() for one in (value if isinstance(value, list) else [value])]
    return [str(one["copy"]) for one in items if isinstance(one, dict) and "copy" in one] or ["1.1"]


# ---- making objects ------------------------------------------------------------------------------------------------
def _exists(forest: Forest, dn: str) -> bool:
    try:
        return bool(forest.search("(objectClass=*)", ["1.1"], base=dn, scope=BASE))
    except LdapRefusedError as error:
        if error.code == "noSuchObject":
            return False
        raise


def _add(lab: Lab, plain: dict[str, Any], **described: Any) -> None:
    """Send what a description asks for as LDAP adds, missing OUs first."""
    forest = lab.forest(plain.get("forest"))
    document = ForestDocument(forest.name, forest.document.netbios, exchange=forest.document.exchange, **described)
    if any(group.links for group in document.groups):
        raise ScenarioError("links are members that do not exist, which no directory takes; give them in the world")
    contents = ForestContents(document, forest.base_dn, lab.seeds, find=lambda name: forest.find(name, ["1.1"]).dn)
    for entry in forest.search("(sAMAccountName=*)", ["sAMAccountName", "cn"]) if document.populations else ():
        contents.take((entry.first("sAMAccountName") or b"").decode(), (entry.first("cn") or b"").decode())
    for dn, attributes in contents.build(index=int(lab.seeds.stream("scenario/populate").random() * 1_000_000)):
        if attributes["objectClass"][-1] == b"organizationalUnit" and _exists(forest, dn):
            continue
        if b"user" in attributes["objectClass"] and "unicodePwd" not in attributes:
            password = lab.seeds.password(f"{forest.name}/{attributes['sAMAccountName'][0].decode()}")
            attributes["unicodePwd"] = [f'"{password}"'.encode("utf-16-le")]
        forest.ldap().add(dn, attributes)


def _with_forest(record: Record) -> Record:
    return replace(record, keys=(*record.keys, Key("forest", Name("forest"), doc="the only forest without it")))


@action(
    "directory.add_user",
    "directory.add_user: {name: Ben Ode, in: Staff, title: Clerk}",
    record=_with_forest(PERSON),
)
def add_user(lab: Lab, plain: dict[str, Any]) -> None:
    """Create a user; the OU is made when it is missing. The keys are those of a user in the world."""
    _add(lab, plain, people=(read_person(plain),))


@action("directory.add_contact", "directory.add_contact: {name: Cy Partner, in: Staff}", record=_with_forest(CONTACT))
def add_contact(lab: Lab, plain: dict[str, Any]) -> None:
    """Create a contact."""
    _add(lab, plain, people=(read_person(plain, kind="contact"),))


@action("directory.add_group", "directory.add_group: {name: Readers, members: [Ana Lopez]}", record=_with_forest(GROUP))
def add_group(lab: Lab, plain: dict[str, Any]) -> None:
    """Create a group with its members."""
    _add(lab, plain, groups=(read_group(plain),))


@action("directory.populate", "directory.populate: {users: 5, in: Staff}", record=_with_forest(POPULATION))
def populate(lab: Lab, plain: dict[str, Any]) -> None:
    """Create made-up people, groups and contacts, as the world's population does."""
    _add(lab, plain, populations=(read_population(plain),))


@action("directory.add_ou", "directory.add_ou: Staff/Sales")
def add_ou(lab: Lab, ou: Container, forest: ForestName | None = None) -> None:
    """Create an organizational unit and those above it that are missing."""
    _add(lab, {"forest": forest}, ous=(ou,))


# ---- changing objects ----------------------------------------------------------------------------------------------
@action("directory.set_attributes", "directory.set_attributes: {object: Ana Lopez, set: {title: Lead}}")
def set_attributes(
    lab: Lab,
    set_: Annotated[dict[str, Any], MapOf(VALUE), _SET],
    object_: Object | None = None,
    in_: Container | None = None,
    where: Where | None = None,
    first: First | None = None,
    forest: ForestName | None = None,
) -> None:
    """Replace attributes of one object, or of several below a container; null clears."""
    place = lab.forest(forest)
    for entry in targets(place, object_, in_, where, first, _copied(set_)):
        changes = [(REPLACE, name, octets(place, lab, name, value, entry)) for name, value in set_.items()]
        place.ldap().modify(entry.dn, changes)
        warn_of_late_anchor(lab, place, entry.dn, {name: values for _, name, values in changes})


@action(
    "directory.clear_attributes",
    "directory.clear_attributes: {object: Ana Lopez, attributes: [mS-DS-ConsistencyGuid]}",
)
def clear_attributes(
    lab: Lab,
    attributes: Annotated[list[str], "attributes to empty"],
    object_: Object | None = None,
    in_: Container | None = None,
    where: Where | None = None,
    first: First | None = None,
    forest: ForestName | None = None,
) -> None:
    """Remove all values of attributes."""
    place = lab.forest(forest)
    for entry in targets(place, object_, in_, where, first, ["1.1"]):
        place.ldap().modify(entry.dn, [(REPLACE, name, []) for name in attributes])
        warn_of_late_anchor(lab, place, entry.dn, dict.fromkeys(attributes, ()))


@action("directory.delete", "directory.delete: Ana Lopez", shorthand="object")
def delete(
    lab: Lab,
    object_: Object | None = None,
    in_: Container | None = None,
    where: Where | None = None,
    first: First | None = None,
    tree: Annotated[bool, "with everything below"] = False,
    forest: ForestName | None = None,
) -> None:
    """Delete one object, or several below a container."""
    place = lab.forest(forest)
    for entry in targets(place, object_, in_, where, first, ["1.1"]):
        place.ldap().delete(entry.dn, tree=tree)


@action("directory.move", "directory.move: {object: Ana Lopez, to: Alumni}")
def move(
    lab: Lab,
    to: Annotated[str, "OU to move to, made when it is missing"],
    object_: Object | None = None,
    in_: Container | None = None,
    where: Where | None = None,
    first: First | None = None,
    forest: ForestName | None = None,
) -> None:
    """Move one object, or several, to another container of the same forest."""
    place = lab.forest(forest)
    add_ou(lab, to, forest)
    superior = container_dn(to, place.base_dn)
    for entry in targets(place, object_, in_, where, first, ["1.1"]):
        place.ldap().rename(entry.dn, first_rdn(entry.dn), superior)


@action("directory.rename", "directory.rename: {object: Ana Lopez, to: Ana Diaz}")
def rename(lab: Lab, object_: Object, to: Annotated[str, "new name"], forest: ForestName | None = None) -> None:
    """Give an object another name where it stands."""
    place = lab.forest(forest)
    entry = place.find(object_, ["1.1"])
    kind = first_rdn(entry.dn).split("=")[0]
    place.ldap().rename(entry.dn, f"{kind}={escape_rdn(to)}")


@action("directory.add_member", "directory.add_member: {group: Readers, members: [Ana Lopez]}")
def add_member(lab: Lab, group: Object, members: Members, forest: ForestName | None = None) -> None:
    """Add members to a group."""
    _change_members(lab, ADD, group, members, forest)


@action("directory.remove_member", "directory.remove_member: {group: Readers, members: [Ana Lopez]}")
def remove_member(lab: Lab, group: Object, members: Members, forest: ForestName | None = None) -> None:
    """Remove members from a group."""
    _change_members(lab, DELETE, group, members, forest)


def _change_members(lab: Lab, operation: int, group: str, members: list[str], forest: str | None) -> None:
    place = lab.forest(forest)
    values = [member_value(lab, place, member) for member in members]
    place.ldap().modify(place.find(group, ["1.1"]).dn, [(operation, "member", values)])


@action("directory.restore", "directory.restore: Ana Lopez")
def restore(
    lab: Lab,
    object_: Object,
    to: Annotated[str, "OU to restore to; where it last was without it"] | None = None,
    forest: ForestName | None = None,
) -> None:
    """Bring an object back from the recycle bin."""
    place = lab.forest(forest)
    entry = place.find(object_, ["lastKnownParent", "msDS-LastKnownRDN", "objectClass"], deleted=True)
    name = (entry.first("msDS-LastKnownRDN") or b"").decode()
    parent = (entry.first("lastKnownParent") or b"").decode() if to is None else container_dn(to, place.base_dn)
    kind = "OU" if entry.values("objectClass")[-1:] == [b"organizationalUnit"] else "CN"
    target = f"{kind}={escape_rdn(name or object_)},{parent}"
    changes = [(DELETE, "isDeleted", []), (REPLACE, "distinguishedName", [target.encode()])]
    place.ldap().modify_deleted(entry.dn, changes)


@action("directory.set_password", "directory.set_password: {object: Ana Lopez, password: 'Aa1-harbour-2026'}")
def set_password(
    lab: Lab,
    object_: Object | None = None,
    password: Annotated[str, "new password; made from the seed without it"] | None = None,
    in_: Container | None = None,
    where: Where | None = None,
    first: First | None = None,
    must_change: Annotated[bool, "user must change it at next logon"] = False,
    forest: ForestName | None = None,
) -> None:
    """Reset passwords, as an administrator does."""
    place = lab.forest(forest)
    for entry in targets(place, object_, in_, where, first, ["1.1"]):
        chosen = password if password is not None else lab.seeds.password(f"reset/{lab.seeds.guid('scenario/reset')}")
        changes = [(REPLACE, "unicodePwd", [f'"{chosen}"'.encode("utf-16-le")])]
        if must_change:
            changes.append((REPLACE, "pwdLastSet", [b"0"]))
        place.ldap().modify(entry.dn, changes)


@action("directory.disable", "directory.disable: Ana Lopez", shorthand="object")
def disable(
    lab: Lab,
    object_: Object | None = None,
    in_: Container | None = None,
    where: Where | None = None,
    first: First | None = None,
    forest: ForestName | None = None,
) -> None:
    """Disable accounts."""
    _set_disabled(lab, lab.forest(forest), (object_, in_, where, first), disabled=True)


@action("directory.enable", "directory.enable: Ana Lopez", shorthand="object")
def enable(
    lab: Lab,
    object_: Object | None = None,
    in_: Container | None = None,
    where: Where | None = None,
    first: First | None = None,
    forest: ForestName | None = None,
) -> None:
    """Enable accounts."""
    _set_disabled(lab, lab.forest(forest), (object_, in_, where, first), disabled=False)


def _set_disabled(
    lab: Lab, place: Forest, who: tuple[str | None, str | None, str | None, int | None], *, disabled: bool
) -> None:
    del lab
    for entry in targets(place, *who, ["userAccountControl"]):
        control = int(entry.first("userAccountControl") or b"512")
        control = control | DISABLED if disabled else control & ~DISABLED
        place.ldap().modify(entry.dn, [(REPLACE, "userAccountControl", [str(control).encode()])])


@action(
    "directory.deny_read",
    "directory.deny_read: {object: Ana Lopez, attributes: [sAMAccountName], server: SYNC1}",
)
def deny_read(
    lab: Lab,
    object_: Object,
    attributes: Annotated[list[str], "attributes that shall not be read"],
    server: ServerName | None = None,
    account: Annotated[str, "object name; the connector account of the server without it"] | None = None,
    forest: ForestName | None = None,
) -> None:
    """Deny an account, or a server's connector account, the reading of attributes, in the object's access list."""
    place = lab.forest(forest)
    sid = account_sid(place, account or lab.server(server).connector_account(place.name))
    entry = place.find(object_, ["1.1"])
    for name in attributes:
        found = place.search(
            f"(lDAPDisplayName={name})", ["schemaIDGUID"], base=f"CN=Schema,CN=Configuration,{place.base_dn}"
        )
        if not found:
            raise ScenarioError(f"the schema of {place.name} has no attribute {name}")
        descriptor = place.ldap().access_list(entry.dn)
        denial = denied(descriptor, found[0].values("schemaIDGUID")[0], sid, READ_PROPERTY)
        place.ldap().set_access_list(entry.dn, denial)


def first_rdn(dn: str) -> str:
    """Return the first part of a DN; an escaped comma does not end it."""
    at = 0
    while at < len(dn):
        if dn[at] == "\\":
            at += 2
            continue
        if dn[at] == ",":
            return dn[:at]
        at += 1
    return dn
