"""Delta queries and $count, the same for users, groups, contacts and devices. Source: facts "graph_clients" 3 rows 5,
17.
"""

from __future__ import annotations

from typing import Any

from emulators.tenant.api.exchange import Answer, Call, Desk, ok
from emulators.tenant.api.rendering import COLLECTION, context
from emulators.tenant.core import collections
from emulators.tenant.core.changes import Place, read_delta, read_token, write_token
from emulators.tenant.core.identities import Kind
from emulators.tenant.core.refusals import bad_request


def count(desk: Desk, call: Call, kind: Kind) -> Answer:
    """``/$count``: plain text, and only for eventual reads."""
    if not call.eventual:
        raise bad_request("$count is not currently supported.")
    options = collections.read_options({**call.query, "$count": "true"}, kind, eventual=True)
    found = collections.page_of_kind(desk.tenant, kind, options)
    return Answer(200, str(found.count).encode(), content_type="text/plain")


def delta(desk: Desk, call: Call, kind: Kind) -> Answer:
    """The delta function of a collection."""
    tenant = desk.tenant
    for name in ("$expand", "$top", "$orderby", "$filter"):
        if name in call.query:
            raise bad_request(f"The query parameter '{name}' is not supported with delta queries by this tenant.")
    token = call.query.get("$deltatoken") or call.query.get("$skiptoken")
    if token is None:
        place = Place(kind, tenant.changes.sequence, 0, _select(call, kind))
    elif token == "latest":  # noqa: S105 - a word of the protocol
        place = Place(kind, tenant.changes.sequence, None, _select(call, kind))
        return _answer(desk, call, kind, [], place, more=False)
    else:
        place = read_token(tenant, kind, token)
    page = read_delta(tenant, place)
    return _answer(desk, call, kind, page.rows, page.place, more=page.more)


def _select(call: Call, kind: Kind) -> tuple[str, ...] | None:
    text = call.query.get("$select")
    if not text:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    kept = collections.read_select(",".join(name for name in names if name != "members"), kind) or ()
    return (*kept, "members") if "members" in names else kept


def _answer(desk: Desk, call: Call, kind: Kind, rows: list[dict[str, Any]], place: Place, *, more: bool) -> Answer:
    token = write_token(desk.tenant, place)
    address = f"{call.base_url}/{COLLECTION[kind]}/delta?"
    body: dict[str, Any] = {"@odata.context": context(call, COLLECTION[kind]) + "/$delta"}
    if more:
        body["@odata.nextLink"] = f"{address}$skiptoken={token}"
    else:
        body["@odata.deltaLink"] = f"{address}$deltatoken={token}"
    body["value"] = rows
    return ok(body)
