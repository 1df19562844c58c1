"""Invoke-ADSyncSingleObjectSync: ten steps in order, the result as the product prints it, and every reason to stop."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from uuid import UUID

import pytest

from engine.rules.rule import ScopeClause
from engine.run.group_filter import PARAMETER, SETTING
from engine.run.specific_object import EXPORT, IMPORT
from engine.single_object.sync import single_object_sync

ENTRA = "contoso.onmicrosoft.com - AAD"
ANA = "CN=Ana Lopez,OU=Staff,DC=contoso,DC=com"
STEPS = [
    "ScopingDomain", "ScopingDomain", "ScopingOrganizationalUnit", "ScopingConnectivity", "ScopingObjectType",
    "ScopingGroup", "ImportSpecificObject", "ImportSpecificObject", "SyncSpecificObject", "ExportSpecificObject",
]  # fmt: skip


def sync(world, dn=ANA, **how):
    return single_object_sync(world.server, dn=dn, **how)


def settled(deploy, **person):
    world = deploy(anchor="objectGUID")
    guid = world.contoso.add("Ana Lopez", **person)
    world.cycle(initial=True)
    world.cycle()
    return world, guid


def reconnect(world, name="contoso.com", **changes):
    ordinal, connector = world.server.connector(name)
    world.server.configuration.save_connector(connector.with_(**changes))
    world.server.connectors[ordinal] = connector.with_(**changes)


def repartition(world, **changes):
    _, connector = world.server.connector("contoso.com")
    reconnect(world, partitions=(replace(connector.partitions[0], **changes),))


def test_a_change_goes_all_ten_steps(deploy):
    world, guid = settled(deploy, title="Engineer", proxyAddresses=["smtp:a@x"])
    world.contoso.change(guid, title="Lead", proxyAddresses=["smtp:a@x", "smtp:b@x"])
    result = sync(world)
    assert [(step.name, step.status) for step in result.steps] == [(name, "Success") for name in STEPS]
    assert result.succeeded
    assert result.action == "Update"
    assert world.tenant.by_name("Ana Lopez")["title"] == "Lead"
    assert ("title", "Engineer", "Lead") in result.modified
    assert ("proxyAddresses - Count", "1", "2") in result.modified


def test_the_json_has_the_names_and_the_order_of_the_product(deploy):
    world, guid = settled(deploy)
    told = json.loads(sync(world).json())
    assert list(told) == [
        "Action", "StartTime", "EndTime", "SourceSystem", "TargetSystem", "SourceIdentity", "TargetIdentity",
        "StatusInfo", "ModifiedProperties", "ProvisioningSteps",
    ]  # fmt: skip
    assert told["StartTime"] == "01/05/2026 08:00:00"
    assert (told["SourceSystem"], told["TargetSystem"]) == (
        {"Name": "Active Directory"}, {"Name": "Azure Active Directory"},
    )  # fmt: skip
    assert told["SourceIdentity"] == {"Id": str(UUID(bytes_le=guid)), "Type": "user", "Name": ANA}
    cloud = world.tenant.by_name("Ana Lopez")
    assert told["TargetIdentity"] == {
        "Id": cloud["cloudAnchor"].partition("_")[2], "Type": "user", "Name": "analopez@contoso.com",
    }  # fmt: skip
    assert told["StatusInfo"] == {
        "Status": "Success", "ErrorCode": "", "Reason": "", "AdditionalDetails": "", "ErrorCategory": "",
        "RecommendedAction": "",
    }  # fmt: skip
    step = told["ProvisioningSteps"][0]
    assert list(step) == ["Status", "Type", "Name", "Description", "Timestamp", "Details"]
    assert (step["Type"], step["Details"]['Connector "contoso.com" Partition "contoso.com" selected']) == (
        "Scoping", "True",
    )  # fmt: skip


def test_a_new_object_is_created_and_has_no_import_from_the_tenant(deploy):
    world = deploy(anchor="objectGUID")
    world.cycle(initial=True)
    world.contoso.add("Ana Lopez")
    result = sync(world)
    assert (result.action, result.succeeded) == ("Create", True)
    assert [step.name for step in result.steps] == STEPS[:7] + STEPS[8:]
    assert world.tenant.by_name("Ana Lopez")
    assert ("displayName", "", "Ana Lopez") in result.modified


def test_others_do_not_move(deploy):
    world, guid = settled(deploy)
    other = world.contoso.add("Bo Berg")
    world.contoso.change(guid, title="Lead")
    sync(world)
    assert base64.b64encode(other).decode() not in world.tenant.objects


@pytest.mark.parametrize("how", ["switch", "server"])
def test_staging_mode_stops_before_the_export(deploy, how):
    world, guid = settled(deploy, title="Engineer")
    if how == "server":
        world.server.save_setting("Microsoft.Synchronize.StagingMode", "True")
    world.contoso.change(guid, title="Lead")
    result = sync(world, staging=how == "switch")
    assert result.succeeded
    assert result.steps[-1].description.startswith("[Staging Mode] Export Object from")
    assert world.tenant.by_name("Ana Lopez")["title"] == "Engineer"
    assert world.pending_exports() == 1


def test_each_step_shows_the_attributes_it_moves(deploy):
    world, guid = settled(deploy, title="Engineer")
    world.contoso.change(guid, title="Lead")
    result = sync(world)
    imported, _, synchronized, exported = (step.details for step in result.steps[6:])
    assert imported["Connector Space Object Operation"] == "update"
    title = next(row for row in json.loads(imported["AttributeInfoJson"]) if row["Name"] == "title")
    assert (title["Value"], title["Operation"], title["Add"]) == ("Lead", "replace", "Lead")
    assert synchronized["Metaverse Object Type"] == "person"
    title = next(row for row in json.loads(synchronized["AttributeInfoJson"]) if row["Name"] == "title")
    assert (title["SyncRule"], title["MappingType"]) == ("In from AD - User Common", "expression-mapping")
    title = next(row for row in json.loads(exported["AttributeInfoJson"]) if row["Name"] == "title")
    assert title["SyncRule"] == "Out to AAD - User ExchangeOnline"
    assert exported["Run step result"] == "success"


class TestReasons:
    def stopped(self, result, count):
        assert not result.succeeded
        assert result.status.status == "Failure"
        assert len(result.steps) == count
        assert result.steps == [] or result.steps[-1].status == "Failure"
        return result.status

    def test_no_domain_in_the_name(self, deploy):
        status = self.stopped(sync(deploy(), "CN=Ana Lopez"), 0)
        assert status.reason == 'Could not get the domain component from the distinguished name "CN=Ana Lopez"'

    def test_a_domain_nobody_knows(self, deploy):
        status = self.stopped(sync(deploy(), "CN=Ana, DC=nowhere, DC=com"), 0)
        assert status.reason == (
            'Could not find the connector for partition with the distinguished name "DC=nowhere,DC=com"'
        )

    def test_a_partition_that_is_not_selected(self, deploy):
        world, _ = settled(deploy)
        repartition(world, selected=False)
        assert self.stopped(sync(world), 1).reason == (
            'Object is not present in sync scope. Object belongs to connector "contoso.com" partition "contoso.com"'
            " which is not selected."
        )

    def test_profiles_without_steps(self, deploy):
        world, _ = settled(deploy)
        _, connector = world.server.connector("contoso.com")
        kept = tuple(p for p in connector.run_profiles if p.name not in (IMPORT, EXPORT))
        reconnect(world, run_profiles=kept)
        assert self.stopped(sync(world), 1).reason == (
            'No run steps are configured for connector "contoso.com" partition "contoso.com" for run profile(s):'
            " Specific Object Import, Specific Object Export"
        )

    def test_an_excluded_container(self, deploy):
        world, _ = settled(deploy)
        repartition(world, excluded=("OU=Staff,DC=contoso,DC=com",))
        assert self.stopped(sync(world), 3).reason == (
            "Object is not present in sync scope. Object belongs to container"
            ' "OU=Staff,DC=contoso,DC=com" that is excluded from syncing.'
        )

    def test_an_object_the_account_does_not_see(self, deploy):
        world, guid = settled(deploy)
        reconnect(world, parameters={"forest-login-domain": "contoso.com", "forest-login-user": "MSOL_1"})
        world.contoso.delete(guid)
        assert self.stopped(sync(world), 4).reason == (
            "Could not find an object in on-premises Active Directory with distinguished name"
            f' "{ANA}" using Connector account "contoso.com\\MSOL_1" credentials.'
        )

    def test_a_type_that_is_not_selected(self, deploy):
        world, _ = settled(deploy)
        repartition(world, object_types=("group", "contact"))
        assert self.stopped(sync(world), 5).reason == (
            'Object is not present in sync scope. Object type "user" is not part of the connector object type'
            " inclusion list: group, contact"
        )

    @pytest.mark.parametrize(
        ("member", "imported", "reason"),
        [
            (False, False, "the object is not a member of filtering group"),
            (True, False, "but is not a member of the group in the Active Directory Connector Space"),
            (True, True, None),
        ],
    )
    def test_a_filtering_group(self, deploy, member, imported, reason):
        world, _ = settled(deploy)
        pilots = world.contoso.add("Pilots", "group", member=[ANA] if imported else [])
        world.run("contoso.com", "Delta Import")
        world.contoso.objects[pilots]["member"] = [ANA] if member else []
        group = "CN=Pilots,OU=Staff,DC=contoso,DC=com"
        reconnect(world, parameters={PARAMETER: group})
        world.server.save_setting(SETTING, "True")
        result = sync(world)
        if reason is None:
            assert result.succeeded
        else:
            assert reason in self.stopped(result, 6).reason

    def test_a_filtered_object(self, deploy):
        world, _ = settled(deploy)
        world.contoso.read_at = lambda *_: None  # it went between the look and the import
        world.contoso.read_object = lambda *_: None
        world.server.database.connection.execute("DELETE FROM cs WHERE dn = ?", (ANA,))
        assert self.stopped(sync(world), 7).error_code == "Filtered Object"

    def test_a_rule_that_fails(self, deploy):
        world, guid = settled(deploy)
        world.contoso.change(guid, sAMAccountName=None, userPrincipalName=None)
        status = self.stopped(sync(world), 9)
        assert (status.error_code, status.reason) == (
            "sync-rule-error-function-triggered", "AccountName is not present",
        )  # fmt: skip

    def test_an_object_that_no_rule_brings_to_the_metaverse(self, deploy):
        world = deploy(anchor="objectGUID")
        world.cycle(initial=True)
        world.contoso.add("Ana Lopez", isCriticalSystemObject=True)
        result = sync(world)
        assert self.stopped(result, 8).reason == "Could not find connected object in metaverse."
        told = result.steps[-1].details["Out of scope sync rules"]
        assert "In from AD - User Join (Scope conditions not satisfied: [isCriticalSystemObject NOTEQUAL TRUE])" in told

    def test_an_object_that_no_rule_takes_to_the_tenant(self, deploy):
        world = deploy(anchor="objectGUID")
        rules = [
            replace(r, scope=((ScopeClause("department", "EQUAL", "Sales"),),))
            if r.name == "Out to AAD - User Join" else r
            for r in world.server.rules().values()
        ]  # fmt: skip
        world.server.save_rules(rules)
        world.cycle(initial=True)
        world.contoso.add("Ana Lopez")
        assert self.stopped(sync(world), 8).reason == (f'Could not find connected object in "{ENTRA}" Connector Space.')

    def test_an_export_that_the_tenant_refuses(self, deploy):
        world, guid = settled(deploy)
        world.tenant.refused[base64.b64encode(guid).decode()] = "AttributeValueMustBeUnique"
        world.contoso.change(guid, title="Lead")
        status = self.stopped(sync(world), 10)
        assert (status.error_code, status.reason) == ("AttributeValueMustBeUnique", "refused")
        assert status.recommended_action.endswith("https://aka.ms/aadc-exporterror-attributevaluemustbeunique")

    def test_a_disabled_rule_is_told_as_such(self, deploy):
        world, _ = settled(deploy)
        rules = [
            replace(r, disabled=True) if r.name == "In from AD - User AccountEnabled" else r
            for r in world.server.rules().values()
        ]
        world.server.save_rules(rules)
        told = sync(world).steps[-2].details["Out of scope sync rules"]
        assert "In from AD - User AccountEnabled (Sync rule disabled)" in told
