"""All functions of the language by name. Source: facts "functions" (89); names are case-sensitive."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.rules.expression.functions import certificate, collection, convert, date, directory, logic, number, text
from engine.rules.expression.registry import Function

MODULES = (certificate, collection, convert, date, directory, logic, number, text)


def declared() -> tuple[Function, ...]:
    """Every function the modules declare, by name."""
    found = {each.name: each for module in MODULES for each in vars(module).values() if isinstance(each, Function)}
    return tuple(found[name] for name in sorted(found))


FUNCTIONS: tuple[Function, ...] = declared()
BY_NAME: Mapping[str, Function] = MappingProxyType(
    {name: each for each in FUNCTIONS for name in (each.name, *each.aliases)}
)
