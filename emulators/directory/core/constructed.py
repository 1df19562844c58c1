"""Attributes that are computed when asked for by name and stored nowhere.

Source: MS-ADTS 3.1.1.4.5; facts "directory" section 8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from emulators.directory.core import access, identity, metadata, names, schema_nc, times
from emulators.directory.core.access import has_security_privilege

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry, LinkStamp, Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.session import Session


class Asked(NamedTuple):
    """Who asks about what."""

    forest: Forest
    session: Session
    entry: Entry
    base_scope: bool


def value(name: str, asked: Asked) -> Values:
    """The values of a constructed attribute (lower-case name); empty when it has none on this object."""
    maker = CONSTRUCTED.get(name)
    return maker(asked) if maker is not None else ()


def canonical_name(dn: str) -> str:
    """``contoso.com/Staff/Ana Lopez``: DNS name, then RDN values from the top; a slash is escaped."""
    parts = names.parse(dn)
    labels = [p.value for p in parts if p.attribute.lower() == "dc"]
    path = [p.value.replace("\\", "\\\\").replace("/", "\\/") for p in reversed(parts) if p.attribute.lower() != "dc"]
    return ".".join(labels) + "/" + "/".join(path)


def _canonical(asked: Asked) -> Values:
    return (canonical_name(asked.entry.dn).encode(),)


def _parent_guid(asked: Asked) -> Values:
    parent = asked.entry.parent
    return (parent.guid,) if parent is not None else ()


def _primary_group_token(asked: Asked) -> Values:
    sid = asked.entry.sid
    if sid is None or not asked.entry.has_class(b"group"):
        return ()
    return (str(identity.rid_of(sid)).encode(),)


def _token_groups(asked: Asked) -> Values:
    if not asked.base_scope or asked.entry.sid is None:
        return ()
    from emulators.directory.core.bind import group_sids

    return tuple(sorted(group_sids(asked.forest, asked.session.controller, asked.entry)))


def _structural_class(asked: Asked) -> Values:
    return asked.entry.attributes["objectclass"]


def _created(asked: Asked) -> Values:
    return asked.entry.attributes.get("whencreated", ())


def _changed(asked: Asked) -> Values:
    return asked.entry.attributes.get("whenchanged", ())


def _subschema(asked: Asked) -> Values:
    return (f"CN=Aggregate,{asked.forest.schema_dn}".encode(),)


def _principal_name(asked: Asked) -> Values:
    account = asked.entry.first("samaccountname")
    if account is None:
        return ()
    domain = asked.session.controller.home_of(asked.entry).controller.domain
    return (domain.netbios.encode() + b"\\" + account,)


def _subordinates(asked: Asked) -> Values:
    return (str(len(asked.entry.children or ())).encode(),)


def _account_control_computed(asked: Asked) -> Values:
    entry = asked.entry
    if "useraccountcontrol" not in entry.attributes:
        return ()
    bits = 0
    if is_locked(asked.forest, asked.session, entry):
        bits |= 0x10
    expiry = password_expiry(asked.session, entry)
    if expiry is not None and expiry <= times.to_ticks(asked.forest.clock.now()):
        bits |= 0x800000
    return (str(bits).encode(),)


def _password_expiry(asked: Asked) -> Values:
    if "useraccountcontrol" not in asked.entry.attributes:
        return ()
    expiry = password_expiry(asked.session, asked.entry)
    return (str(times.NEVER if expiry is None else expiry).encode(),)


def is_locked(forest: Forest, session: Session, entry: Entry) -> bool:
    """Whether lockoutTime still holds."""
    locked = entry.number("lockouttime")
    if not locked:
        return False
    duration = -session.controller.home_of(entry).head.number("lockoutduration")
    return duration <= 0 or locked + duration > times.to_ticks(forest.clock.now())


def password_expiry(session: Session, entry: Entry) -> int | None:
    """When the password ends (0: at once); None when never."""
    control = entry.number("useraccountcontrol")
    if control & (0x10000 | 0x40000 | 0x1000 | 0x2000 | 0x800):
        return None
    last = entry.number("pwdlastset")
    if last == 0:
        return 0
    age = -session.controller.home_of(entry).head.number("maxpwdage")
    return last + age if 0 < age < times.NEVER else None


def _rights_effective(asked: Asked) -> Values:
    token, entry = asked.session.token, asked.entry
    bits = 0
    if access.may_write_sd(token, entry, 1):
        bits |= 3
    if access.may_write_sd(token, entry, 4):
        bits |= 4
    if has_security_privilege(token):
        bits |= 8
    return (str(bits).encode(),)


def _allowed(asked: Asked, effective: bool) -> Values:
    forest, entry = asked.forest, asked.entry
    found = []
    for name in sorted(forest.schema.allowed(entry.attributes["objectclass"][-1].decode())):
        attribute = forest.schema.attribute(name)
        if attribute is None:
            continue
        if effective and (attribute.system_only or not access.may_write(asked.session.token, entry, attribute)):
            continue
        found.append(attribute.name.encode())
    return tuple(found)


def _allowed_children(asked: Asked, effective: bool) -> Values:
    forest = asked.forest
    own = {value.decode().lower() for value in asked.entry.attributes["objectclass"]}
    found = []
    for name in forest.schema.class_names():
        kind = forest.schema.object_class(name)
        if kind is None or kind.category not in (0, 1) or kind.system_only:
            continue
        if not own & forest.schema.possible_superiors(kind.name):
            continue
        if effective and not access.may_create(asked.session.token, asked.entry, kind):
            continue
        found.append(kind.name.encode())
    return tuple(found)


def _attribute_metadata(asked: Asked) -> Values:
    """One XML fragment per attribute with metadata."""
    schema, controller = asked.forest.schema, asked.session.controller
    out = []
    for name, stamp in metadata.stamped(asked.entry, schema):
        out.append(
            "<DS_REPL_ATTR_META_DATA>\n"
            f"\t<pszAttributeName>{schema.spelling(name)}</pszAttributeName>\n"
            f"\t<dwVersion>{stamp.version}</dwVersion>\n"
            f"\t<ftimeLastOriginatingChange>{_iso(stamp.time)}</ftimeLastOriginatingChange>\n"
            f"\t<uuidLastOriginatingDsaInvocationID>{identity.guid_text(stamp.invocation)}"
            "</uuidLastOriginatingDsaInvocationID>\n"
            f"\t<usnOriginatingChange>{stamp.usn}</usnOriginatingChange>\n"
            f"\t<usnLocalChange>{stamp.local_usn}</usnLocalChange>\n"
            f"\t<pszLastOriginatingDsaDN>{_dsa(controller.partitions, stamp.invocation)}</pszLastOriginatingDsaDN>\n"
            "</DS_REPL_ATTR_META_DATA>\n\0"
        )
    return tuple(text.encode() for text in out)


def _value_metadata(asked: Asked) -> Values:
    """One XML fragment per linked value, present or removed."""
    schema, controller = asked.forest.schema, asked.session.controller
    out = []

    def dsa(stamp: LinkStamp) -> str:
        return _dsa(controller.partitions, stamp.invocation)

    for name, stamps in (asked.entry.link_stamps or {}).items():
        for guid, stamp in stamps.items():
            target = controller.find_guid(guid)
            deleted = "1601-01-01T00:00:00Z" if stamp.present else _iso(stamp.time)
            out.append(
                "<DS_REPL_VALUE_META_DATA>\n"
                f"\t<pszAttributeName>{schema.spelling(name)}</pszAttributeName>\n"
                f"\t<pszObjectDn>{target.dn if target is not None else ''}</pszObjectDn>\n"
                "\t<cbData>0</cbData>\n\t<pbData></pbData>\n"
                f"\t<ftimeDeleted>{deleted}</ftimeDeleted>\n"
                f"\t<ftimeCreated>{_iso(stamp.created)}</ftimeCreated>\n"
                f"\t<dwVersion>{stamp.version}</dwVersion>\n"
                f"\t<ftimeLastOriginatingChange>{_iso(stamp.time)}</ftimeLastOriginatingChange>\n"
                f"\t<uuidLastOriginatingDsaInvocationID>{identity.guid_text(stamp.invocation)}"
                "</uuidLastOriginatingDsaInvocationID>\n"
                f"\t<usnOriginatingChange>{stamp.usn}</usnOriginatingChange>\n"
                f"\t<usnLocalChange>{stamp.local_usn}</usnLocalChange>\n"
                f"\t<pszLastOriginatingDsaDN>{dsa(stamp)}</pszLastOriginatingDsaDN>\n"
                "</DS_REPL_VALUE_META_DATA>\n\0"
            )
    return tuple(text.encode() for text in out)


def _iso(seconds: int) -> str:
    return (times.from_ticks(seconds * times.TICKS_A_SECOND)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _dsa(partitions: object, invocation: bytes) -> str:
    """The NTDS Settings object of an invocation, empty when it is not this forest's."""
    if not isinstance(partitions, list) or len(partitions) < 2:
        return ""
    return next((e.dn for e in partitions[1].entries.values() if e.first("invocationid") == invocation), "")


