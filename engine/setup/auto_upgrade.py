"""Automatic upgrade: whether a server may upgrade itself, what stands against it, and doing it.

Source: how-to-connect-install-automatic-upgrade (states, result codes, event source, range), version history 2.2.1.0;
facts "install" 26. Which event id says what, the daily check and the order of the conditions are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError
from engine.rules.rule import SyncRule
from engine.setup.answers import HostMachine
from engine.store.size import GIGABYTE
from engine.versions import at_least, version

if TYPE_CHECKING:
    from engine.server import SyncServer

STATE = "Microsoft.OptionalFeature.AutoUpgradeState"
REASON = "Microsoft.OptionalFeature.AutoUpgradeSuspensionReason"
#: Fact of the database: how the server was set up; automatic upgrade is made for the first two.
PERSISTED_STATE = "persisted-state"
ELIGIBLE_STATES = ("express", "dirsync")
LOCALDB_MAX = 8 * GIGABYTE
#: From this release on custom rules do not block any more (version release history).
CUSTOM_RULES_ALLOWED_SINCE = "2.2.1.0"
#: From this release on a check goes on although somebody set the state to Suspended.
SUSPENDED_IS_RETRIED_SINCE = "1.1.750.0"
SUCCESS = "Success"
EVERY = timedelta(days=1)
_NEXT, _LAST = "auto-upgrade/next", "auto-upgrade/last"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class UpgradeMachine:
    """What of the machine decides besides the server: each can stand in the way. host: facts for the installer."""

    service_manager_open: bool = False
    registry_writable: bool = True
    database_permissions: bool = True
    disk_space: bool = True
    security_groups: bool = True
    service_can_start: bool = True
    service_can_stop: bool = True
    health_upload: bool = True
    host: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Observed:
    """Everything a check rests on."""

    version: str
    persisted_state: str
    sql_instance: str
    database_size: int
    rules: tuple[SyncRule, ...]
    service_running: bool
    sync_cycle_enabled: bool
    busy: bool  # a wizard is open, a cycle or a run is on
    machine: UpgradeMachine = UpgradeMachine()


@dataclass(frozen=True, slots=True)
class Condition:
    """stands: whether it stands in the way."""

    code: str
    stands: Callable[[Observed], bool]
    text: str


_CUSTOM_RULES = "Rules of your own have been added to the configuration."
NOT_SUPPORTED: tuple[Condition, ...] = (
    Condition(
        "UpgradeNotSupportedNonLocalDbInstall",
        lambda o: bool(o.sql_instance),
        "The database is not a SQL Server Express LocalDB.",
    ),
    Condition(
        "UpgradeNotSupportedInvalidPersistedState",
        lambda o: o.persisted_state not in ELIGIBLE_STATES,
        "The installation is neither one with Express settings nor an upgrade from DirSync.",
    ),
    Condition(
        "UpgradeNotSupportedLocalDbSizeExceeded",
        lambda o: not o.sql_instance and o.database_size >= LOCALDB_MAX,
        "The LocalDB database has reached 8 GB.",
    ),
    Condition(
        "UpgradeNotSupportedAADHealthUploadDisabled",
        lambda o: not o.machine.health_upload,
        "The upload of health data has been disabled in the portal.",
    ),
    Condition(
        "UpgradeNotSupportedCustomizedSyncRules",
        lambda o: not at_least(o.version, CUSTOM_RULES_ALLOWED_SINCE) and any(not r.is_standard for r in o.rules),
        _CUSTOM_RULES,
    ),
)
ABORTED: tuple[Condition, ...] = (
    Condition(
        "UpgradeAbortedCouldNotSetUpgradeMarker",
        lambda o: not o.machine.registry_writable,
        "The registry could not be written.",
    ),
    Condition(
        "UpgradeAbortedInsufficientDatabasePermissions",
        lambda o: not o.machine.database_permissions,
        "The built-in administrators group has no permission on the database; upgrade manually.",
    ),
    Condition(
        "UpgradeAbortedInsufficientDiskSpace", lambda o: not o.machine.disk_space, "The disk has too little room."
    ),
    Condition(
        "UpgradeAbortedSecurityGroupsNotPresent",
        lambda o: not o.machine.security_groups,
        "Not all security groups of the sync engine could be found.",
    ),
    Condition(
        "UpgradeAbortedServiceIsNotRunning",
        lambda o: not o.service_running,
        "The synchronization service does not run.",
    ),
    Condition(
        "UpgradeAbortedServiceCanNotBeStopped",
        lambda o: not o.machine.service_can_stop,
        "The synchronization service could not be stopped.",
    ),
    Condition(
        "UpgradeAbortedServiceCanNotBeStarted",
        lambda o: not o.machine.service_can_start,
        "The synchronization service could not be started.",
    ),
    Condition(
        "UpgradeAbortedSyncCycleDisabled",
        lambda o: not o.sync_cycle_enabled,
        "The option SyncCycle of the scheduler has been disabled.",
    ),
    Condition(
        "UpgradeAbortedSyncExeInUse",
        lambda o: o.machine.service_manager_open,
        "Synchronization Service Manager is open on the server.",
    ),
    Condition(
        "UpgradeAbortedSyncOrConfigurationInProgress",
        lambda o: o.busy,
        "The installation wizard is open, or a synchronization runs that the scheduler did not start.",
    ),
)


def standing(observed: Observed) -> Condition | None:
    """The first condition that stands in the way: what never passes by itself before what does."""
    return next((one for one in (*NOT_SUPPORTED, *ABORTED) if one.stands(observed)), None)


@dataclass(frozen=True)
class CheckResult:
    """code: Success, a result code, or "" when there was nothing to do; text says why."""

    code: str
    text: str
    offered: str = ""


class AutoUpgrade:
    """The server's own upgrades: looks once a day, and when it is asked to."""

    def __init__(self, server: SyncServer) -> None:
        self.server = server
        self.machine = UpgradeMachine()

    @property
    def state(self) -> str:
        return self.server.global_settings.get(STATE, "Disabled")

    @property
    def reason(self) -> str:
        return self.server.global_settings.get(REASON, "")

    @property
    def last_result(self) -> str:
        """The result code of the last check that found something newer."""
        return self.server.database.fact(_LAST)

    def tick(self, now: datetime) -> None:
        """Look when it is time; the first time is some hours after a day, so that not all servers come at once."""
        if self.state not in ("Enabled", "Suspended"):
            return
        due = self.server.database.fact(_NEXT)
        if not due:
            draw = Random(f"{self.server.seed}/{self.server.name}/auto-upgrade")
            self._set_next(now + EVERY + timedelta(minutes=draw.randrange(24 * 60)))
        elif datetime.strptime(due, _TIME).replace(tzinfo=UTC) <= now:
            self._set_next(now + EVERY)
            try:
                self.check()
            except EngineError as unreachable:
                self.server.events.write(304, detail=unreachable.message)

    def _set_next(self, moment: datetime) -> None:
        self.server.database.set_fact(_NEXT, moment.strftime(_TIME))

    def check(self) -> CheckResult:
        """Ask what is released for automatic upgrade; upgrade, or say what stands against it. Raises EngineError when
        nobody can be asked."""
        server = self.server
        if self.state == "Disabled":
            return CheckResult("", "Automatic upgrade is disabled.")
        if self.state == "Suspended" and not at_least(server.version, SUSPENDED_IS_RETRIED_SINCE):
            return CheckResult("", f"Automatic upgrade is suspended: {self.reason}.")
        offered = server.systems.tenant_client(server.entra_connector[1]).capabilities().auto_upgrade_version
        if not offered or version(offered) <= version(server.version):
            return CheckResult("", "No newer version is released for automatic upgrade.", offered)
        server.events.write(300, version=offered)
        obstacle = standing(self._observed())
        if obstacle is not None:
            return self._suspended(obstacle.code, obstacle.text, offered)
        return self._upgraded(offered)

    def _observed(self) -> Observed:
        server = self.server
        settings = server.scheduler_settings()
        return Observed(
            version=server.version,
            persisted_state=server.database.fact(PERSISTED_STATE),
            sql_instance=server.database.fact("sql-instance"),
            database_size=server.size.used,
            rules=tuple(server.rules().values()),
            service_running=server.service.running,
            sync_cycle_enabled=settings.sync_cycle_enabled,
            busy=settings.scheduler_suspended or server.cycle_in_progress or server.busy_connector is not None,
            machine=self.machine,
        )

    def _suspended(self, code: str, text: str, offered: str) -> CheckResult:
        """Keep the reason; the next check tries again."""
        server = self.server
        server.save_setting(STATE, "Suspended")
        server.save_setting(REASON, code)
        server.database.set_fact(_LAST, code)
        server.events.write(303 if code.startswith("UpgradeNotSupported") else 302, code=code, detail=text)
        return CheckResult(code, text, offered)

    def _upgraded(self, offered: str) -> CheckResult:
        from engine.setup.upgrade import upgrade

        server = self.server
        before = server.version
        folder = server.database.path.parent
        outcome = upgrade(server, HostMachine(server.name, folder, product_version=offered, **self.machine.host))
        if outcome.refused:
            page = outcome.pages[-1]
            return self._suspended(f"UpgradeFailedRollbackSuccess-{page.code}", page.message, offered)
        server.save_setting(STATE, "Enabled")
        server.save_setting(REASON, "")
        server.database.set_fact(_LAST, SUCCESS)
        server.events.write(301, before=before, version=offered)
        return CheckResult(SUCCESS, f"The installation was upgraded from {before} to {offered}.", offered)

    # ---- snapshots ---------------------------------------------------------------------------------------------------
    def change_machine(self, changes: Mapping[str, Any]) -> None:
        """Something about the machine is otherwise from now on."""
        self.machine = replace(self.machine, **changes)


def codes() -> Iterable[str]:
    """Every result code a check can come to."""
    return (SUCCESS, *(one.code for one in (*NOT_SUPPORTED, *ABORTED)))
