"""One batch of exports: cut by the service's limit of links, and its answers put back to the changes they belong to.

Source: facts "tenant" 17.2, 17.3 (one result per object in order; MaxLinksSupportedAcrossBatchInProvision2), section 11
(codes); facts "engine" 17.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.connectors.connector import ExportResult
from engine.connectors.entra.entity_mapping import SyncObject, is_cloud_anchor

LINKS_MAX = 15000


@dataclass(frozen=True, slots=True)
class Part:
    """One sync object on the wire and the change (by position) it is a part of."""

    position: int
    sync_object: SyncObject


def cut_into_requests(
    sync_objects: Sequence[tuple[int, SyncObject]], links_max: int = LINKS_MAX
) -> Iterator[list[Part]]:
    """Requests of at most ``links_max`` links; an object with more is completed by further changes."""
    request: list[Part] = []
    links = 0
    for position, whole in sync_objects:
        for part in _parts(whole, links_max):
            count = _links(part)
            if request and links + count > links_max:
                yield request
                request, links = [], 0
            request.append(Part(position, part))
            links += count
    if request:
        yield request


def _links(part: SyncObject) -> int:
    members = part["PropertyValues"].get("member")
    changes = part.get("ReferenceChanges", {})
    return (len(members) if isinstance(members, list) else 0) + sum(len(rows) for rows in changes.values())


def _parts(whole: SyncObject, links_max: int) -> Iterator[SyncObject]:
    if _links(whole) <= links_max:
        yield whole
        return
    properties = dict(whole["PropertyValues"])
    members = properties.get("member")
    rows: list[tuple[str, dict[str, str]]] = []
    if isinstance(members, list):
        properties["member"] = members[:links_max]
        rows += [
            (
                "member",
                {
                    "Anchor": anchor,
                    "ReferenceType": "CloudAnchor" if is_cloud_anchor(anchor) else "SourceAnchor",
                    "Operation": "Add",
                },
            )
            for anchor in members[links_max:]
        ]
    rows += [(name, row) for name, listed in whole.get("ReferenceChanges", {}).items() for row in listed]
    yield {**whole, "PropertyValues": properties, "ReferenceChanges": {}}
    for start in range(0, len(rows), links_max):
        changes: dict[str, list[dict[str, str]]] = {}
        for name, row in rows[start : start + links_max]:
            changes.setdefault(name, []).append(row)
        yield {**whole, "SyncOperation": "Set", "PropertyValues": {}, "ReferenceChanges": changes}


def read_result(number: int, answer: Mapping[str, Any]) -> ExportResult:
    """One object's answer: its anchor, or the service's own error name; a success may carry details too."""
    anchor = answer.get("CloudAnchor") if isinstance(answer, dict) else 0
    if not isinstance(anchor, str | None):
        text = "The tenant's answer for this object cannot be read."
        return ExportResult(number, error_type="unexpected-error", error_code="unexpected-error", error_text=text)
    details = answer.get("ErrorDetails")
    if not isinstance(details, dict):
        details = {}
    result = ExportResult(
        number,
        anchor=anchor or None,
        error_detail={name: _text(value) for name, value in details.items() if value is not None},
    )
    if answer.get("ResultCode") != "Success":
        result.error_type = str(answer.get("ResultErrorCode") or "unexpected-error")
        result.error_code = str(details.get("ErrorType") or result.error_type)
        result.error_text = str(answer.get("ResultErrorDescription") or "")
    return result


def _text(value: object) -> str:
    if isinstance(value, list):
        return ";".join(str(one) for one in value)
    return str(value)
