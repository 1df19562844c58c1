"""Extending the schema over LDAP: a new attributeSchema object, and a class that may hold the attribute from then on.

What the forest learns counts at once, as after schemaUpdateNow. New classes, and anything else about a definition, are
refused. Source: MS-ADTS 3.1.1.2.3, 3.1.1.3.1.1.1, 3.1.1.5.2.1.1 (Schema Admins); facts "directory" section 7.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulators.directory.core import identity, refusals
from emulators.directory.core.requests import ModifyOperation

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry, Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import Modify
    from emulators.directory.core.schema import AttributeType, ObjectClass
    from emulators.directory.core.session import Session

Given = dict[str, tuple["AttributeType", "Values"]]

_SCHEMA_ADMINS = 518
_CLASS_CHANGES = frozenset({"maycontain"})
_UNWILLING = 0x2077
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_IDENTIFIER = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_NUMBER = re.compile(r"-?[0-9]{1,10}")
#: attributeSyntax (its last arc) and oMSyntax that belong together
_SYNTAXES = frozenset(
    {
        "1/127", "2/6", "3/27", "4/20", "5/19", "5/22", "6/18", "7/127", "8/1", "9/2", "9/10", "10/4", "10/127",
        "11/23", "11/24", "12/64", "13/127", "14/127", "15/66", "16/65", "17/4",
    }
)  # fmt: skip


def demand_schema_admin(forest: Forest, session: Session) -> None:
    token = session.token
    if not token.system and not token.holds(identity.with_rid(forest.root.sid, _SCHEMA_ADMINS)):
        raise refusals.no_right()


def completed(forest: Forest, session: Session, kind: ObjectClass, given: Given, rdn: str) -> Given:
    """The client's attributes with the identifier the forest gives itself; anything but an attribute is refused."""
    demand_schema_admin(forest, session)
    if kind.lower != "attributeschema":
        raise refusals.not_emulated("extending the schema by a class")
    names = [value.decode("utf-8", "replace") for value in given.get("ldapdisplayname", (None, ()))[1]]
    if names and forest.schema.attribute(names[0]) is not None:
        raise refusals.unwilling("an attribute of that name is there already", _UNWILLING)
    if "linkid" in given:
        raise refusals.not_emulated("extending the schema by a linked attribute")
    whole = dict(given)
    if "schemaidguid" not in whole:
        attribute = forest.schema.attribute("schemaIDGUID")
        assert attribute is not None
        whole["schemaidguid"] = (attribute, (identity.new_guid(forest.random),))
    _demand_sound(forest, whole, rdn)
    return whole


def _demand_sound(forest: Forest, given: Given, rdn: str) -> None:
    """A name and identifiers nobody has yet, written as such; a syntax that exists; a range that is one."""
    text = {name: values[0].decode("utf-8", "replace") for name, (_, values) in given.items() if values}
    identifier, guid = text.get("attributeid", ""), given["schemaidguid"][1][0].hex()
    name = text.get("ldapdisplayname")
    if name is not None and (_NAME.fullmatch(name) is None or forest.schema.object_class(name) is not None):
        raise refusals.unwilling("no name of an attribute", _UNWILLING)
    if (identifier and _IDENTIFIER.fullmatch(identifier) is None) or not rdn.isprintable():
        raise refusals.unwilling("no object identifier, or a name with control characters", _UNWILLING)
    if forest.schema.defines(identifier, guid):
        raise refusals.unwilling("another attribute has the identifier", _UNWILLING)
    family, _, arc = text.get("attributesyntax", "").rpartition(".")
    if family != "2.5.5" or f"{arc}/{text.get('omsyntax', '')}" not in _SYNTAXES:
        raise refusals.unwilling("no attribute syntax is called so", _UNWILLING)
    lower, upper = text.get("rangelower", ""), text.get("rangeupper", "")
    if _NUMBER.fullmatch(lower) and _NUMBER.fullmatch(upper) and int(lower) > int(upper):
        raise refusals.unwilling("a range without a value in it", _UNWILLING)


def learn_attribute(forest: Forest, entry: Entry) -> None:
    """Let the forest know an attribute it was just given, in the form of the schema's tables."""
    value = {name: values[0].decode("utf-8", "replace") for name, values in entry.attributes.items() if values}
    guid = entry.attributes["schemaidguid"][0].hex()
    property_set = entry.attributes.get("attributesecurityguid", (b"",))[0].hex()
    arc = value["attributesyntax"].rpartition(".")[2]
    flags = "P" if value.get("ismemberofpartialattributeset") == "TRUE" else ""
    row = (
        value["ldapdisplayname"], value["cn"], value["attributeid"], f"{arc}/{value['omsyntax']}",
        "S" if value["issinglevalued"] == "TRUE" else "M", value.get("rangelower", ""), value.get("rangeupper", ""),
        value.get("searchflags", "0"), value.get("systemflags", "0"), flags, "", guid, property_set,
    )  # fmt: skip
    forest.schema = forest.schema.extended([("", "\t".join(row))])


def demand_class_change(forest: Forest, session: Session, entry: Entry, request: Modify) -> None:
    """Of a definition only what a class may hold can be added to, by attributes that are there."""
    demand_schema_admin(forest, session)
    if _is_version_change(entry, request):
        return
    if b"classSchema" not in entry.attributes["objectclass"]:
        raise refusals.not_emulated("changing the definition of an attribute")
    for change in request.changes:
        if change.attribute.lower() not in _CLASS_CHANGES or change.operation != ModifyOperation.ADD:
            raise refusals.not_emulated("changing the definition of a class")
        if any(forest.schema.attribute(value.decode("utf-8", "replace")) is None for value in change.values):
            raise refusals.unwilling("a class holds attributes that exist", _UNWILLING)


def _is_version_change(entry: Entry, request: Modify) -> bool:
    """What the tool that prepares a forest for a newer Windows Server leaves on the schema's head: its version."""
    head = b"dMD" in entry.attributes["objectclass"]
    return head and all(change.attribute.lower() == "objectversion" for change in request.changes)


def learn_class(forest: Forest, entry: Entry, request: Modify) -> None:
    """Let instances of a class hold the attributes it was just given."""
    if _is_version_change(entry, request):
        return
    name = entry.attributes["ldapdisplayname"][0].decode()
    added = [(name, value.decode()) for change in request.changes for value in change.values]
    forest.schema = forest.schema.extended(added)


__all__ = ["completed", "demand_class_change", "demand_schema_admin", "learn_attribute", "learn_class"]
