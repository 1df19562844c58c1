"""A forest's description as directory entries: containers first, names that follow, references that resolve."""

from __future__ import annotations

from typing import Any

import pytest

from harness.lab.population import (
    UnknownMemberError,
    container_dn,
    encode_value,
    escape_rdn,
    forest_contents,
)
from harness.lab.seeds import Seeds
from harness.scenario.document import ForestDocument, GroupDocument, Person, Population

BASE = "DC=contoso,DC=com"


def entries(**described: Any) -> dict[str, dict[str, list[bytes]]]:
    document = ForestDocument("contoso.com", "CONTOSO", **described)
    return dict(forest_contents(document, BASE, Seeds("7")).entries)


@pytest.mark.parametrize(
    ("path", "dn"),
    [
        ("", f"CN=Users,{BASE}"),
        ("Staff", f"OU=Staff,{BASE}"),
        ("Staff/Sales", f"OU=Sales,OU=Staff,{BASE}"),
        ("A, B", f"OU=A\\, B,{BASE}"),
        ("CN=Users", f"CN=Users,{BASE}"),
        (f"OU=X,{BASE}", f"OU=X,{BASE}"),
    ],
)
def test_containers(path: str, dn: str) -> None:
    assert container_dn(path, BASE) == dn


def test_a_person_by_name_alone() -> None:
    made = entries(people=(Person("Ana María Lopez", "Staff/Sales", attributes={"title": "Lead"}),))
    sales = f"OU=Sales,OU=Staff,{BASE}"
    assert list(made) == [f"OU=Staff,{BASE}", sales, f"CN=Ana María Lopez,{sales}"]
    ana = made[f"CN=Ana María Lopez,{sales}"]
    assert ana["sAMAccountName"] == [b"ana.lopez"]
    assert ana["userPrincipalName"] == [b"ana.lopez@contoso.com"]
    assert ana["sn"] == [b"Lopez"]
    assert ana["title"] == [b"Lead"]
    assert ana["userAccountControl"] == [b"512"]
    assert "mail" not in ana


def test_what_is_said_is_kept() -> None:
    person = Person(
        "Ana", login="a", upn="-", mail="ana@x.y", enabled=False, guid="00112233-4455-6677-8899-aabbccddeeff",
        consistency_guid="00112233-4455-6677-8899-aabbccddeeff",
    )  # fmt: skip
    ana = entries(people=(person,))[f"CN=Ana,CN=Users,{BASE}"]
    octets = bytes.fromhex("33221100554477668899aabbccddeeff")
    assert "userPrincipalName" not in ana
    assert ana["proxyAddresses"] == [b"SMTP:ana@x.y"]
    assert ana["objectGUID"] == ana["mS-DS-ConsistencyGuid"] == [octets]
    assert ana["userAccountControl"] == [b"514"]


def test_two_people_of_one_name_get_two_logon_names() -> None:
    made = entries(people=(Person("Ana Lopez", "A"), Person("Ana Lopez", "B")))
    logins = [one["sAMAccountName"][0] for one in made.values() if "sAMAccountName" in one]
    assert logins == [b"ana.lopez", b"ana.lopez2"]


def test_groups_and_managers_name_people() -> None:
    made = entries(
        people=(Person("Ana Lopez"), Person("Ben Ode", attributes={"manager": "Ana Lopez"})),
        groups=(GroupDocument("Readers", members=("Ana Lopez", "ben.ode")),),
    )
    ana = f"CN=Ana Lopez,CN=Users,{BASE}".encode()
    assert made[f"CN=Ben Ode,CN=Users,{BASE}"]["manager"] == [ana]
    assert made[f"CN=Readers,CN=Users,{BASE}"]["member"] == [ana, f"CN=Ben Ode,CN=Users,{BASE}".encode()]
    assert made[f"CN=Readers,CN=Users,{BASE}"]["groupType"] == [b"-2147483646"]


def test_an_unknown_member_is_told() -> None:
    with pytest.raises(UnknownMemberError, match="nobody called Cid"):
        entries(groups=(GroupDocument("Readers", members=("Cid",)),))


