"""The blueprint of a server, compared with what the product writes down (facts "engine" 5.1, 16.2, 18.3, 19.2)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.model.configuration import ENTRA_CONNECTOR_ID, StepType
from engine.rules.rule import AttributeFlow, Direction, FlowType, JoinClause, LinkType, ScopeClause, SyncRule
from engine.run.delete_threshold import DeletionThreshold
from engine.scheduler import SchedulerSettings
from engine.setup.answers import Credential, Identification, OuSelection
from engine.setup.apply import attribute_inclusion, build_blueprint, login_name
from engine.setup.global_settings import join_criteria
from engine.setup.plan import DirectoryPlan, InstallPlan


@pytest.fixture
def plan(stage) -> InstallPlan:
    forest = stage.forest.facts
    directory = DirectoryPlan(forest, forest.domains, stage.forest.schema_found, Credential("CONTOSO\\MSOL_1", "p"))
    return InstallPlan(
        answers=stage.custom(),
        server_name="SYNC1",
        product_version="2.5.79.0",
        tenant="contoso.onmicrosoft.com",
        directories=(directory,),
        anchor="mS-DS-ConsistencyGuid",
        entra_account=Credential("Sync_SYNC1_1@contoso.onmicrosoft.com", "t"),
        entra_schema=stage.tenant.schema(),
        scheduler=SchedulerSettings(),
        deletion_threshold=DeletionThreshold(),
        now=datetime(2026, 1, 5, 8, 0, tzinfo=UTC),
    )


def test_connectors(plan) -> None:
    directory, tenant = build_blueprint(plan, random.Random(1)).connectors
    assert (directory.name, tenant.name) == ("contoso.com", "contoso.onmicrosoft.com - AAD")
    assert tenant.identifier == ENTRA_CONNECTOR_ID
    assert directory.parameters["forest-login-user"] == "MSOL_1"
    assert directory.parameters["Forest.Netbios"] == "CONTOSO"
    assert directory.parameters["netbios:DC=contoso,DC=com"] == "CONTOSO"
    assert tenant.parameters == {"UserName": "Sync_SYNC1_1@contoso.onmicrosoft.com"}
    assert directory.password_hash_sync
    assert [p.dn for p in tenant.partitions] == ["default"]


def test_run_profiles(plan) -> None:
    for connector in build_blueprint(plan, random.Random(1)).connectors:
        assert [(p.name, p.steps[0].type) for p in connector.run_profiles] == [
            ("Full Import", StepType.FULL_IMPORT),
            ("Full Synchronization", StepType.FULL_SYNCHRONIZATION),
            ("Delta Import", StepType.DELTA_IMPORT),
            ("Delta Synchronization", StepType.DELTA_SYNCHRONIZATION),
            ("Export", StepType.EXPORT),
            ("Specific Object Import", StepType.SPECIFIC_OBJECT_IMPORT),
            ("Specific Object Export", StepType.SPECIFIC_OBJECT_EXPORT),
        ]


def test_old_builds_have_no_profiles_for_single_objects(plan) -> None:
    old = replace(plan, product_version="1.6.2.4")
    for connector in build_blueprint(old, random.Random(1)).connectors:
        assert [p.name for p in connector.run_profiles][-1] == "Export"


@pytest.mark.parametrize(
    ("selection", "included", "excluded"),
    [
        (OuSelection(), (), ()),
        (OuSelection(excluded=("OU=A,DC=contoso,DC=com",)), (), ("OU=A,DC=contoso,DC=com",)),
        (OuSelection(included=("OU=A,DC=contoso,DC=com",)), ("OU=A,DC=contoso,DC=com",), ("DC=contoso,DC=com",)),
        (OuSelection(included=("DC=Contoso,DC=com",)), ("DC=Contoso,DC=com",), ()),
    ],
)
def test_containers(plan, selection, included, excluded) -> None:
    directory = replace(plan.directories[0], ou_selection={"Contoso.com": selection})
    partition = build_blueprint(replace(plan, directories=(directory,)), random.Random(1)).connectors[0].partitions[0]
    assert (partition.included, partition.excluded) == (included, excluded)


def test_unselected_domain_has_no_steps(plan) -> None:
    directory = replace(plan.directories[0], selected=())
    connector = build_blueprint(replace(plan, directories=(directory,)), random.Random(1)).connectors[0]
    assert not connector.partitions[0].selected
    assert all(profile.steps == () for profile in connector.run_profiles)


@pytest.mark.parametrize(
    ("option", "attribute", "stored"),
    [
        (Identification.ONCE, None, "AlwaysProvision"),
        (Identification.MAIL, None, "Mail"),
        (Identification.OBJECT_SID, None, "ObjectSID"),
        (Identification.SAM_ACCOUNT_NAME_AND_MAIL_NICKNAME, None, "SamAccountName"),
        (Identification.ATTRIBUTE, "employeeID", "employeeID"),
    ],
)
def test_join_criteria(stage, option, attribute, stored) -> None:
    assert join_criteria(stage.custom(identification=option, identification_attribute=attribute)) == stored


@pytest.mark.parametrize(
    ("typed", "domain", "user"),
    [
        ("CONTOSO\\svc", "contoso.com", "svc"),
        ("contoso.com\\svc", "contoso.com", "svc"),
        ("svc@emea.contoso.com", "emea.contoso.com", "svc"),
        ("svc", "contoso.com", "svc"),
        ("OTHER\\svc", "OTHER", "svc"),
    ],
)
def test_login_name(stage, typed, domain, user) -> None:
    assert login_name(typed, stage.forest.facts) == (domain, user)


def test_attribute_inclusion(stage) -> None:
    def rule(direction: Direction, connector: str = "c1") -> SyncRule:
        flow = AttributeFlow("employeeID", FlowType.EXPRESSION, expression="Trim([extensionAttribute1])")
        scope = ((ScopeClause("mail", "ISNOTNULL"),),)
        joins = ((JoinClause("targetAddress", "mail"),),)
        return SyncRule("r", "r", direction, connector, "user", "person", LinkType.JOIN, 1, (flow,), scope, joins)

    always = {"objectGUID", "objectSid", "sAMAccountName"}
    schema = stage.forest.schema_found
    assert set(attribute_inclusion([rule(Direction.INBOUND)], "c1", schema)) == always | {
        "extensionAttribute1", "mail", "targetAddress",
    }  # fmt: skip
    assert set(attribute_inclusion([rule(Direction.OUTBOUND)], "c1", schema)) == always | {
        "employeeID",
        "targetAddress",
    }
    assert set(attribute_inclusion([rule(Direction.INBOUND, "c2")], "c1", schema)) == always


def test_password_hash_sync_off(plan, stage) -> None:
    from engine.setup.answers import SignIn

    off = replace(plan, answers=stage.custom(sign_in=SignIn.DO_NOT_CONFIGURE))
    blueprint = build_blueprint(off, random.Random(1))
    assert not blueprint.connectors[0].password_hash_sync
    assert blueprint.global_settings["Microsoft.OptionalFeature.PasswordHashSync"] == "False"
