"""Names that stand for values: ``$name``, ``${name}``, ``${name.field}``; ``$$`` is a dollar sign.

A text that is nothing but a variable becomes the value itself with its type; a variable inside a text becomes text.
``$true``, ``$false`` and ``$null`` belong to cmdlets and are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_VARIABLE = re.compile(r"\$(?:(?P<escape>\$)|\{(?P<braced>[^{}]*)\}|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))")
CMDLET_CONSTANTS = frozenset({"true", "false", "null", "True", "False", "Null", "_"})
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class UnknownVariableError(LookupError):
    """A variable, or a field of it, that holds nothing."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def names_in(text: str) -> Iterator[tuple[str, int]]:
    """Yield each variable a text uses, as its first name and the offset at which it stands."""
    for found in _VARIABLE.finditer(text):
        path = found["braced"] if found["braced"] is not None else found["bare"]
        if path is None or path in CMDLET_CONSTANTS:
            continue
        yield re.split(r"[.\[]", path.strip(), maxsplit=1)[0], found.start()


def is_variable(value: object) -> bool:
    """Whether the value is nothing but one variable, so that its type is known only when it runs."""
    if not isinstance(value, str) or not value.startswith("$"):
        return False
    found = _VARIABLE.fullmatch(value)
    if found is None or found["escape"] is not None:
        return False
    return (found["braced"] or found["bare"]) not in CMDLET_CONSTANTS


def uses_variables(value: object) -> bool:
    """Whether a text uses any variable."""
    return isinstance(value, str) and any(True for _ in names_in(value))


def resolve(value: Any, variables: Mapping[str, Any]) -> Any:
    """Return the value with every variable in it replaced; raises UnknownVariableError."""
    if isinstance(value, str):
        return _resolve_text(value, variables)
    if isinstance(value, list):
        return [resolve(item, variables) for item in value]
    if isinstance(value, dict):
        return {resolve_key(key, variables): resolve(item, variables) for key, item in value.items()}
    return value


def resolve_key(key: str, variables: Mapping[str, Any]) -> str:
    return str(_resolve_text(key, variables)) if "$" in key else key


def _resolve_text(text: str, variables: Mapping[str, Any]) -> Any:
    if "$" not in text:
        return text
    if is_variable(text):
        found = _VARIABLE.fullmatch(text)
        assert found is not None
        return look_up(found["braced"] or found["bare"], variables)

    def replace(found: re.Match[str]) -> str:
        if found["escape"] is not None:
            return "$"
        path = found["braced"] if found["braced"] is not None else found["bare"]
        if path in CMDLET_CONSTANTS:
            return found[0]
        value = look_up(path, variables)
        if isinstance(value, dict | list):
            raise UnknownVariableError(path, f"${{{path}}} holds {len(value)} values and cannot stand inside a text")
        return "" if value is None else str(value)

    return _VARIABLE.sub(replace, text)


def look_up(path: str, variables: Mapping[str, Any]) -> Any:
    """Return what ``name``, ``name.field`` or ``name[0].field`` holds."""
    steps = [step for step in re.split(r"\.|(\[\d+\])", path.strip()) if step]
    if not steps or steps[0] not in variables:
        raise UnknownVariableError(path, f"nothing is remembered as {steps[0] if steps else path}")
    value = variables[steps[0]]
    for step in steps[1:]:
        if isinstance(value, list) and not step.startswith("[") and len(value) == 1:
            value = value[0]
        if step.startswith("["):
            index = int(step[1:-1])
            if not isinstance(value, list) or index >= len(value):
                raise UnknownVariableError(path, f"{path}: there is no item {index}")
            value = value[index]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            raise UnknownVariableError(path, f"{path}: what is remembered has no {step}")
    return value
