"""In whatever order forests are imported and synchronized, the metaverse and the tenant end the same.

Persons are drawn over three forests: accounts, linked mailboxes, GALSync contacts, foreign members of groups. What two
forests could both give is decided by the order of connection, which one test keeps and the other has nothing to decide.
"""

from __future__ import annotations

import random
import tempfile
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules

FORESTS = ("contoso.com", "fabrikam.com", "northwind.com")
ENTRA = "contoso.onmicrosoft.com - AAD"
ORDERS = list(permutations(range(3)))
ACCOUNTS = ("enabled", "disabled")
person = st.tuples(*(st.sampled_from(["absent", *ACCOUNTS, "linked", "contact"]) for _ in FORESTS))


def sid(number: int, place: int) -> bytes:
    return b"\x01\x05" + bytes(16) + number.to_bytes(5, "little") + place.to_bytes(5, "little")


def sid_text(octets: bytes) -> str:
    parts = [int.from_bytes(octets[at : at + 4], "little") for at in range(8, 28, 4)]
    return "-".join(["S-1-0", *map(str, parts)])


def sensible(kinds, criteria: str) -> list[str]:
    """What the way of matching can put together: one account and one linked mailbox by SID, contacts only by mail."""
    found: list[str] = []
    for kind in kinds:
        lonely = kind == "contact" and criteria != "Mail"
        linked = kind == "linked" and ("linked" in found or criteria != "ObjectSID")
        second = kind in ACCOUNTS and criteria == "ObjectSID" and not set(ACCOUNTS).isdisjoint(found)
        found.append("absent" if lonely or linked or second else kind)
    return found


def fill(world, people, criteria: str, *, alike: bool = False) -> None:
    """alike: what several forests could say of a person they all say."""
    for number, kinds in enumerate(people):
        kinds = sensible(kinds, criteria)
        guid = random.Random(f"guid/{number}").randbytes(16)
        master = next((place for place, kind in enumerate(kinds) if kind in ACCOUNTS), None)
        for place, kind in enumerate(kinds):
            if kind == "absent":
                continue
            forest = FORESTS[place]
            given = {"mail": f"person{number}@contoso.com"}
            if alike or (number + place) % 2:
                given["title"] = f"Title {number}"
            if criteria == "AlwaysProvision":
                given["mS__DS__ConsistencyGuid"] = guid
            if kind != "contact":
                given |= {"objectSid": sid(number, place), "userAccountControl": 512 if kind == "enabled" else 514}
            if kind == "linked":
                given |= {"msExchRecipientTypeDetails": 2, "mailNickname": f"person{number}"}
                given["msExchMasterAccountSid"] = sid(number, master) if master is not None else None
            name = f"Person {number}" if alike else f"Person {number} of {forest}"
            world.directories[forest].add(name, "contact" if kind == "contact" else "user", **given)
    for place in range(len(FORESTS)):
        _add_group(world, people, criteria, place)


def _add_group(world, people, criteria: str, place: int) -> None:
    """A group of everybody: the forest's own users, and stand-ins for the enabled accounts of other forests."""
    directory = world.directories[FORESTS[place]]
    members = [directory.dn(guid) for guid in directory.objects if directory.places[guid][1] == "user"]
    for number, kinds in enumerate(people):
        accounts = [(there, kind) for there, kind in enumerate(sensible(kinds, criteria)) if kind in ACCOUNTS]
        if len(accounts) == 1 and accounts[0][1] == "enabled" and accounts[0][0] != place:  # the one that gives the SID
            text = sid_text(sid(number, accounts[0][0]))
            members.append(
                directory.dn(directory.add(text, "foreignSecurityPrincipal", "CN=ForeignSecurityPrincipals"))
            )
    directory.add(f"Everybody in {FORESTS[place]}", "group", member=members or None)


