"""Search filters, compiled once per search into one closure over an object's attributes.

Three-valued logic is carried by two closures per node: when is it true, when is it false; an Undefined item is neither.
An absent attribute is false, an unknown attribute or a value of the wrong syntax Undefined.
Source: MS-ADTS 3.1.1.3.1.3; facts "directory" section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emulators.directory.core import identity, links, names, refusals
from emulators.directory.core.indexes import fold
from emulators.directory.core.requests import (
    And,
    Approximate,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)
from emulators.directory.core.schema import ANR, AttributeType
from emulators.directory.core.syntaxes import CASE_IGNORE, DN, SID, UNICODE, Key

if TYPE_CHECKING:
    from emulators.directory.core.entry import Attributes, Entry
    from emulators.directory.core.forest import Controller, Forest

Test = Callable[["Attributes"], bool]
Leaf = Test | bool | None  # a bool when it is the same for every object, None when Undefined

BIT_AND = "1.2.840.113556.1.4.803"
BIT_OR = "1.2.840.113556.1.4.804"
IN_CHAIN = "1.2.840.113556.1.4.1941"


def compile_filter(forest: Forest, controller: Controller, tree: Filter) -> Test | bool:
    """The test an object must pass; a bool when all or none do."""
    try:
        return _Compiler(forest, controller).when(tree, True)
    except RecursionError:
        raise refusals.unwilling("a filter nested beyond reason", 0x2077) from None


class _Compiler:
    def __init__(self, forest: Forest, controller: Controller) -> None:
        self.forest = forest
        self.schema = forest.schema
        self.controller = controller

    def when(self, node: Filter, truth: bool) -> Test | bool:
        """The test of a node being true (or being false); pushing the negation down keeps Undefined out of both."""
        match node:
            case And(items):
                return self._all(items, truth) if truth else self._any(items, truth)
            case Or(items):
                return self._any(items, truth) if truth else self._all(items, truth)
            case Not(item):
                return self.when(item, not truth)
        leaf = self._leaf(node)
        if leaf is None:
            return False
        if isinstance(leaf, bool):
            return leaf is truth
        if truth:
            return leaf
        test = leaf
        return lambda attributes: not test(attributes)

    def _all(self, items: tuple[Filter, ...], truth: bool) -> Test | bool:
        tests: list[Test] = []
        for item in items:
            test = self.when(item, truth)
            if test is False:
                return False
            if test is not True:
                tests.append(test)
        if not tests:
            return True
        if len(tests) == 1:
            return tests[0]
        if len(tests) == 2:
            first, second = tests
            return lambda attributes: first(attributes) and second(attributes)
        fixed = tuple(tests)

        def every(attributes: Attributes) -> bool:
            for test in fixed:  # noqa: SIM110 - a generator costs more than the tests
                if not test(attributes):
                    return False
            return True

        return every

    def _any(self, items: tuple[Filter, ...], truth: bool) -> Test | bool:
        tests: list[Test] = []
        for item in items:
            test = self.when(item, truth)
            if test is True:
                return True
            if test is not False:
                tests.append(test)
        if not tests:
            return False
        if len(tests) == 1:
            return tests[0]
        fixed = tuple(tests)

        def some(attributes: Attributes) -> bool:
            for test in fixed:  # noqa: SIM110
                if test(attributes):
                    return True
            return False

        return some

    # ---- items -------------------------------------------------------------------------------------------------------
    def _leaf(self, node: Filter) -> Leaf:
        if isinstance(node, Extensible):
            return self._extensible(node)
        if isinstance(node, And | Or | Not):
            raise TypeError("not an item")
        name = node.attribute.split(";", 1)[0]
        if name.lower() == "anr":
            return self._anr(node)
        attribute = self.schema.attribute(name)
        if attribute is None or attribute.constructed or attribute.lower == "ntsecuritydescriptor":
            return None
        match node:
            case Present():
                lower = attribute.lower
                return True if lower == "objectclass" else lambda attributes: lower in attributes
            case Equality(_, value) | Approximate(_, value):
                return self._equality(attribute, value)
            case Substrings():
                return self._substrings(attribute, node)
            case GreaterOrEqual(_, value):
                return self._ordering(attribute, value, greater=True)
            case LessOrEqual(_, value):
                return self._ordering(attribute, value, greater=False)

    def _equality(self, attribute: AttributeType, value: bytes) -> Leaf:
        lower = attribute.lower
        if lower == "objectclass":
            kind = self.schema.object_class(value.decode("utf-8", "replace"))
            if kind is None:
                return False
            wanted = kind.name.encode()
            return lambda attributes: wanted in attributes["objectclass"]
        if lower == "objectcategory":
            value = self.category(value)
        if lower == "objectguid":
            value = guid_value(value)
        if attribute.syntax is DN:
            return self._dn_equality(attribute, value)
        try:
            key = attribute.syntax.key(value)
        except ValueError:
            return None
        if attribute.syntax is UNICODE or attribute.syntax is CASE_IGNORE:
            return _text_equality(lower, key)
        return _key_test(lower, attribute.syntax.key, lambda found: bool(found == key))

    def category(self, value: bytes) -> bytes:
        """objectCategory's DN for a class name; a DN stays what it is."""
        kind = self.schema.object_class(value.decode("utf-8", "replace"))
        if kind is None:
            return value
        return f"CN={kind.default_category},{self.forest.schema_dn}".encode()

    def _dn_equality(self, attribute: AttributeType, value: bytes) -> Leaf:
        lower = attribute.lower
        try:
            name = names.key(value.decode())
        except ValueError:
            return None
        if lower != "objectcategory":
            target = self.controller.find(name)
            if target is not None:
                # Stored references are the target's own octets.
                exact = target.attributes["distinguishedname"][0]
                return lambda attributes: exact in attributes.get(lower, ())
        wanted = ",".join(name)
        folded = wanted.encode()

        def test(attributes: Attributes) -> bool:
            for found in attributes.get(lower, ()):  # noqa: SIM110
                if found == value or found.lower() == folded:
                    return True
            return False

        return test

    def _substrings(self, attribute: AttributeType, node: Substrings) -> Leaf:
        parts = attribute.syntax.parts
        if parts is None or attribute.lower == "objectcategory":
            return False if attribute.syntax.is_dn else None
        try:
            initial = parts(node.initial) if node.initial is not None else b""
            final = parts(node.final) if node.final is not None else b""
            middle = tuple(parts(part) for part in node.any)
        except ValueError:
            return None

        def accept(value: bytes) -> bool:
            if not value.startswith(initial):
                return False
            position = len(initial)
            for part in middle:
                place = value.find(part, position)
                if place < 0:
                    return False
                position = place + len(part)
            return len(value) - len(final) >= position and value.endswith(final)

        return _key_test(attribute.lower, parts, accept)

    def _ordering(self, attribute: AttributeType, value: bytes, greater: bool) -> Leaf:
        syntax = attribute.syntax
        if not syntax.ordered:
            return None
        try:
            bound: Key = syntax.key(value)
        except ValueError:
            return None
        if greater:
            return _key_test(attribute.lower, syntax.key, lambda found: bool(found >= bound))
        return _key_test(attribute.lower, syntax.key, lambda found: bool(found <= bound))

    def _extensible(self, node: Extensible) -> Leaf:
        if node.attribute is None:
            return None
        attribute = self.schema.attribute(node.attribute)
        if attribute is None or attribute.constructed:
            return None
        if node.rule is None:
            return self._equality(attribute, node.value)
        if node.rule in (BIT_AND, BIT_OR):
            if not attribute.syntax.bits:
                return None
            try:
                mask = int(attribute.syntax.key(node.value))
            except ValueError:
                return None
            if node.rule == BIT_AND:
                return _key_test(attribute.lower, int, lambda found: found & mask == mask)
            return _key_test(attribute.lower, int, lambda found: found & mask != 0)
        if node.rule == IN_CHAIN:
            return self._in_chain(attribute, node.value)
        return None

    def _in_chain(self, attribute: AttributeType, value: bytes) -> Leaf:
        if attribute.syntax is not DN:
            return None
        line = chain(self.forest, self.controller, attribute, value)
        reached = {entry.attributes["distinguishedname"][0] for entry in line}
        return (lambda attributes: attributes["distinguishedname"][0] in reached) if reached else False

    def _anr(self, node: Filter) -> Leaf:
        """Ambiguous name resolution: prefixes of the attributes marked for it; ``=value`` asks for the whole value."""
        if isinstance(node, Equality | Approximate):
            asked = node.value
        elif isinstance(node, Substrings):
            asked = node.initial or b""
        else:
            return None
        exact = asked.startswith(b"=")
        asked = asked.removeprefix(b"=").strip()
        if not asked:
            return None
        items: list[Filter] = []
        for name in anr_attributes(self.forest):
            items.extend(_anr_items(name, asked, exact))
        first, space, last = asked.partition(b" ")
        if space:
            for given, family in ((first, last.strip()), (last.strip(), first)):
                items.append(And((_prefix("givenName", given, exact), _prefix("sn", family, exact))))
        return self.when(Or(tuple(items)), True)


