"""The people of the benchmarks have the shape the performance contract speaks of, and are always the same."""

from __future__ import annotations

from statistics import mean

import pytest

from harness.bench.people import Attributes, directory_entries, groups, people
from harness.lab import ber

BASE = "DC=contoso,DC=com"
COUNT = 2000


@pytest.fixture(scope="module")
def crowd() -> list[tuple[str, Attributes]]:
    return list(people(COUNT, BASE))


def message_size(dn: str, attributes: Attributes) -> int:
    """The octets of one SearchResultEntry message."""
    listed = [
        ber.sequence(ber.octets(name), ber.sequence(*map(ber.octets, values), tag=ber.SET))
        for name, values in attributes.items()
    ]
    return len(ber.sequence(ber.integer(2), ber.sequence(ber.octets(dn), ber.sequence(*listed), tag=0x64)))


def test_28_attributes_with_33_values(crowd: list[tuple[str, Attributes]]) -> None:
    for _, attributes in crowd[1:]:
        assert len(attributes) == 28
        assert sum(map(len, attributes.values())) == 33


def test_about_1_37_kilobytes_each(crowd: list[tuple[str, Attributes]]) -> None:
    assert 1340 < mean(message_size(*one) for one in crowd) < 1400


@pytest.mark.parametrize("name", ["sAMAccountName", "userPrincipalName", "mail", "objectGUID", "employeeID"])
def test_what_identifies_is_unique(crowd: list[tuple[str, Attributes]], name: str) -> None:
    assert len({attributes[name][0].lower() for _, attributes in crowd}) == COUNT
    assert len({dn.lower() for dn, _ in crowd}) == COUNT


def test_logon_names_are_short_enough(crowd: list[tuple[str, Attributes]]) -> None:
    assert max(len(attributes["sAMAccountName"][0]) for _, attributes in crowd) <= 20


def test_everybody_but_the_first_reports_to_somebody_made_before(crowd: list[tuple[str, Attributes]]) -> None:
    seen: set[bytes] = set()
    for number, (dn, attributes) in enumerate(crowd):
        assert number == 0 or attributes["manager"][0] in seen
        seen.add(dn.encode())


def test_groups_have_twenty_members_who_exist(crowd: list[tuple[str, Attributes]]) -> None:
    known = {dn.encode() for dn, _ in crowd}
    made = list(groups(COUNT, BASE))
    assert len(made) == COUNT // 20
    for _, attributes in made:
        assert len(set(attributes["member"])) == 20
        assert known.issuperset(attributes["member"])


def test_parents_come_first() -> None:
    seen = {BASE}
    for dn, _ in directory_entries(40, BASE):
        assert dn.partition(",")[2] in seen
        seen.add(dn)


def test_the_same_seed_gives_the_same_people_and_another_does_not() -> None:
    assert list(people(50, BASE)) == list(people(50, BASE))
    assert list(people(50, BASE)) != list(people(50, BASE, seed="another"))
