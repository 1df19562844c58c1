"""Several domains of one forest on the stage: moves between them, and a controller that is out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.lab.ldap_client import LdapRefusedError, LdapUnreachableError
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError
from harness.vocabulary import actions

FORESTS: dict[str, Any] = {
    "contoso.com": {
        "users": [{"name": "Ana Lopez", "in": "Staff"}],
        "groups": [
            {"name": "Team", "in": "Staff", "members": ["Ana Lopez"]},
            {"name": "Everyone", "in": "Staff", "scope": "universal", "members": ["Ana Lopez", "EMEA\\bob.ode"]},
        ],
        "domains": {
            "emea.contoso.com": {
                "netbios": "EMEA",
                "users": [{"name": "Bob Ode", "in": "Staff"}],
                "groups": [{"name": "Local", "in": "Staff", "scope": "domain-local", "members": ["Ana Lopez"]}],
            }
        },
    }
}
ANA, BOB = "CN=Ana Lopez,OU=Staff,DC=contoso,DC=com", "CN=Bob Ode,OU=Staff,DC=emea,DC=contoso,DC=com"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests=FORESTS, tenants={"contoso.onmicrosoft.com": {}})) as made:
        yield made


def act(lab: Lab, verb: str, **arguments: Any) -> None:
    actions()[verb].call(lab, arguments)


def members(lab: Lab, domain: str, group: str) -> list[str]:
    return [value.decode() for value in lab.forest(domain).find(group, ["member"]).values("member")]


def test_a_world_of_two_domains(lab: Lab) -> None:
    assert list(lab.forests) == ["contoso.com"]
    assert lab.forest().base_dn == "DC=contoso,DC=com"
    child = lab.forest("EMEA.contoso.com")
    assert (child.base_dn, child.controller_dns) == ("DC=emea,DC=contoso,DC=com", "DC2.emea.contoso.com")
    assert child.find("Bob Ode", ["userPrincipalName"]).first("userPrincipalName") == b"bob.ode@emea.contoso.com"
    assert lab.forest().find_all("Bob Ode") == []
    assert members(lab, "contoso.com", "Everyone") == [ANA, BOB]
    assert members(lab, "emea.contoso.com", "Local") == [ANA]


def test_a_move_keeps_what_is_kept_and_leaves_global_groups(lab: Lab) -> None:
    before = lab.forest().find("Ana Lopez", ["objectGUID", "objectSid"])
    act(lab, "directory.move_to_domain", object="Ana Lopez", domain="emea.contoso.com", to="Arrivals")
    after = lab.forest("emea.contoso.com").find("Ana Lopez", ["objectGUID", "sIDHistory"])
    assert after.dn == "CN=Ana Lopez,OU=Arrivals,DC=emea,DC=contoso,DC=com"
    assert after.first("objectGUID") == before.first("objectGUID")
    assert after.first("sIDHistory") == before.first("objectSid")
    assert members(lab, "contoso.com", "Team") == []
    assert members(lab, "contoso.com", "Everyone") == [after.dn, BOB]
    act(
        lab, "directory.move_to_domain", object="Ana Lopez", forest="emea.contoso.com", domain="contoso.com", to="Staff"
    )
    assert lab.forest().find("Ana Lopez").dn == ANA


def test_what_does_not_move(lab: Lab) -> None:
    with pytest.raises(ScenarioError, match="no object called Nobody"):
        act(lab, "directory.move_to_domain", object="Nobody", domain="emea.contoso.com", to="Staff")
    with pytest.raises(LdapRefusedError) as refusal:
        act(lab, "directory.move_to_domain", object="Guest", domain="emea.contoso.com", to="Staff")
    assert refusal.value.code == "unwillingToPerform"


def test_members_of_the_other_domain_by_their_netbios_name(lab: Lab) -> None:
    act(lab, "directory.add_group", name="More", **{"in": "Staff"}, scope="universal")
    act(lab, "directory.add_member", group="More", members=["EMEA\\bob.ode"])
    assert members(lab, "contoso.com", "More") == [BOB]


def test_a_controller_goes_and_comes_back_and_a_snapshot_remembers(lab: Lab) -> None:
    child = lab.forest("emea.contoso.com")
    act(lab, "directory.controller", domain="emea.contoso.com", state="down")
    lab.keep("down")
    with pytest.raises(LdapUnreachableError):
        child.find("Bob Ode")
    assert lab.forest().find("Ana Lopez").dn == ANA
    act(lab, "directory.controller", domain="emea.contoso.com", state="up")
    assert child.find("Bob Ode").dn == BOB
    lab.go_back("down")
    with pytest.raises(LdapUnreachableError):
        child.find("Bob Ode")
