"""Add: a new object from what the client gives and what the directory gives by itself.

Source: MS-ADTS 3.1.1.5.2; facts "directory" sections 8 and 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import (
    access,
    defaults,
    identity,
    names,
    passwords,
    refusals,
    schema_extension,
    write_steps,
)
from emulators.directory.core import security_descriptor as sd
from emulators.directory.core.draft import Draft
from emulators.directory.core.results import Result
from emulators.directory.core.write_steps import SYSTEM_OWNED, Write

if TYPE_CHECKING:
    from emulators.directory.core.entry import Attributes, Entry, Values
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.requests import Add
    from emulators.directory.core.schema import AttributeType, ObjectClass
    from emulators.directory.core.session import Session

Given = dict[str, tuple["AttributeType", "Values"]]

_UNNAMED_COMPUTER = defaults.WORKSTATION | defaults.DISABLED | defaults.PASSWORD_NOT_REQUIRED
_UNNAMED_USER = defaults.NORMAL | defaults.DISABLED | defaults.PASSWORD_NOT_REQUIRED
_DEFAULT_GROUP = defaults.SECURITY | defaults.GLOBAL


def add(forest: Forest, session: Session, request: Add) -> Result:
    refusals.demand_bind(session)
    if session.global_catalog:
        raise refusals.read_only_catalog()
    name = refusals.parse_name(request.dn)
    given = _understand(forest, request)
    kind = _structural(forest, given)
    partition, parent = _parent(session, name)
    extending = partition.name == session.controller.partitions[2].name
    if extending:
        given = schema_extension.completed(forest, session, kind, given, names.parse(request.dn)[0].value)
    if not access.may_create(session.token, parent, kind):
        raise refusals.no_right()
    rdn = names.parse(request.dn)[0]
    _check_place(forest, parent, kind, rdn)
    if parent.children is not None and name[0] in parent.children:
        raise refusals.exists()
    write = Write(forest, session, request.controls, _draft(forest, session, partition, parent, kind, rdn))
    _fill(write, given)
    _identity(write, kind)
    entry = write_steps.run(write)
    if extending:
        schema_extension.learn_attribute(forest, entry)
    return Result()


def _understand(forest: Forest, request: Add) -> Given:
    """The client's attributes by lower-case name; unknown and unwritable ones are refused."""
    given: Given = {}
    for spelled, values in request.attributes:
        attribute = forest.schema.attribute(spelled.split(";", 1)[0])
        if attribute is None:
            raise refusals.unknown_attribute()
        if not values:
            raise refusals.bad_syntax(attribute)
        if attribute.lower in given:
            raise refusals.value_exists(attribute)
        if attribute.constructed or attribute.is_back_link or attribute.lower in SYSTEM_OWNED - {"name", "admincount"}:
            raise refusals.system_owned(attribute)
        if attribute.lower in access.SECRET and attribute.lower != "unicodepwd":
            raise refusals.system_owned(attribute)
        given[attribute.lower] = (attribute, values)
    return given


def _structural(forest: Forest, given: Given) -> ObjectClass:
    """The one structural class among those given."""
    if "objectclass" not in given:
        raise refusals.must_missing()
    kinds: list[ObjectClass] = []
    for value in given["objectclass"][1]:
        kind = forest.schema.object_class(value.decode("utf-8", "replace"))
        if kind is None:
            raise refusals.unknown_attribute()
        kinds.append(kind)
    plain = [kind for kind in kinds if kind.category != 3]
    if not plain:
        raise refusals.class_violation()
    chosen = max(plain, key=lambda kind: len(forest.schema.chain(kind.name)))
    chain = forest.schema.chain(chosen.name)
    if chosen.category not in (0, 1) or any(kind.name not in chain for kind in plain):
        raise refusals.class_violation()
    if chosen.system_only:
        raise refusals.unwilling("the class is the directory's own", 0x2077)
    return chosen


def _parent(session: Session, name: names.Name) -> tuple[Partition, Entry]:
    if not name:
        raise refusals.naming_violation()
    partition = session.controller.partition_of(name)
    if partition is None or not session.holds(partition):
        raise refusals.referral(name)
    if name == partition.name:
        raise refusals.exists()
    parent = partition.find(name[1:])
    if parent is None or parent.state or not access.is_visible(session.token, parent):
        raise refusals.missing(session, name)
    return partition, parent


def _check_place(forest: Forest, parent: Entry, kind: ObjectClass, rdn: names.Rdn) -> None:
    if rdn.attribute.lower() != kind.rdn.lower():
        raise refusals.naming_violation()
    allowed = forest.schema.possible_superiors(kind.name)
    if not any(value.decode().lower() in allowed for value in parent.attributes["objectclass"]):
        raise refusals.naming_violation()
    attribute = forest.schema.attribute(kind.rdn)
    if attribute is not None:
        write_steps.check_value(attribute, rdn.value.encode())


