"""Carrying out what ``expect`` and ``remember`` look at: queries answered by checks, expected values with
variables filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.checks.registry import Check
from harness.refusal import ScenarioError
from harness.scenario.document import Expectation
from harness.scenario.matching import Mismatch, match
from harness.scenario.queries import QueryError, read_query
from harness.scenario.source import suggestion
from harness.scenario.variables import resolve


class Looker:
    """Answers queries about one lab."""

    def __init__(self, lab: Any, checks: Mapping[tuple[str, str], Check], variables: Mapping[str, Any]) -> None:
        self.lab = lab
        self.checks = checks
        self.variables = variables

    def find(self, text: str) -> Any:
        """Return what a query finds; raises ScenarioError when it looks at nothing."""
        shown = str(resolve(text, self.variables))
        try:
            query = read_query(shown)
        except QueryError as error:
            raise ScenarioError(f"{shown}: {error.message}") from None
        owner, view = query.owner_and_view()
        kind, place = self._owner(owner)
        check = self.checks.get((kind, view))
        if check is None:
            names = [name for of, name in self.checks if of == kind]
            raise ScenarioError(f"{owner} has no view {view}; {suggestion(view, names, listed_max=30)}")
        return check.find(self.lab, place, query)

    def _owner(self, owner: str) -> tuple[str, Any]:
        lab = self.lab
        if owner == "world":
            return "world", lab
        if owner in ("tenant", "forest", "server"):
            return owner, getattr(lab, owner)()
        domains = lab.forests | lab.domains
        machines = getattr(lab, "wizards", {}) | lab.servers
        for kind, parts in (("tenant", lab.tenants), ("forest", domains), ("server", machines)):
            for name, part in parts.items():
                if name.lower() == owner.lower():
                    return kind, part
        if owner in lab.lost_servers:
            raise ScenarioError(f"the server {owner} was destroyed; there is nothing to look at")
        raise ScenarioError(f"nothing in this world is called {owner}")

    def expected(self, value: Any) -> Any:
        """Return an expected value with variables filled in and ``same_as`` queries answered."""
        filled = resolve(value, self.variables)
        return self._answer(filled)

    def _answer(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._answer(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {
            key: self.find(one) if key == "same_as" and isinstance(one, str) else self._answer(one)
            for key, one in value.items()
        }


def compare(looker: Looker, expectation: Expectation) -> list[Mismatch]:
    """Return how what is found differs from what an expectation says."""
    found = looker.find(expectation.subject)
    expected = looker.expected(expectation.expected)
    if isinstance(expected, dict) and "where" in expected:
        chosen = expected["where"]
        found = [one for one in found if not match(one, chosen)] if isinstance(found, list) else found
        expected = {key: one for key, one in expected.items() if key != "where"} or {"count": {"at_least": 1}}
    return match(found, expected)
