"""What a forest holds before the first step: a ForestDocument to entries for DirectoryService.populate.

Containers first, then people, then groups, so that every DN an entry names exists. Identity (SID, USN, times) is the
directory's own.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from harness.lab.people import GROUP_WORDS, draw_people, fold
from harness.lab.seeds import Seeds, guid_octets
from harness.scenario.document import ForestDocument, GroupDocument, Person, Population

Attributes = dict[str, list[bytes]]
DirectoryEntry = tuple[str, Attributes]

_CLASSES = {
    "user": [b"top", b"person", b"organizationalPerson", b"user"],
    "inetOrgPerson": [b"top", b"person", b"organizationalPerson", b"user", b"inetOrgPerson"],
    "contact": [b"top", b"person", b"organizationalPerson", b"contact"],
    "group": [b"top", b"group"],
    "organizationalUnit": [b"top", b"organizationalUnit"],
}
_GROUP_SCOPES = {"global": 0x2, "domain-local": 0x4, "universal": 0x8}
NORMAL_ACCOUNT, ACCOUNT_DISABLED = 0x200, 0x2


class UnknownMemberError(ValueError):
    """A group of the world names a member that the world does not have."""


def escape_rdn(value: str) -> str:
    """Return a name as it may stand in a DN."""
    escaped = "".join(f"\\{sign}" if sign in ',\\#+<>;"=' else sign for sign in value)
    escaped = escaped.replace("\n", "\\0A")  # in the names of replication conflicts
    if escaped.startswith(" "):
        escaped = "\\" + escaped
    return escaped[:-1] + "\\ " if escaped.endswith(" ") else escaped


def container_dn(path: str, base_dn: str) -> str:
    """Return the DN of ``Staff/Sales``, of a DN relative or absolute, or of the Users container."""
    if not path:
        return f"CN=Users,{base_dn}"
    if "=" in path:
        return path if path.lower().endswith(base_dn.lower()) else f"{path},{base_dn}"
    parts = [part for part in path.split("/") if part]
    return ",".join(f"OU={escape_rdn(part)}" for part in reversed(parts)) + f",{base_dn}"


def encode_value(value: Any) -> list[bytes]:
    """Return a value of a scenario as LDAP octets."""
    if value is None:
        return []
    if isinstance(value, list):
        return [octets for item in value for octets in encode_value(item)]
    if isinstance(value, bool):
        return [b"TRUE" if value else b"FALSE"]
    if isinstance(value, dict):
        if "guid" in value:
            return [guid_octets(str(value["guid"]))]
        if "base64" in value:
            return [base64.b64decode(str(value["base64"]))]
        raise ValueError(f"a value is text, a number, {{guid: ...}} or {{base64: ...}}, not {value}")
    return [str(value).encode()]


#: where members stand that are links only
LINKED_PLACE = "OU=Links"


@dataclass
class ForestContents:
    """Collects the entries of one forest."""

    document: ForestDocument
    base_dn: str
    seeds: Seeds
    find: Callable[[str], str] | None = None  # where members are looked up that the description does not make
    entries: list[DirectoryEntry] = field(default_factory=list)
    dangling: list[DirectoryEntry] = field(default_factory=list)  # groups some of whose members do not exist
    _containers: set[str] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)
    _logins: set[str] = field(default_factory=set)

    def take(self, *names: str) -> None:
        """Mark names as in use."""
        self._logins.update(names)

    def build(self, index: int = 0) -> list[DirectoryEntry]:
        """Return all entries. index: of the first population, when the forest has had others before."""
        self.build_people(index)
        self.build_groups()
        return self.entries

    def build_people(self, index: int = 0) -> None:
        """Make everything but the groups by name, whose members may be of another domain."""
        for path in self.document.ous:
            self._container(path)
        for person in self.document.people:  # before any of them is made: a manager may come after who reports to them
            self._logins.add(person.name)
            self._names[person.name.lower()] = self._person_dn(person)
        for person in self.document.people:
            self._person(person)
        for number, population in enumerate(self.document.populations, index):
            self._population(population, number)

    def build_groups(self) -> None:
        for group in self.document.groups:
            self._group(group)

    def dn_of(self, name: str) -> str | None:
        """Return the DN of something this domain's description makes."""
        return self._names.get(name.lower())

    def _container(self, path: str) -> str:
        dn = container_dn(path, self.base_dn)
        relative = dn[: -len(self.base_dn) - 1]
        parts = relative.split(",") if relative else []
        for start in range(len(parts) - 1, -1, -1):
            if not parts[start].upper().startswith("OU="):
                continue
            one = ",".join(parts[start:]) + f",{self.base_dn}"
            if one.lower() not in self._containers:
                self._containers.add(one.lower())
                name = parts[start][3:].replace("\\", "").encode()
                self.entries.append((one, {"objectClass": _CLASSES["organizationalUnit"], "ou": [name]}))
        return dn

    def _login(self, person: Person) -> str:
        login = person.login
        if not login:
            words = person.name.split()
            stem = ".".join(fold(word) for word in (words[0], words[-1]) if fold(word))[:18] if words else "user"
            stem = stem if len(words) > 1 else fold(person.name)[:18] or "user"
            login, serial = stem, 2
            while login in self._logins:
                login, serial = f"{stem}{serial}", serial + 1
        self._logins.add(login)
        return login

    def _person_dn(self, person: Person) -> str:
        return f"CN={escape_rdn(person.name)},{container_dn(person.container, self.base_dn)}"

    def _person(self, person: Person) -> None:
        self._container(person.container)
        dn = self._names[person.name.lower()] = self._person_dn(person)
        attributes: Attributes = {"objectClass": _CLASSES[person.kind], "displayName": [person.name.encode()]}
        words = person.name.split()
        if len(words) > 1:
            attributes["givenName"] = [" ".join(words[:-1]).encode()]
            attributes["sn"] = [words[-1].encode()]
        if person.kind != "contact":
            self._account(person, attributes)
        if person.mail:
            attributes["mail"] = [person.mail.encode()]
            attributes["proxyAddresses"] = [f"SMTP:{person.mail}".encode()]
        if person.guid:
            attributes["objectGUID"] = [guid_octets(person.guid)]
        if person.consistency_guid:
            attributes["mS-DS-ConsistencyGuid"] = [guid_octets(person.consistency_guid)]
        self._further(attributes, person.attributes)
        self.entries.append((dn, attributes))

    def _account(self, person: Person, attributes: Attributes) -> None:
        login = self._login(person)
        self._names[login.lower()] = self._names[person.name.lower()]
        upn = person.upn or f"{login}@{self.document.name}"
        attributes["sAMAccountName"] = [login.encode()]
        if upn != "-":
            attributes["userPrincipalName"] = [upn.encode()]
        control = NORMAL_ACCOUNT | (0 if person.enabled else ACCOUNT_DISABLED)
        attributes["userAccountControl"] = [str(control).encode()]
        password = person.password or self.seeds.password(f"{self.document.name}/{login}")
        attributes["unicodePwd"] = [f'"{password}"'.encode("utf-16-le")]

    def _further(self, attributes: Attributes, given: Mapping[str, Any]) -> None:
        by_folded = {name.lower(): name for name in attributes}
        for name, value in given.items():
            known = by_folded.get(name.lower(), name)
            octets = (
                self._references(value) if name.lower() in ("manager", "secretary", "member") else encode_value(value)
            )
            if octets:
                attributes[known] = octets
            else:
                attributes.pop(known, None)

    def _references(self, value: Any) -> list[bytes]:
        names = value if isinstance(value, list) else [value]
        return [self.member_dn(str(one["dn"] if isinstance(one, dict) else one)).encode() for one in names]

    def member_dn(self, name: str) -> str:
        """Return the DN of something the world has by name."""
        found = self._names.get(name.lower())
        if found is None and "=" in name:
            return name if name.lower().endswith(self.base_dn.lower()) else f"{name},{self.base_dn}"
        if found is None and self.find is not None:
            return self.find(name)
        if found is None:
            raise UnknownMemberError(f"{self.document.name} has nobody called {name}")
        return found

    def _population(self, population: Population, index: int) -> None:
        purpose = f"population/{self.document.name}/{index}"
        stream = self.seeds.fresh(purpose)
        parent = self._container(population.container)
        drawn = []
        for person in draw_people(stream, population.users, self._logins):
            dn = f"CN={person.name},{parent}"
            drawn.append(dn)
            self._names[person.name.lower()] = dn
            attributes = _drawn_attributes(person, self.document.name, mail=population.mail)
            if self.document.exchange and population.mail:
                attributes["mailNickname"] = [person.login.encode()]
            if population.consistency_guid:
                octets = self.seeds.guid(f"{purpose}/guid").bytes_le
                attributes["objectGUID"] = attributes["mS-DS-ConsistencyGuid"] = [octets]
            self.entries.append((dn, attributes))
        self._drawn_contacts(population, parent, index)
        self._drawn_groups(population, parent, drawn, index)

    def _drawn_contacts(self, population: Population, parent: str, index: int) -> None:
        stream = self.seeds.fresh(f"contacts/{self.document.name}/{index}")
        for person in draw_people(stream, population.contacts, self._logins):
            mail = f"{person.login}@partner.example".encode()
            attributes: Attributes = {
                "objectClass": _CLASSES["contact"],
                "displayName": [person.name.encode()],
                "givenName": [person.given.encode()],
                "sn": [person.surname.encode()],
                "mail": [mail],
                "proxyAddresses": [b"SMTP:" + mail],
            }
            if self.document.exchange:
                attributes["targetAddress"] = [b"SMTP:" + mail]
            self.entries.append((f"CN={person.name},{parent}", attributes))

    def _drawn_groups(self, population: Population, parent: str, drawn: list[str], index: int) -> None:
        stream = self.seeds.fresh(f"groups/{self.document.name}/{index}")
        for number in range(1, population.groups + 1):
            name = f"{GROUP_WORDS[int(stream.random() * len(GROUP_WORDS))]} {index + 1:02d}-{number:04d}"
            members = stream.sample(drawn, min(population.members_each, len(drawn)))
            self._names[name.lower()] = dn = f"CN={name},{parent}"
            attributes = _group_attributes(name, "global", security=True)
            attributes["member"] = [member.encode() for member in members]
            self.entries.append((dn, attributes))

    def _group(self, group: GroupDocument) -> None:
        dn = f"CN={escape_rdn(group.name)},{self._container(group.container)}"
        self._names[group.name.lower()] = dn
        attributes = _group_attributes(group.name, group.scope, security=group.security)
        if group.mail:
            attributes["mail"] = [group.mail.encode()]
            attributes["proxyAddresses"] = [f"SMTP:{group.mail}".encode()]
        if group.guid:
            attributes["objectGUID"] = [guid_octets(group.guid)]
        attributes["member"] = [self.member_dn(member).encode() for member in group.members]
        attributes["member"] += [f"CN=Link {n:07d},{LINKED_PLACE},{self.base_dn}".encode() for n in range(group.links)]
        self._further(attributes, group.attributes)
        held = self.dangling if group.links else self.entries
        held.append((dn, {name: values for name, values in attributes.items() if values}))


