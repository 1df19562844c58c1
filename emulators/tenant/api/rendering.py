"""Objects and collections as Graph's JSON. A page of users is joined from pieces kept per object until the object
changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import orjson

from emulators.tenant.api.exchange import Answer, Call, Desk, dumps
from emulators.tenant.core import collections
from emulators.tenant.core.collections import Found, Options, write_skip_token
from emulators.tenant.core.identities import CloudObject, Contact, Kind, User
from emulators.tenant.core.properties import DEFAULTS, READERS, typed_view, view
from emulators.tenant.core.refusals import bad_request, not_emulated

COLLECTION: dict[Kind, str] = {
    Kind.USER: "users",
    Kind.GROUP: "groups",
    Kind.CONTACT: "contacts",
    Kind.DEVICE: "devices",
}


def piece(obj: CloudObject, select: tuple[str, ...] | None) -> bytes:
    """The JSON of one object; kept with the object for the last selection asked for."""
    kept = obj.rendered
    if kept is not None and kept[0] == select:
        return kept[1]
    readers = READERS[obj.kind]
    body = orjson.dumps({name: readers[name](obj) for name in select or DEFAULTS[obj.kind]})
    obj.rendered = (select, body)
    return body


def context(call: Call, entity: str, select: tuple[str, ...] | None = None) -> str:
    chosen = f"({','.join(select)})" if select else ""
    return f"{call.base_url}/$metadata#{entity}{chosen}"


def single(call: Call, obj: CloudObject, options: Options, desk: Desk, status: int = 200) -> Answer:
    """One object, with what was expanded."""
    entity = context(call, f"{COLLECTION[obj.kind]}", options.select) + "/$entity"
    if options.expand:
        body: dict[str, Any] = {"@odata.context": entity, **view(obj, options.select), **_expanded(desk, obj, options)}
        return Answer(status, dumps(body))
    return Answer(status, b'{"@odata.context":' + orjson.dumps(entity) + b"," + piece(obj, options.select)[1:])


def next_link(call: Call, following: int) -> str:
    """The absolute address of the next page, with every option of this one."""
    query = {name: value for name, value in call.query.items() if name != "$skiptoken"}
    query["$skiptoken"] = write_skip_token(following)
    return f"{call.origin}{call.path}?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())


def collection(desk: Desk, call: Call, kind: Kind) -> Answer:
    """GET of all objects of a kind."""
    options = collections.read_options(call.query, kind, eventual=call.eventual)
    found = collections.page_of_kind(desk.tenant, kind, options)
    if options.expand:
        rows = [{**view(obj, options.select), **_expanded(desk, obj, options)} for obj in found.objects]
        return listing(call, context(call, COLLECTION[kind], options.select), rows, found)
    head: dict[str, Any] = {"@odata.context": context(call, COLLECTION[kind], options.select)}
    if found.count is not None:
        head["@odata.count"] = found.count
    if found.following is not None:
        head["@odata.nextLink"] = next_link(call, found.following)
    select = options.select
    pieces = [piece(obj, select) for obj in found.objects]
    return Answer(200, b'%b,"value":[%b]}' % (orjson.dumps(head)[:-1], b",".join(pieces)))


def listing(call: Call, entity: str, rows: Iterable[Any], found: Found | None = None) -> Answer:
    """A collection whose rows are ready."""
    body: dict[str, Any] = {"@odata.context": entity}
    if found is not None and found.count is not None:
        body["@odata.count"] = found.count
    if found is not None and found.following is not None:
        body["@odata.nextLink"] = next_link(call, found.following)
    body["value"] = list(rows)
    return Answer(200, dumps(body))


def mixed(desk: Desk, call: Call, objects: Iterable[CloudObject | None], cast: Kind | None = None) -> Answer:
    """A list of objects of several kinds, each with its type; a cast leaves only one kind."""
    kept = [obj for obj in objects if obj is not None and (cast is None or obj.kind is cast)]
    options = collections.read_options(call.query, cast, eventual=call.eventual) if cast is not None else _loose(call)
    found = collections.page_of(kept, options)
    rows = [typed_view(obj, options.select) for obj in found.objects]
    return listing(call, context(call, "directoryObjects"), rows, found)


def _loose(call: Call) -> Options:
    """Options of a mixed list: a name must belong to at least one kind; filters need a cast."""
    if call.query.get("$filter"):
        raise not_emulated("$filter on a list of mixed types (cast it to one type)")
    names = tuple(part.strip() for part in call.query.get("$select", "").split(",") if part.strip())
    for name in names:
        if not any(name in readers for readers in READERS.values()):
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
                "'microsoft.graph.directoryObject'.",
                "BadRequest",
            )
    top = {name: value for name, value in call.query.items() if name in ("$top", "$skiptoken", "$count")}
    plain = collections.read_options(top, Kind.USER, eventual=call.eventual)
    return Options(select=names or None, top=plain.top, start=plain.start, count=plain.count)


def read_single(call: Call, kind: Kind) -> Options:
    """The options of a read of one object."""
    return Options(
        select=collections.read_select(call.query.get("$select"), kind),
        expand=collections.read_expand(call.query.get("$expand")),
    )


def _expanded(desk: Desk, obj: CloudObject, options: Options) -> dict[str, Any]:
    """The navigation properties named in $expand."""
    tenant = desk.tenant
    found: dict[str, Any] = {}
    for part in options.expand:
        name, _, rest = part.partition("(")
        select = None
        if rest:
            inner = rest.rstrip(")")
            if not inner.startswith("$select="):
                raise not_emulated(f"$expand={part}")
            select = tuple(inner.removeprefix("$select=").split(","))
        if name == "manager" and isinstance(obj, User | Contact):
            manager = tenant.objects.get(obj.manager or "")
            if manager is not None:
                found["manager"] = typed_view(manager, select)
        elif name == "memberOf":
            groups = [tenant.objects.get(group_id) for group_id in tenant.member_of.get(obj.id, ())]
            found["memberOf"] = [typed_view(group, select) for group in groups if group is not None][:20]
        elif name == "members" and obj.kind is Kind.GROUP:
            members = [tenant.objects.get(member_id) for member_id in list(getattr(obj, "members", ()))[:20]]
            found["members"] = [typed_view(member, select) for member in members if member is not None]
        else:
            raise not_emulated(f"$expand={part}")
    return found
