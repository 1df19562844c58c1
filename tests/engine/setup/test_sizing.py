"""The documented sizes, at their edges."""

from __future__ import annotations

import pytest

from engine.setup.sizing import Size, findings, recorded_size


@pytest.mark.parametrize(
    ("size", "codes"),
    [
        (Size(99_999), []),
        (Size(100_000), ["LOCALDB_TOO_SMALL"]),
        (Size(100_000, local_db=False), []),
        (Size(49_999, memory_gb=6, disk_gb=70), []),
        (Size(50_000, memory_gb=6, disk_gb=70), ["MEMORY_TOO_SMALL", "DISK_TOO_SMALL"]),
        (Size(50_000, memory_gb=16, disk_gb=100), []),
        (Size(100_000, local_db=False, memory_gb=16, disk_gb=300), ["MEMORY_TOO_SMALL"]),
        (Size(300_000, local_db=False, memory_gb=32, disk_gb=300), ["DISK_TOO_SMALL"]),
        (Size(600_000, local_db=False, memory_gb=32, disk_gb=450), []),
        (Size(600_001, local_db=False, memory_gb=32, disk_gb=450), ["DISK_TOO_SMALL"]),
        (Size(0, memory_gb=5), ["MEMORY_TOO_SMALL"]),
    ],
)
def test_edges(size: Size, codes: list[str]) -> None:
    assert [one.code for one in findings(size)] == codes


def test_what_was_kept_of_the_machine() -> None:
    kept = {"sql-instance": "SQL1", "memory-gb": "16"}
    assert recorded_size(lambda name: kept.get(name, ""), 7) == Size(7, local_db=False, memory_gb=16)
    assert recorded_size(lambda name: "", 7) == Size(7)
