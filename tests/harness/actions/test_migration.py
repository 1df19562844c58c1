"""The migration tool on the stage: what it copies, what it leaves behind, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.lab.ldap_client import LdapRefusedError
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError
from harness.vocabulary import actions

FORESTS: dict[str, Any] = {
    "contoso.com": {
        "users": [
            {"name": "Ana Lopez", "in": "Staff", "title": "Lead", "mail": "ana@contoso.com", "manager": "Bob Ode"},
            {"name": "Bob Ode", "in": "Staff", "enabled": False},
        ],
        "groups": [
            {"name": "Crew", "in": "Staff", "scope": "domain-local", "members": ["Ana Lopez", "Bob Ode"]},
            {"name": "Team", "in": "Staff", "members": ["Ana Lopez", "Bob Ode"]},
        ],
        "domains": {"emea.contoso.com": {"netbios": "EMEA"}},
    },
    "fabrikam.com": {"upn_suffixes": ["contoso.com"]},
}
GUID = "mS-DS-ConsistencyGuid"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests=FORESTS, tenants={"contoso.onmicrosoft.com": {}})) as made:
        yield made


def migrate(lab: Lab, **arguments: Any) -> None:
    whole = {"forest": "contoso.com", "to_forest": "fabrikam.com", "to": "Arrivals", **arguments}
    actions()["directory.migrate"].call(lab, whole)


def test_a_copy_has_an_identity_of_its_own_and_the_past_of_the_original(lab: Lab) -> None:
    migrate(lab, object="Ana Lopez")
    old = lab.forest("contoso.com").find("Ana Lopez", ["*"])
    new = lab.forest("fabrikam.com").find("Ana Lopez", ["*"])
    assert new.dn == "CN=Ana Lopez,OU=Arrivals,DC=fabrikam,DC=com"
    assert new.first("objectGUID") != old.first("objectGUID")
    assert new.values("sIDHistory") == old.values("objectSid") != new.values("objectSid")
    assert new.first(GUID) == old.first("objectGUID")
    assert (new.first("title"), new.first("userPrincipalName")) == (b"Lead", b"ana.lopez@contoso.com")
    assert (new.first("mail"), new.first("manager")) == (None, None)


def test_the_password_goes_along_or_not(lab: Lab) -> None:
    migrate(lab, object="Ana Lopez")
    old = lab.forest("contoso.com").ldap().password_hashes("DC=contoso,DC=com")
    new = lab.forest("fabrikam.com").ldap().password_hashes("DC=fabrikam,DC=com")
    sid_of = [lab.forest(name).find("Ana Lopez", ["objectSid"]).first("objectSid") for name in FORESTS]
    assert old[sid_of[0] or b""] == new[sid_of[1] or b""]
    migrate(lab, object="Bob Ode", password="new")
    new = lab.forest("fabrikam.com").ldap().password_hashes("DC=fabrikam,DC=com")
    sid_of = [lab.forest(name).find("Bob Ode", ["objectSid"]).first("objectSid") for name in FORESTS]
    assert old[sid_of[0] or b""] != new[sid_of[1] or b""]


@pytest.mark.parametrize(
    ("name", "enabled", "control"),
    [
        ("Ana Lopez", "same", b"512"),
        ("Bob Ode", "same", b"514"),
        ("Ana Lopez", "disabled", b"514"),
        ("Bob Ode", "enabled", b"512"),
    ],
)
def test_the_state_of_the_copy(lab: Lab, name: str, enabled: str, control: bytes) -> None:
    migrate(lab, object=name, enabled=enabled)
    assert lab.forest("fabrikam.com").find(name, ["userAccountControl"]).first("userAccountControl") == control


def test_members_are_their_copies_or_foreign_or_left_out(lab: Lab) -> None:
    migrate(lab, object="Ana Lopez")
    migrate(lab, **{"in": "Staff", "where": "(objectClass=group)"})
    target = lab.forest("fabrikam.com")
    bob = lab.forest("contoso.com").find("Bob Ode", ["objectSid"]).first("objectSid")
    crew = [value.decode() for value in target.find("Crew", ["member"]).values("member")]
    assert crew[0] == "CN=Ana Lopez,OU=Arrivals,DC=fabrikam,DC=com"
    assert target.find(crew[1], ["objectSid"]).first("objectSid") == bob
    assert target.find("Team", ["member"]).values("member") == [crew[0].encode()]


def test_the_original_afterwards(lab: Lab) -> None:
    migrate(lab, object="Ana Lopez", source="disable", sid_history=False, anchor="none")
    assert lab.forest("contoso.com").find("Ana Lopez", ["userAccountControl"]).first("userAccountControl") == b"514"
    new = lab.forest("fabrikam.com").find("Ana Lopez", ["*"])
    assert (new.first("sIDHistory"), new.first(GUID)) == (None, None)
    migrate(lab, object="Bob Ode", source="delete")
    assert lab.forest("contoso.com").find_all("Bob Ode") == []


def test_an_anchor_can_be_stamped_later_and_the_original_cleared(lab: Lab) -> None:
    migrate(lab, object="Ana Lopez", anchor="none")
    names = {"object": "Ana Lopez", "forest": "contoso.com", "to_forest": "fabrikam.com"}
    actions()["directory.copy_anchor"].call(lab, {**names, "clear_source": True})
    guid = lab.forest("contoso.com").find("Ana Lopez", ["objectGUID"]).first("objectGUID")
    assert lab.forest("fabrikam.com").find("Ana Lopez", [GUID]).first(GUID) == guid


def test_nobody_is_migrated_twice_or_within_a_forest(lab: Lab) -> None:
    migrate(lab, object="Ana Lopez")
    with pytest.raises(LdapRefusedError) as refused:
        migrate(lab, object="Ana Lopez", to="Elsewhere", upn="target")
    assert refused.value.code in ("constraintViolation", "entryAlreadyExists")
    with pytest.raises(ScenarioError, match="move_to_domain"):
        migrate(lab, object="Bob Ode", to_forest="emea.contoso.com")
