"""Password hashes of a job's users: those whose password changed since the last cycle, and all of who came new.

inetOrgPersons are left out, as the product leaves them out. Source: facts "tenant" 9, 13.2; cloud-sync
how-to-prerequisites "Known limitations".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.clock import Clock
from engine.cloud_sync.anchor import guid_text
from engine.cloud_sync.provisioning_service import ProvisioningService
from engine.cloud_sync.work import SOURCE_TYPE, Entry, Job
from engine.connectors.active_directory.password_reader import PasswordReader, PasswordRecord
from engine.password_sync.hashing import Salts, credential_data

_TIME = "%Y-%m-%dT%H:%M:%SZ"


class PasswordHashes:
    """The passwords of one domain. New users are known by their entries, for which nothing was sent yet."""

    def __init__(self, reader: PasswordReader, domain_dn: str, salts: Salts, clock: Clock) -> None:
        self._reader = reader
        self._domain_dn = domain_dn
        self._salts = salts
        self._clock = clock
        self._sent: dict[str, set[str]] = {}  # by job: objects whose password the tenant has from this agent

    def close(self) -> None:
        self._reader.close()

    def send(self, job: Job, service: ProvisioningService, *, moved: bool) -> bytes:
        """Send what is due and say where the next read goes on. moved: whether users may have come since."""
        changed, position = self._read(job.password_watermark)
        if not changed and not moved and job.id in self._sent:
            return position
        entries = {key: entry for key, entry in service.entries(job).items() if _has_password(entry)}
        first = not job.password_watermark
        sent = self._sent.setdefault(job.id, set() if first else set(entries))
        due = {guid_text(one.anchor): one for one in changed}
        new = entries.keys() - sent
        if new and not first:
            everything, _ = self._read(b"")
            due |= {guid_text(one.anchor): one for one in everything if guid_text(one.anchor) in new}
        items = list(self._items(due, entries))
        if items:
            service.send_passwords(items)
        sent |= {key for key in due if key in entries}
        return position

    def _read(self, cookie: bytes) -> tuple[list[PasswordRecord], bytes]:
        records: list[PasswordRecord] = []
        for page in self._reader.read(self._domain_dn, cookie):
            records += page.records
            cookie = page.cookie
        return records, cookie

    def _items(self, due: Mapping[str, PasswordRecord], entries: Mapping[str, Entry]) -> Iterable[dict[str, Any]]:
        changed = self._clock.now().strftime(_TIME)
        for key, record in due.items():
            entry = entries.get(key)
            if entry is None or record.password_last_set == 0:
                continue
            salt = self._salts(record.anchor, record.password_last_set)
            yield {
                "SourceAnchor": entry.anchor,
                "CloudAnchor": entry.cloud_anchor,
                "ChangeDate": changed,
                "CredentialData": credential_data(record.nt_hash, salt),
                "ForcePasswordChangeOnLogon": False,
            }


def _has_password(entry: Entry) -> bool:
    return entry.type == "User" and entry.values.get(SOURCE_TYPE, "user") == "user"
