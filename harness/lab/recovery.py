"""Settings files as an administrator carries them from server to server, and what the wizard is told about recovery.

Source: facts "install" sections 22 and 23.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.server import Server

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
MIGRATED = "MigratedPolicy.json"


def with_recovery(lab: Lab, answers: Any, recovery: Mapping[str, Any]) -> Any:
    """The wizard's answers with what is said about recovery; a service account's password is the world's own."""
    components = replace(answers.components, service_password=_service_password(lab, answers.components))
    directories = answers.directories
    if "credentials" in recovery:
        wanted = {name.lower() for name in recovery["credentials"]}
        directories = tuple(one for one in directories if one.forest.lower() in wanted)
    staging = recovery.get("staging", answers.staging)
    if recovery.get("settings"):
        components = replace(components, import_settings=str(settings_path(lab, recovery["settings"])))
        staging = recovery.get("staging", True)  # the wizard opens the page with the box ticked
    return replace(answers, components=components, directories=directories, staging=staging)


def _service_password(lab: Lab, components: Any) -> str:
    """The password of a domain account of this world, as somebody types it."""
    netbios, backslash, login = (components.service_account or "").partition("\\")
    if not backslash:
        return ""
    place = next((one for one in lab.forests.values() if one.document.netbios.lower() == netbios.lower()), None)
    return lab.seeds.password(f"{place.name}/{login}") if place is not None else ""


# ---- settings files --------------------------------------------------------------------------------------------------
def settings_folder(lab: Lab) -> Path:
    folder = lab.folder / "settings"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def settings_path(lab: Lab, name: str) -> Path:
    """Return the settings of that name: kept by a step, else a file beside the scenario."""
    kept = settings_folder(lab) / f"{name}.JSON"
    migrated = settings_folder(lab) / f"Exported-ServerConfiguration-{name}" / MIGRATED
    return next((one for one in (kept, migrated) if one.exists()), Path(lab.world.folder) / name)


def _named(lab: Lab, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise ScenarioError(f"settings cannot be called {name}: letters, digits and - only")
    return settings_folder(lab) / f"{name}.JSON"


def export_settings(lab: Lab, server: Server, name: str) -> None:
    """Additional task View or export current configuration, into a place that outlives the machine."""
    from engine.setup.settings.settings_file import settings_text

    _named(lab, name).write_text(settings_text(server.engine), encoding="utf-8")


def keep_applied(lab: Lab, server: Server, name: str) -> None:
    """Copy the newest file the wizard left on the machine."""
    from engine.setup.settings.settings_file import FOLDER, newest_applied

    newest = newest_applied(server.engine.folder / FOLDER)
    if newest is None:
        raise ScenarioError(f"the wizard left no settings file on {server.name}")
    shutil.copyfile(newest, _named(lab, name))


def applied_names(server: Server) -> list[str]:
    """Return the names of the files the wizard left on the machine, oldest first."""
    from engine.setup.settings.settings_file import FOLDER, applied_files

    return [one.name for one in applied_files(server.engine.folder / FOLDER)]


def edit_settings(lab: Lab, name: str, old: str, new: str) -> None:
    """Change a kept settings file by hand."""
    path = _named(lab, name)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if old not in text:
        raise ScenarioError(f"the settings {name} hold no {old!r}")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def migrate_settings(lab: Lab, server: Server, name: str, *, edited: bool) -> None:
    """Run MigrateSettings.ps1 on a server: the folder Exported-ServerConfiguration-* with MigratedPolicy.json."""
    from engine.setup.settings.settings_migration import migrate_settings

    _named(lab, name)
    migrate_settings(server.engine, settings_folder(lab) / f"Exported-ServerConfiguration-{name}", edited=edited)
