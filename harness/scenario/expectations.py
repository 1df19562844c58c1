"""Reading ``expect:``: does each query name something that can be looked at, and is what is expected of it well
formed?
"""

from __future__ import annotations

from typing import Any

from harness.scenario.document import Expectation
from harness.scenario.language import Language, View
from harness.scenario.matching import MATCHERS
from harness.scenario.queries import QueryError, read_query
from harness.scenario.scope import Scope
from harness.scenario.shapes import Boolean, Integer, Pattern, Shape, kind_of
from harness.scenario.source import Position, nearest, suggestion
from harness.scenario.tree import Path
from harness.scenario.variables import is_variable, uses_variables

_TAKES: dict[str, Shape] = {"number": Integer(), "true": Boolean(), "pattern": Pattern()}


def check_query(text: Any, path: Path, scope: Scope, language: Language, *, key: bool = False) -> View | None:
    """Complain about a query that looks at nothing; returns the view it looks at."""
    if not isinstance(text, str):
        scope.complain(path, f"here belongs something to look at, such as tenant.users(id), not {kind_of(text)}")
        return None
    head = text.split("(")[0]
    if uses_variables(head):
        return None
    try:
        query = read_query(head if uses_variables(text) else text)
        owner, name = query.owner_and_view()
        kind = owner_kind(owner, scope)
        if kind is None:
            raise _unknown_owner(owner, name, scope, language)
        view = language.views.get((kind, name))
        if view is None:
            hint = suggestion(name, language.views_of(kind), listed_max=30)
            raise QueryError(f"{owner} has no view {name}", len(owner) + 1, hint)
        if view.named and "(" not in text:
            raise QueryError(f"{name} looks at one object: name it, as in {view.example}", len(text))
    except QueryError as error:
        scope.complain(path, error.message, error.hint, key=key, offset=error.offset)
        return None
    if owner not in ("tenant", "forest", "world", "server"):
        scope.use(kind, owner, path, key=key)
    return view


def owner_kind(owner: str, scope: Scope) -> str | None:
    """Return what kind of thing a name in a query is."""
    if owner in ("tenant", "forest", "world"):
        return owner
    for kind in ("tenant", "forest", "server"):
        names = [*scope.known(kind), *scope.later.get(kind, [])]
        if owner.lower() in (name.lower() for name in names):
            return kind
    return None


def _unknown_owner(owner: str, name: str, scope: Scope, language: Language) -> QueryError:
    names = ["tenant", "forest", "world"]
    for kind in ("tenant", "forest", "server"):
        names += [*scope.known(kind), *scope.later.get(kind, [])]
    if not owner:
        return QueryError(f"{name} is not the name of something to look at", 0, "write OWNER.VIEW, as in tenant.users")
    return QueryError(f"nothing in this world is called {owner}", 0, suggestion(owner, names))


def check_expected(value: Any, path: Path, scope: Scope, language: Language) -> None:
    """Complain about matchers that are misspelt, mixed with fields, or given the wrong kind of value."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            check_expected(item, (*path, index), scope, language)
    if not isinstance(value, dict):
        return
    asked = [key for key in value if key in MATCHERS]
    others = [key for key in value if key not in MATCHERS]
    if asked and others:
        near = nearest(others[0], MATCHERS)
        hint = f"did you mean {near}?" if near else "put the field in a mapping of its own"
        scope.complain((*path, others[0]), f"{others[0]} is no matcher, but stands beside {asked[0]}", hint, key=True)
        return
    for key, item in value.items():
        inside = (*path, key)
        takes = MATCHERS[key].takes if asked else "anything"
        if takes == "query":
            check_query(item, inside, scope, language)
        elif takes in _TAKES and not is_variable(item) and not isinstance(item, dict):
            _TAKES[takes].check(item, inside, scope)
        else:
            check_expected(item, inside, scope, language)


def check_expectations(value: Any, path: Path, scope: Scope, language: Language) -> None:
    """Check the whole mapping of an ``expect``."""
    if not isinstance(value, dict):
        scope.complain(
            path, f"expect takes names of things to look at, each with what it should be, not {kind_of(value)}"
        )
        return
    if not value:
        scope.complain(path, "expect looks at nothing")
    for subject, expected in value.items():
        inside = (*path, subject)
        view = check_query(subject, inside, scope, language, key=True)
        if isinstance(expected, dict) and "where" in expected:
            if view is not None and not view.many:
                scope.complain((*inside, "where"), f"{view.name} is no list: there is nothing to choose from", key=True)
            check_expected(expected["where"], (*inside, "where"), scope, language)
            expected = {key: one for key, one in expected.items() if key != "where"}
        check_expected(expected, inside, scope, language)


def build_expectations(value: Any, places: dict[str, tuple[Position, str]]) -> tuple[Expectation, ...]:
    """Return the expectations of a checked mapping; places: subject to its place and line."""
    if not isinstance(value, dict):
        return ()
    return tuple(Expectation(subject, expected, *places[subject]) for subject, expected in value.items())