def _aggregate(name: str) -> Callable[[Asked], Values]:
    def maker(asked: Asked) -> Values:
        if not asked.entry.has_class(b"subSchema"):
            return ()
        return schema_nc.aggregate(asked.forest.schema)[name]

    return maker


CONSTRUCTED: dict[str, Callable[[Asked], Values]] = {
    "canonicalname": _canonical,
    "parentguid": _parent_guid,
    "primarygrouptoken": _primary_group_token,
    "tokengroups": _token_groups,
    "tokengroupsglobalanduniversal": _token_groups,
    "structuralobjectclass": _structural_class,
    "createtimestamp": _created,
    "modifytimestamp": _changed,
    "subschemasubentry": _subschema,
    "msds-principalname": _principal_name,
    "msds-approx-immed-subordinates": _subordinates,
    "msds-user-account-control-computed": _account_control_computed,
    "msds-userpasswordexpirytimecomputed": _password_expiry,
    "sdrightseffective": _rights_effective,
    "allowedattributes": lambda asked: _allowed(asked, effective=False),
    "allowedattributeseffective": lambda asked: _allowed(asked, effective=True),
    "allowedchildclasses": lambda asked: _allowed_children(asked, effective=False),
    "allowedchildclasseseffective": lambda asked: _allowed_children(asked, effective=True),
    "msds-replattributemetadata": _attribute_metadata,
    "msds-replvaluemetadata": _value_metadata,
    "attributetypes": _aggregate("attributetypes"),
    "objectclasses": _aggregate("objectclasses"),
    "ditcontentrules": _aggregate("ditcontentrules"),
    "extendedattributeinfo": _aggregate("extendedattributeinfo"),
    "extendedclassinfo": _aggregate("extendedclassinfo"),
}
