"""What an agent sends is of the right kind, or nothing is done."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import cloud_sync_requests
from emulators.tenant.core.refusals import ServiceFault

ENTRY = {"Object": "o", "SyncOperation": "Add"}


@pytest.mark.parametrize(
    ("read", "fine", "wrong"),
    [
        (cloud_sync_requests.mapping, ({"a": 1}, {}), ("x", 5, [1])),
        (cloud_sync_requests.rows, ([], [{}]), ("x", {}, [5], [[]])),
        (cloud_sync_requests.count, (0, 7), ("x", -1, True, 1.5, [])),
        (cloud_sync_requests.word, ("", "x"), (5, [], {})),
    ],
    ids=["mapping", "rows", "count", "word"],
)
def test_a_part(read: Any, fine: tuple[Any, ...], wrong: tuple[Any, ...]) -> None:
    assert [read({"Part": value}, "Part") for value in fine] == list(fine)
    assert not read({}, "Part")
    for value in wrong:
        with pytest.raises(ServiceFault) as refused:
            read({"Part": value}, "Part")
        assert refused.value.code == "REQUEST_INVALID"


@pytest.mark.parametrize(
    "given",
    [None, "x", [5], [{}], [{"Object": 5, "SyncOperation": "Add"}], [{"Object": "o"}],
     [{**ENTRY, "PropertyValues": "x"}], [{**ENTRY, "Remember": [1]}], [ENTRY, ENTRY, ENTRY]],
    ids=str,
)  # fmt: skip
def test_entries(given: Any) -> None:
    assert cloud_sync_requests.entries({"Entries": [ENTRY]}, 2) == [ENTRY]
    with pytest.raises(ServiceFault):
        cloud_sync_requests.entries({"Entries": given}, 2)