def anr_attributes(forest: Forest) -> tuple[str, ...]:
    """The attributes whose searchFlags say they take part in ANR."""
    known = forest.schema
    found = (known.attribute(name) for name in _ANR_CANDIDATES)
    return tuple(a.name for a in found if a is not None and (a.search_flags & ANR))


#: where the schema tables set the ANR bit (kept short so that no search walks the whole schema)
_ANR_CANDIDATES = (
    "displayName", "givenName", "legacyExchangeDN", "mailNickname", "msDS-AdditionalSamAccountName",
    "msDS-PhoneticCompanyName", "msDS-PhoneticDepartment", "msDS-PhoneticDisplayName", "msDS-PhoneticFirstName",
    "msDS-PhoneticLastName", "name", "physicalDeliveryOfficeName", "proxyAddresses", "sAMAccountName", "sn",
)  # fmt: skip


def _anr_items(name: str, asked: bytes, exact: bool) -> list[Filter]:
    if name == "legacyExchangeDN":
        return [Equality(name, asked)]
    if name == "proxyAddresses" and b":" not in asked:
        return [_prefix(name, b"smtp:" + asked, exact)]
    return [_prefix(name, asked, exact)]


def _prefix(name: str, value: bytes, exact: bool) -> Filter:
    return Equality(name, value) if exact else Substrings(name, value, (), None)


