"""Which values may be a sourceAnchor, how they are written, and the Entra connector-space DN made of them.

Source: facts "install" section 19 (VAL-01 to VAL-15); "engine" section 1.1.
"""

from __future__ import annotations

import base64
import re
from uuid import UUID

from engine.errors import EngineError
from engine.model.schema import AttributeDefinition, AttributeType
from engine.model.values import Scalar, Value

#: A string anchor must weigh less than this (VAL-05).
ANCHOR_WEIGHT_LIMIT = 60
#: What a string anchor must not contain; hyphen, dot and blank are not in the list (VAL-06).
FORBIDDEN_CHARACTERS = frozenset("\\!#$%&*+/=?^`{}|~<>()';:,[]\"@_")
#: Attributes the wizard does not offer, for their @ or because they change (facts "install" SAS-02).
NEVER_OFFERED = frozenset({"mail", "userprincipalname", "targetaddress"})

_PLAIN = re.compile(r"[A-Za-z0-9]")
_DN = re.compile(r"CN=\{((?:[0-9A-F]{2})+)\}", re.IGNORECASE)


class AnchorError(EngineError):
    """A value that cannot be a sourceAnchor; codes: anchor-multivalued, -type, -empty, -too-long, -character."""


def anchor_weight(text: str) -> int:
    """Length of a string anchor: letters and digits of ASCII count one, everything else three (VAL-05)."""
    plain = len(_PLAIN.findall(text))
    return plain + 3 * (len(text) - plain)


def check_anchor(value: Value) -> None:
    """Refuse a source value that cannot be an anchor. Binary values and numbers are always fine (VAL-07)."""
    if isinstance(value, list):
        raise AnchorError("anchor-multivalued", "The source anchor attribute holds several values.")
    if isinstance(value, bool):
        raise AnchorError("anchor-type", "A Boolean cannot be a source anchor; only text, numbers and binary can.")
    if not value and not isinstance(value, int):
        raise AnchorError("anchor-empty", "The source anchor is empty.")
    if not isinstance(value, str):
        return
    forbidden = [character for character in value if character in FORBIDDEN_CHARACTERS]
    if forbidden:
        raise AnchorError("anchor-character", f"The source anchor {value!r} contains {forbidden[0]!r}.")
    weight = anchor_weight(value)
    if weight >= ANCHOR_WEIGHT_LIMIT:
        raise AnchorError(
            "anchor-too-long",
            f"The source anchor {value!r} counts {weight}; it must stay below {ANCHOR_WEIGHT_LIMIT}, where letters "
            "and digits count one and everything else three.",
        )


def anchor_text(value: Scalar) -> str:
    """The sourceAnchor of an attribute value: text as it is, binary in Base64 of its bytes as they stand (VAL-02, 03).

    Which bytes of a number are encoded is not documented; its decimal digits are (decided, VAL-02).
    """
    check_anchor(value)
    if isinstance(value, str):
        return value
    content = value if isinstance(value, bytes) else str(value).encode("ascii")
    return base64.b64encode(content).decode("ascii")


def anchor_of_guid(guid: str) -> str:
    """The sourceAnchor of a GUID given as text: Base64 of its 16 bytes in the order the directory stores them."""
    return anchor_text(UUID(guid).bytes_le)


def guid_of_anchor(anchor: str) -> str | None:
    """The GUID a sourceAnchor stands for, or None when it is not Base64 of 16 bytes."""
    try:
        content = base64.b64decode(anchor, validate=True)
    except ValueError:
        return None
    return str(UUID(bytes_le=content)) if len(content) == 16 else None


def entra_dn(anchor: str) -> str:
    """DN of an object in the Entra connector space: upper-case hex of the anchor's UTF-8 (VAL-04)."""
    return f"CN={{{anchor.encode().hex().upper()}}}"


def anchor_of_dn(dn: str) -> str | None:
    """The anchor such a DN was made of, or None for any other DN."""
    match = _DN.fullmatch(dn.strip())
    if match is None:
        return None
    try:
        return bytes.fromhex(match[1]).decode()
    except UnicodeDecodeError:
        return None


def may_be_anchor(definition: AttributeDefinition) -> bool:
    """Whether the wizard offers the attribute as source anchor (VAL-01, SAS-02)."""
    if definition.multivalued or definition.name.lower() in NEVER_OFFERED:
        return False
    return definition.type in (AttributeType.STRING, AttributeType.INTEGER, AttributeType.BINARY)
