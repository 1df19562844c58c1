"""Configure Source Anchor (CSA rows, ANCH-11, 13, 14) and Configure staging mode on a server of plain objects."""

from __future__ import annotations

import pytest

from engine.errors import EngineError
from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.setup.answers import Credential, SourceAnchorChoice, Switches
from engine.setup.global_settings import ANCHOR_SETTING
from engine.setup.lifecycle import (
    DEVICE_OPTIONS_TASK,
    LISTED_TASKS,
    SOURCE_ANCHOR_TASK,
    additional_tasks,
    configure_source_anchor,
    configure_staging_mode,
)
from engine.setup.source_anchor import CONSISTENCY_GUID, OBJECT_GUID

ADMIN = Credential("admin@contoso.onmicrosoft.com", "x")
WRITEBACK = "Out to AD - User ImmutableId"


@pytest.fixture
def server(stage):
    """An objectGUID deployment whose first full runs are done."""
    server = stage.installed(stage.custom(source_anchor=SourceAnchorChoice(OBJECT_GUID)))
    stage.change_company(anchor_attribute=OBJECT_GUID)
    return server


def names(server) -> set[str]:
    return {rule.name for rule in server.rules().values()}


def test_switch(stage, server) -> None:
    assert WRITEBACK not in names(server)
    outcome = configure_source_anchor(server, ADMIN, stage)
    assert not outcome.refused
    assert stage.tenant.writes == [("configuration", {"AnchorAttribute": CONSISTENCY_GUID})]
    assert WRITEBACK in names(server)
    assert server.global_settings[ANCHOR_SETTING] == CONSISTENCY_GUID
    assert all(c.full_import_required and c.full_sync_required for c in server.connectors.values())
    assert "mS-DS-ConsistencyGuid" in server.connectors[0].attributes
    assert server.held == ["suspend", "resume"]


def test_custom_rules_stay(stage, server) -> None:
    from dataclasses import replace

    custom = replace(next(iter(server.rules().values())), name="Mine", immutable_tag="", precedence=50)
    server.stored_rules[999] = custom
    configure_source_anchor(server, ADMIN, stage)
    assert "Mine" in names(server)
    ordered = [rule.precedence for rule in server.rules().values()]
    assert ordered == sorted(ordered)


def test_in_use_is_refused_and_nothing_changes(stage, server) -> None:
    stage.forest.in_use = True
    before = (dict(server.connectors), dict(server.global_settings), dict(server.stored_rules))
    outcome = configure_source_anchor(server, ADMIN, stage)
    assert outcome.pages[-1].code == "CONSISTENCYGUID_IN_USE"
    assert (server.connectors, server.global_settings, server.stored_rules) == before
    assert stage.tenant.writes == []
    assert server.held == ["suspend", "resume"]


def test_skipped_search(stage, server) -> None:
    stage.forest.in_use = True
    scans = stage.forest.scans
    outcome = configure_source_anchor(server, ADMIN, stage, Switches(skip_ldap_search=True))
    assert not outcome.refused
    assert stage.forest.scans == scans


@pytest.mark.parametrize(
    ("version", "anchor", "visible"),
    [("1.1.524.0", OBJECT_GUID, False), ("1.1.553.0", OBJECT_GUID, True), ("1.1.553.0", "employeeID", False)],
)
def test_task_visibility(stage, server, version, anchor, visible) -> None:
    server.version = version
    server.global_settings[ANCHOR_SETTING] = anchor
    listed = additional_tasks(server)
    outcome = configure_source_anchor(server, ADMIN, stage)
    assert (outcome.pages[-1].code == "TASK_ABSENT") is not visible
    assert set(listed) - {SOURCE_ANCHOR_TASK} == set(LISTED_TASKS) - {DEVICE_OPTIONS_TASK}
    assert (SOURCE_ANCHOR_TASK in listed) is visible


@pytest.mark.parametrize(("version", "listed"), [("1.1.818.0", False), ("1.1.819.0", True)])
def test_device_options_came_with_a_release(server, version, listed) -> None:
    server.version = version
    assert (DEVICE_OPTIONS_TASK in additional_tasks(server)) is listed


def test_running_cycle_refuses(stage, server) -> None:
    server.running = True
    assert configure_source_anchor(server, ADMIN, stage).pages[-1].code == "SYNC_IN_PROGRESS"
    assert configure_staging_mode(server, ADMIN, stage, enabled=True).pages[-1].code == "SYNC_IN_PROGRESS"


def test_staging_mode(stage, server) -> None:
    outcome = configure_staging_mode(server, ADMIN, stage, enabled=True)
    assert not outcome.refused
    assert server.global_settings["Microsoft.Synchronize.StagingMode"] == "True"
    configure_staging_mode(server, ADMIN, stage, enabled=False)
    assert server.global_settings["Microsoft.Synchronize.StagingMode"] == "False"


def test_staging_mode_needs_the_sign_in(stage, server) -> None:
    stage.sign_in_refusal = EngineError("INVALID_GRANT", "no")
    assert configure_staging_mode(server, ADMIN, stage, enabled=True).pages[-1].code == "INVALID_GRANT"
    assert server.global_settings["Microsoft.Synchronize.StagingMode"] == "False"
    assert server.held == ["suspend", "resume"]


def test_entra_connector_keeps_its_identifier(server) -> None:
    assert server.connectors[1].identifier == ENTRA_CONNECTOR_ID
