"""The sourceAnchor: which attributes may give it, and the Entra connector-space DN made of it.

The rules turn a value into an anchor; which anchors are legal (VAL-05, VAL-06) the tenant decides when it is exported.
Source: facts "install" section 19 (VAL-01, VAL-04), SAS-02; "engine" section 1.1.
"""

from __future__ import annotations

from engine.model.schema import AttributeDefinition, AttributeType

#: Attributes the wizard does not offer, for their @ or because they change (facts "install" SAS-02).
NEVER_OFFERED = frozenset({"mail", "userprincipalname", "targetaddress"})
_KINDS = (AttributeType.STRING, AttributeType.INTEGER, AttributeType.BINARY)


def entra_dn(anchor: str) -> str:
    """DN of an object in the Entra connector space: upper-case hex of the anchor's UTF-8 (VAL-04)."""
    return f"CN={{{anchor.encode().hex().upper()}}}"


def may_be_anchor(definition: AttributeDefinition) -> bool:
    """Whether the wizard offers the attribute as source anchor (VAL-01, SAS-02)."""
    return not definition.multivalued and definition.type in _KINDS and definition.name.lower() not in NEVER_OFFERED
