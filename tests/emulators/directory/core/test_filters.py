"""Filters: a table of people and filters, and the rules that need more than a table."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from emulators.directory.core import requests as r

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "filters" / "directory.yaml").read_text())


def tree(text: list[Any]) -> r.Filter:
    kind, *rest = text
    match kind:
        case "and":
            return r.And(tuple(tree(item) for item in rest))
        case "or":
            return r.Or(tuple(tree(item) for item in rest))
        case "not":
            return r.Not(tree(rest[0]))
        case "present":
            return r.Present(rest[0])
        case "part":
            name, initial, middle, final = rest
            return r.Substrings(
                name, initial and initial.encode(), tuple(m.encode() for m in middle), final and final.encode()
            )
        case "bits_and" | "bits_or":
            return r.Extensible(f"1.2.840.113556.1.4.{803 if kind == 'bits_and' else 804}", rest[0], rest[1].encode())
    plain = {"eq": r.Equality, "ge": r.GreaterOrEqual, "le": r.LessOrEqual, "approx": r.Approximate}
    return plain[kind](rest[0], rest[1].encode())


@pytest.fixture
def people(admin: Any, kit: Any) -> Any:
    ana = admin.user("Ana Lopez", title="Lead", mail="ana@contoso.com", givenName="Ana", sn="Lopez")
    admin.user("Bob Stone", title="Engineer", givenName="Bob", sn="Stone")
    admin.user("Cy Young", mail="CY@contoso.com", manager=ana)
    for name, control in (("Ana Lopez", "512"), ("Cy Young", "66048")):
        dn = f"CN={name},{kit.staff}"
        admin.change(dn, ("REPLACE", "unicodePwd", kit.quoted("Sun.Flower9")))
        admin.change(dn, ("REPLACE", "userAccountControl", control))
    admin.change(f"CN=Bob Stone,{kit.staff}", ("REPLACE", "userAccountControl", "514"))
    return admin


def test_table(people: Any, kit: Any) -> None:
    wrong = []
    for case in CASES:
        found = people.found(tree(case["filter"]), base=kit.staff)
        accounts = sorted(
            item.entry.text("samaccountname") for item in found if "samaccountname" in item.entry.attributes
        )
        if accounts != sorted(case["wanted"]):
            wrong.append((case["filter"], case["wanted"], accounts))
    assert not wrong


def test_signed_group_type_matches_an_unsigned_mask(admin: Any, kit: Any) -> None:
    dn = admin.group("Crew")
    rule = r.Extensible("1.2.840.113556.1.4.803", "groupType", b"2147483648")
    assert dn in admin.names(rule, base=kit.staff)


def test_in_chain_follows_nested_groups_and_not_the_primary_group(admin: Any, kit: Any) -> None:
    ana = admin.user("Ana")
    inner = admin.group("Inner", ana)
    outer = admin.group("Outer", inner)
    rule = "1.2.840.113556.1.4.1941"
    assert admin.names(r.Extensible(rule, "memberOf", outer.encode())) == {ana, inner}
    assert {inner, outer} == admin.names(r.Extensible(rule, "member", ana.encode()))
    users = f"CN=Domain Users,CN=Users,{kit.base}"
    assert ana not in admin.names(r.Extensible(rule, "memberOf", users.encode()))


def test_in_chain_survives_a_circle(admin: Any) -> None:
    first = admin.group("First", kind="-2147483640")
    second = admin.group("Second", first, kind="-2147483640")
    admin.change(first, ("ADD", "member", second))
    rule = "1.2.840.113556.1.4.1941"
    assert admin.names(r.Extensible(rule, "memberOf", first.encode())) == {first, second}


def test_guid_and_sid_text_forms(admin: Any) -> None:
    from emulators.directory.core.identity import guid_text, sid_text

    dn = admin.user("Ana")
    entry = admin.entry(dn)
    for item in (
        r.Equality("objectGUID", entry.guid),
        r.Equality("objectGUID", guid_text(entry.guid).encode()),
        r.Equality("objectSid", entry.sid),
        r.Equality("objectSid", sid_text(entry.sid).encode()),
    ):
        assert admin.names(item) == {dn}
        assert admin.names(r.And((r.Present("cn"), item))) == {dn}


def test_a_filter_nested_beyond_reason_is_refused(admin: Any) -> None:
    from emulators.directory.core.results import ResultCode

    tree: r.Filter = r.Present("cn")
    for _ in range(5000):
        tree = r.Not(tree)
    admin.search(tree, code=ResultCode.UNWILLING_TO_PERFORM)
