"""The support bundle of a running server: three artifacts, no password of anybody, and names that are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import cli
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.lab.support_bundle import bundle_path, collect, shown
from harness.pytest_plugin import make_world
from harness.refusal import ScenarioError


@pytest.fixture
def world() -> Iterator[Lab]:
    tenants = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
    with Lab(make_world(forests={"contoso.com": {"users": ["Ana Lopez"]}}, tenants=tenants)) as lab:
        install_server(lab, "SYNC1", Choices()).engine.start_sync_cycle("Initial")
        yield lab


def test_what_is_in_it_and_what_is_not(world: Lab) -> None:
    server = world.server("SYNC1")
    collect(world, server, "case-1", "Ana Lopez")
    found = shown(world, "case-1")
    assert "SyncCycleEnabled" in found["scheduler"]
    assert [one["connector"] for one in found["objects"]] == ["contoso.com", "contoso.onmicrosoft.com - AAD"]
    assert all("<cs-object" in one["xml"] for one in found["exports"])
    engine = server.engine
    secrets = [engine.configuration.secret(one.identifier) for one in engine.connectors.values()]
    secrets += [world.tenant().admin_password, world.forest().admin_password]
    assert len(set(secrets)) == 4
    assert [secret for secret in secrets if secret in found["text"]] == []
    collect(world, server, "nothing-fails", None)
    assert shown(world, "nothing-fails")["exports"] == []


@pytest.mark.parametrize(("name", "about"), [("../up", None), ("x", "Nobody"), ("x", "CN=Nobody,DC=contoso,DC=com")])
def test_what_does_not_exist_is_refused(world: Lab, name: str, about: str | None) -> None:
    with pytest.raises(ScenarioError):
        collect(world, world.server("SYNC1"), name, about)
    assert not bundle_path(world, "x").exists()
    with pytest.raises(ScenarioError, match="no support bundle"):
        shown(world, "x")


def test_the_command_over_a_database(world: Lab, tmp_path: Path) -> None:
    """The service is asked at its prompt; where nobody answers, the bundle says so."""
    database = world.server("SYNC1").paths()["database"]
    target = tmp_path / "bundle.zip"
    answer = CliRunner().invoke(cli, ["support", "bundle", database, "--to", str(target)], standalone_mode=False)
    assert answer.exception is None, answer.output
    assert answer.output.splitlines() == ["manifest.json", "scheduler.txt", "application-events.json"]
    assert target.exists()
    missing = CliRunner().invoke(cli, ["support", "bundle", database, "--to", str(target), "--object", "CN=x"])
    assert missing.exit_code == 2
