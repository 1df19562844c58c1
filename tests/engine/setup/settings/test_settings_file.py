"""The wizard's settings file: when it is written, what it catalogues, whether somebody wrote in it."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from engine.network import Network
from engine.rules.rule import SyncRule
from engine.server import SyncServer
from engine.service_manager import add_run_profile, limit_connector
from engine.setup.machine import settle
from engine.setup.settings.settings_file import (
    FOLDER,
    applied_files,
    edited,
    newest_applied,
    not_applied,
    settings_of,
    settings_text,
    write_applied,
)
from engine.setup.settings.synchronization_policy import read_policy
from engine.setup.wizard_run import run_wizard


@pytest.fixture
def server(stage, tmp_path):
    state = stage.state()
    answers = stage.custom()
    _, blueprint = run_wizard(answers, state)
    path = tmp_path / "sql" / "ADSync.sqlite"
    path.parent.mkdir()
    opened = SyncServer.create(path, name="SYNC1", blueprint=blueprint, network=Network(), clock=state.clock, seed="1")
    settle(opened, SimpleNamespace(answers=answers, state=state))
    yield opened
    opened.close()


def rule(server: SyncServer, precedence: int) -> SyncRule:
    like = next(one for one in server.rules().values() if one.name == "In from AD - User Common")
    return replace(
        like, identifier="11111111-2222-4333-8444-999999999999", name="Mine", immutable_tag="", precedence=precedence
    )


def test_an_installation_leaves_one_on_the_machine(server, stage):
    (file,) = applied_files(stage.folder / FOLDER)
    assert file.name == "Applied-SynchronizationPolicy-20260105-080000.JSON"
    policy = read_policy(file)
    assert policy.metadata["administrator"] == "admin@contoso.onmicrosoft.com"
    assert policy.entra.sign_in_method == "password-hash-sync"
    assert [one.forest for one in policy.directories] == ["contoso.com"]
    assert not edited(policy)
    assert "secret" not in file.read_text(encoding="utf-8")


def test_another_one_only_when_something_changed(server, stage):
    folder = stage.folder / FOLDER
    assert write_applied(server) is None
    server.save_setting("Microsoft.SynchronizationOption.JoinCriteria", "Mail")
    written = write_applied(server)
    assert written is not None
    assert newest_applied(folder) == written
    assert len(applied_files(folder)) == 2
    assert read_policy(written).metadata["administrator"] == "admin@contoso.onmicrosoft.com"


def test_the_tenth_of_one_second_is_still_the_newest(server, stage):
    for number in range(11):
        server.save_setting("Microsoft.SynchronizationOption.JoinCriteria", f"way{number}")
        written = write_applied(server)
    assert newest_applied(stage.folder / FOLDER) == written


def test_what_the_editor_changes_is_in_no_file_until_one_is_asked_for(server, stage):
    server.save_rules([*server.rules().values(), rule(server, 50)])
    newest = newest_applied(stage.folder / FOLDER)
    assert "Mine" not in newest.read_text(encoding="utf-8")
    assert "Mine" in settings_text(server)


def test_a_rule_at_any_precedence_is_written_and_read(server):
    server.save_rules([*server.rules().values(), rule(server, 400)])
    text = settings_text(server)
    assert '"Mine"' in text
    assert not list(not_applied(settings_of(server)))


def test_it_catalogues_what_the_service_manager_limits(server):
    limit_connector(server, "contoso.com", ["user", "group"], ["userPrincipalName"])
    add_run_profile(server, "contoso.com", "Nightly")
    server.save_setting("Microsoft.OptionalFeature.DeviceWriteBack", "True")
    server.save_setting("Microsoft.OptionalFeature.DirectoryExtensionAttributes", "badge")
    told = "\n".join(not_applied(settings_of(server)))
    for word in ("Device writeback", "badge", "limited to group, user.", "userPrincipalName", "Nightly"):
        assert word in told
    assert "\n".join(not_applied(read_policy(settings_text(server)))) == told


def test_a_change_by_hand_is_noticed(server):
    text = settings_text(server)
    assert not edited(read_policy(text))
    changed = text.replace('"upnAttribute": "userPrincipalName"', '"upnAttribute": "mail"')
    assert changed != text
    assert edited(read_policy(changed))
    document = json.loads(text)
    del document["policyMetadata"]["fingerprint"]
    assert not edited(read_policy(json.dumps(document)))
