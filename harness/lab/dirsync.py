"""A DirSync machine on the stage: set up, run, stopped, its settings exported, taken away by the wizard.

Source: how-to-dirsync-upgrade-get-started; facts "install" 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.lab.addresses import network
from harness.lab.installation import Choices, host_machine, ou_selections
from harness.refusal import ScenarioError, StepRefusedError

if TYPE_CHECKING:
    from harness.lab.forest import Forest
    from harness.lab.lab import Lab

ROLLBACK = "DIRSYNC_ROLLBACK"


@dataclass(frozen=True)
class DirSyncChoices:
    """What a scenario says about DirSync; names as in the verb ``dirsync.install``."""

    version: str | None = None
    sql: str | None = None
    objects: int = 0
    forests: tuple[str, ...] = ()
    tenant: str | None = None
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    password_sync: bool = True
    exchange_hybrid: bool = False
    upn_attribute: str = "userPrincipalName"
    filters: Mapping[str, str] = field(default_factory=dict)  # user attribute: value that keeps a user out
    removed_attributes: tuple[str, ...] = ()
    extension_dll: str = ""


class DirSyncMachine:
    """A machine with DirSync on it; stopped, its service waits."""

    def __init__(self, lab: Lab, name: str, engine: Any, tenant: str) -> None:
        self.lab = lab
        self.name = name
        self.engine = engine
        self.tenant = tenant
        self.running = True

    def tick(self, now: datetime) -> None:
        if self.running:
            self.engine.tick(now)

    def next_due(self) -> datetime | None:
        due: datetime | None = self.engine.next_due() if self.running else None
        return due

    def close(self) -> None:
        self.engine.close()

    def uninstall(self) -> None:
        """Take the tool off the machine: its database goes with it, its account in the forest stays."""
        path = self.engine.database.path
        self.engine.close(stopped=self.running)
        for one in (path, path.with_suffix(".events")):
            one.unlink(missing_ok=True)

    def snapshot(self) -> dict[str, Any]:
        return {"machine": self, "state": self.engine.snapshot(), "running": self.running}

    def restore(self, kept: Mapping[str, Any]) -> None:
        self.engine.database.path.parent.mkdir(parents=True, exist_ok=True)
        self.engine.restore(kept["state"])
        self.running = kept["running"]


def machines(lab: Lab) -> list[DirSyncMachine]:
    """Every machine with DirSync on it, by name."""
    return [lab.dirsync[name] for name in sorted(lab.dirsync)]


def machine(lab: Lab, name: str) -> DirSyncMachine:
    if name not in lab.dirsync:
        known = ", ".join(sorted(lab.dirsync)) or "none"
        raise ScenarioError(f"DirSync is not installed on {name}; it is on: {known}")
    return lab.dirsync[name]


def install_dirsync(lab: Lab, name: str, choices: DirSyncChoices) -> None:
    """Set DirSync up on a machine and let it run its first cycle; raises StepRefusedError where it refuses."""
    from engine.profile import behaviour
    from engine.setup.answers import Credential
    from engine.setup.predecessor.dirsync import DirSyncSetup, set_up_dirsync
    from engine.setup.predecessor.dirsync_settings import (
        DEFAULT_VERSION,
        AttributeFilter,
        DirSyncForest,
        DirSyncSettings,
    )

    if name in lab.servers or name in lab.dirsync:
        raise ScenarioError(f"there is a server {name} already; choose another name")
    tenant = lab.tenant(choices.tenant)
    forests = [lab.forest(one) for one in choices.forests or tuple(lab.forests)]
    settings = DirSyncSettings(
        tenant.name,
        tuple(DirSyncForest(one.name) for one in forests),
        version=choices.version or DEFAULT_VERSION,
        sql_instance=choices.sql or "",
        objects=choices.objects,
        password_sync=choices.password_sync,
        exchange_hybrid=choices.exchange_hybrid,
        upn_attribute=choices.upn_attribute,
        filters=tuple(AttributeFilter("user", name, value) for name, value in choices.filters.items()),
        removed_attributes=choices.removed_attributes,
        extension_dll=choices.extension_dll,
    )
    outcome = set_up_dirsync(
        DirSyncSetup(
            Credential(tenant.service.admin_upn, tenant.admin_password),
            tuple(_directory(one, choices) for one in forests),
            settings,
        ),
        host_machine(lab, name, Choices(version=settings.version)),
        network=network(lab),
        clock=lab.clock,
        seed=f"{lab.seed}/{name}",
        profile=behaviour(lab.profile),
        observer=lab.timeline.observer(name),
    )
    if outcome.server is None:
        page = outcome.pages[-1]
        raise StepRefusedError(page.code, page.message, page.page, page.facts)
    lab.dirsync[name] = DirSyncMachine(lab, name, outcome.server, tenant.name)
    lab.tick(lab.clock.now())


def _directory(forest: Forest, choices: DirSyncChoices) -> Any:
    from engine.setup.answers import AccountOption, Credential, DirectoryAnswers

    credential = Credential(f"{forest.document.netbios}\\Administrator", forest.admin_password)
    ticked: dict[str, Any] = {}
    if choices.included or choices.excluded:
        ticked = ou_selections(forest, choices.included, choices.excluded, new=True)
    return DirectoryAnswers(forest.name, credential, AccountOption.CREATE, ou_selection=ticked)


def installation_on(lab: Lab, name: str) -> Any:
    """What the wizard's analysis finds on a machine; None where DirSync is not installed."""
    from engine.setup.predecessor.dirsync import accounts_of, settings_of
    from engine.setup.predecessor.dirsync_settings import DirSyncInstallation

    found = lab.dirsync.get(name)
    if found is None:
        return None
    return DirSyncInstallation(settings_of(found.engine), accounts_of(found.engine))


