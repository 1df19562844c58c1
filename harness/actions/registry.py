"""@action("directory.set_attributes"): declares a verb of the scenario language. Its arguments, their types and
their documentation are read
off the function itself, so that checking, the JSON Schema, ``anchorage verbs`` and the call can never disagree.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from harness.scenario.language import Verb
from harness.scenario.shapes import (
    Anything,
    Boolean,
    Choice,
    Duration,
    Integer,
    Key,
    ListOf,
    MapOf,
    Name,
    Record,
    Shape,
    Text,
)

ServerName = Annotated[str, Name("server")]
NewServerName = Annotated[str, Name("server", declares=True)]
ForestName = Annotated[str, Name("forest")]
TenantName = Annotated[str, Name("tenant")]
SnapshotName = Annotated[str, Name("snapshot")]
NewSnapshotName = Annotated[str, Name("snapshot", declares=True)]

_PLAIN: Mapping[Any, Shape] = {
    str: Text(),
    int: Integer(),
    bool: Boolean(),
    timedelta: Duration(),
    Any: Anything(),
    object: Anything(),
}


@dataclass(frozen=True)
class Action:
    """A verb and the function that carries it out: ``run(lab, **arguments)``."""

    verb: Verb
    run: Callable[..., Any]
    renamed: Mapping[str, str]  # key in the file -> parameter of the function
    whole: bool = False  # the function takes the checked mapping as it is

    def call(self, lab: Any, plain: Any) -> Any:
        """Convert checked plain arguments and act."""
        if self.whole:
            return self.run(lab, self.verb.arguments.convert_names(plain))
        arguments = self.verb.arguments.convert(plain)
        return self.run(lab, **{self.renamed.get(name, name): value for name, value in arguments.items()})


class Actions:
    """The verbs of one part of the language, in the order of their declaration."""

    def __init__(self) -> None:
        self.by_name: dict[str, Action] = {}

    def action(
        self, name: str, example: str, *, shorthand: str | None = None, record: Record | None = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a verb. shorthand: the argument a plain value stands for; the first one unless told.

        record: the arguments, when the world part of the language has their description already.
        """

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            arguments, renamed = (record, {}) if record is not None else _record(function, shorthand, name)
            doc = inspect.getdoc(function) or ""
            self.by_name[name] = Action(Verb(name, arguments, doc, example), function, renamed, record is not None)
            return function

        return declare


def _record(function: Callable[..., Any], shorthand: str | None, verb: str) -> tuple[Record, dict[str, str]]:
    hints = get_type_hints(function, localns={"Lab": object}, include_extras=True)
    keys: list[Key] = []
    renamed: dict[str, str] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        shape, doc = shape_of(hints[parameter.name])
        shown = parameter.name.rstrip("_")
        if shown != parameter.name:
            renamed[shown] = parameter.name
        keys.append(Key(shown, shape, parameter.default is inspect.Parameter.empty, doc))
    first = keys[0].name if keys and isinstance(keys[0].shape, Text | Name | Duration | ListOf) else ""
    others_needed = any(key.required for key in keys[1:])
    short = first if shorthand is None and not others_needed else shorthand or ""
    return Record(tuple(keys), shorthand=short, what=verb), renamed


def shape_of(hint: Any) -> tuple[Shape, str]:
    """Return the shape a type hint stands for, and its documentation."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        doc = next((one for one in inside[1:] if isinstance(one, str)), "")
        given = next((one for one in inside[1:] if not isinstance(one, str)), None)
        return (given, doc) if given is not None else (shape_of(inside[0])[0], doc)
    if origin in (Union, types.UnionType):
        return shape_of(next(one for one in inside if one is not type(None)))
    if origin is Literal:
        return Choice(tuple(str(one) for one in inside)), ""
    if origin is list:
        return ListOf(shape_of(inside[0])[0]), ""
    if origin is dict:
        return MapOf(shape_of(inside[1])[0], shape_of(inside[0])[0]), ""
    if hint in _PLAIN:
        return _PLAIN[hint], ""
    raise TypeError(f"no shape for {hint!r}: a verb takes text, numbers, booleans, times, lists and mappings")