def _group_attributes(name: str, scope: str, *, security: bool) -> Attributes:
    kind = _GROUP_SCOPES[scope] | (0x80000000 if security else 0)
    signed = kind - (1 << 32) if kind & 0x80000000 else kind
    return {
        "objectClass": _CLASSES["group"],
        "sAMAccountName": [name.encode()],
        "displayName": [name.encode()],
        "groupType": [str(signed).encode()],
    }


def _drawn_attributes(person: Any, domain: str, *, mail: bool) -> Attributes:
    address = f"{person.login}@{domain}".encode()
    attributes: Attributes = {
        "objectClass": _CLASSES["user"],
        "displayName": [person.name.encode()],
        "givenName": [person.given.encode()],
        "sn": [person.surname.encode()],
        "sAMAccountName": [person.login.encode()],
        "userPrincipalName": [address],
        "userAccountControl": [b"512"],
        "title": [person.title.encode()],
        "department": [person.department.encode()],
        "company": [b"Contoso"],
        "l": [person.city.encode()],
        "st": [person.state.encode()],
        "c": [person.country.encode()],
        "co": [person.country_name.encode()],
        "countryCode": [person.country_code.encode()],
        "streetAddress": [person.street.encode()],
        "postalCode": [person.postal_code.encode()],
        "telephoneNumber": [person.phone.encode()],
        "mobile": [person.mobile.encode()],
        "physicalDeliveryOfficeName": [person.office.encode()],
    }
    if mail:
        attributes["mail"] = [address]
        attributes["proxyAddresses"] = [b"SMTP:" + address]
    return attributes


