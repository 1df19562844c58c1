"""What an administrator of one forest says of accounts of another, and what he keeps a connector from reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError
from harness.vocabulary import actions


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    forests = {
        "contoso.com": {"users": [{"name": "Ana Lopez", "in": "Staff"}]},
        "fabrikam.com": {
            "exchange": True,
            "users": [{"name": "Bo Ode", "in": "Staff"}],
            "groups": [{"name": "Crew", "in": "Groups", "scope": "domain-local"}],
        },
    }
    with Lab(make_world(forests=forests, tenants={"contoso.onmicrosoft.com": {}})) as one:
        one.keep("seeded")
        yield one


@pytest.fixture(autouse=True)
def _as_seeded(lab: Lab) -> None:
    lab.go_back("seeded")


def act(lab: Lab, verb: str, **arguments: Any) -> None:
    actions()[f"directory.{verb}"].call(lab, arguments)


def sid(lab: Lab, forest: str, name: str) -> bytes:
    return lab.forest(forest).find(name, ["objectSid"]).values("objectSid")[0]


def members(lab: Lab) -> list[str]:
    return [value.decode() for value in lab.forest("fabrikam.com").find("Crew", ["member"]).values("member")]


@pytest.mark.parametrize("name", ["CONTOSO\\ana.lopez", "contoso\\Ana Lopez"])
def test_an_account_of_another_forest_becomes_a_foreign_member(lab: Lab, name: str) -> None:
    act(lab, "add_member", forest="fabrikam.com", group="Crew", members=[name, "Bo Ode"])
    stand_in = next(dn for dn in members(lab) if "ForeignSecurityPrincipals" in dn)
    assert lab.forest("fabrikam.com").find(stand_in, ["objectSid"]).first("objectSid") == sid(
        lab, "contoso.com", "Ana Lopez"
    )
    act(lab, "remove_member", forest="fabrikam.com", group="Crew", members=[name])
    assert members(lab) == [lab.forest("fabrikam.com").find("Bo Ode", ["1.1"]).dn]


def test_an_account_of_the_forest_itself_is_named_by_its_dn(lab: Lab) -> None:
    act(lab, "add_member", forest="fabrikam.com", group="Crew", members=["FABRIKAM\\bo.ode"])
    assert members(lab) == [lab.forest("fabrikam.com").find("Bo Ode", ["1.1"]).dn]


def test_an_unknown_domain_is_told_with_the_known_ones(lab: Lab) -> None:
    with pytest.raises(ScenarioError, match="NORTHWIND is the NetBIOS name of no forest; there are CONTOSO, FABRIKAM"):
        act(lab, "add_member", forest="fabrikam.com", group="Crew", members=["NORTHWIND\\ana"])


def test_the_sid_of_an_account_elsewhere_can_be_a_value(lab: Lab) -> None:
    value = {"sid_of": "Ana Lopez", "forest": "contoso.com"}
    act(lab, "set_attributes", forest="fabrikam.com", object="Bo Ode", set={"msExchMasterAccountSid": value})
    found = lab.forest("fabrikam.com").find("Bo Ode", ["msExchMasterAccountSid"]).first("msExchMasterAccountSid")
    assert found == sid(lab, "contoso.com", "Ana Lopez")


def test_what_has_no_sid_is_told(lab: Lab) -> None:
    value = {"sid_of": "Staff", "forest": "contoso.com"}
    with pytest.raises(ScenarioError, match=r"Staff of contoso\.com is no account"):
        act(lab, "set_attributes", forest="fabrikam.com", object="Bo Ode", set={"msExchMasterAccountSid": value})


def test_a_connector_is_kept_from_reading_an_attribute(lab: Lab) -> None:
    install = {"server": "SYNC1", "mode": "custom", "start_sync": False, "forests": ["contoso.com"]}
    actions()["install"].call(lab, install)
    act(lab, "deny_read", forest="contoso.com", object="Ana Lopez", attributes=["sAMAccountName"], server="SYNC1")
    run = {"server": "SYNC1", "connector": "contoso.com", "profile": "Full Import"}
    actions()["run_profile"].call(lab, run)
    from engine.views import Windows

    found = {
        one.dn.split(",")[0]: one
        for one in Windows(lab.server("SYNC1").engine.database).connector_space("contoso.com", None)
    }
    assert "sAMAccountName" not in found["CN=Ana Lopez"].attributes
    assert "sAMAccountName" in found["CN=Administrator"].attributes


def test_a_connector_that_is_not_there_is_told(lab: Lab) -> None:
    install = {"server": "SYNC1", "mode": "custom", "start_sync": False, "forests": ["contoso.com"]}
    actions()["install"].call(lab, install)
    with pytest.raises(ScenarioError, match=r"SYNC1 has no connector to fabrikam\.com"):
        act(lab, "deny_read", forest="fabrikam.com", object="Bo Ode", attributes=["mail"], server="SYNC1")
    with pytest.raises(ScenarioError, match="has no attribute nosuch"):
        act(lab, "deny_read", forest="contoso.com", object="Ana Lopez", attributes=["nosuch"], server="SYNC1")
