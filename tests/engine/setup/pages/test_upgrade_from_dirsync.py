"""The analysis page of an upgrade from DirSync: what it recommends, what it offers, where it stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.setup.answers import Switches
from engine.setup.pages.upgrade_from_dirsync import analysis, upgrade_from_dirsync
from engine.setup.predecessor.dirsync_settings import (
    DirSyncForest,
    DirSyncInstallation,
    DirSyncSettings,
    DirSyncUpgrade,
)
from engine.setup.predecessor.dirsync_upgrade import with_predecessor

SETTINGS = DirSyncSettings("contoso.onmicrosoft.com", (DirSyncForest("contoso.com", ("contoso.com",)),), objects=40_000)


def upgrade_of(settings: DirSyncSettings) -> DirSyncInstallation:
    return DirSyncInstallation(settings, {"contoso.com": "MSOL_abc"})


@pytest.mark.parametrize(
    ("changes", "answer", "code"),
    [
        ({}, DirSyncUpgrade(), ""),
        ({"objects": 49_999}, DirSyncUpgrade(), ""),
        ({"objects": 50_000}, DirSyncUpgrade(), "DIRSYNC_PARALLEL_RECOMMENDED"),
        ({"objects": 50_000}, DirSyncUpgrade(continue_here=True), ""),
        ({"removed_attributes": ("title",)}, DirSyncUpgrade(continue_here=True), "DIRSYNC_UNSUPPORTED_CUSTOMISATION"),
        ({"extension_dll": "Own.dll", "objects": 50_000}, DirSyncUpgrade(), "DIRSYNC_UNSUPPORTED_CUSTOMISATION"),
        ({"forests": (DirSyncForest("fabrikam.com"),)}, DirSyncUpgrade(), "DIRSYNC_FOREST_CREDENTIALS"),
    ],
)
def test_page(stage, changes, answer, code) -> None:
    state = stage.state()
    state.host = replace(state.host, dirsync=upgrade_of(replace(SETTINGS, **changes)))
    answers = with_predecessor(stage.answers(dirsync=answer), state.host)
    assert upgrade_from_dirsync(answers, state).code == code


@pytest.mark.parametrize(
    ("objects", "recommended", "box", "hours"), [(1, "in-place", None, 0.0), (50_000, "parallel", True, 3.0)]
)
def test_analysis(objects, recommended, box, hours) -> None:
    found = analysis(replace(SETTINGS, objects=objects))
    assert (found["recommended"], bool(found["box"]), found["expected_hours"]) == (recommended, bool(box), hours)
    assert found["export_settings"] is (recommended == "parallel")
    assert analysis(replace(SETTINGS, objects=objects), force_export=True)["export_settings"] is True


@pytest.mark.parametrize(
    ("switches", "code"),
    [
        (Switches(migrate=True), "DIRSYNC_SETTINGS_MISSING"),
        (Switches(force_export=True), "DIRSYNC_NOT_FOUND"),
    ],
)
def test_switches_without_anything(stage, switches, code) -> None:
    answers = with_predecessor(stage.answers(switches=switches), stage.state().host)
    assert upgrade_from_dirsync(answers, stage.state()).code == code
