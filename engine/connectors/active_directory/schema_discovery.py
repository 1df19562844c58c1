"""Reading a forest's schema: attribute types, single or multi-valued, and which attributes each class may hold.

The aggregate subschema is read first (one entry, with the syntax OIDs of exported connector configurations); a
directory without it is asked for its attributeSchema and classSchema objects. Source: MS-ADTS 3.1.1.2.3, 3.1.1.3.1.1.1;
facts "directory" section 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from engine.connectors.active_directory.ldap_client import Entry, LdapClient, Scope
from engine.connectors.active_directory.ldap_refusal import NO_SUCH_OBJECT, LdapRefused, failed_search
from engine.model.schema import AttributeDefinition, AttributeType, Schema

_BY_LDAP_SYNTAX = {
    "1.3.6.1.4.1.1466.115.121.1.7": AttributeType.BOOLEAN,
    "1.3.6.1.4.1.1466.115.121.1.27": AttributeType.INTEGER,
    "1.2.840.113556.1.4.906": AttributeType.INTEGER,  # large integer
    "1.3.6.1.4.1.1466.115.121.1.12": AttributeType.REFERENCE,
    "1.2.840.113556.1.4.1221": AttributeType.REFERENCE,  # OR-Name, a DN on the wire
    "1.3.6.1.4.1.1466.115.121.1.40": AttributeType.BINARY,
    "1.3.6.1.4.1.1466.115.121.1.5": AttributeType.BINARY,
    "1.2.840.113556.1.4.907": AttributeType.BINARY,  # security descriptor
}
_BY_ATTRIBUTE_SYNTAX = {
    "2.5.5.1": AttributeType.REFERENCE,
    "2.5.5.8": AttributeType.BOOLEAN,
    "2.5.5.9": AttributeType.INTEGER,
    "2.5.5.10": AttributeType.BINARY,
    "2.5.5.15": AttributeType.BINARY,
    "2.5.5.16": AttributeType.INTEGER,
    "2.5.5.17": AttributeType.BINARY,
}
_OR_NAME = bytes.fromhex("56060102050b1d")

_NAME = re.compile(rb"NAME '([^']+)'")
_SYNTAX = re.compile(rb"SYNTAX '?([0-9.]+)")
_SUPERIOR = re.compile(rb"SUP (?:\( *)?([\w-]+)")
_LISTS = re.compile(rb"(AUX|MUST|MAY) (?:\(([^)]*)\)|([\w-]+))")

#: class name to (superior, auxiliary classes, attributes of its own, structural)
_Classes = dict[str, tuple[str, tuple[str, ...], frozenset[str], bool]]


def discover_schema(client: LdapClient) -> Schema:
    """Read the schema of the forest the client is connected to."""
    root = client.root_dse(("subschemaSubentry", "schemaNamingContext"))
    try:
        aggregate = client.search(
            root.text("subschemaSubentry"),
            Scope.BASE,
            "(objectClass=*)",
            ("attributeTypes", "objectClasses", "dITContentRules"),
        )
        if aggregate and aggregate[0].values("attributeTypes"):
            return schema_of_aggregate(
                tuple(aggregate[0].values("attributeTypes")),
                tuple(aggregate[0].values("objectClasses")),
                tuple(aggregate[0].values("dITContentRules")),
            )
    except LdapRefused as refusal:
        if refusal.result != NO_SUCH_OBJECT:
            raise failed_search(f"The schema cannot be read: {refusal.message}") from refusal
    try:
        return _schema_of_objects(client, root.text("schemaNamingContext"))
    except LdapRefused as refusal:
        raise failed_search(f"The schema cannot be read: {refusal.message}") from refusal


def unsynchronizable_attributes(client: LdapClient) -> tuple[str, ...]:
    """Attributes whose systemFlags say constructed (4) or not replicated (1) (MS-ADTS 2.2.10)."""
    root = client.root_dse(("schemaNamingContext",))
    condition = "(&(objectClass=attributeSchema)(systemFlags:1.2.840.113556.1.4.804:=5))"
    found = client.search_all(root.text("schemaNamingContext"), Scope.ONE_LEVEL, condition, ("lDAPDisplayName",))
    return tuple(sorted(entry.text("lDAPDisplayName") for entry in found))


@lru_cache(maxsize=8)
def schema_of_aggregate(
    attribute_types: tuple[bytes, ...], object_classes: tuple[bytes, ...], content_rules: tuple[bytes, ...]
) -> Schema:
    """The schema in the descriptions of RFC 4512 4.1; the same octets give the same (unchangeable) answer again."""
    attributes: dict[str, AttributeDefinition] = {}
    for description in attribute_types:
        name, syntax = _NAME.search(description), _SYNTAX.search(description)
        if name and syntax:
            text = name[1].decode()
            kind = _BY_LDAP_SYNTAX.get(syntax[1].decode(), AttributeType.STRING)
            attributes[text] = AttributeDefinition(text, kind, b"SINGLE-VALUE" not in description)
    auxiliary: dict[str, tuple[str, ...]] = {}
    extra: dict[str, frozenset[str]] = {}
    for description in content_rules:
        if name := _NAME.search(description):
            lists = _lists(description)
            auxiliary[name[1].decode()] = tuple(lists["AUX"])
            extra[name[1].decode()] = frozenset(lists["MUST"] + lists["MAY"])
    classes: _Classes = {}
    for description in object_classes:
        if found := _NAME.search(description):
            text = found[1].decode()
            superior = _SUPERIOR.search(description)
            lists = _lists(description)
            structural = b"ABSTRACT" not in description and b"AUXILIARY" not in description
            own = frozenset(lists["MUST"] + lists["MAY"]) | extra.get(text, frozenset())
            classes[text] = (superior[1].decode() if superior else "", auxiliary.get(text, ()), own, structural)
    return _schema(attributes, classes)


def _lists(description: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"AUX": [], "MUST": [], "MAY": []}
    for keyword, several, one in _LISTS.findall(description):
        names = several.decode().split("$") if several else [one.decode()]
        found[keyword.decode()] += [name.strip() for name in names if name.strip()]
    return found


def _schema_of_objects(client: LdapClient, schema_dn: str) -> Schema:
    attributes: dict[str, AttributeDefinition] = {}
    asked: tuple[str, ...] = ("lDAPDisplayName", "attributeSyntax", "oMObjectClass", "isSingleValued")
    for entry in client.search_all(schema_dn, Scope.ONE_LEVEL, "(objectClass=attributeSchema)", asked):
        name = entry.text("lDAPDisplayName")
        single = entry.text("isSingleValued") == "TRUE"
        attributes[name] = AttributeDefinition(name, _type_of(entry), not single)
    classes: _Classes = {}
    asked = ("lDAPDisplayName", "subClassOf", "objectClassCategory", *_AUXILIARY, *_CONTAINED)
    for entry in client.search_all(schema_dn, Scope.ONE_LEVEL, "(objectClass=classSchema)", asked):
        auxiliary = tuple(name for attribute in _AUXILIARY for name in entry.texts(attribute))
        own = frozenset(name for attribute in _CONTAINED for name in entry.texts(attribute))
        structural = entry.text("objectClassCategory") in ("0", "1")
        classes[entry.text("lDAPDisplayName")] = (entry.text("subClassOf"), auxiliary, own, structural)
    if not attributes or not classes:
        raise failed_search("The directory shows no schema.")
    return _schema(attributes, classes)


_AUXILIARY = ("auxiliaryClass", "systemAuxiliaryClass")
_CONTAINED = ("mustContain", "systemMustContain", "mayContain", "systemMayContain")


def _type_of(entry: Entry) -> AttributeType:
    syntax = entry.text("attributeSyntax")
    if syntax == "2.5.5.7" and (entry.first("oMObjectClass") or _OR_NAME) == _OR_NAME:
        return AttributeType.REFERENCE
    return _BY_ATTRIBUTE_SYNTAX.get(syntax, AttributeType.STRING)


def _schema(attributes: Mapping[str, AttributeDefinition], classes: _Classes) -> Schema:
    """Close every structural class over its superiors and auxiliary classes."""
    closed: dict[str, frozenset[str]] = {}

    def close(name: str, above: tuple[str, ...]) -> frozenset[str]:
        if name in closed:
            return closed[name]
        if name not in classes or name in above:
            return frozenset()
        superior, auxiliary, own, _ = classes[name]
        parts: Iterable[frozenset[str]] = (close(part, (*above, name)) for part in (superior, *auxiliary) if part)
        closed[name] = own.union(*parts)
        return closed[name]

    object_types = {name: close(name, ()) for name, (_, _, _, structural) in classes.items() if structural}
    return Schema(dict(attributes), object_types)
