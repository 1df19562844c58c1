"""Upgrade from DirSync: what the analysis of the installation, or of its exported settings, comes to.

Source: how-to-dirsync-upgrade-get-started; facts "install" 17 (DSU-01 to DSU-11). The page is known as pictures only:
the codes are stable, the texts ours (decision D16).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.setup.answers import SetupAnswers
from engine.setup.page import PageOutcome, WizardState, refuse
from engine.setup.predecessor.dirsync_settings import PARALLEL_FROM, DirSyncSettings, DirSyncUpgrade

PAGE = "Upgrade from DirSync"
CONTINUE_HERE = "Continue upgrading DirSync on this computer"
#: The wizard expects three hours for as many objects as make it recommend another server.
_HOURS = 3


def upgrade_from_dirsync(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Analyse the installation, or the exported settings, and say whether and how it goes on."""
    upgrade = answers.dirsync or DirSyncUpgrade()
    if answers.switches.migrate and state.host.dirsync is not None:
        text = "DirSync is installed on this server: its settings are imported on another one."
        return refuse(PAGE, "DIRSYNC_ON_THIS_SERVER", text)
    if upgrade.problem is not None:
        return refuse(PAGE, *upgrade.problem)
    if upgrade.settings is None:
        return refuse(PAGE, "DIRSYNC_NOT_FOUND", "DirSync is not installed on this server; there is nothing to export.")
    facts = analysis(upgrade.settings, force_export=answers.switches.force_export)
    if upgrade.settings.customisations:
        text = f"DirSync cannot be upgraded: {'; '.join(upgrade.settings.customisations)}."
        return refuse(PAGE, "DIRSYNC_UNSUPPORTED_CUSTOMISATION", text, **facts)
    refused = _elsewhere(answers, upgrade, facts) if answers.switches.migrate else _here(answers, upgrade, facts)
    return refused or PageOutcome(PAGE, messages=(str(facts["message"]),), facts=facts)


def analysis(settings: DirSyncSettings, *, force_export: bool = False) -> dict[str, object]:
    """What the page shows of an installation: its size, what is recommended, what is offered (DSU-02 to DSU-04)."""
    parallel = settings.parallel_recommended
    message = f"{settings.objects} objects: an upgrade on this computer is recommended."
    if parallel:
        message = f"{settings.objects} objects: a parallel deployment on another server is recommended."
    return {
        "dirsync_version": settings.version,
        "objects": settings.objects,
        "sql": settings.sql_instance or "SQL Server Express",
        "recommended": "parallel" if parallel else "in-place",
        "expected_hours": round(settings.objects * _HOURS / PARALLEL_FROM, 1),
        "export_settings": parallel or force_export,
        "box": CONTINUE_HERE if parallel else None,
        "customisations": list(settings.customisations),
        "message": message,
    }


def _here(answers: SetupAnswers, upgrade: DirSyncUpgrade, facts: Mapping[str, object]) -> PageOutcome | None:
    assert upgrade.settings is not None
    if answers.switches.force_export:
        text = "The settings can be exported here; DirSync is not upgraded on this computer (/ForceExport)."
        return refuse(PAGE, "DIRSYNC_EXPORT_SETTINGS", text, **facts)
    if upgrade.settings.parallel_recommended and not upgrade.continue_here:
        text = f"{facts['message']} Export the settings, or tick {CONTINUE_HERE}."
        return refuse(PAGE, "DIRSYNC_PARALLEL_RECOMMENDED", text, **facts)
    return _credentials(answers, upgrade.settings, facts)


def _elsewhere(answers: SetupAnswers, upgrade: DirSyncUpgrade, facts: Mapping[str, object]) -> PageOutcome | None:
    assert upgrade.settings is not None
    used = upgrade.settings.sql_instance
    if used and (answers.components.sql_instance or "").lower() == used.lower():
        text = f"The SQL Server instance {used} is the one DirSync uses; a parallel deployment needs another one."
        return refuse(PAGE, "DIRSYNC_SQL_INSTANCE_IN_USE", text, **facts)
    return _credentials(answers, upgrade.settings, facts)


def _credentials(answers: SetupAnswers, settings: DirSyncSettings, facts: Mapping[str, object]) -> PageOutcome | None:
    given = {one.forest.lower() for one in answers.directories}
    missing = [one.name for one in settings.forests if one.name.lower() not in given]
    if missing:
        text = f"DirSync synchronizes {', '.join(missing)}: an Enterprise Admin of it is needed to reset its account."
        return refuse(PAGE, "DIRSYNC_FOREST_CREDENTIALS", text, **facts)
    return None