def _draft(
    forest: Forest, session: Session, partition: Partition, parent: Entry, kind: ObjectClass, rdn: names.Rdn
) -> Draft:
    """Everything that follows from the name and the class."""
    dn = names.join(kind.rdn.upper() if kind.rdn in ("cn", "ou", "dc") else kind.rdn, rdn.value, parent.dn)
    naming = (rdn.value.encode(),)
    attributes: Attributes = {
        "objectclass": defaults.chain_values(forest, kind),
        kind.rdn.lower(): naming,
        "distinguishedname": (dn.encode(),),
        "instancetype": forest.share((b"4",)),
        "name": naming,
        "objectcategory": forest.share((defaults.category(forest, kind),)),
    }
    own = forest.descriptors.class_default(kind, owner_of(session), session.domain, forest.root)
    descriptor = forest.descriptors.child(own, parent.sd, kind.guid)
    return Draft(partition, None, dn, parent, rdn.key, attributes, descriptor)


def owner_of(session: Session) -> bytes:
    """Whose a new object is: Domain Admins for their members, else the caller."""
    admins = identity.with_rid(session.domain.sid, 512)
    return admins if session.token.system or session.token.holds(admins) else session.token.user


def _fill(write: Write, given: Given) -> None:
    """Class defaults first, the client's values over them, the password last."""
    draft, forest = write.draft, write.forest
    chain = draft.classes
    control = _number(given, "useraccountcontrol", _UNNAMED_COMPUTER if b"computer" in chain else _UNNAMED_USER)
    group = _number(given, "grouptype", _DEFAULT_GROUP)
    for name, values in defaults.class_defaults(chain, control, group & 0xFFFFFFFF).items():
        draft.attributes[name] = forest.share(values)
    for name, (attribute, values) in given.items():
        write.given[name] = attribute
        if name in ("objectclass", "unicodepwd", "ntsecuritydescriptor"):
            continue
        if name in ("name", "cn", "ou", "dc") and name in draft.attributes and values == draft.attributes[name]:
            continue
        if name == "name":
            raise refusals.system_owned(attribute)
        if attribute.is_linked:
            targets = [write_steps.locate_target(write, attribute, value) for value in values]
            write.linked[name] = ({target.guid: target for target in targets}, {})
            continue
        draft.put(name, values)
    auxiliaries = [v for v in given["objectclass"][1] if v.lower() not in {c.lower() for c in chain}]
    if auxiliaries:
        draft.attributes["objectclass"] = (*(a for a in auxiliaries), *chain)
    write.given.pop("objectclass")
    if "ntsecuritydescriptor" in given:
        _descriptor(write, given["ntsecuritydescriptor"][1])
        write.given.pop("ntsecuritydescriptor")
    if draft.is_account and "useraccountcontrol" in draft.attributes:
        draft.touched.add("useraccountcontrol")
    if draft.is_a(b"group"):
        draft.touched.add("grouptype")
    if "unicodepwd" in given:
        attribute, values = given["unicodepwd"]
        passwords.reset(forest, write.session, draft, attribute, values)
        write.given.pop("unicodepwd")


def _number(given: Given, name: str, default: int) -> int:
    if name not in given:
        return default
    attribute, values = given[name]
    write_steps.check_value(attribute, values[0])
    return int(values[0])


def _descriptor(write: Write, values: Values) -> None:
    """A descriptor the client brings: its owner is filled in, inheritance added unless it is protected."""
    draft, forest = write.draft, write.forest
    attribute = forest.schema.attribute("ntsecuritydescriptor")
    assert attribute is not None
    try:
        brought = sd.parse(values[0])
    except sd.BadDescriptor:
        raise refusals.bad_syntax(attribute) from None
    own = draft.sd.with_parts(brought, write.controls.sd_flags or sd.DACL_PART)
    kind = forest.schema.object_class(draft.structural)
    assert kind is not None
    assert draft.parent is not None
    draft.sd = forest.descriptors.child(forest.descriptors.intern(own), draft.parent.sd, kind.guid)


def _identity(write: Write, kind: ObjectClass) -> None:
    """GUID, SID and account name; given only to an object that passed everything the client can get wrong so far."""
    draft, forest = write.draft, write.forest
    draft.guid = identity.new_guid(forest.random)
    draft.attributes["objectguid"] = (draft.guid,)
    if defaults.needs_sid(draft.classes) and draft.partition is write.session.controller.domain_partition:
        if "samaccountname" not in draft.attributes:
            draft.set("samaccountname", defaults.made_account_name(forest.random))
        draft.attributes["objectsid"] = (write.session.domain.new_sid(),)
    elif kind.lower == "foreignsecurityprincipal":
        raise refusals.unwilling("foreign principals are made by naming their SID", 0x2077)
