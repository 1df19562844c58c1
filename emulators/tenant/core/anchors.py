"""The life of an immutable id: how it is spelled on the wire, what is legal, when it may be set in the cloud.

Source: facts "tenant" 1.2, 1.3; seed002 "sourceAnchor" (case-sensitive, under 60 characters, no listed special
characters); facts "install" 19, VAL-05 to VAL-07.
"""

from __future__ import annotations

import re

from emulators.tenant.core.identities import CloudObject, Kind, User
from emulators.tenant.core.refusals import OBJECT_TOO_LARGE, GraphError, ObjectRefusal, bad_request

LENGTH_MAX = 60
#: the characters seed002 forbids in a sourceAnchor value, but for ``+ / =``: the Base64 of a binary anchor has them
FORBIDDEN = frozenset("\\!#$%&*^`~{}|?<>():;,[]\"@_'")
#: a GUID as the clients write it: Base64 of 16 octets, which the counting of characters never touches (VAL-07)
_GUID = re.compile(r"[A-Za-z0-9+/]{22}==")


def split_cloud_anchor(text: str) -> tuple[Kind, str] | None:
    """Read ``User_<id>``; None when it is no cloud anchor."""
    word, _, object_id = text.partition("_")
    for kind in Kind:
        if kind.value == word and object_id:
            return kind, object_id
    return None


def illegal_reason(anchor: str) -> str | None:
    """Say why a source anchor is not acceptable, or None."""
    if not anchor:
        return "the source anchor is empty"
    counted = length(anchor)
    if counted >= LENGTH_MAX:
        return f"the source anchor counts {counted} characters, {LENGTH_MAX - 1} are allowed"
    if not FORBIDDEN.isdisjoint(anchor):
        bad = "".join(sorted(FORBIDDEN.intersection(anchor)))
        return f"the source anchor holds characters that are not allowed: {bad}"
    return None


def length(anchor: str) -> int:
    """Count the characters of an anchor: what is no letter or digit of ASCII counts three, but not in a GUID."""
    if _GUID.fullmatch(anchor):
        return len(anchor)
    return sum(1 if c.isascii() and c.isalnum() else 3 for c in anchor)


def unacceptable(anchor: str) -> ObjectRefusal | None:
    """Refuse an object that comes in with an anchor nothing may have."""
    reason = illegal_reason(anchor)
    if reason is None:
        return None
    if length(anchor) >= LENGTH_MAX:
        return ObjectRefusal("ExceededAllowedLength", OBJECT_TOO_LARGE, "SourceAnchor", (anchor,))
    text = f"Identity data validation failed: {reason}."
    return ObjectRefusal("IdentityDataValidationFailed", text, "SourceAnchor", (anchor,))


def check_cloud_change(target: CloudObject, anchor: str | None, owner: CloudObject | None) -> GraphError | None:
    """Decide whether an administrator may set ``onPremisesImmutableId`` of this object in the cloud."""
    if not isinstance(target, User):
        return bad_request("Property 'onPremisesImmutableId' does not exist on this resource.")
    if target.dirsync:
        return bad_request(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects "
            "currently undergoing migration."
        )
    if anchor is None:
        return None
    if illegal_reason(anchor):
        return bad_request("Invalid value specified for property 'onPremisesImmutableId' of resource 'User'.")
    if owner is not None and owner is not target:
        return bad_request(
            "Another object with the same value for property onPremisesImmutableId already exists.",
            details=(
                {
                    "code": "ObjectConflict",
                    "message": "Another object with the same value for property onPremisesImmutableId already exists.",
                    "target": "onPremisesImmutableId",
                },
            ),
        )
    return None
