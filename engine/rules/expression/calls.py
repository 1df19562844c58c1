"""Calls of plain functions as closures: one type test on the usual path, everything else on the slow one.

Source: facts "expressions" sections 5 and 7, "functions" (rules, null_behaviour). The usual path is a single value of
the first declared class; NULL, multi-values, other classes and refusals go through CallSite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from engine.rules.expression.context import Context, Run, Sentinel
from engine.rules.expression.errors import ArgumentError, ExpressionError
from engine.rules.expression.registry import Compiled, Function, Shape, Site, type_name


@dataclass(frozen=True, slots=True)
class CallSite:
    """The central checks of one call."""

    function: Function
    site: Site
    multivalued: frozenset[int] = frozenset()  # positions whose attribute is multi-valued by the schema

    def apply(self, values: Sequence[Any]) -> Any:
        """Call with any values: NULL rule, spreading over multi-values, type checks."""
        parameters = self.function.parameters
        if values and values[0] is None and not parameters[0].nullable:
            return self.function.null
        if len(values) == 1 and type(values[0]) is list and parameters[0].shape is Shape.EACH:
            return self.each(values[0], ())
        spread = [
            index for index, value in enumerate(values) if type(value) is list and parameters[index].shape is Shape.EACH
        ]
        if not spread:
            return self.single(values)
        if spread == [0]:
            return self.each(values[0], values[1:])
        lengths = {len(values[index]) for index in spread}
        if len(lengths) > 1:
            raise self.site.error("two multi-valued arguments have different numbers of values")
        return gather(
            [
                self.single([value[row] if index in spread else value for index, value in enumerate(values)])
                for row in range(lengths.pop())
            ]
        )

    def each(self, items: list[Any], extra: Sequence[Any]) -> list[Any] | None:
        """Call for every value of the first argument; the others are the same each time."""
        body, parameters = self.function.body, self.function.parameters
        assert body is not None
        usual = parameters[0].classes[0]
        if extra and any(type(value) not in parameters[index].classes for index, value in enumerate(extra, 1)):
            return gather([self.single((item, *extra)) for item in items])
        single = self.single
        try:
            results = [body(item, *extra) if type(item) is usual else single((item, *extra)) for item in items]
        except ArgumentError as problem:
            raise self.site.error(str(problem)) from None
        if self.function.returns.shape is Shape.EACH and None not in results:
            return results
        return gather(results)

    def single(self, values: Sequence[Any]) -> Any:
        """Call with no multi-value left to spread."""
        function = self.function
        checked = []
        for index, value in enumerate(values):
            parameter = function.parameters[index]
            if value is None:
                if index == 0 and not parameter.nullable:
                    return function.null
                if not parameter.nullable:
                    raise self.site.error(f"argument {index + 1} is NULL; {parameter.type_name} is expected")
            elif parameter.shape is Shape.MANY:
                value = self.whole_list(index, value)
            elif type(value) not in parameter.classes and not isinstance(value, list):
                raise self.mistyped(index, value)
            checked.append(value)
        assert function.body is not None
        try:
            return function.body(*checked)
        except ArgumentError as problem:
            raise self.site.error(str(problem)) from None

    def whole_list(self, index: int, value: Any) -> list[Any]:
        """The multi-value of an aggregating parameter; a single value only where the schema says multi-valued."""
        classes = self.function.parameters[index].classes
        if type(value) is not list:
            if index not in self.multivalued:
                raise self.mistyped(index, value)
            value = [value]
        for item in value:
            if type(item) not in classes:
                raise self.mistyped(index, value)
        return cast(list[Any], value)

    def mistyped(self, index: int, value: Any) -> ExpressionError:
        expected = self.function.parameters[index].type_name
        return self.site.error(f"argument {index + 1} must be {expected}, not {type_name(value)}")

    def refusal(self, problem: Exception, values: Sequence[Any]) -> Exception:
        """What a failing body means: its own refusal, a wrong type inside a multi-value, or a fault of ours."""
        if isinstance(problem, ArgumentError):
            return self.site.error(str(problem))
        try:
            self.single(values)
        except ExpressionError as found:
            return found
        except TypeError:
            pass
        return problem


def gather(results: list[Any]) -> list[Any] | None:
    """The results of a spread call: NULL dropped, lists of lists made flat, nothing left is NULL."""
    flat: list[Any] = []
    for result in results:
        if type(result) is list:
            flat.extend(result)
        elif result is not None:
            flat.append(result)
    return flat or None


def build_call(call: CallSite, arguments: Sequence[Compiled]) -> Run:
    """The closure that evaluates the arguments and calls the function."""
    function = call.function
    if function.uses_context:
        return contextual_call(call, [argument.run for argument in arguments])
    if not arguments:
        return lambda _context: call.apply(())
    first, others = arguments[0], arguments[1:]
    extra = tuple(argument.value for argument in others)
    if not first.constant and all(fits(call, others)) and takes_null(call, extra):
        if not extra and first.attribute is not None:
            return call_on_attribute(call, first.attribute)
        if not extra:
            return call_with_one(call, first.run)
        if len(extra) == 1:
            return call_with_constant(call, first.run, extra[0])
        return call_with_constants(call, first.run, extra)
    if len(arguments) == 2:
        return call_with_two(call, arguments[0].run, arguments[1].run)
    runs = tuple(argument.run for argument in arguments)
    apply = call.apply
    return lambda context: apply([run(context) for run in runs])


def fits(call: CallSite, others: Sequence[Compiled]) -> list[bool]:
    """Which of the arguments after the first are constants of the right class."""
    return [
        argument.constant and type(argument.value) in call.function.parameters[index].classes
        for index, argument in enumerate(others, 1)
    ]


def takes_null(call: CallSite, extra: Sequence[Any]) -> bool:
    """Whether NULL as first argument has a result beside these constants, which can then be worked out once."""
    try:
        call.apply((None, *extra))
    except ExpressionError:
        return False
    return True


def usual_class(call: CallSite, index: int) -> type:
    """The class that takes the short path."""
    parameter = call.function.parameters[index]
    return list if parameter.shape is Shape.MANY else parameter.classes[0]


def call_on_attribute(call: CallSite, name: str) -> Run:
    """F([name])"""
    body, usual, null, apply, refusal = parts(call)

    def run(context: Context) -> Any:
        value = context.attributes.get(name)
        if type(value) is usual:
            try:
                return body(value)
            except (ArgumentError, TypeError) as problem:
                raise refusal(problem, (value,)) from None
        return null if value is None else apply((value,))

    return run


def call_with_one(call: CallSite, argument: Run) -> Run:
    """F(a)"""
    body, usual, null, apply, refusal = parts(call)

    def run(context: Context) -> Any:
        value = argument(context)
        if type(value) is usual:
            try:
                return body(value)
            except (ArgumentError, TypeError) as problem:
                raise refusal(problem, (value,)) from None
        return null if value is None else apply((value,))

    return run


def call_with_constant(call: CallSite, argument: Run, extra: Any) -> Run:
    """F(a, constant)"""
    body, usual, null, apply, refusal = parts(call, extra)

    def run(context: Context) -> Any:
        value = argument(context)
        if type(value) is usual:
            try:
                return body(value, extra)
            except (ArgumentError, TypeError) as problem:
                raise refusal(problem, (value, extra)) from None
        return null if value is None else apply((value, extra))

    return run


def call_with_constants(call: CallSite, argument: Run, extra: tuple[Any, ...]) -> Run:
    """F(a, constant, constant ...)"""
    body, usual, null, apply, refusal = parts(call, *extra)

    def run(context: Context) -> Any:
        value = argument(context)
        if type(value) is usual:
            try:
                return body(value, *extra)
            except (ArgumentError, TypeError) as problem:
                raise refusal(problem, (value, *extra)) from None
        return null if value is None else apply((value, *extra))

    return run


def call_with_two(call: CallSite, first: Run, second: Run) -> Run:
    """F(a, b)"""
    body, apply, refusal = call.function.body, call.apply, call.refusal
    usual, usual_second = usual_class(call, 0), usual_class(call, 1)
    assert body is not None

    def run(context: Context) -> Any:
        left = first(context)
        right = second(context)
        if type(left) is usual and type(right) is usual_second:
            try:
                return body(left, right)
            except (ArgumentError, TypeError) as problem:
                raise refusal(problem, (left, right)) from None
        return apply((left, right))

    return run


def parts(call: CallSite, *extra: Any) -> tuple[Any, type, Any, Any, Any]:
    """What every closure captures: body, usual class of the first argument, NULL result, slow path, refusal."""
    return call.function.body, usual_class(call, 0), call.apply((None, *extra)), call.apply, call.refusal


def contextual_call(call: CallSite, arguments: Sequence[Run]) -> Run:
    """Now, Guid, RandomNum: the body is handed the context first."""
    function = call.function
    body = function.body
    assert body is not None

    def run(context: Context) -> Any:
        values = [argument(context) for argument in arguments]
        for index, value in enumerate(values):
            if type(value) not in function.parameters[index].classes:
                raise call.mistyped(index, value)
        try:
            return body(context, *values)
        except ArgumentError as problem:
            raise call.site.error(str(problem)) from None

    return run


def text_of_reference(site: Site, argument: Compiled) -> Run:
    """An argument of reference type where text is wanted: object numbers become DN text."""
    inner = argument.run

    def named(context: Context, number: Any) -> str | None:
        if context.distinguished_name is None:
            raise site.error("the distinguished name behind a reference is not known here")
        return context.distinguished_name(number)

    def run(context: Context) -> Any:
        value = inner(context)
        if value is None or isinstance(value, Sentinel):
            return value
        if type(value) is list:
            return gather([named(context, number) if type(number) is int else number for number in value])
        return named(context, value) if type(value) is int else value

    return run
