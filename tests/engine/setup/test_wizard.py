"""The whole wizard over plain objects: what is written, where it stops, and that typed credentials are forgotten."""

from __future__ import annotations

import pytest

from engine.errors import EngineError
from engine.model.configuration import ENTRA_CONNECTOR_ID, ConnectorType
from engine.setup.answers import (
    AccountOption,
    Credential,
    DirectoryAnswers,
    Feature,
    Mode,
    SignIn,
    SourceAnchorChoice,
    Switches,
)
from engine.setup.source_anchor import CONSISTENCY_GUID, OBJECT_GUID
from engine.setup.wizard import PAGES, as_offered
from engine.setup.wizard_run import run_wizard


def configuration(stage) -> dict:
    return next(value for name, value in stage.tenant.writes if name == "configuration")


def test_express_on_an_empty_tenant(stage) -> None:
    """INST-01."""
    pages, blueprint = run_wizard(stage.answers(), stage.state())
    assert [p.code for p in pages] == [""] * len(pages)
    assert CONSISTENCY_GUID in pages[-1].message
    assert configuration(stage)["AnchorAttribute"] == CONSISTENCY_GUID
    assert ("dirsync", True) in stage.tenant.writes
    assert ("features", 41016 | 1) in stage.tenant.writes
    assert stage.forest.scans == 1
    assert blueprint is not None
    assert [c.type for c in blueprint.connectors] == [ConnectorType.ACTIVE_DIRECTORY, ConnectorType.ENTRA]
    assert blueprint.global_settings["Microsoft.OptionalFeature.AutoUpgradeState"] == "Enabled"
    assert blueprint.global_settings["Microsoft.OptionalFeature.ExportDeletionThresholdValue"] == "500"
    (name, password, _) = next(v for n, v in stage.forest.writes if n == "account")
    assert name.startswith("MSOL_")
    assert blueprint.secrets == {blueprint.connectors[0].identifier: password, ENTRA_CONNECTOR_ID: "tenant secret"}
    assert next(v for n, v in stage.forest.writes if n == "rights")[2] is True


def test_typed_credentials_are_found_nowhere(stage) -> None:
    state = stage.state()
    pages, blueprint = run_wizard(stage.answers(), state)
    kept = repr((pages, blueprint, blueprint.secrets, blueprint.connectors, stage.tenant.writes, stage.forest.writes))
    assert "cloud secret" not in kept
    assert "forest secret" not in kept
    assert "secret" not in repr(blueprint)
    assert "secret" not in repr(stage.answers())


@pytest.mark.parametrize(
    ("policy", "in_use", "anchor", "written", "scans"),
    [
        (None, False, CONSISTENCY_GUID, True, 1),
        (None, True, OBJECT_GUID, True, 1),
        ("objectGUID", False, OBJECT_GUID, False, 0),  # INST-03
        ("mS-DS-ConsistencyGuid", True, CONSISTENCY_GUID, False, 0),  # INST-04
        ("employeeID", False, "employeeID", False, 0),
    ],
)
def test_express_source_anchor(stage, policy, in_use, anchor, written, scans) -> None:
    stage.change_company(anchor_attribute=policy)
    stage.forest.in_use = in_use
    _, blueprint = run_wizard(stage.answers(), stage.state())
    assert blueprint.global_settings["Microsoft.SynchronizationOption.AnchorAttribute"] == anchor
    assert ("AnchorAttribute" in configuration(stage)) is written
    assert stage.forest.scans == scans


def test_express_with_an_unexpected_policy_writes_nothing(stage) -> None:
    """INST-05."""
    stage.change_company(anchor_attribute="foo-attr")
    pages, blueprint = run_wizard(stage.answers(), stage.state())
    assert blueprint is None
    assert pages[-1].code == "ANCHOR_POLICY_UNEXPECTED"
    assert "custom" in pages[-1].message
    assert stage.tenant.writes == []
    assert stage.forest.writes == []


def test_custom_with_an_unexpected_policy_needs_a_choice(stage) -> None:
    """ANCH-18."""
    stage.change_company(anchor_attribute="foo-attr")
    pages, _ = run_wizard(stage.custom(), stage.state())
    assert pages[-1].code == "ANCHOR_POLICY_UNEXPECTED"
    chosen = stage.custom(source_anchor=SourceAnchorChoice("EMPLOYEEID"))
    pages, blueprint = run_wizard(chosen, stage.state())
    assert blueprint is not None
    assert configuration(stage)["AnchorAttribute"] == "employeeID"
    assert "ANCHOR_OVERRIDE_WARNING" in [w.code for p in pages for w in p.warnings]


def test_skipped_search_does_not_happen(stage) -> None:
    stage.forest.in_use = True
    _, blueprint = run_wizard(stage.answers(switches=Switches(skip_ldap_search=True)), stage.state())
    assert blueprint.global_settings["Microsoft.SynchronizationOption.AnchorAttribute"] == CONSISTENCY_GUID
    assert stage.forest.scans == 0


