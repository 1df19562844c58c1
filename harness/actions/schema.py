"""What a schema administrator does: an attribute that a forest did not have, and who may hold it. MS-ADTS 3.1.1.2.3."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, ForestName
from harness.lab.ldap_client import ADD
from harness.scenario.shapes import Choice, ListOf

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

#: what an attribute holds: attributeSyntax and oMSyntax
SYNTAXES: Mapping[str, tuple[str, str]] = {
    "text": ("2.5.5.12", "64"),
    "boolean": ("2.5.5.8", "1"),
    "integer": ("2.5.5.9", "2"),
    "binary": ("2.5.5.10", "4"),
    "reference": ("2.5.5.1", "127"),
}
#: a private arc of object identifiers
_ARC = "1.3.6.1.4.1.55555.1"
_CLASS_NAMES = {"user": "User", "group": "Group", "contact": "Contact", "inetOrgPerson": "inetOrgPerson"}


@action("directory.extend_schema", "directory.extend_schema: {attribute: contosoBadge, classes: [user]}")
def extend_schema(
    lab: Lab,
    attribute: Annotated[str, "its lDAPDisplayName"],
    holds: Annotated[str, Choice(tuple(SYNTAXES)), "text without it"] = "text",
    multi_valued: Annotated[bool, "whether it may hold several values"] = False,
    classes: Annotated[list[str], ListOf(Choice(tuple(_CLASS_NAMES))), "who may hold it; users without it"]
    | None = None,
    forest: ForestName | None = None,
) -> None:
    """Extend the schema of a forest by an attribute that objects of some classes may hold."""
    place = lab.forest(forest)
    schema = f"CN=Schema,CN=Configuration,{place.base_dn}"
    syntax, kind = SYNTAXES[holds]
    number = int.from_bytes(hashlib.sha256(attribute.encode()).digest()[:3], "big")
    place.ldap().add(
        f"CN={attribute},{schema}",
        {
            "objectClass": [b"top", b"attributeSchema"],
            "lDAPDisplayName": [attribute.encode()],
            "attributeID": [f"{_ARC}.{number}".encode()],
            "attributeSyntax": [syntax.encode()],
            "oMSyntax": [kind.encode()],
            "isSingleValued": [b"FALSE" if multi_valued else b"TRUE"],
        },
    )
    for name in classes or ["user"]:
        place.ldap().modify(f"CN={_CLASS_NAMES[name]},{schema}", [(ADD, "mayContain", [attribute.encode()])])
