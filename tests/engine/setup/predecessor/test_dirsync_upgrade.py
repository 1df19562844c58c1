"""What of a DirSync installation is carried over, in place and by a file, without a wire."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.setup.answers import Feature, Mode, OuSelection, SignIn, Switches
from engine.setup.pages.upgrade_from_dirsync import upgrade_from_dirsync
from engine.setup.predecessor.dirsync_settings import (
    DirSyncForest,
    DirSyncInstallation,
    DirSyncSettings,
    DirSyncUpgrade,
    automatic_upgrade,
    persisted_state,
    read_settings,
    write_settings,
)
from engine.setup.predecessor.dirsync_upgrade import taken_over, with_predecessor

SETTINGS = DirSyncSettings(
    "contoso.onmicrosoft.com",
    (
        DirSyncForest(
            "contoso.com", ("contoso.com",), {"contoso.com": OuSelection((), ("OU=Guests,DC=contoso,DC=com",))}
        ),
    ),
    objects=40_000,
    password_sync=False,
    exchange_hybrid=True,
    upn_attribute="mail",
)


def upgrade_of(settings: DirSyncSettings) -> DirSyncInstallation:
    return DirSyncInstallation(settings, {"contoso.com": "MSOL_abc"})


def test_carried_over_in_place(stage) -> None:
    host = replace(stage.state().host, dirsync=upgrade_of(SETTINGS))
    answers = with_predecessor(stage.answers(), host)
    assert (answers.mode, answers.sign_in, answers.upn_attribute) == (Mode.CUSTOM, SignIn.DO_NOT_CONFIGURE, "mail")
    assert answers.features == {Feature.EXCHANGE_HYBRID}
    assert answers.directories[0].ou_selection["contoso.com"].excluded == ("OU=Guests,DC=contoso,DC=com",)
    assert not answers.staging
    assert taken_over("contoso.com", answers, host) == "MSOL_abc"
    assert (automatic_upgrade(answers), persisted_state(answers)) == (("Enabled", ""), "dirsync")


def test_full_sql(stage) -> None:
    host = replace(stage.state().host, dirsync=upgrade_of(replace(SETTINGS, sql_instance="SQL1")))
    answers = with_predecessor(stage.answers(), host)
    assert answers.components.sql_instance == "SQL1"
    assert automatic_upgrade(answers) == ("Suspended", "DirSyncInPlaceUpgradeNonLocalDb")


def test_on_another_server(stage, tmp_path) -> None:
    file = tmp_path / "old.json"
    write_settings(SETTINGS, file)
    assert read_settings(file) == SETTINGS
    answers = stage.answers(switches=Switches(migrate=True), dirsync=DirSyncUpgrade(settings_file=file))
    host = stage.state().host
    carried = with_predecessor(answers, host)
    assert (carried.staging, carried.upn_attribute) == (True, "mail")
    assert taken_over("contoso.com", carried, host) is None
    assert upgrade_from_dirsync(carried, stage.state()).code == ""


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"form": "dirsync-settings/1"}', '{"form": "other"}', "\x00"],
)
def test_a_file_that_is_none(stage, tmp_path, text) -> None:
    file = tmp_path / "old.json"
    file.write_text(text, encoding="utf-8")
    answers = stage.answers(switches=Switches(migrate=True), dirsync=DirSyncUpgrade(settings_file=file))
    carried = with_predecessor(answers, stage.state().host)
    assert upgrade_from_dirsync(carried, stage.state()).code == "DIRSYNC_SETTINGS_INVALID"
