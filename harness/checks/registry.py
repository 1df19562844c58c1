"""@check("tenant", "users"): declares a view an expectation may look at, with the function that looks.

The function gets the lab, the owner it is asked of and the query; it returns plain values. Filtering and choosing
fields is done here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.scenario.language import View
from harness.scenario.queries import Query, holds, project

Look = Callable[[Any, Any, Query], Any]


@dataclass(frozen=True)
class Check:
    """A view and how it is looked at. whole: the function reads the query's conditions itself."""

    view: View
    look: Look
    whole: bool = False

    def find(self, lab: Any, owner: Any, query: Query) -> Any:
        """Return what the query finds, filtered and cut to the fields it names."""
        found = self.look(lab, owner, query)
        fields = query.fields(named=self.view.named)
        if isinstance(found, list):
            if not self.whole:
                found = [one for one in found if all(holds(one, condition) for condition in query.conditions)]
            return [project(one, fields) for one in found]
        return project(found, fields)


class Checks:
    """The views of one kind of owner, in the order of their declaration."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.by_name: dict[str, Check] = {}

    def check(
        self,
        name: str,
        example: str,
        *,
        many: bool = False,
        named: bool = False,
        whole: bool = False,
        fields: tuple[str, ...] = (),
    ) -> Callable[[Look], Look]:
        """Declare a view. many: it finds a list; named: the query names one object; fields: what objects have."""

        def declare(function: Look) -> Look:
            doc = inspect.getdoc(function) or ""
            view = View(self.owner, name, doc, example, many=many, named=named, fields=fields)
            self.by_name[name] = Check(view, function, whole)
            return function

        return declare


def wanted_fields(query: Query, *, named: bool, all_fields: tuple[str, ...], always: tuple[str, ...]) -> list[str]:
    """Return the fields a query needs to be read: those it keeps, those it compares, and some always."""
    kept = [name for name, _ in query.fields(named=named)]
    compared = [condition.name for condition in query.conditions]
    if not kept:
        names = [*all_fields, *compared]
    else:
        names = [*always, *kept, *compared]
    known = {name.lower(): name for name in all_fields}
    return list(dict.fromkeys(known.get(name.lower(), name) for name in names))
