"""MigrateSettings.ps1: the known message, and the folder a new server imports."""

from __future__ import annotations

import pytest

from engine.errors import EngineError
from engine.network import Network
from engine.server import SyncServer
from engine.setup.settings.settings_import import read_settings
from engine.setup.settings.settings_migration import migrate_settings
from engine.setup.wizard_run import run_wizard


@pytest.fixture
def server(stage, tmp_path):
    state = stage.state()
    _, blueprint = run_wizard(stage.custom(), state)
    path = tmp_path / "ADSync.sqlite"
    opened = SyncServer.create(path, name="SYNC1", blueprint=blueprint, network=Network(), clock=state.clock, seed="1")
    yield opened
    opened.close()


def test_the_script_as_delivered_stumbles_on_an_old_server(server, tmp_path):
    server.database.set_fact("product-version", "1.4.38.0")
    with pytest.raises(EngineError) as refused:
        migrate_settings(server, tmp_path / "out")
    assert refused.value.message == "A positional parameter cannot be found that accepts argument 'True'."
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("version", "edited"), [("1.4.38.0", True), ("2.5.79.0", False)])
def test_the_folder_is_read_like_a_settings_file(server, tmp_path, version, edited):
    server.database.set_fact("product-version", version)
    policy = read_settings(migrate_settings(server, tmp_path / "out", edited=edited))
    assert [one.name for one in policy.directories] == ["contoso.com"]
    assert len(policy.rules) == len(server.rules())
