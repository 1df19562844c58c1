"""Reading what an agent of Cloud Sync sends: every part of the kind it has to be of, else REQUEST_INVALID and nothing
has been done. Source: decided; the wire between agent and service is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulators.tenant.core.refusals import ServiceFault


def mapping(request: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A part by name that is an object; empty when it is not there."""
    value = request.get(name)
    if value is not None and not isinstance(value, dict):
        raise ServiceFault("REQUEST_INVALID", f"{name} is not an object.")
    return value or {}


def rows(request: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects; empty when it is not there."""
    value = request.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ServiceFault("REQUEST_INVALID", f"{name} is not a list of objects.")
    return value


def count(request: Mapping[str, Any], name: str) -> int:
    """A number of things; none when it is not there."""
    value = request.get(name)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ServiceFault("REQUEST_INVALID", f"{name} is not a number.")
    return value


def word(request: Mapping[str, Any], name: str) -> str:
    """A text; empty when it is not there."""
    value = request.get(name)
    if value is not None and not isinstance(value, str):
        raise ServiceFault("REQUEST_INVALID", f"{name} is not a text.")
    return value or ""


def entries(request: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """The objects to export."""
    given = request.get("Entries")
    if not isinstance(given, list) or len(given) > limit:
        raise ServiceFault("REQUEST_INVALID", f"Entries is not a list of at most {limit} objects.")
    for one in rows(request, "Entries"):
        if not isinstance(one.get("Object"), str) or not isinstance(one.get("SyncOperation"), str):
            raise ServiceFault("REQUEST_INVALID", "An entry has no object or no operation.")
        mapping(one, "PropertyValues")
        mapping(one, "Remember")
    return given


__all__ = ["count", "entries", "mapping", "rows", "word"]