def upgrade_answers(lab: Lab, given: Mapping[str, Any]) -> Any:
    """The administrator's part of an upgrade from DirSync; None when nothing was said of it."""
    from engine.setup.predecessor.dirsync_settings import DirSyncUpgrade

    if not given:
        return None
    name = given.get("settings")
    return DirSyncUpgrade(bool(given.get("continue_here")), settings_file(lab, name) if name else None)


def after_installation(lab: Lab, name: str, outcome: Any) -> None:
    """The wizard has uninstalled DirSync when it says so."""
    said = any("uninstalled" in page.facts for page in outcome.pages)
    if said and name in lab.dirsync:
        lab.dirsync.pop(name).uninstall()


def settings_file(lab: Lab, name: str) -> Path:
    return lab.folder / "exports" / f"{name}.dirsync.json"


def analyse(lab: Lab, name: str, *, force_export: bool) -> dict[str, Any]:
    """Start the wizard on a DirSync machine and read its first page: facts, and the code where it does not go on."""
    from dataclasses import replace

    from engine.setup.answers import Switches
    from engine.setup.wizard_run import WizardRun
    from harness.lab.installation import start_wizard

    machine(lab, name)
    run: WizardRun = start_wizard(lab, name, Choices())
    try:
        run.answers = replace(run.answers, switches=Switches(force_export=force_export))
        run.next()
        outcome = run.next()
    finally:
        run.close()
    return {**outcome.facts, "code": outcome.code, "text": outcome.message}


def export_settings(lab: Lab, name: str, target: str, *, force_export: bool) -> None:
    """Press Export settings on the analysis page; refused where the page does not offer it."""
    from engine.setup.predecessor.dirsync import settings_of
    from engine.setup.predecessor.dirsync_settings import write_settings

    shown = analyse(lab, name, force_export=force_export)
    if shown["code"] == "DIRSYNC_UNSUPPORTED_CUSTOMISATION":
        raise StepRefusedError(shown["code"], shown["text"], "Upgrade from DirSync", shown)
    if not shown.get("export_settings"):
        text = f"{shown['objects']} objects: the page offers no Export settings; start the wizard with /ForceExport."
        raise StepRefusedError("DIRSYNC_EXPORT_NOT_OFFERED", text, "Upgrade from DirSync", shown)
    write_settings(settings_of(machine(lab, name).engine), settings_file(lab, target))


def start(lab: Lab, name: str) -> None:
    """Start the service again. It exports whatever its successor did meanwhile, which is worth a warning (DSU-10)."""
    from harness.lab.topology import lint, topology_of

    found = machine(lab, name)
    found.running = True
    for finding in lint(topology_of(lab)):
        if finding.code == "TOPO_DIRSYNC_ROLLBACK" and finding.about == name:
            lab.timeline.note("stage.warning", code=ROLLBACK, server=name, message=finding.message)


def shown(found: Iterable[DirSyncMachine]) -> list[dict[str, Any]]:
    """The machines as a scenario sees them."""
    return [
        {"name": one.name, "version": one.engine.version, "running": one.running, "tenant": one.tenant} for one in found
    ]


__all__ = [
    "DirSyncChoices",
    "DirSyncMachine",
    "after_installation",
    "analyse",
    "export_settings",
    "install_dirsync",
    "installation_on",
    "machine",
    "machines",
    "settings_file",
    "shown",
    "start",
    "upgrade_answers",
]