def guid_value(value: bytes) -> bytes:
    """objectGUID as its octets, when a client wrote the dashed text."""
    if len(value) in (36, 38):
        try:
            return identity.guid_bytes(value.decode("ascii")) or value
        except UnicodeDecodeError:
            return value
    return value


def sid_value(value: bytes) -> bytes:
    """objectSid as its octets, when a client wrote S-1-...; raises ValueError."""
    octets: bytes = SID.key(value)
    return octets


def _text_equality(lower: str, key: Key) -> Test:
    def test(attributes: Attributes) -> bool:
        values = attributes.get(lower)
        if values is None:
            return False
        for value in values:  # noqa: SIM110
            if value == key or fold(value) == key:
                return True
        return False

    return test


def _key_test(lower: str, key: Callable[[bytes], Key], accept: Callable[[Key], bool]) -> Test:
    """Whether some value passes; a stored value that is not of its syntax never does."""

    def test(attributes: Attributes) -> bool:
        values = attributes.get(lower)
        if values is None:
            return False
        for value in values:
            try:
                if accept(key(value)):
                    return True
            except ValueError:
                continue
        return False

    return test


def chain(forest: Forest, controller: Controller, attribute: AttributeType, value: bytes) -> list[Entry]:
    """Every object from which following a linked attribute, again and again, leads to the one named."""
    try:
        target = controller.find(names.key(value.decode()))
    except ValueError:
        return []
    other = forest.schema.back_link(attribute.lower) or forest.schema.forward_link(attribute.lower)
    if target is None or other is None:
        return []
    found: dict[bytes, Entry] = {}
    waiting = [target]
    while waiting:
        current = waiting.pop()
        for near in links.targets(controller.domain_partition, current, other):
            if near.guid not in found:
                found[near.guid] = near
                waiting.append(near)
    return list(found.values())
