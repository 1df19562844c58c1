"""Is the machine large enough for what it synchronizes? The documented table, and LocalDB's limit.

A check of a configured server; the wizard itself does not count objects. Source: facts "install" PRE-17 and the
hardware table of section 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.setup.page import Warned

LOCALDB_OBJECTS_MAX = 100_000
#: from so many objects on: gigabytes of memory, gigabytes of disk
HARDWARE: tuple[tuple[int, int, int], ...] = (
    (0, 6, 70),
    (50_000, 16, 100),
    (100_000, 32, 300),
    (300_000, 32, 450),
    (600_001, 32, 500),
)


@dataclass(frozen=True, slots=True)
class Size:
    """objects: in the largest connector space of a directory, all of them together. None: nobody said."""

    objects: int
    local_db: bool = True
    memory_gb: int | None = None
    disk_gb: int | None = None


def recorded_size(fact: Callable[[str], str], objects: int) -> Size:
    """The size of an installed server by what was kept of its machine."""

    def number(name: str) -> int | None:
        return int(fact(name)) if fact(name) else None

    return Size(objects, not fact("sql-instance"), number("memory-gb"), number("disk-gb"))


def findings(size: Size) -> tuple[Warned, ...]:
    """What is too small; every one a warning, for the product runs all the same."""
    memory, disk = next((m, d) for least, m, d in reversed(HARDWARE) if size.objects >= least)
    found = []
    if size.local_db and size.objects >= LOCALDB_OBJECTS_MAX:
        text = f"{size.objects} objects are too many for LocalDB; from {LOCALDB_OBJECTS_MAX} on use a SQL Server."
        found.append(Warned("LOCALDB_TOO_SMALL", text))
    if size.memory_gb is not None and size.memory_gb < memory:
        found.append(Warned("MEMORY_TOO_SMALL", f"{size.objects} objects need {memory} GB of memory."))
    if size.disk_gb is not None and size.disk_gb < disk:
        found.append(Warned("DISK_TOO_SMALL", f"{size.objects} objects need {disk} GB of disk."))
    return tuple(found)
