"""Is the object in the rule's scope? One table of operators, compiled to closures once per rule.

Groups are OR-ed, clauses AND-ed, an empty filter is always in scope; negative operators hold on an absent attribute,
positive ones do not; text is compared without regard to case. Source: facts "engine" section 6.2; decision D2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import ConfigurationError
from engine.model.schema import AttributeType, Schema
from engine.model.values import Scalar, Value, as_list, text_of
from engine.rules.rule import ScopeClause, SyncRule

Attributes = Mapping[str, Value]
Parameters = Mapping[str, str]
InScope = Callable[[Attributes, Parameters], bool]
#: (attributes of the object, DN of a group in the same connector space) -> whether the object is a member.
MemberOf = Callable[[Attributes, str], bool]
#: A reference value (row number) to the DN it stands for.
ReferenceText = Callable[[int], str]

_Comparer = Callable[[Scalar], bool]

_PARAMETER = re.compile(r"%([^%]+)%")
_NUMBER = re.compile(r"(?i)-?(?:\d+|(?:0x|&h)[0-9a-f]+)\Z")


@dataclass(frozen=True, slots=True)
class Operator:
    """comparer: (clause value, numeric?) -> test of one attribute value; negative: the clause says the opposite."""

    comparer: Callable[[str, bool], _Comparer] | None
    negative: bool = False
    needs_value: bool = True


def number_of(text: str) -> int:
    """Read a number of a clause: decimal, 0x.. or &H..."""
    if not _NUMBER.match(text):
        raise ValueError(f"{text!r} is not a number")
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    return sign * (int(digits[2:], 16) if digits[:2].lower() in ("0x", "&h") else int(digits))


def _text(value: Scalar) -> str:
    return value.casefold() if type(value) is str else text_of(value).casefold()


def _equal(wanted: str, numeric: bool) -> _Comparer:
    folded = wanted.casefold()
    number = number_of(wanted) if numeric or _NUMBER.match(wanted) else None

    def compare(value: Scalar) -> bool:
        if type(value) is str:
            return value.casefold() == folded
        if type(value) is int and number is not None:
            return value == number
        if type(value) is bytes:
            return text_of(value) == wanted
        return _text(value) == folded

    return compare


def _ordered(test: Callable[[int], bool]) -> Callable[[str, bool], _Comparer]:
    """Order by number where the attribute is numeric, else by folded text; ``test`` sees -1, 0 or 1."""

    def make(wanted: str, numeric: bool) -> _Comparer:
        folded = wanted.casefold()
        number = number_of(wanted) if numeric or _NUMBER.match(wanted) else None

        def compare(value: Scalar) -> bool:
            if number is not None and (type(value) is int or (numeric and _NUMBER.match(str(value)))):
                found = value if type(value) is int else number_of(str(value))
                return test((found > number) - (found < number))
            text = _text(value)
            return test((text > folded) - (text < folded))

        return compare

    return make


def _substring(test: Callable[[str, str], bool]) -> Callable[[str, bool], _Comparer]:
    def make(wanted: str, _numeric: bool) -> _Comparer:
        folded = wanted.casefold()
        return lambda value: test(_text(value), folded)

    return make


def _bits(wanted: str, _numeric: bool) -> _Comparer:
    mask = number_of(wanted)

    def compare(value: Scalar) -> bool:
        if type(value) is str and _NUMBER.match(value):
            value = number_of(value)
        return isinstance(value, int) and value & mask == mask

    return compare


_CONTAINS = _substring(lambda text, wanted: wanted in text)
_STARTS = _substring(str.startswith)
_ENDS = _substring(str.endswith)

#: Stored spelling -> what it tests. Both spellings of the bit operators are read (D2).
OPERATORS: dict[str, Operator] = {
    "EQUAL": Operator(_equal),
    "NOTEQUAL": Operator(_equal, negative=True),
    "LESSTHAN": Operator(_ordered(lambda order: order < 0)),
    "LESSTHAN_OR_EQUAL": Operator(_ordered(lambda order: order <= 0)),
    "GREATERTHAN": Operator(_ordered(lambda order: order > 0)),
    "GREATERTHAN_OR_EQUAL": Operator(_ordered(lambda order: order >= 0)),
    "CONTAINS": Operator(_CONTAINS),
    "NOTCONTAINS": Operator(_CONTAINS, negative=True),
    "STARTSWITH": Operator(_STARTS),
    "NOTSTARTSWITH": Operator(_STARTS, negative=True),
    "ENDSWITH": Operator(_ENDS),
    "NOTENDSWITH": Operator(_ENDS, negative=True),
    "ISNULL": Operator(None, negative=True, needs_value=False),
    "ISNOTNULL": Operator(None, needs_value=False),
    "ISIN": Operator(_equal),
    "ISNOTIN": Operator(_equal, negative=True),
    "ISBITSET": Operator(_bits),
    "ISBITNOTSET": Operator(_bits, negative=True),
    "ISNOTBITSET": Operator(_bits, negative=True),
    "ISMEMBEROF": Operator(None),
    "ISNOTMEMBEROF": Operator(None, negative=True),
}
MEMBER_OPERATORS = frozenset({"ISMEMBEROF", "ISNOTMEMBEROF"})
_EQUALITY = frozenset({"EQUAL", "NOTEQUAL", "ISIN", "ISNOTIN"})


def parameter_names(text: str) -> list[str]:
    """Names of the %Parameters% a clause value asks for."""
    return _PARAMETER.findall(text)


def with_parameters(text: str, parameters: Parameters) -> str:
    """Replace every %Parameter% of a clause value; an unknown one is an error (facts "expressions" section 8)."""

    def replacement(match: re.Match[str]) -> str:
        try:
            return parameters[match[1]]
        except KeyError:
            raise ConfigurationError("parameter-unknown", f"The parameter %{match[1]}% is not defined.") from None

    return _PARAMETER.sub(replacement, text)


def _present(name: str, negative: bool) -> InScope:
    if negative:
        return lambda attributes, _parameters: name not in attributes
    return lambda attributes, _parameters: name in attributes


def _membership(clause: ScopeClause, negative: bool, member_of: MemberOf | None) -> InScope:
    if member_of is None:
        raise ConfigurationError(
            "scope-membership-unavailable",
            f"{clause.operator} asks for group membership, which cannot be answered here.",
        )
    ask, group = member_of, clause.value
    return lambda attributes, parameters: ask(attributes, with_parameters(group, parameters)) is not negative


def _references_as_text(compare: _Comparer, reference_text: ReferenceText) -> _Comparer:
    return lambda value: compare(reference_text(value) if type(value) is int else value)


def _constant_clause(name: str, compare: _Comparer, negative: bool) -> InScope:
    positive = not negative

    def test(attributes: Attributes, _parameters: Parameters) -> bool:
        if name not in attributes:
            return negative
        value = attributes[name]
        if type(value) is list:
            for item in value:
                if compare(item):
                    return positive
            return negative
        return compare(value) is positive  # type: ignore[arg-type]  # not a list here

    return test


def _equal_text_clause(name: str, wanted: str, negative: bool) -> InScope:
    """EQUAL and its kin against a text that is no number: by far the most frequent clause, so written out."""
    compare = _equal(wanted, False)
    folded, as_boolean = wanted.casefold(), {"true": True, "false": False}.get(wanted.casefold())
    positive = not negative

    def test(attributes: Attributes, _parameters: Parameters) -> bool:
        if name not in attributes:
            return negative
        value = attributes[name]
        if value is as_boolean:
            return positive
        if type(value) is str:
            return (value == wanted or value.casefold() == folded) is positive
        if type(value) is list:
            return any(compare(item) for item in value) is positive
        return compare(value) is positive  # type: ignore[arg-type]

    return test


def compile_clause(
    clause: ScopeClause,
    schema: Schema | None = None,
    member_of: MemberOf | None = None,
    reference_text: ReferenceText | None = None,
) -> InScope:
    """Compile one clause; raises ConfigurationError for an operator, number or reference that cannot be tested."""
    name = clause.attribute
    operator = OPERATORS.get(clause.operator.upper())
    if operator is None:
        raise ConfigurationError("scope-operator-unknown", f"The scope operator {clause.operator!r} does not exist.")
    if not operator.needs_value:
        return _present(name, operator.negative)
    if clause.operator.upper() in MEMBER_OPERATORS:
        return _membership(clause, operator.negative, member_of)
    make = operator.comparer
    assert make is not None
    definition = schema.attributes.get(name) if schema else None
    numeric = definition is not None and definition.type is AttributeType.INTEGER
    reference = definition is not None and definition.type is AttributeType.REFERENCE
    if reference and reference_text is None:
        raise ConfigurationError(
            "scope-reference-unavailable",
            f"{clause.operator} on the reference attribute {name} cannot be tested here; use ISNULL or ISNOTNULL.",
        )

    def comparer(wanted: str) -> _Comparer:
        try:
            compare = make(wanted, numeric)
        except ValueError as error:
            raise ConfigurationError("scope-value-invalid", f"{name} {clause.operator}: {error}.") from None
        return _references_as_text(compare, reference_text) if reference and reference_text else compare

    if not parameter_names(clause.value):
        if clause.operator.upper() in _EQUALITY and not numeric and not reference and not _NUMBER.match(clause.value):
            return _equal_text_clause(name, clause.value, operator.negative)
        return _constant_clause(name, comparer(clause.value), operator.negative)
    negative, template = operator.negative, clause.value
    made: dict[str, InScope] = {}

    def with_parameter(attributes: Attributes, parameters: Parameters) -> bool:
        wanted = with_parameters(template, parameters)
        test = made.get(wanted)
        if test is None:
            test = made[wanted] = _constant_clause(name, comparer(wanted), negative)
        return test(attributes, parameters)

    return with_parameter


def _all_of(tests: Sequence[InScope]) -> InScope:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda attributes, parameters: first(attributes, parameters) and second(attributes, parameters)

    def every(attributes: Attributes, parameters: Parameters) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs twice as much here
            if not test(attributes, parameters):
                return False
        return True

    return every


def compile_scope(
    rule: SyncRule,
    schema: Schema | None = None,
    member_of: MemberOf | None = None,
    reference_text: ReferenceText | None = None,
) -> InScope:
    """Compile the rule's scope filter; the schema is that of the source side (metaverse for outbound rules)."""
    groups = tuple(
        _all_of(tuple(compile_clause(clause, schema, member_of, reference_text) for clause in group))
        for group in rule.scope
        if group
    )
    if len(groups) < len(rule.scope) or not groups:  # an empty group, like an empty filter, lets everything in
        return lambda _attributes, _parameters: True
    if len(groups) == 1:
        return groups[0]

    def any_group(attributes: Attributes, parameters: Parameters) -> bool:
        for group in groups:  # noqa: SIM110
            if group(attributes, parameters):
                return True
        return False

    return any_group


