"""Batches cut by links, answers put back to their changes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.entra.batches import cut_into_requests, read_result


def group(members: int = 0, changes: int = 0, operation: str = "Add") -> dict[str, Any]:
    found: dict[str, Any] = {
        "SyncObjectType": "Group",
        "SyncOperation": operation,
        "SourceAnchor": "g",
        "CloudAnchor": None,
        "PropertyValues": {"displayName": "G", "member": [f"m{i}" for i in range(members)]},
    }
    if changes:
        rows = [{"Anchor": f"c{i}", "ReferenceType": "SourceAnchor", "Operation": "Add"} for i in range(changes)]
        found["ReferenceChanges"] = {"member": rows}
    return found


@pytest.mark.parametrize(
    ("sizes", "requests"),
    [([], []), ([0, 0, 0], [[0, 1, 2]]), ([4, 6, 1], [[0, 1], [2]]), ([10, 10], [[0], [1]]), ([5, 6], [[0], [1]])],
)
def test_cut_by_links(sizes: list[int], requests: list[list[int]]) -> None:
    objects = [(position, group(size)) for position, size in enumerate(sizes)]
    assert [[part.position for part in request] for request in cut_into_requests(objects, 10)] == requests


def test_a_group_with_more_members_than_the_limit_is_completed_by_changes() -> None:
    parts = [part.sync_object for request in cut_into_requests([(0, group(25))], 10) for part in request]
    assert [p["SyncOperation"] for p in parts] == ["Add", "Set", "Set"]
    assert parts[0]["PropertyValues"]["member"] == [f"m{i}" for i in range(10)]
    assert parts[1]["PropertyValues"] == {}
    sent = [row["Anchor"] for part in parts[1:] for row in part["ReferenceChanges"]["member"]]
    assert sent == [f"m{i}" for i in range(10, 25)]


def test_many_reference_changes_are_cut_too() -> None:
    whole = group(0, 23, "Set")
    del whole["PropertyValues"]["member"]
    parts = [part.sync_object for request in cut_into_requests([(0, whole)], 10) for part in request]
    sent = [row["Anchor"] for part in parts for row in part.get("ReferenceChanges", {}).get("member", [])]
    assert sent == [f"c{i}" for i in range(23)]
    assert parts[0]["PropertyValues"] == {"displayName": "G"}
    assert all(len(p.get("ReferenceChanges", {}).get("member", [])) <= 10 for p in parts)


def test_results() -> None:
    done = read_result(4, {"ResultCode": "Success", "CloudAnchor": "User_1"})
    assert (done.number, done.anchor, done.error_type) == (4, "User_1", None)
    failed = read_result(
        5,
        {
            "ResultCode": "Failure",
            "ResultErrorCode": "AttributeValueMustBeUnique",
            "ResultErrorDescription": "Unable to update this object because ...",
            "ErrorDetails": {
                "AttributeConflictName": "ProxyAddresses",
                "AttributeConflictValues": ["SMTP:a@x", "smtp:b@x"],
                "TrackingId": "t",
                "Nothing": None,
            },
        },
    )
    assert (failed.error_type, failed.error_text) == (
        "AttributeValueMustBeUnique",
        "Unable to update this object because ...",
    )
    assert failed.error_detail == {
        "AttributeConflictName": "ProxyAddresses",
        "AttributeConflictValues": "SMTP:a@x;smtp:b@x",
        "TrackingId": "t",
    }


def test_an_answer_without_a_code_is_no_success() -> None:
    assert read_result(1, {}).error_type == "unexpected-error"
