"""Choice, naming, refusal, and the tests for presence. Source: facts "functions", Program Flow and Evaluation.

IIF and Switch evaluate only the value they choose; Switch evaluates every condition; With evaluates its part once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.rules.expression.calls import gather
from engine.rules.expression.context import Context, Run, Sentinel
from engine.rules.expression.errors import ErrorRaised, locate
from engine.rules.expression.registry import (
    Anything,
    Boolean,
    Compiled,
    Condition,
    Nothing,
    Site,
    Text,
    form,
    type_name,
)


@form("Error", Text, returns=Nothing)
def error(site: Site, arguments: Sequence[Compiled]) -> Run:
    """Fails the object with this text. Source: function reference, Error."""
    message = arguments[0].run

    def run(context: Context) -> None:
        value = message(context)
        if value is not None and type(value) is not str:
            raise site.error(f"argument 1 must be str, not {type_name(value)}")
        raise ErrorRaised(value or "", site.text, *locate(site.text, site.position))

    return run


@form("IIF", Condition, Anything, Anything, returns=Anything)
def iif(site: Site, arguments: Sequence[Compiled]) -> Run:
    """One of two values; the other is not evaluated. Source: function reference, IIF."""
    known = arguments[0].value
    if arguments[0].constant and (known is None or type(known) is bool):
        return arguments[1].run if known else arguments[2].run
    condition, when_true, when_false = (argument.run for argument in arguments)

    def run(context: Context) -> Any:
        chosen = condition(context)
        if chosen is True:
            return when_true(context)
        if chosen is False or chosen is None:
            return when_false(context)
        return choose_each(site, context, chosen, when_true, when_false)

    return run


def choose_each(site: Site, context: Context, chosen: Any, when_true: Run, when_false: Run) -> list[Any] | None:
    """IIF over a condition per value: a branch is evaluated once, and only when some value needs it."""
    if type(chosen) is not list or any(type(item) is not bool for item in chosen):
        raise site.error(f"argument 1 must be a condition, not {type_name(chosen)}")
    branches = {
        True: branch(site, context, when_true, len(chosen)) if True in chosen else [],
        False: branch(site, context, when_false, len(chosen)) if False in chosen else [],
    }
    return gather([branches[item][index] for index, item in enumerate(chosen)])


def branch(site: Site, context: Context, run: Run, count: int) -> list[Any]:
    """A branch's value for every one of count values."""
    value = run(context)
    if isinstance(value, Sentinel):
        raise site.error(f"{value.value} cannot stand for one value of several")
    if type(value) is not list:
        return [value] * count
    if len(value) != count:
        raise site.error("the condition and the value have different numbers of values")
    return value


@form("Switch", Condition, Anything, returns=Anything, repeats=True)
def switch(site: Site, arguments: Sequence[Compiled]) -> Run:
    """The value beside the first true condition, else NULL. Source: function reference, Switch."""
    if len(arguments) % 2:

        def unpaired(_context: Context) -> Any:
            raise site.error("every condition needs a value: the number of arguments is odd")

        return unpaired
    pairs = [(arguments[at].run, arguments[at + 1].run) for at in range(0, len(arguments), 2)]

    def run(context: Context) -> Any:
        chosen: Run | None = None
        for condition, value in pairs:
            truth = condition(context)
            if truth is True:
                chosen = chosen or value
            elif truth is not False and truth is not None:
                raise site.error(f"a condition must be bool, not {type_name(truth)}")
        return None if chosen is None else chosen(context)

    return run


@form("With", Anything, Anything, Anything, returns=Anything, binds=True)
def with_variable(_site: Site, arguments: Sequence[Compiled]) -> Run:
    """A name for a part that is used several times. Source: function reference, With."""
    variable, part, whole = arguments[0].variable or "", arguments[1].run, arguments[2].run

    def run(context: Context) -> Any:
        bound = {**(context.variables or {}), variable: part(context)}
        return whole(context.binding(bound))

    return run


ZERO_LIKE = frozenset({bool, int})


def present(value: Any) -> bool:
    """Neither absent nor empty; a Boolean False and a zero are present."""
    return bool(value) or type(value) in ZERO_LIKE


def string_like(value: Any) -> bool:
    """Whether CStr would take the value, or all of the values."""
    if type(value) is list:
        return all(isinstance(item, (str, int)) for item in value)
    return isinstance(value, (str, int))


def build_test(test: Callable[[Any], bool], site: Site, argument: Compiled) -> Run:
    """A test of a whole value; IgnoreThisFlow and AuthoritativeNull are no values."""
    name, inner = argument.attribute, argument.run
    if name is not None:
        return lambda context: test(context.attributes.get(name))
    if not argument.sentinel:
        return lambda context: test(inner(context))

    def run(context: Context) -> bool:
        value = inner(context)
        if isinstance(value, Sentinel):
            raise site.error(f"argument 1 must be a value, not {value.value}")
        return test(value)

    return run


@form("IsPresent", Anything, returns=Boolean)
def is_present(site: Site, arguments: Sequence[Compiled]) -> Run:
    """Whether a value is neither NULL nor empty. Source: function reference, IsPresent."""
    name = arguments[0].attribute
    if name is None:
        return build_test(present, site, arguments[0])

    def run(context: Context) -> bool:
        value = context.attributes.get(name)
        return bool(value) or type(value) in ZERO_LIKE

    return run


@form("IsNullOrEmpty", Anything, returns=Boolean)
def is_null_or_empty(site: Site, arguments: Sequence[Compiled]) -> Run:
    """Whether a value is NULL or empty. Source: function reference, IsNullOrEmpty."""
    name = arguments[0].attribute
    if name is None:
        return build_test(lambda value: not present(value), site, arguments[0])

    def run(context: Context) -> bool:
        value = context.attributes.get(name)
        return not value and type(value) not in ZERO_LIKE

    return run


@form("IsNull", Anything, returns=Boolean)
def is_null(site: Site, arguments: Sequence[Compiled]) -> Run:
    """Whether a value is NULL; an absent attribute is. Source: function reference, IsNull."""
    return build_test(lambda value: value is None or value == [], site, arguments[0])


@form("IsEmpty", Anything, returns=Boolean)
def is_empty(site: Site, arguments: Sequence[Compiled]) -> Run:
    """Whether a value is there but is an empty text. Source: function reference, IsEmpty."""
    return build_test(lambda value: value in ("", b""), site, arguments[0])


@form("IsString", Anything, returns=Boolean)
def is_string(site: Site, arguments: Sequence[Compiled]) -> Run:
    """Whether CStr would succeed; binary is no string. Source: function reference, IsString."""
    return build_test(string_like, site, arguments[0])