def build(deployment_class, folder: str, name: str, criteria: str, forests=FORESTS):
    path = Path(folder) / name
    path.mkdir()
    connectors = tuple(
        DirectoryConnector(f"{place:08d}-0000-0000-0000-000000000000", forest, has_exchange=True, has_lync=False)
        for place, forest in enumerate(forests, 1)
    )
    anchor = "mS-DS-ConsistencyGuid" if criteria == "AlwaysProvision" else "objectGUID"
    options = StandardRuleOptions(connectors, anchor=anchor, join_criteria=criteria)
    return deployment_class(path, forests, standard_rules(options))


def settle(world, forests=FORESTS) -> None:
    """Full runs and three delta rounds, the forests in this order."""
    for kind in ("Full", "Delta", "Delta", "Delta"):
        for profile in (f"{kind} Import", f"{kind} Synchronization", "Export"):
            for name in (*forests, ENTRA):
                world.run(name, profile)


def cloud(world) -> dict[str, dict[str, object]]:
    """The tenant by source anchor; lists count as sets."""
    return {
        anchor: {
            name: frozenset(value) if isinstance(value, list) else value
            for name, value in body.items()
            if name != "cloudAnchor"
        }
        for anchor, body in world.tenant.objects.items()
    }


def persons(world) -> set[frozenset[str]]:
    """Which objects of the forests stand for one person."""
    rows = world.server.database.connection.execute("SELECT mv, dn FROM cs WHERE mv != 0 AND dn NOT LIKE 'CN={%'")
    found: dict[int, set[str]] = {}
    for mv, dn in rows:
        found.setdefault(mv, set()).add(dn)
    return {frozenset(held) for held in found.values()}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(people=[("enabled", "disabled", "absent")], criteria="Mail", order=(1, 0, 2))
@example(people=[("enabled", "linked", "absent")], criteria="ObjectSID", order=(2, 1, 0))
@given(
    people=st.lists(person, min_size=1, max_size=4),
    criteria=st.sampled_from(["Mail", "ObjectSID", "AlwaysProvision"]),
    order=st.sampled_from(ORDERS),
)
def test_the_order_of_runs_does_not_matter(deployment_class, people, criteria, order):
    with tempfile.TemporaryDirectory() as folder:
        straight, other = (build(deployment_class, folder, name, criteria) for name in ("straight", "other"))
        try:
            for world in (straight, other):
                fill(world, people, criteria)
            settle(straight)
            settle(other, [FORESTS[place] for place in order])
            assert cloud(other) == cloud(straight)
            assert persons(other) == persons(straight)
            assert other.pending_exports() == straight.pending_exports() == 0
        finally:
            straight.server.close()
            other.server.close()


PEOPLE = {
    "Mail": [
        ("enabled", "linked", "absent"), ("linked", "absent", "enabled"), ("contact", "enabled", "contact"),
        ("contact", "absent", "absent"), ("disabled", "absent", "contact"), ("absent", "absent", "linked"),
    ],
    "ObjectSID": [
        ("enabled", "linked", "absent"), ("absent", "linked", "enabled"), ("disabled", "absent", "absent"),
        ("linked", "absent", "absent"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("criteria", PEOPLE)
def test_the_order_of_connection_does_not_matter_where_nothing_is_tied(deployment_class, tmp_path, criteria):
    pictures = []
    for place, order in enumerate(ORDERS):
        forests = tuple(FORESTS[one] for one in order)
        world = build(deployment_class, str(tmp_path), f"world{place}", criteria, forests)
        try:
            fill(world, PEOPLE[criteria], criteria, alike=True)
            settle(world, forests)
            pictures.append((cloud(world), persons(world)))
            assert world.pending_exports() == 0
        finally:
            world.server.close()
    for picture in pictures[1:]:
        assert picture[1] == pictures[0][1]
        assert picture[0] == pictures[0][0]
    users = [one for one in pictures[0][0].values() if "onPremisesSamAccountName" in one]
    assert len(users) == sum(any(kind in ACCOUNTS for kind in kinds) for kinds in PEOPLE[criteria])
