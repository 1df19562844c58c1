"""Query options on collections that are no directory objects: applied or refused, never left aside."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

DEFINITIONS = "roleManagement/directory/roleDefinitions"


def ask(listener: Any, path: str, **options: str) -> tuple[int, Any]:
    query = "&".join(f"${name}={quote(value)}" for name, value in options.items())
    answer = listener.graph("GET", f"/v1.0/{path}?{query}", listener.app_token())
    return answer.status, json.loads(answer.data)


def test_filter_select_and_count(listener: Any) -> None:
    chosen = {
        "filter": "startswith(displayName,'Global') and isBuiltIn eq true",
        "select": "displayName",
        "count": "true",
    }
    status, body = ask(listener, DEFINITIONS, **chosen)
    assert (status, body["@odata.count"]) == (200, 2)
    assert body["value"] == [{"displayName": "Global Administrator"}, {"displayName": "Global Reader"}]
    assert ask(listener, DEFINITIONS, filter="displayName eq 'nobody'")[1]["value"] == []
    assert ask(listener, "servicePrincipals", filter="appId eq 'x'", top="5")[1]["value"] == []
    assert list(ask(listener, "domains/contoso.com", select="id")[1]) == ["@odata.context", "id"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"filter": "nosuch eq 'x'"}, 400),
        ({"filter": "((("}, 400),
        ({"select": "nosuch"}, 400),
        ({"top": "0"}, 400),
        ({"foo": "1"}, 400),
        ({"top": "1"}, 501),
        ({"orderby": "displayName"}, 501),
        ({"expand": "owners"}, 501),
        ({"search": "x"}, 501),
        ({"skip": "1"}, 501),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said(listener: Any, options: dict[str, str], status: int) -> None:
    assert ask(listener, DEFINITIONS, **options)[0] == status
