"""The Application log of a sync server: one table of event ids, providers, levels and texts, and the log itself.

Source: facts "engine" section 22, "tenant" 9.4, "install" section 20; decisions P1, P2. Texts the documents give stand
verbatim; rows with ``documented=False`` carry our own words (decision D16).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from engine.clock import Clock

DIRECTORY_SYNCHRONIZATION = "Directory Synchronization"
ADSYNC = "ADSync"
FIM = "FIMSynchronizationService"
SERVICE_CONTROL = "Service Control Manager"
UPGRADE = "Microsoft Entra Connect Upgrade"
PASSWORD_RESET = "PasswordResetService"  # noqa: S105 - the name of an event source


class Level(StrEnum):
    INFORMATION = "Information"
    WARNING = "Warning"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One line of the Application log."""

    time: datetime
    provider: str
    id: int
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class EventKind:
    """template: ``str.format`` fields are the values an event of this kind needs, all of them and no others."""

    provider: str
    level: Level
    template: str
    documented: bool = True


def _info(template: str, provider: str = DIRECTORY_SYNCHRONIZATION, *, documented: bool = True) -> EventKind:
    return EventKind(provider, Level.INFORMATION, template, documented)


def _warning(template: str, provider: str = DIRECTORY_SYNCHRONIZATION, *, documented: bool = True) -> EventKind:
    return EventKind(provider, Level.WARNING, template, documented)


def _error(template: str, provider: str = DIRECTORY_SYNCHRONIZATION, *, documented: bool = True) -> EventKind:
    return EventKind(provider, Level.ERROR, template, documented)


