"""The schema naming context: its head, the aggregate every client reads, and the definition objects on first look.

The definitions are the schema itself, shown as objects; they can be read, not extended. Source: MS-ADTS 3.1.1.2 and
3.1.1.3.1.1.1 (aggregate); facts "directory" section 7.
"""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import TYPE_CHECKING

from emulators.directory.core.entry import Entry, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.directory.core.built_in import Row
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.schema import AttributeType, ObjectClass, Schema

#: functional level -> objectVersion of the schema head
_VERSIONS = {10: b"91", 7: b"88", 6: b"69", 5: b"56", 4: b"47"}
_EXCHANGE_VERSION = b"17003"


def schema_rows(forest: Forest, head: bytes, dsa: str) -> Iterator[Row]:
    """Head and aggregate."""
    version = _VERSIONS.get(forest.options.functional_level, b"88")
    yield (
        forest.schema_dn,
        {
            "objectClass": [b"dMD"],
            "instanceType": [b"13"],
            "nTSecurityDescriptor": [head],
            "objectVersion": [version],
            "fSMORoleOwner": [dsa.encode()],
            "masteredBy": [dsa.encode()],
            "msDs-masteredBy": [dsa.encode()],
        },
    )
    yield f"CN=Aggregate,{forest.schema_dn}", {"objectClass": [b"subSchema"], "systemFlags": [b"134217744"]}


# ---- the aggregate ---------------------------------------------------------------------------------------------------
@lru_cache(maxsize=2)
def aggregate(known: Schema) -> dict[str, tuple[bytes, ...]]:
    """attributeTypes, objectClasses and dITContentRules in AD's way of writing them; made once per schema."""
    attributes = [a for name in known.attribute_names() if (a := known.attribute(name)) is not None]
    classes = [c for name in known.class_names() if (c := known.object_class(name)) is not None]
    return {
        "attributetypes": tuple(_attribute_type(a).encode() for a in attributes),
        "objectclasses": tuple(_object_class(c).encode() for c in classes),
        "ditcontentrules": tuple(_content_rule(known, c).encode() for c in classes if c.category in (0, 1)),
        "extendedattributeinfo": tuple(_attribute_info(a).encode() for a in attributes),
        "extendedclassinfo": tuple(
            f"( {c.oid} NAME '{c.name}' CLASS-GUID '{c.guid.hex().upper()}' )".encode() for c in classes
        ),
    }


def _attribute_type(attribute: AttributeType) -> str:
    single = " SINGLE-VALUE" if attribute.single else ""
    locked = " NO-USER-MODIFICATION" if attribute.system_only else ""
    return f"( {attribute.oid} NAME '{attribute.name}' SYNTAX '{attribute.syntax.ldap_oid}'{single}{locked} )"


def _attribute_info(attribute: AttributeType) -> str:
    lower = f" RANGE-LOWER '{attribute.range_lower}'" if attribute.range_lower is not None else ""
    upper = f" RANGE-UPPER '{attribute.range_upper}'" if attribute.range_upper is not None else ""
    family = attribute.property_set.hex().upper() or "0" * 32
    ids = f"PROPERTY-GUID '{attribute.guid.hex().upper()}' PROPERTY-SET-GUID '{family}'"
    return f"( {attribute.oid} NAME '{attribute.name}'{lower}{upper} {ids} )"


def _listed(word: str, names: tuple[str, ...]) -> str:
    return f" {word} ({' $ '.join(names)} )" if names else ""


def _object_class(kind: ObjectClass) -> str:
    category = {0: "STRUCTURAL", 1: "STRUCTURAL", 2: "ABSTRACT", 3: "AUXILIARY"}[kind.category]
    superior = "" if kind.lower == "top" else f" SUP {kind.superior}"
    contents = _listed("MUST", kind.musts) + _listed("MAY", kind.mays)
    return f"( {kind.oid} NAME '{kind.name}'{superior} {category}{contents} )"


def _content_rule(known: Schema, kind: ObjectClass) -> str:
    auxiliaries = tuple(sorted({a for link in known.chain(kind.name) for a in _class(known, link).auxiliaries}))
    musts = tuple(sorted({m for a in auxiliaries for m in _class(known, a).musts}))
    mays = tuple(sorted({m for a in auxiliaries for m in _class(known, a).mays} - set(musts)))
    return (
        f"( {kind.oid} NAME '{kind.name}'{_listed('AUX', auxiliaries)}{_listed('MUST', musts)}{_listed('MAY', mays)} )"
    )


def _class(known: Schema, name: str) -> ObjectClass:
    found = known.object_class(name)
    if found is None:
        raise KeyError(name)
    return found


