"""People and groups for the benchmarks: 28 attributes, 33 values, about 1.37 KB in BER each; groups of twenty.

The same count and seed give the same octets. Source: design document, section 5 (1.4 KB, 28-attribute people).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

Attributes = dict[str, list[bytes]]
DirectoryEntry = tuple[str, Attributes]

DOMAIN = "contoso.com"
UNITS = 10
MEMBERS_EACH = 20
_REPORTS_EACH = 9

_GIVEN = (
    "Amelia", "Bogdan", "Chiara", "Dmitri", "Eszter", "Farid", "Greta", "Hiroshi", "Ingrid", "Jorge", "Kamila",
    "Lars", "Milena", "Nadia", "Oskar", "Paloma", "Quentin", "Rania", "Stefan", "Tamsin", "Uwe", "Violeta", "Wanda",
    "Ximena", "Yusuf", "Zofia",
)  # fmt: skip
_SURNAMES = (
    "Abernathy", "Bergstrom", "Castellano", "Dvorak", "Engelhardt", "Fairweather", "Gustafsson", "Hollander",
    "Ivanova", "Jankowski", "Kowalczyk", "Lindqvist", "Montgomery", "Nakamura", "Oyelaran", "Petrosyan", "Rasmussen",
    "Szymanski", "Takahashi", "Underwood", "Vasquez", "Wetherby", "Yamamoto",
)  # fmt: skip
_DEPARTMENTS = ("Controlling", "Field Service", "Purchasing", "Quality", "Logistics", "Research", "Treasury")
_TITLES = ("Planner", "Technician", "Buyer", "Auditor", "Coordinator", "Scientist", "Team Lead", "Clerk", "Adviser")
#: city, post code stem, country, its code
_PLACES = (
    ("Rotterdam", "3011", "Netherlands", "NL"),
    ("Salzburg", "5020", "Austria", "AT"),
    ("Tampere", "33100", "Finland", "FI"),
    ("Zaragoza", "50001", "Spain", "ES"),
    ("Bergen", "5003", "Norway", "NO"),
)
_EXCHANGE = "/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn="
#: 100-nanosecond units since 1601 at the start of 2024, and those of a year
_YEAR_BEGAN, _YEAR = 133_484_544_000_000_000, 315_360_000_000_000


def directory_entries(count: int, base_dn: str, seed: str = "bench") -> Iterator[DirectoryEntry]:
    """Yield the organisational units, the people and their groups, parents before children."""
    for number in range(UNITS):
        name = f"Branch {number}"
        yield f"OU={name},{base_dn}", {"objectClass": [b"top", b"organizationalUnit"], "ou": [name.encode()]}
    yield f"OU=Teams,{base_dn}", {"objectClass": [b"top", b"organizationalUnit"], "ou": [b"Teams"]}
    yield from people(count, base_dn, seed)
    yield from groups(count, base_dn)


def people(count: int, base_dn: str, seed: str = "bench") -> Iterator[DirectoryEntry]:
    """Yield the people; each reports to somebody made before."""
    stream = random.Random(f"{seed}/people")
    for number in range(count):
        yield person_dn(number, base_dn), _person(number, base_dn, stream)


def groups(count: int, base_dn: str) -> Iterator[DirectoryEntry]:
    """Yield a group for every twenty people; everybody is in one, and every seventh group mixes branches."""
    for number in range(count // MEMBERS_EACH):
        stride = 13 if number % 7 == 0 else 1
        chosen = dict.fromkeys((number * MEMBERS_EACH + turn * stride) % count for turn in range(MEMBERS_EACH))
        name = f"Team {number:05d}".encode()
        yield (
            f"CN={name.decode()},OU=Teams,{base_dn}",
            {
                "objectClass": [b"top", b"group"],
                "cn": [name],
                "sAMAccountName": [f"team{number:05d}".encode()],
                "displayName": [name],
                "groupType": [b"-2147483640"],
                "mail": [f"team{number:05d}@{DOMAIN}".encode()],
                "member": [person_dn(one, base_dn).encode() for one in chosen],
            },
        )


def person_dn(number: int, base_dn: str) -> str:
    return f"CN={_common_name(number)},OU=Branch {number % UNITS},{base_dn}"


def _common_name(number: int) -> str:
    given, surname = _names(number)
    return f"{given} {surname} {number:05d}"


def _names(number: int) -> tuple[str, str]:
    return _GIVEN[number % len(_GIVEN)], _SURNAMES[number // len(_GIVEN) % len(_SURNAMES)]


def _person(number: int, base_dn: str, stream: random.Random) -> Attributes:
    given, surname = _names(number)
    login = f"{given[:2]}{surname[:8]}{number:05d}".lower()
    address = f"{given}.{surname}.{number:05d}@{DOMAIN}".lower()
    city, post_code, country, code = _PLACES[number % len(_PLACES)]
    department, title = _DEPARTMENTS[number % len(_DEPARTMENTS)], _TITLES[number // 3 % len(_TITLES)]
    guid = stream.getrandbits(128).to_bytes(16, "little")
    accent = " (Zoë, Łódź)" if number % 25 == 0 else ""
    text: Mapping[str, str | Sequence[str]] = {
        "objectClass": ("top", "person", "organizationalPerson", "user"),
        "cn": _common_name(number),
        "sn": surname,
        "givenName": given,
        "displayName": f"{surname}, {given} - {department}{accent}",
        "sAMAccountName": login,
        "userPrincipalName": address,
        "mail": address,
        "proxyAddresses": (f"SMTP:{address}", f"smtp:{login}@{DOMAIN}", f"smtp:{login}@contoso.onmicrosoft.com"),
        "mailNickname": login,
        "userAccountControl": "512",
        "pwdLastSet": str(_YEAR_BEGAN + stream.randrange(_YEAR)),
        "department": department,
        "title": f"{title} {department}",
        "company": "Contoso Trading Europe",
        "telephoneNumber": f"+31 10 555 {number % 10000:04d}",
        "mobile": f"+31 6 5550 {stream.randrange(10000):04d}",
        "streetAddress": f"Havenstraat {stream.randrange(1, 400)}, building {number % 40}",
        "l": city,
        "postalCode": f"{post_code}-{number % 90:02d}",
        "co": country,
        "c": code,
        "employeeID": f"{7_000_000 + number}",
        "legacyExchangeDN": f"{_EXCHANGE}{login}",
        "description": _description(department, title, city, number),
    }
    attributes = {
        name: [value.encode()] if isinstance(value, str) else [one.encode() for one in value]
        for name, value in text.items()
    }
    attributes["objectGUID"] = attributes["mS-DS-ConsistencyGuid"] = [guid]
    if number:
        attributes["manager"] = [person_dn((number - 1) // _REPORTS_EACH, base_dn).encode()]
    return attributes


def _description(department: str, title: str, city: str, number: int) -> str:
    budget = f"{department.lower()} budget {number % 613:03d}"
    return f"{title} for {department} in {city}; charged to {budget}, second line {budget}, moved in from plant {city}."