#: (id, variant) to kind. A variant names a second reading or a second text of one id; "" is the ordinary one.
EVENTS: Mapping[tuple[int, str], EventKind] = {
    (0, ""): _error("The following password changes failed to synchronized and have scheduled for retry. DN = {dn}"),
    (0, "credentials"): _error(
        "The user name or password is incorrect. Verify your user name, and then type your password again."
    ),
    (104, ""): _info("Export iteration completed. {detail}", documented=False),
    (105, ""): _info("Import iteration completed. {detail}", documented=False),
    (106, ""): _error("Failed to access the synchronization service. {detail}", documented=False),
    (107, ""): _info("The provisioning endpoint was redirected to {address}.", documented=False),
    (109, ""): _error("Synchronization did not run: authentication failed. {detail}", documented=False),
    (114, ""): _info("Export cycle completed. {detail}", documented=False),
    (115, ""): _error("Access to Windows Azure Active Directory has been denied. Contact Technical Support."),
    (116, ""): _warning(
        "Prevent Accidental Deletes: The number of deletions for this sync cycle ({pending} pending deletes) has"
        " exceeded the current threshold of {threshold} objects. Deletions will be suppressed for this sync cycle."
        " Please visit http://go.microsoft.com/fwlink/?LinkId=390655 for more information."
    ),
    (116, "settings"): _info("Prevent Accidental Deletes: {detail}", documented=False),
    (117, ""): _info("Import prefetch is starting.", documented=False),
    # 300-399 of this source belong to automatic upgrade; which of them says what is ours
    (300, ""): _info("Automatic upgrade: version {version} is released for this server.", UPGRADE, documented=False),
    (301, ""): _info("Success: upgraded from {before} to {version}.", UPGRADE, documented=False),
    (302, ""): _warning("{code}: {detail}", UPGRADE, documented=False),
    (303, ""): _warning("{code}: {detail}", UPGRADE, documented=False),
    (304, ""): _error("Automatic upgrade could not look for a newer version. {detail}", UPGRADE, documented=False),
    (601, ""): _info("Password hash synchronization manager has started.", documented=False),
    (605, ""): _error("Password changes of some users could not be synchronized. {detail}", documented=False),
    (609, ""): _info("Password hash synchronization manager has stopped. {detail}", documented=False),
    (611, ""): _error("Password synchronization failed for domain: {domain}. Details: {detail}"),
    (622, ""): _info("Full password hash synchronization completed for domain: {domain}"),
    (623, ""): _info("Full password hash synchronization completed for forest: {forest}"),
    (650, ""): _info("Provision credentials batch start. Count: {count}"),
    (651, ""): _info("Provision credentials batch end. Count: {count}"),
    (651, "outbound-failure"): _error(
        "Password hash synchronization could not reach Microsoft Entra ID. {detail}", documented=False
    ),
    (652, ""): _error("Failed credential provisioning batch. Error: {detail}"),
    (653, ""): _info("Provision credentials ping start."),
    (654, ""): _info("Provision credentials ping end."),
    (655, ""): _error("Failed credential provisioning ping. Error: {detail}"),
    (656, ""): _info("Password Change Request - Anchor: {anchor}, Dn: {dn}, Change Date: {changed}"),
    (656, "batch"): _info("Password hash synchronization batch succeeded. Count: {count}", documented=False),
    (657, ""): _info("Password Change Result - Anchor: {anchor}, Dn: {dn}, Result: {result}."),
    (657, "failed"): _error(
        "Password Change Result - Anchor: {anchor}, Dn: {dn}, Result: Failed. Extended Error: {error}"
    ),
    (904, ""): _info("Scheduler: {detail}", ADSYNC, documented=False),
    (1014, ""): _warning("The certificate in use is not protected by a TPM.", ADSYNC, documented=False),
    (2001, ""): _info("The service was started.", ADSYNC, documented=False),
    (2002, ""): _info("The service was stopped.", ADSYNC, documented=False),
    (6000, ""): _error(
        'The management agent "{connector}" failed to run because the credentials were invalid.', ADSYNC
    ),
    (6028, ""): _error("The server encryption key cannot be accessed.", ADSYNC),
    (6050, ""): _error(
        'The management agent "{connector}" failed on run profile "{profile}" because of connectivity issues.',
        ADSYNC,
        documented=False,
    ),
    (6100, ""): _warning(
        'The management agent "{connector}" step execution completed on run profile "{profile}" with errors.'
        " Discovery Errors: {discovery}. Synchronization Errors: {synchronization}. Metaverse Retry Errors: {retry}."
        " Export Errors: {export}. Warnings: {warnings}.",
        ADSYNC,
        documented=False,
    ),
    (6105, ""): _warning(
        'The management agent "{connector}" step execution completed on run profile "{profile}" with warnings.',
        ADSYNC,
        documented=False,
    ),
    (6110, ""): _warning(
        'The management agent "{connector}" completed run profile "{profile}" but the watermark was not saved.',
        ADSYNC,
        documented=False,
    ),
    (6126, ""): _warning(
        'The rules of the management agent "{connector}" changed since its last full import.', ADSYNC, documented=False
    ),
    (6127, ""): _warning(
        'The rules of the management agent "{connector}" changed since its last full synchronization.',
        ADSYNC,
        documented=False,
    ),
    (6329, ""): _error('BAIL: MMS 0x80230619: "{detail}"', ADSYNC),
    (6323, ""): _error("The server encountered an error because SQL Server is out of disk space.", ADSYNC),
    (6801, ""): _error("The extensible extension returned an unsupported error. {detail}", ADSYNC, documented=False),
    (6803, ""): _error(
        'The management agent "{connector}" failed on run profile "{profile}" because the server encountered errors.',
        ADSYNC,
        documented=False,
    ),
    (6900, ""): _error(
        'The server encountered an unexpected error while processing a password change notification: "{detail}"',
        ADSYNC,
    ),
    **{
        (number, ""): _info(f"TrackingId: {{tracking}}, {name}", PASSWORD_RESET, documented=False)
        for number, name in (
            (31006, "ChangePasswordStart"), (31007, "ChangePasswordSuccess"),
            (31009, "ResetUserPasswordByAdminStart"), (31010, "ResetUserPasswordByAdminSuccess"),
        )
    },
    **{
        (number, ""): _error(f"TrackingId: {{tracking}}, {name}, {{detail}}", PASSWORD_RESET, documented=False)
        for number, name in (
            (31008, "ChangePasswordFail"), (31011, "ResetUserPasswordByAdminFail"), (32000, "UnknownError"),
        )
    },
    **{
        (number, ""): _info(name, PASSWORD_RESET, documented=False)
        for number, name in (
            (31004, "OnboardingEventStart"), (31005, "OnboardingEventSuccess"), (31012, "OffboardingEventStart"),
            (31013, "OffboardingEventSuccess"), (31015, "WriteBackServiceStarted"), (31016, "WriteBackServiceStopped"),
            (31018, "KeyPairCreationSuccess"), (31019, "ServiceBusHeartBeat"),
        )
    },
    **{
        (number, ""): _error(f"{name}, {{detail}}", PASSWORD_RESET, documented=False)
        for number, name in (
            (31014, "OffboardingEventFail"), (31034, "ServiceBusListenerError"), (32002, "ServiceBusError"),
        )
    },
    (6941, ""): _error("Export error. Error Name: {name} Error Detail: {detail}", ADSYNC, documented=False),
    (7038, ""): _error(
        "The ADSync service was unable to log on as {account} with the currently configured password due to the"
        " following error: {reason}",
        SERVICE_CONTROL,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """An event that has no time yet: pure code returns it, the log stamps it."""

    id: int
    provider: str
    level: Level
    text: str

    def at(self, time: datetime) -> EventRecord:
        return EventRecord(time, self.provider, self.id, self.level, self.text)


def event(number: int, variant: str = "", **values: object) -> Event:
    """Build an event from the table; an id, a variant or a value the table does not know is a mistake of the caller."""
    kind = EVENTS.get((number, variant))
    if kind is None:
        raise LookupError(f"event {number} {variant!r} is not in the table of events")
    try:
        text = kind.template.format(**values)
    except KeyError as missing:
        raise LookupError(f"event {number} needs a value for {missing}") from None
    return Event(number, kind.provider, kind.level, text)


class EventLog:
    """The log of one server. With a path, records are lines of JSON in that file too, read back at the next start."""

    def __init__(
        self, clock: Clock, path: Path | None = None, observer: Callable[[EventRecord], None] | None = None
    ) -> None:
        self._clock = clock
        self._path = path
        self._observer = observer
        self._records: list[EventRecord] = []
        if path is not None and path.exists():
            whole, _, cut = path.read_bytes().rpartition(b"\n")
            if cut:  # the process died in the middle of a line
                path.write_bytes(whole + b"\n" if whole else b"")
            self._records = [_from_line(line) for line in whole.decode("utf-8").splitlines() if line]

    def write(self, number: int, variant: str = "", **values: object) -> EventRecord:
        """Write an event of the table, now."""
        return self.append(event(number, variant, **values))

    def append(self, entry: Event | EventRecord) -> EventRecord:
        """Add an event, stamped now, or a record that has its time."""
        record = entry.at(self._clock.now()) if isinstance(entry, Event) else entry
        self._records.append(record)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_to_line(record) + "\n")
        if self._observer is not None:
            self._observer(record)
        return record

    def read(
        self,
        ids: Iterable[int] | None = None,
        *,
        since: datetime | None = None,
        provider: str | None = None,
        level: Level | None = None,
    ) -> list[EventRecord]:
        """Return the records that match, oldest first."""
        wanted = None if ids is None else frozenset(ids)
        return [
            record
            for record in self._records
            if (wanted is None or record.id in wanted)
            and (since is None or record.time >= since)
            and (provider is None or record.provider == provider)
            and (level is None or record.level is level)
        ]

    def snapshot(self) -> list[str]:
        """Hand over every record as a line of JSON."""
        return [_to_line(record) for record in self._records]

    def restore(self, lines: Iterable[str]) -> None:
        """Take the records of a snapshot instead of the present ones."""
        self._records = [_from_line(line) for line in lines]
        if self._path is not None:
            self._path.write_text("".join(_to_line(r) + "\n" for r in self._records), encoding="utf-8")

    def __len__(self) -> int:
        return len(self._records)


def _to_line(record: EventRecord) -> str:
    return json.dumps({**asdict(record), "time": record.time.isoformat()}, ensure_ascii=False)


def _from_line(line: str) -> EventRecord:
    values = json.loads(line)
    return EventRecord(
        datetime.fromisoformat(values["time"]), values["provider"], values["id"], Level(values["level"]), values["text"]
    )