# ---- definition objects ----------------------------------------------------------------------------------------------
def fill(partition: Partition) -> None:
    """Make the attributeSchema and classSchema objects; their GUIDs follow from the schema's own identifiers."""
    known = partition.forest.schema
    for name in known.attribute_names():
        attribute = known.attribute(name)
        if attribute is not None:
            _insert(partition, "attributeSchema", attribute.cn, attribute.guid, _attribute_values(attribute))
    for name in known.class_names():
        kind = known.object_class(name)
        if kind is not None:
            _insert(partition, "classSchema", kind.cn, kind.guid, _class_values(partition.forest, kind))


def _insert(partition: Partition, kind: str, cn: str, guid: bytes, values: dict[str, tuple[bytes, ...]]) -> None:
    forest, head = partition.forest, partition.head
    dn = f"CN={cn},{partition.dn}"
    object_class = _class(forest.schema, kind)
    own = forest.descriptors.class_default(object_class, head.sd.owner, forest.root, forest.root)
    naming = (cn.encode(),)
    space = uuid.UUID(bytes_le=head.guid)
    made = uuid.uuid5(space, guid.hex()).bytes_le
    category = "Attribute-Schema" if kind == "attributeSchema" else "Class-Schema"
    attributes: dict[str, tuple[bytes, ...]] = {
        "objectclass": forest.share((b"top", kind.encode())),
        "cn": naming,
        "distinguishedname": (dn.encode(),),
        "instancetype": forest.share((b"4",)),
        "whencreated": head.attributes["whencreated"],
        "whenchanged": head.attributes["whencreated"],
        "usncreated": head.attributes["usncreated"],
        "usnchanged": head.attributes["usncreated"],
        "name": naming,
        "objectguid": (made,),
        "objectcategory": forest.share((f"CN={category},{partition.dn}".encode(),)),
        "showinadvancedviewonly": forest.share((b"TRUE",)),
        **values,
    }
    entry = Entry(dn, f"cn={cn.lower()}", made, attributes, forest.descriptors.child(own, head.sd, object_class.guid))
    usn = int(attributes["usncreated"][0])
    entry.usn = usn
    entry.born = Stamp(1, head.born.time, head.born.invocation, usn, usn)
    partition.insert(entry, head)


def _attribute_values(attribute: AttributeType) -> dict[str, tuple[bytes, ...]]:
    values: dict[str, tuple[bytes, ...]] = {
        "ldapdisplayname": (attribute.name.encode(),),
        "attributeid": (attribute.oid.encode(),),
        "attributesyntax": (attribute.attribute_syntax.encode(),),
        "omsyntax": (b"%d" % attribute.om_syntax,),
        "issinglevalued": (b"TRUE" if attribute.single else b"FALSE",),
        "searchflags": (b"%d" % attribute.search_flags,),
        "systemflags": (b"%d" % attribute.system_flags,),
        "systemonly": (b"TRUE" if attribute.system_only else b"FALSE",),
        "schemaidguid": (attribute.guid,),
        "admindisplayname": (attribute.cn.encode(),),
    }
    if attribute.range_lower is not None:
        values["rangelower"] = (b"%d" % attribute.range_lower,)
    if attribute.range_upper is not None:
        values["rangeupper"] = (b"%d" % attribute.range_upper,)
    if attribute.lower == "msexchschemaversionpt":
        values["rangeupper"] = (_EXCHANGE_VERSION,)
    if attribute.link_id:
        values["linkid"] = (b"%d" % attribute.link_id,)
    if attribute.partial:
        values["ismemberofpartialattributeset"] = (b"TRUE",)
    if attribute.property_set:
        values["attributesecurityguid"] = (attribute.property_set,)
    return values


def _class_values(forest: Forest, kind: ObjectClass) -> dict[str, tuple[bytes, ...]]:
    values: dict[str, tuple[bytes, ...]] = {
        "ldapdisplayname": (kind.name.encode(),),
        "governsid": (kind.oid.encode(),),
        "subclassof": (kind.superior.encode(),),
        "objectclasscategory": (b"%d" % kind.category,),
        "rdnattid": (kind.rdn.encode(),),
        "schemaidguid": (kind.guid,),
        "defaultobjectcategory": (f"CN={kind.default_category},{forest.schema_dn}".encode(),),
        "systemonly": (b"TRUE" if kind.system_only else b"FALSE",),
        "admindisplayname": (kind.cn.encode(),),
    }
    for name, listed in (
        ("systemauxiliaryclass", kind.auxiliaries),
        ("systemmustcontain", kind.musts),
        ("systemmaycontain", kind.mays),
        ("systemposssuperiors", kind.superiors),
    ):
        if listed:
            values[name] = tuple(item.encode() for item in listed)
    if kind.default_sddl:
        values["defaultsecuritydescriptor"] = (kind.default_sddl.encode(),)
    return values
