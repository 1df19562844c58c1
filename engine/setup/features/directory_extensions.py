"""Directory extensions: which attributes of AD can be taken along, and what a server keeps of those that are.

The list is what the server read of the directory's schema when it was installed or refreshed, so an attribute the
schema got since is not on it. Source: seed001; facts "install" 13.4 (DEX-01 to DEX-05); directory-extensions.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.standard.options import DirectoryExtension

FEATURE_DIRECTORY_EXTENSIONS = 4
FEATURE_SETTING = "Microsoft.OptionalFeature.DirectoryExtension"
ATTRIBUTES_SETTING = "Microsoft.OptionalFeature.DirectoryExtensionAttributes"
MAP_SETTING = "Microsoft.DirectoryExtension.SourceTargetAttributesMap"
EXTENSIONS_MAX = 100
#: object class in the directory and in the tenant to its metaverse type
OBJECT_TYPES: Mapping[str, str] = {"user": "person", "group": "group"}
_SINGLE = (AttributeType.STRING, AttributeType.BOOLEAN, AttributeType.INTEGER, AttributeType.BINARY)
_MULTIPLE = (AttributeType.STRING, AttributeType.BINARY)
_WIRE_TYPES = {
    AttributeType.STRING: "String",
    AttributeType.BOOLEAN: "Boolean",
    AttributeType.INTEGER: "LargeInteger",
    AttributeType.BINARY: "Binary",
}


def candidates(schemas: Sequence[Schema], unsynchronizable: Collection[str] = ()) -> dict[str, DirectoryExtension]:
    """What the page offers, by name: attributes of users or groups of any forest, of a type that can go (DEX-02).

    unsynchronizable: constructed and not replicated ones, which never go (DEX-05).
    """
    never = {name.lower() for name in unsynchronizable}
    found: dict[str, DirectoryExtension] = {}
    for schema in schemas:
        for name, definition in schema.attributes.items():
            kinds = tuple(kind for kind in OBJECT_TYPES if name in schema.object_types.get(kind, frozenset()))
            fits = definition.type in (_MULTIPLE if definition.multivalued else _SINGLE)
            if not kinds or not fits or name.lower() in never:
                continue
            held = found.get(name)
            kinds = tuple(kind for kind in OBJECT_TYPES if kind in kinds or (held and kind in held.object_types))
            found[name] = DirectoryExtension(name, "", definition.type, definition.multivalued, kinds)
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def named(extensions: Iterable[DirectoryExtension], application: str) -> tuple[DirectoryExtension, ...]:
    """The extensions under the names they have in the tenant (DEX-03)."""
    prefix = f"extension_{application.replace('-', '')}_"
    return tuple(replace(one, target=f"{prefix}{one.attribute}") for one in extensions)


def wire_form(extensions: Iterable[DirectoryExtension]) -> list[dict[str, object]]:
    """The attributes as the tenant registers them."""
    return [
        {
            "Name": one.attribute,
            "DataType": _WIRE_TYPES[one.type],
            "IsMultiValued": one.multivalued,
            "TargetObjects": [kind.capitalize() for kind in one.object_types],
        }
        for one in extensions
    ]


def with_extensions(schema: Schema, extensions: Iterable[DirectoryExtension], types: Mapping[str, str]) -> Schema:
    """A schema that knows the extensions; types: the object class in the directory to the object type here."""
    attributes, object_types = dict(schema.attributes), dict(schema.object_types)
    for one in extensions:
        attributes[one.target] = AttributeDefinition(one.target, one.type, one.multivalued)
        for kind in one.object_types:
            held = object_types.get(types[kind], frozenset())
            object_types[types[kind]] = held | {one.target}
    return Schema(attributes, object_types)


TENANT_TYPES: Mapping[str, str] = {kind: kind for kind in OBJECT_TYPES}


def settings_of(extensions: Sequence[DirectoryExtension]) -> dict[str, str]:
    """What the server keeps of them among its parameters."""
    plain = [[one.attribute, one.target, str(one.type), one.multivalued, list(one.object_types)] for one in extensions]
    return {
        FEATURE_SETTING: str(bool(extensions)),
        ATTRIBUTES_SETTING: ",".join(one.attribute for one in extensions),
        MAP_SETTING: json.dumps(plain) if plain else "",
    }


def kept_in(settings: Mapping[str, str]) -> tuple[DirectoryExtension, ...]:
    """The extensions a server's parameters name."""
    text = settings.get(MAP_SETTING, "")
    rows = json.loads(text) if text.startswith("[") else []
    return tuple(
        DirectoryExtension(a, target, AttributeType(kind), many, tuple(on)) for a, target, kind, many, on in rows
    )
