"""Made-up people: the same from the same seed, unique, with logon names a directory takes."""

from __future__ import annotations

import random
import re

import pytest

from harness.lab.people import draw_people, fold


def test_the_same_seed_gives_the_same_people() -> None:
    one = list(draw_people(random.Random("7"), 200, set()))
    assert one == list(draw_people(random.Random("7"), 200, set()))
    assert one != list(draw_people(random.Random("8"), 200, set()))


def test_names_and_logon_names_are_unique_and_usable() -> None:
    people = list(draw_people(random.Random("7"), 5000, set()))
    assert len({person.login for person in people}) == 5000
    assert len({person.name for person in people}) == 5000
    assert all(re.fullmatch(r"[a-z0-9.]{3,20}", person.login) for person in people)


def test_names_in_use_are_not_given_again() -> None:
    first = list(draw_people(random.Random("7"), 50, set()))
    taken = {person.login for person in first} | {person.name for person in first}
    second = list(draw_people(random.Random("7"), 50, set(taken)))
    assert not taken & {person.login for person in second}


@pytest.mark.parametrize(
    ("name", "folded"), [("Müller", "muller"), ("Łukasz", "lukasz"), ("O'Neil", "oneil"), ("Groß", "gross")]
)
def test_fold(name: str, folded: str) -> None:
    assert fold(name) == folded