def test_populations_follow_from_the_seed() -> None:
    population = Population(users=20, groups=3, contacts=2, container="Staff")
    first = entries(populations=(population,))
    assert first == entries(populations=(population,))
    kinds = [one["objectClass"][-1] for one in first.values()]
    assert [kinds.count(kind) for kind in (b"user", b"group", b"contact")] == [20, 3, 2]
    members = [one["member"] for one in first.values() if "member" in one]
    assert all(member.decode() in first for group in members for member in group)


def test_consistency_guids_of_a_population_equal_their_object_guids() -> None:
    made = entries(populations=(Population(users=3, container="S", consistency_guid=True),))
    users = [one for one in made.values() if one["objectClass"][-1] == b"user"]
    assert all(one["objectGUID"] == one["mS-DS-ConsistencyGuid"] for one in users)
    assert len({one["objectGUID"][0] for one in users}) == 3


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (None, []),
        ("x", [b"x"]),
        (5, [b"5"]),
        (True, [b"TRUE"]),
        (["a", "b"], [b"a", b"b"]),
        ({"base64": "AQI="}, [b"\x01\x02"]),
        ({"guid": "00112233-4455-6677-8899-aabbccddeeff"}, [bytes.fromhex("33221100554477668899aabbccddeeff")]),
    ],
)
def test_values(value: Any, octets: list[bytes]) -> None:
    assert encode_value(value) == octets


@pytest.mark.parametrize(
    ("name", "rdn"), [("a,b", r"a\,b"), (" a", r"\ a"), ("#a", r"\#a"), ("a ", r"a\ "), ("a\nb", r"a\0Ab")]
)
def test_rdns_are_escaped(name: str, rdn: str) -> None:
    assert escape_rdn(name) == rdn


def test_links_are_members_that_do_not_exist_and_come_apart() -> None:
    group = GroupDocument("Everybody", "Staff", members=("Ana Lopez",), links=3)
    document = ForestDocument("contoso.com", "CONTOSO", people=(Person("Ana Lopez"),), groups=(group,))
    contents = forest_contents(document, BASE, Seeds("7"))
    assert all(b"group" not in attributes["objectClass"] for _, attributes in contents.entries)
    ((dn, attributes),) = contents.dangling
    assert dn == f"CN=Everybody,OU=Staff,{BASE}"
    assert len(attributes["member"]) == 4
    assert attributes["member"][1] == f"CN=Link 0000000,OU=Links,{BASE}".encode()


def test_groups_name_members_of_the_other_domains_of_their_forest() -> None:
    child = ForestDocument(
        "emea.contoso.com",
        "EMEA",
        people=(Person("Bob Ode"), Person("Ana Lopez")),
        groups=(GroupDocument("Local", members=("Cy Hill", "Ana Lopez")),),
    )
    document = ForestDocument(
        "contoso.com",
        "CONTOSO",
        people=(Person("Ana Lopez"), Person("Cy Hill")),
        groups=(GroupDocument("Everyone", members=("Ana Lopez", "Bob Ode", "EMEA\\ana.lopez")),),
        domains=(child,),
    )
    made = dict(forest_contents(document, BASE, Seeds("7")).entries)
    below = f"DC=emea,{BASE}"
    assert made[f"CN=Everyone,CN=Users,{BASE}"]["member"] == [
        f"CN=Ana Lopez,CN=Users,{BASE}".encode(),
        f"CN=Bob Ode,CN=Users,{below}".encode(),
        f"CN=Ana Lopez,CN=Users,{below}".encode(),
    ]
    assert made[f"CN=Local,CN=Users,{below}"]["member"] == [
        f"CN=Cy Hill,CN=Users,{BASE}".encode(),
        f"CN=Ana Lopez,CN=Users,{below}".encode(),
    ]
    nobody = ForestDocument("contoso.com", "CONTOSO", groups=(GroupDocument("G", members=("FABRIKAM\\x",)),))
    with pytest.raises(UnknownMemberError, match=r"contoso.com and the other domains .* nobody called FABRIKAM.x"):
        forest_contents(ForestDocument(**{**vars(nobody), "domains": (child,)}), BASE, Seeds("7"))
