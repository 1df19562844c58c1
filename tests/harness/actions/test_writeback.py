"""Verbs of write-back over the wire: a choice at installation, groups with an id, cmdlets of an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.errors import EngineError
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError, StepRefusedError
from harness.vocabulary import actions

FORESTS = {
    "contoso.com": {"exchange": True, "ous": ["Back"], "users": [{"name": "Ana Lopez", "in": "Staff"}]},
}
TENANT = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
ID = "3a5c3221-c465-48c0-95b8-e9305786a271"
DACL_PROTECTED = 0x1000
BACK = "OU=Back,DC=contoso,DC=com"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests=FORESTS, tenants=TENANT)) as one:
        choices = {"features": ["group-writeback"], "write_back": {"container": "Back", "display_names": True}}
        act(one, "install", {"server": "SYNC1", "mode": "custom", "start_sync": False, **choices})
        yield one


def act(lab: Lab, verb: str, arguments: Any) -> None:
    actions()[verb].call(lab, arguments)


def test_the_installation_knows_where_groups_go(lab: Lab) -> None:
    server = lab.server("SYNC1").engine
    assert server.global_settings["Microsoft.GroupWriteBack.Container"] == BACK
    _, connector = server.connector("contoso.com")
    assert connector.parameters["Connector.GroupWriteBackContainerDn"] == BACK
    settings = lab.tenant(None).provisioning("GetCompanyConfiguration", {})
    assert settings["DirSyncConfiguration"]["WriteBack"]["UnifiedGroupContainer"] == BACK


def test_a_group_gets_the_id_that_is_asked_for_once(lab: Lab) -> None:
    act(lab, "tenant.add_group", {"name": "Administrators", "id": ID})
    act(lab, "tenant.add_group", {"name": "Others"})
    found = {
        one["displayName"]: one["id"] for one in lab.tenant(None).graph().collection("groups", ["id", "displayName"])
    }
    assert found["Administrators"] == ID
    assert found["Others"] != ID
    with pytest.raises(ValueError, match="already"):
        act(lab, "tenant.add_group", {"name": "Twice", "id": ID})
    with pytest.raises(ScenarioError):
        act(lab, "tenant.delete_group", {"group": "Nobody"})


def test_the_forests_administrator_grants_and_others_do_not(lab: Lab) -> None:
    from engine.cmdlets import run

    server = lab.server("SYNC1").engine
    name = server.connector("contoso.com")[1].parameters["forest-login-user"]
    line = (
        f"Set-ADSyncUnifiedGroupWritebackPermissions -ADConnectorAccountName {name} -ADConnectorAccountDomain CONTOSO"
    )
    with pytest.raises(EngineError):
        run(line, server, lambda user: "wrong")
    before = len(access(lab, name))
    act(lab, "cmdlet", {"server": "SYNC1", "command": line})
    assert len(access(lab, name)) == before + 3
    act(lab, "cmdlet", {"server": "SYNC1", "command": line})
    assert len(access(lab, name)) == before + 3


def test_a_restricted_account_inherits_nothing_any_more(lab: Lab) -> None:
    server = lab.server("SYNC1").engine
    name = server.connector("contoso.com")[1].parameters["forest-login-user"]
    dn = f"CN={name},CN=Users,DC=contoso,DC=com"
    who = "(Get-Credential CONTOSO\\Administrator)"
    line = f"Set-ADSyncRestrictedPermissions -ADConnectorAccountDN '{dn}' -Credential {who}"
    act(lab, "cmdlet", {"server": "SYNC1", "command": line})
    flags = lab.forest(None).find(dn, ["nTSecurityDescriptor"]).first("nTSecurityDescriptor") or b""
    assert int.from_bytes(flags[2:4], "little") & DACL_PROTECTED


def access(lab: Lab, name: str) -> list[Any]:
    from harness.lab.access_lists import allowed

    place = lab.forest(None)
    sid = place.find(name, ["objectSid"]).first("objectSid")
    assert sid is not None
    return list(allowed(place.ldap().access_list(place.base_dn), sid))


def test_a_refusal_carries_its_page(lab: Lab) -> None:
    with pytest.raises(StepRefusedError) as refused:
        act(lab, "wizard.optional_features", {"server": "SYNC1", "off": ["group-writeback"]})
    assert (refused.value.refusal.code, refused.value.refusal.page) == ("GROUP_WRITEBACK_DELETES", "Optional features")
