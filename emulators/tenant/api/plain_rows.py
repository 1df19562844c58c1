"""Query options over the collections that are no directory objects: roles, applications, service principals, jobs,
domains, logs. Their handlers answer plain rows; $select, $filter and $count are applied to them here, what would need
pages or navigation is refused, so that no option is left aside without a word.

Source: facts "tenant" 16; design section 1 "Honest".
"""

from __future__ import annotations

from typing import Any

import orjson

from emulators.tenant.api.exchange import Answer, Call, Route, dumps
from emulators.tenant.core.collections import read_top
from emulators.tenant.core.query import compile_plain_filter
from emulators.tenant.core.refusals import bad_request, not_emulated

#: areas whose handlers read the options themselves
_OWN = ("/users", "/groups", "/contacts", "/devices", "/directoryObjects", "/directory/deletedItems", "/me")
_KNOWN = frozenset({"$select", "$filter", "$top", "$count"})
_REFUSED = frozenset({"$orderby", "$expand", "$search", "$skip", "$skiptoken", "$deltatoken", "$format", "$apply"})


def shaped(route: Route, call: Call, answer: Answer) -> Answer:
    """The answer to a GET with the query options of the call applied."""
    asked = {name: value for name, value in call.query.items() if name.startswith("$")}
    if not asked or route.method != "GET" or not answer.body or route.rule.startswith(_OWN):
        return answer
    if route.rule.endswith("/members"):
        return answer
    _refuse_others(asked, route.rule)
    body = orjson.loads(answer.body)
    rows = body.get("value")
    if not isinstance(rows, list):
        head = {name: value for name, value in body.items() if name.startswith("@")}
        return _with_body(answer, head | _selected(body, asked.get("$select")))
    names = frozenset(name for row in rows for name in row)
    if asked.get("$filter"):
        kept = compile_plain_filter(asked["$filter"], names)
        rows = [row for row in rows if kept(row)]
    if len(rows) > read_top(asked.get("$top")):
        raise not_emulated(f"Paging of {route.rule} with $top={asked.get('$top', '')[:20]}")
    if asked.get("$count", "").lower() == "true":
        body["@odata.count"] = len(rows)
    if asked.get("$select"):
        rows = [_selected(row, asked["$select"], names) for row in rows]
    body["value"] = rows
    return _with_body(answer, {name: body[name] for name in sorted(body, key="value".__eq__)})


def _refuse_others(asked: dict[str, str], rule: str) -> None:
    for name in asked:
        if name in _REFUSED:
            raise not_emulated(f"{name} on {rule}")
        if name not in _KNOWN:
            raise bad_request(f"The query parameter '{name[:40]}' is not supported.", "BadRequest")


def _selected(row: dict[str, Any], text: str | None, known: frozenset[str] | None = None) -> dict[str, Any]:
    """The properties chosen; one that no row has is refused by name."""
    if not text:
        return row
    chosen = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in chosen:
        if name not in (known if known is not None else row):
            problem = f"Parsing OData Select and Expand failed: Could not find a property named '{name[:60]}'."
            raise bad_request(problem, "BadRequest")
    return {name: row[name] for name in chosen if name in row}


def _with_body(answer: Answer, body: dict[str, Any]) -> Answer:
    return Answer(answer.status, dumps(body), answer.content_type, answer.headers)


__all__ = ["shaped"]
