"""Who calls the sync service, as far as its operations care."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls: the machine, the client's build, and whether the caller is an administrator."""

    machine: str = ""
    build: str | None = None
    is_admin: bool = False
