"""The support bundle: what an escalation takes along, in one archive, and no secret among it.

Source: seed004 (the three artifacts: the output of Get-ADSyncScheduler, the connector-space export of the failing
object, the Application log of the three providers for the last six hours).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.csexport import connector_space_pieces
from engine.eventlog import ADSYNC, DIRECTORY_SYNCHRONIZATION, FIM, EventRecord
from engine.views import ConnectorSpaceView, Windows

PROVIDERS = (DIRECTORY_SYNCHRONIZATION, ADSYNC, FIM)
LOOKING_BACK = timedelta(hours=6)
SCHEDULER, EVENTS, MANIFEST = "scheduler.txt", "application-events.json", "manifest.json"
#: Of the archive's entries: the world's own time, so that the same world gives the same archive.
_EARLIEST = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Bundle:
    """files: name in the archive to content, in order."""

    server: str
    moment: datetime
    files: Mapping[str, bytes]

    def archive(self) -> bytes:
        """The bundle as a ZIP archive."""
        buffer = io.BytesIO()
        stamp = max(self.moment.timetuple()[:6], _EARLIEST)
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files.items():
                entry = zipfile.ZipInfo(name, stamp)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        return buffer.getvalue()


def support_bundle(
    windows: Windows,
    events: Iterable[EventRecord],
    scheduler: Callable[[], str],
    *,
    server: str,
    version: str,
    moment: datetime,
    about: str | None = None,
) -> Bundle:
    """Gather everything. scheduler: types Get-ADSyncScheduler; what it is refused with is told in its place. about: DN,
    anchor or GUID of the failing object; without it every object that stands in error. Raises LookupError for an object
    that no connector space has.
    """
    objects = _objects(windows, about)
    files: dict[str, bytes] = {SCHEDULER: scheduler().encode()}
    for number, one in enumerate(objects, 1):
        place = f"connector-space/{number:03d}-{_file_name(one.connector)}.xml"
        files[place] = "".join(connector_space_pieces(windows, one.connector, dn=one.dn)).encode()
    log = [one for one in events if one.provider in PROVIDERS and one.time >= moment - LOOKING_BACK]
    files[EVENTS] = (json.dumps([_plain(one) for one in log], indent=1, ensure_ascii=False) + "\n").encode()
    manifest = {
        "server": server,
        "version": version,
        "collected": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "objects": [{"connector": one.connector, "dn": one.dn, "errors": _errors(one)} for one in objects],
        "events": {"providers": list(PROVIDERS), "hours": 6, "count": len(log)},
        "files": list(files),
    }
    head = {MANIFEST: (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()}
    return Bundle(server, moment, {**head, **files})


def _objects(windows: Windows, about: str | None) -> list[ConnectorSpaceView]:
    """The failing object in every connector space that has a part of it, or all that stand in error."""
    if about is None:
        return list(windows.connector_space(state="error", layered=True))
    own = _named(windows, about)
    if not own:
        raise LookupError(f"No connector space has an object {about}; it is named by DN, anchor or GUID.")
    people = {one.metaverse for one in own if one.metaverse is not None}
    if not people:
        return own
    return [one for one in windows.connector_space(layered=True) if one.metaverse in people]


def _named(windows: Windows, about: str) -> list[ConnectorSpaceView]:
    found = windows.by_identifier(about)
    if found is not None:
        return [found]
    by_dn = list(windows.connector_space(dn=about, layered=True))
    return by_dn or list(windows.connector_space(anchor=about, layered=True))


def _errors(one: ConnectorSpaceView) -> list[dict[str, str]]:
    return [{"phase": each.phase, "type": each.error_type, "text": each.text} for each in one.errors]


def _plain(record: EventRecord) -> dict[str, object]:
    return {
        "TimeCreated": record.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Id": record.id,
        "ProviderName": record.provider,
        "LevelDisplayName": str(record.level),
        "Message": record.text,
    }


def _file_name(connector: str) -> str:
    return "".join(letter if letter.isalnum() or letter in ".-_" else "_" for letter in connector)
