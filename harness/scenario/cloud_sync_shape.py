"""The shapes of a Cloud Sync configuration in a scenario: its scope and its attribute mappings."""

from __future__ import annotations

from harness.scenario.shapes import Anything, Boolean, Choice, Key, ListOf, MapOf, Record, Text

SCOPE = Record(
    (
        Key("ous", ListOf(Text("OU, by name, path or DN")), doc="only these organizational units, with what is below"),
        Key("groups", ListOf(Text("group, by name or DN")), doc="only the direct members of these groups"),
    ),
    what="scope",
)
MAPPING = Record(
    (
        Key("attribute", Text("source attribute"), doc="copy this attribute (Direct)"),
        Key("constant", Anything("text"), doc="always this value (Constant)"),
        Key("expression", Text("expression"), doc="what the expression gives, such as Trim([company])"),
        Key("default", Text("value"), doc="used where there is none, when an object is created"),
        Key("apply", Choice(("always", "only-when-creating")), doc="always without it"),
        Key("remove", Boolean(), doc="take the mapping away"),
    ),
    shorthand="attribute",
    what="a mapping",
)
MAPPINGS = MapOf(MAPPING, Text("target attribute"))
OBJECT_TYPES = ("user", "inetOrgPerson", "group", "contact")
