"""Settings files carried from server to server, by the names a scenario gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.lab.installation import Choices, install_server, read_answers
from harness.lab.lab import Lab
from harness.lab.recovery import applied_names, edit_settings, export_settings, keep_applied, settings_path
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError


@pytest.fixture
def world():
    tenants = {"contoso.onmicrosoft.com": {}}
    with Lab(make_world(forests={"contoso.com": {"users": ["Ana Lopez"]}}, tenants=tenants)) as lab:
        yield lab


def test_settings_outlive_the_machine(world):
    server = install_server(world, "SYNC1", Choices(mode="custom"))
    assert len(applied_names(server)) == 1
    keep_applied(world, server, "applied")
    export_settings(world, server, "today")
    server.destroy()
    del world.servers["SYNC1"]
    assert settings_path(world, "applied").exists()
    assert settings_path(world, "today").exists()
    assert settings_path(world, "beside.JSON") == Path(world.world.folder) / "beside.JSON"
    with pytest.raises(ScenarioError):
        edit_settings(world, "today", "no such text", "x")
    edit_settings(world, "today", "userPrincipalName", "mail")
    assert "mail" in settings_path(world, "today").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../x", "", "a b"])
def test_a_name_is_a_name(world, name):
    server = install_server(world, "SYNC1", Choices(mode="custom"))
    with pytest.raises(ScenarioError):
        export_settings(world, server, name)


def test_the_box_staging_mode_is_ticked_with_imported_settings(world):
    assert read_answers(world, Choices(mode="custom", recovery={"settings": "x"})).staging
    assert not read_answers(world, Choices(mode="custom", recovery={"settings": "x", "staging": False})).staging
    assert not read_answers(world, Choices(mode="custom")).staging
    assert read_answers(world, Choices(mode="custom", recovery={"credentials": []})).directories == ()
