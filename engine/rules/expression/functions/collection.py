"""Multi-valued attributes as a whole, and what the engine knows about an attribute by its name.

Source: facts "functions", categories Multi-valued, Program Flow (Select, Where) and Engine; "expressions" section 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.model.values import Scalar as ScalarValue
from engine.rules.expression.calls import gather
from engine.rules.expression.context import Context, Run
from engine.rules.expression.errors import ArgumentError
from engine.rules.expression.functions.text import folded
from engine.rules.expression.registry import (
    Anything,
    CaseType,
    Compiled,
    Condition,
    Number,
    Scalar,
    Site,
    Text,
    Texts,
    Values,
    form,
    function,
    nullable,
    option,
    optional,
    type_name,
)


def contains_reference(names: list[str], search: str, _case: CaseType = CaseType.SENSITIVE) -> int:
    """References are equal or not; distinguished names know no case."""
    wanted = search.casefold()
    return next((number for number, name in enumerate(names, 1) if name.casefold() == wanted), 0)


@function("Contains", Texts, Text, option(CaseType), returns=Number, null=0, on_references=contains_reference)
def contains(values: list[str], search: str, case: CaseType = CaseType.SENSITIVE) -> int:
    """Index from 1 of the first value that holds a text, 0 when none does. Source: function reference, Contains."""
    if case is CaseType.INSENSITIVE:
        values, search = [folded(value) for value in values], folded(search)
    for number, value in enumerate(values, 1):
        if search in value:
            return number
    return 0


@function("Count", Values, returns=Number, null=0)
def count(values: list[ScalarValue]) -> int:
    """Number of values. Source: function reference, Count."""
    return len(values)


@function("Item", nullable(Values), Number, returns=Scalar)
def item(values: list[ScalarValue] | None, index: int) -> ScalarValue:
    """The value at an index from 1; refuses an index without value. Source: function reference, Item."""
    if values is None or not 1 <= index <= len(values):
        raise ArgumentError(f"there is no value {index}: the attribute has {len(values or ())}")
    return values[index - 1]


@function("ItemOrNull", Values, nullable(Number), returns=Scalar)
def item_or_null(values: list[ScalarValue], index: int | None) -> ScalarValue | None:
    """The value at an index from 1, or NULL. Source: function reference, ItemOrNull."""
    return values[index - 1] if index is not None and 1 <= index <= len(values) else None


@function("Join", Texts, optional(nullable(Text)), returns=Text)
def join(values: list[str], delimiter: str | None = " ") -> str:
    """The values as one text, with a blank or another delimiter between. Source: function reference, Join."""
    return (delimiter or "").join(values)


@function("RemoveDuplicates", Values, returns=Values)
def remove_duplicates(values: list[ScalarValue]) -> list[ScalarValue]:
    """The first of each value, case apart. Source: function reference, RemoveDuplicates."""
    if len(values) < 2:
        return values
    kept: dict[object, ScalarValue] = {}
    for value in values:
        kept.setdefault(folded(value) if isinstance(value, str) else (type(value), value), value)
    return list(kept.values())


@form("ValueCount", Text, returns=Number, names_attribute=True)
def value_count(_site: Site, arguments: Sequence[Compiled]) -> Run:
    """Number of values the source object holds. Source: exported rules (member feeds memberCount)."""
    name = arguments[0].value

    def run(context: Context) -> int:
        value = context.attributes.get(name)
        if value is None:
            return 0
        return len(value) if type(value) is list else 1

    return run


@form("ImportedValue", Text, returns=Anything, names_attribute=True)
def imported_value(_site: Site, arguments: Sequence[Compiled]) -> Run:
    """The value as last imported and confirmed. Source: declarative provisioning concepts, ImportedValue."""
    name = arguments[0].value
    return lambda context: context.imported.get(name)


def each_value(site: Site, value: Any) -> list[Any]:
    """What Select and Where run over: many values, one, or none."""
    if value is None:
        return []
    if type(value) is list:
        return value
    if type(value) not in Scalar.classes:
        raise site.error(f"argument 2 must hold values, not {type_name(value)}")
    return [value]


@form("Select", Anything, Anything, Anything, returns=Anything, binds=True)
def select(site: Site, arguments: Sequence[Compiled]) -> Run:
    """The results of a function for every value. Source: function reference, Select."""
    variable, values, chosen = arguments[0].variable or "", arguments[1].run, arguments[2].run

    def run(context: Context) -> list[Any] | None:
        items = each_value(site, values(context))
        if not items:
            return None
        bound = dict(context.variables or {})
        inner = context.binding(bound)
        results = []
        for bound[variable] in items:
            result = chosen(inner)
            if result is not None and type(result) is not list and type(result) not in Scalar.classes:
                raise site.error(f"argument 3 must give values, not {type_name(result)}")
            results.append(result)
        return gather(results)

    return run


@form("Where", Anything, Anything, Condition, returns=Anything, binds=True)
def where(site: Site, arguments: Sequence[Compiled]) -> Run:
    """The values for which a condition is true. Source: function reference, Where."""
    variable, values, condition = arguments[0].variable or "", arguments[1].run, arguments[2].run

    def run(context: Context) -> list[Any] | None:
        items = each_value(site, values(context))
        if not items:
            return None
        bound = dict(context.variables or {})
        inner = context.binding(bound)
        kept = []
        for bound[variable] in items:
            result = condition(inner)
            if result is True:
                kept.append(bound[variable])
            elif result is not False and result is not None:
                raise site.error(f"argument 3 must be a condition, not {type_name(result)}")
        return kept or None

    return run