@dataclass(frozen=True, slots=True)
class ClauseOutcome:
    clause: ScopeClause
    passed: bool
    found: tuple[str, ...]  # the attribute's values as text; empty when absent


@dataclass(frozen=True, slots=True)
class ScopeExplanation:
    """groups: every clause of every group with what was found; the object is in scope when one group passed whole."""

    in_scope: bool
    groups: tuple[tuple[ClauseOutcome, ...], ...]

    @property
    def failed(self) -> tuple[ClauseOutcome, ...]:
        """The clauses that keep the object out (none when it is in scope)."""
        if self.in_scope:
            return ()
        return tuple(outcome for group in self.groups for outcome in group if not outcome.passed)


def explain_scope(
    rule: SyncRule,
    attributes: Attributes,
    parameters: Parameters,
    schema: Schema | None = None,
    member_of: MemberOf | None = None,
    reference_text: ReferenceText | None = None,
) -> ScopeExplanation:
    """Say of every clause whether it holds and what value it met."""
    groups = tuple(
        tuple(
            ClauseOutcome(
                clause,
                compile_clause(clause, schema, member_of, reference_text)(attributes, parameters),
                tuple(text_of(value) for value in as_list(attributes.get(clause.attribute))),
            )
            for clause in group
        )
        for group in rule.scope
    )
    return ScopeExplanation(not groups or any(all(o.passed for o in group) for group in groups), groups)
