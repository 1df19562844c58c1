"""Checked plain values of a ``world:`` to the records of document.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from harness.scenario.cloud_administrator_shape import ADMINISTRATOR_KEYS
from harness.scenario.document import (
    CloudUser,
    DatabaseDocument,
    ForestDocument,
    GroupDocument,
    Person,
    Population,
    TenantDocument,
    World,
)
from harness.scenario.federation_shape import read_federation
from harness.scenario.network_shape import NETWORK
from harness.scenario.sql_shape import INSTANCE_KEY
from harness.scenario.world_shape import (
    CLOUD_USER,
    CONTACT,
    FOREST,
    FURTHER_DOMAIN,
    GROUP,
    PERSON,
    PERSON_ATTRIBUTES,
    POPULATION,
    TENANT,
)

#: a Monday morning before the end-of-life date of old builds
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DEFAULT_SEED = "1"


def build_world(plain: dict[str, Any], *, folder: str = ".") -> World:
    """Return the world; the values were checked before."""
    return World(
        seed=str(plain.get("seed", DEFAULT_SEED)),
        start=read_start(str(plain["start"])) if plain.get("start") else START,
        clock=plain.get("clock", "virtual"),
        forests=tuple(_forest(name, one) for name, one in (plain.get("forests") or {}).items()),
        tenants=tuple(_tenant(name, one) for name, one in (plain.get("tenants") or {}).items()),
        databases=_databases(plain.get("sql") or {}),
        sql_instances={name: (one or {}).get(INSTANCE_KEY) or {} for name, one in (plain.get("sql") or {}).items()},
        faults=plain.get("faults") or {},
        dns=(plain.get("network") or {}).get("dns") or {},
        proxy=NETWORK.convert(plain.get("network")).get("proxy"),
        firewall=NETWORK.convert(plain.get("network")).get("firewall") or {},
        federation=read_federation(plain.get("federation")),
        folder=folder,
    )


def _databases(plain: dict[str, Any]) -> tuple[DatabaseDocument, ...]:
    """Return the databases of all instances, each with what it was made with."""
    found = []
    for instance, held in plain.items():
        for name, given in (held or {}).items():
            if name == INSTANCE_KEY:
                continue
            properties = dict(given) if isinstance(given, dict) else {"state": given}
            state = properties.pop("state")
            found.append(DatabaseDocument(instance, name, state, {key: str(one) for key, one in properties.items()}))
    return tuple(found)


def read_start(text: str) -> datetime:
    """Return the moment; raises ValueError when the calendar has none such."""
    shown = text.replace(" ", "T").removesuffix("Z")
    return datetime.fromisoformat(shown).replace(tzinfo=UTC)


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _forest(name: str, plain: dict[str, Any] | None) -> ForestDocument:
    one = FOREST.convert(plain)
    root = _domain(name, one, "DC1")
    domains = tuple(
        replace(_domain(domain, FURTHER_DOMAIN.convert(described), f"DC{number}"), exchange=root.exchange)
        for number, (domain, described) in enumerate((one.get("domains") or {}).items(), start=2)
    )
    return replace(root, domains=domains)


def _domain(name: str, one: dict[str, Any], controller: str) -> ForestDocument:
    """Return the document of a domain; of one beside the root only what a domain has of its own."""
    people = [read_person(user) for user in _several(one.get("users"))]
    contacts = [read_person(contact, kind="contact") for contact in _several(one.get("contacts"))]
    return ForestDocument(
        name=name,
        netbios=one.get("netbios") or name.split(".")[0].upper()[:15],
        controllers=tuple(one.get("controllers") or (controller,)),
        functional_level=one.get("functional_level", 7),
        exchange=one.get("exchange", False),
        recycle_bin=one.get("recycle_bin", True),
        upn_suffixes=tuple(one.get("upn_suffixes") or ()),
        ldif=one.get("ldif", ""),
        ous=tuple(one.get("ous") or ()),
        populations=tuple(read_population(group) for group in _several(one.get("population"))),
        people=(*people, *contacts),
        groups=tuple(read_group(group) for group in _several(one.get("groups"))),
        options=one.get("options") or {},
    )


def read_population(plain: Any) -> Population:
    """Return a population from its checked values."""
    one = POPULATION.convert(plain)
    return Population(
        users=one.get("users", 0),
        groups=one.get("groups", 0),
        contacts=one.get("contacts", 0),
        container=one.get("in", ""),
        mail=one.get("mail", True),
        consistency_guid=one.get("consistency_guid", False),
        members_each=one.get("members_each", 5),
    )


def read_person(plain: Any, kind: str = "user") -> Person:
    """Return a user, or a contact, from its checked values."""
    one = (CONTACT if kind == "contact" else PERSON).convert(plain)
    attributes = {name: one[name] for name in PERSON_ATTRIBUTES if name in one} | (one.get("attributes") or {})
    name = one["name"]
    return Person(
        name=name,
        container=one.get("in", ""),
        login=one.get("login", ""),
        upn=one["upn"] or "-" if "upn" in one else "",
        mail=one.get("mail", ""),
        enabled=one.get("enabled", True),
        password=one.get("password", ""),
        guid=one.get("guid", ""),
        consistency_guid=one.get("consistency_guid", ""),
        attributes=attributes,
        kind=one.get("kind", kind),
    )


def read_group(plain: Any) -> GroupDocument:
    """Return a group from its checked values."""
    one = GROUP.convert(plain)
    beside = {name: one[name] for name in ("description", "displayName", "proxyAddresses") if name in one}
    return GroupDocument(
        name=one["name"],
        container=one.get("in", ""),
        members=tuple(one.get("members") or ()),
        mail=one.get("mail", ""),
        security=one.get("security", True),
        scope=one.get("scope", "global"),
        guid=one.get("guid", ""),
        attributes=beside | (one.get("attributes") or {}),
        links=one.get("links", 0),
    )


def _tenant(name: str, plain: dict[str, Any] | None) -> TenantDocument:
    one = TENANT.convert(plain)
    return TenantDocument(
        name=name,
        display_name=one.get("display_name") or name.split(".")[0].title(),
        verified_domains=tuple(one.get("verified_domains") or ()),
        anchor_policy=one.get("anchor_policy", ""),
        sync_accounts=one.get("sync_accounts", 0),
        users=tuple(read_cloud_user(user) for user in _several(one.get("users"))),
        features=one.get("features") or {},
        settings=one.get("settings") or {},
    )


def read_cloud_user(plain: Any) -> CloudUser:
    """Return a cloud-only user from its checked values."""
    user = CLOUD_USER.convert(plain)
    return CloudUser(
        upn=user["upn"],
        display_name=user.get("name", ""),
        immutable_id=user.get("immutable_id", ""),
        mail_nickname=user.get("mail_nickname", ""),
        licence=user.get("licence", ""),
        role=user.get("role", ""),
        attributes=user.get("attributes") or {},
        administrator={key.name: user[key.name] for key in ADMINISTRATOR_KEYS if key.name in user},
    )
