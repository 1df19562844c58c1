"""Seeded people for whole forests: names, logon names, titles, places. Faker's word lists, drawn by the world's seed.

Asking Faker itself costs 150 microseconds a person; here its lists become pools once and a person is a handful of
draws.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LOCALES = ("en_US", "es_ES", "de_DE", "fr_FR", "pt_BR", "pl_PL")

DEPARTMENTS = (
    "Sales", "Engineering", "Finance", "Human Resources", "Marketing", "Legal", "Operations", "Support", "Research",
    "Logistics", "Procurement", "Quality",
)  # fmt: skip
TITLES = (
    "Engineer", "Analyst", "Consultant", "Manager", "Director", "Specialist", "Assistant", "Coordinator", "Planner",
    "Technician", "Architect", "Representative", "Controller", "Advisor",
)  # fmt: skip
RANKS = ("", "", "", "Senior ", "Junior ", "Lead ")
PLACES = (
    ("Seattle", "WA", "US", "United States", "840"), ("Madrid", "Madrid", "ES", "Spain", "724"),
    ("Berlin", "Berlin", "DE", "Germany", "276"), ("Lyon", "ARA", "FR", "France", "250"),
    ("Porto", "Porto", "PT", "Portugal", "620"), ("Gdansk", "PM", "PL", "Poland", "616"),
    ("Austin", "TX", "US", "United States", "840"), ("Lima", "Lima", "PE", "Peru", "604"),
)  # fmt: skip
STREETS = ("Main Street", "Harbour Road", "Station Square", "Mill Lane", "Park Avenue", "Quay Side", "High Street")
GROUP_WORDS = ("Team", "Project", "Access", "Readers", "Editors", "Council", "Crew", "Board")


@dataclass(frozen=True, slots=True)
class PersonDrawn:
    """One made-up person; login and name are unique within the population."""

    given: str
    surname: str
    name: str
    login: str
    title: str
    department: str
    city: str
    state: str
    country: str
    country_name: str
    country_code: str
    street: str
    postal_code: str
    phone: str
    mobile: str
    office: str
    number: int


@lru_cache(maxsize=1)
def name_pools() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return given names and surnames; the pools are the same in every process, only the draws differ."""
    from importlib import import_module

    given: dict[str, None] = {}
    family: dict[str, None] = {}
    for locale in LOCALES:
        provider = import_module(f"faker.providers.person.{locale}").Provider
        firsts = getattr(provider, "first_names", None) or (
            *getattr(provider, "first_names_male", ()), *getattr(provider, "first_names_female", ())
        )  # fmt: skip
        given.update(dict.fromkeys(list(firsts)[:300]))
        family.update(dict.fromkeys(list(getattr(provider, "last_names", ()))[:500]))
    return tuple(name for name in given if name.strip()), tuple(name for name in family if name.strip())


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return the ASCII form of a name, as logon names have it."""
    special = text.translate({0xDF: "ss", 0x142: "l", 0x141: "L", 0xF8: "o", 0xD8: "O", 0xE6: "ae", 0xC6: "Ae"})
    plain = unicodedata.normalize("NFKD", special).encode("ascii", "ignore").decode()
    return "".join(sign for sign in plain if sign.isalnum()).lower()


def draw_people(stream: random.Random, count: int, taken: set[str], first_number: int = 1) -> Iterator[PersonDrawn]:
    """Yield so many people; ``taken`` holds folded logon names and names in use, and grows."""
    given_names, surnames = name_pools()
    uniform = stream.random
    givens, families = len(given_names), len(surnames)
    titles, departments, places, streets, ranks = len(TITLES), len(DEPARTMENTS), len(PLACES), len(STREETS), len(RANKS)
    for index in range(count):
        given = given_names[int(uniform() * givens)]
        surname = surnames[int(uniform() * families)]
        login = f"{fold(given)}.{fold(surname)}"[:18]
        name = f"{given} {surname}"
        serial = 2
        stem, stem_name = login, name
        while login in taken or name in taken:
            login = f"{stem[: 20 - len(str(serial))]}{serial}"
            name = f"{stem_name} {serial}"
            serial += 1
        taken.add(login)
        taken.add(name)
        digits = int(uniform() * 1_000_000_000)
        city, state, country, country_name, code = PLACES[digits % places]
        yield PersonDrawn(
            given, surname, name, login,
            RANKS[digits // 7 % ranks] + TITLES[digits // 64 % titles],
            DEPARTMENTS[digits // 1024 % departments],
            city, state, country, country_name, code,
            f"{digits % 190 + 1} {STREETS[digits // 16384 % streets]}",
            f"{digits % 90000 + 10000}",
            f"+1 425 555 {digits % 10000:04d}",
            f"+1 206 555 {digits // 10000 % 10000:04d}",
            f"{digits % 9 + 1}.{digits // 11 % 400:03d}",
            first_number + index,
        )  # fmt: skip
