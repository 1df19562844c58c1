"""How far password hash synchronization has come: a watermark per domain, and the passwords that still wait.

Source: facts "tenant" 9.2; staging page (a promoted server goes on where it stopped itself). No hash is part of what is
kept on disk: of a waiting password only the object's identifier is, and its hash is read again when it is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """One object as the domain controller hands it over. password_last_set: FILETIME, 0 = must change at next logon."""

    object_guid: bytes
    dn: str
    nt_hash: bytes = field(repr=False)
    password_last_set: int
    user_account_control: int = 512


@dataclass(frozen=True)
class DomainProgress:
    """cookie: where the next read goes on. waiting: identifiers of objects whose password has not reached the tenant.

    held: the changes of those objects while the server runs; after a restart they are read again. parked: those of them
    that had no target; they are looked at again only after the directory was synchronized anew.
    """

    name: str
    cookie: bytes = b""
    full_completed: bool = False
    waiting: frozenset[bytes] = frozenset()
    held: Mapping[bytes, PasswordChange] = field(default_factory=dict, repr=False, compare=False)
    parked: frozenset[bytes] = field(default=frozenset(), compare=False)

    def with_read(self, changes: Mapping[bytes, PasswordChange], cookie: bytes) -> DomainProgress:
        """Take in what was read: a newer password of the same object replaces the older one, so old ones never win."""
        held = {**self.held, **changes}
        parked = self.parked - changes.keys()
        return replace(self, cookie=cookie, held=held, waiting=self.waiting | held.keys(), parked=parked)

    def without(self, delivered: frozenset[bytes]) -> DomainProgress:
        """Forget what reached the tenant."""
        held = {guid: change for guid, change in self.held.items() if guid not in delivered}
        return replace(self, held=held, waiting=self.waiting - delivered, parked=self.parked - delivered)

    def at_rest(self) -> DomainProgress:
        """Keep the place but no hash: another server sends newer ones meanwhile, and an old one must never win."""
        return replace(self, held={}, parked=frozenset()) if self.held or self.parked else self

    @property
    def unread(self) -> frozenset[bytes]:
        """Waiting objects whose hash is not at hand (after a restart)."""
        return self.waiting - self.held.keys()


def to_document(domain: DomainProgress) -> dict[str, object]:
    """What is kept on disk or in a snapshot: no hash."""
    return {
        "name": domain.name,
        "cookie": domain.cookie,
        "full_completed": domain.full_completed,
        "waiting": sorted(domain.waiting),
    }


def from_document(document: Mapping[str, object]) -> DomainProgress:
    """Read a kept progress back."""
    waiting = document["waiting"]
    cookie = document["cookie"]
    if not isinstance(waiting, list) or not isinstance(cookie, bytes):
        raise TypeError("a kept password progress has a list of identifiers and a cookie of octets")
    return DomainProgress(str(document["name"]), cookie, bool(document["full_completed"]), frozenset(waiting))