def test_start_sync_cleared(stage) -> None:
    """EXP-10, INST-08: the scheduler is left disabled in the tenant, the next policy is Initial."""
    _, blueprint = run_wizard(stage.answers(start_sync=False), stage.state())
    assert configuration(stage)["Scheduler"]["SyncCycleEnabled"] is False
    assert configuration(stage)["Scheduler"]["NextSyncCyclePolicyType"] == "Initial"
    assert blueprint.global_settings["Microsoft.Synchronize.SynchronizationSchedule"] == "False"
    assert all(c.full_import_required and c.full_sync_required for c in blueprint.connectors)


def test_second_server_keeps_what_the_tenant_holds(stage) -> None:
    stage.change_company(
        dirsyncing=True,
        features=41017,
        anchor_attribute=CONSISTENCY_GUID,
        scheduler={"SyncCycleEnabled": False, "CustomizedSyncCycleInterval": "03:00:00"},
        accidental_deletes={"DeletionPrevention": "EnabledForCount", "ThresholdCount": 50},
    )
    _, blueprint = run_wizard(stage.custom(staging=True), stage.state())
    assert [name for name, _ in stage.tenant.writes] == ["service_account", "configuration"]
    assert set(configuration(stage)) == {"Scheduler"}
    assert configuration(stage)["Scheduler"]["CustomizedSyncCycleInterval"] == "03:00:00"
    assert blueprint.global_settings["Microsoft.OptionalFeature.ExportDeletionThresholdValue"] == "50"
    assert blueprint.global_settings["Microsoft.Synchronize.StagingMode"] == "True"


def test_twenty_first_server(stage) -> None:
    """INST-12: nothing has been written to the forest when the tenant refuses the identity."""
    stage.tenant.refuses["service_account"] = EngineError("SYNC_ACCOUNT_LIMIT", "20 accounts exist")
    pages, blueprint = run_wizard(stage.answers(), stage.state())
    assert blueprint is None
    assert (pages[-1].page, pages[-1].code) == ("Configure", "SYNC_ACCOUNT_LIMIT")
    assert stage.forest.writes == []


def test_existing_account_is_taken_as_it_is(stage) -> None:
    """CYD-02."""
    stage.forest.administrator = None
    directory = DirectoryAnswers("contoso.com", Credential("contoso.com\\svc", "own"), AccountOption.EXISTING)
    _, blueprint = run_wizard(stage.custom(directories=(directory,)), stage.state())
    connector = blueprint.connectors[0]
    assert stage.forest.writes == []
    assert connector.parameters["forest-login-user"] == "svc"
    assert connector.parameters["forest-login-domain"] == "contoso.com"
    assert blueprint.secrets[connector.identifier] == "own"


def test_same_seed_same_blueprint(stage, tmp_path) -> None:
    first = run_wizard(stage.answers(), stage.state())[1]
    stage.forest.writes.clear()
    assert run_wizard(stage.answers(), stage.state())[1] == first


def test_express_takes_no_custom_choices(stage) -> None:
    answers = stage.answers(
        sign_in=SignIn.DO_NOT_CONFIGURE, upn_attribute="mail", source_anchor=SourceAnchorChoice("employeeID")
    )
    offered = as_offered(answers)
    assert offered.password_hash_sync
    assert offered.upn_attribute == "userPrincipalName"
    assert offered.source_anchor.attribute is None


def test_machine_is_looked_at_first(stage) -> None:
    """INST-11."""
    stage.host_changes = {"tls12": False}
    pages, _ = run_wizard(stage.answers(), stage.state())
    assert [p.code for p in pages] == ["TLS12_REQUIRED"]
    stage.host_changes = {"tls12": False, "product_version": "1.1.614.0"}
    pages, blueprint = run_wizard(stage.answers(), stage.state())
    assert blueprint is not None
    assert pages[0].warnings[0].code == "TLS12_ABSENT"


def test_old_version_writes_no_policy(stage) -> None:
    """ANCH-20."""
    stage.host_changes = {"product_version": "1.1.486.0"}
    _, blueprint = run_wizard(stage.answers(), stage.state())
    assert blueprint.global_settings["Microsoft.SynchronizationOption.AnchorAttribute"] == OBJECT_GUID
    assert "AnchorAttribute" not in configuration(stage)


def test_exchange_hybrid_reaches_the_rules(stage) -> None:
    stage.change_forest(exchange_schema=True)
    plain = run_wizard(stage.custom(), stage.state())[1]
    hybrid = run_wizard(stage.custom(features=frozenset({Feature.EXCHANGE_HYBRID})), stage.state())[1]
    assert len(hybrid.rules) > len(plain.rules)
    assert hybrid.global_settings["Microsoft.OptionalFeature.HybridExchange"] == "True"


def test_every_page_takes_part_in_custom() -> None:
    assert all(Mode.CUSTOM in entry.modes for entry in PAGES)