def forest_contents(document: ForestDocument, base_dn: str, seeds: Seeds) -> ForestContents:
    """Return everything a forest's description asks for, parents before children; further domains after the root.

    Groups whose members are links only come apart.
    """
    domains = [document, *document.domains]
    made = [ForestContents(one, base_dn if one is document else domain_dn(one.name), seeds) for one in domains]
    for contents in made:
        contents.find = partial(_elsewhere, made, contents) if document.domains else None
        contents.build_people()
    for contents in made:
        contents.build_groups()
    whole = made[0]
    for contents in made[1:]:
        whole.entries += contents.entries
        whole.dangling += contents.dangling
    return whole


def domain_dn(name: str) -> str:
    """Return the DN of a domain's head."""
    return ",".join(f"DC={label}" for label in name.split("."))


def _elsewhere(made: list[ForestContents], asking: ForestContents, name: str) -> str:
    """Return the DN of something another domain of the forest makes: ``EMEA\\ana.lopez``, or a name alone."""
    netbios, backslash, login = name.rpartition("\\")
    for contents in made:
        if backslash and contents.document.netbios.lower() != netbios.lower():
            continue
        found = contents.dn_of(login)
        if found is not None:
            return found
    raise UnknownMemberError(f"{asking.document.name} and the other domains of its forest have nobody called {name}")
