"""Reading a collection as OData does: which options stand, which objects are on this page, where the next one starts.

Source: facts "tenant" 16, "graph_clients" 3 rows 2, 4 to 8.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulators.tenant.core.identities import CloudObject, Kind
from emulators.tenant.core.properties import ODATA_TYPES, READERS
from emulators.tenant.core.query import Filter, compile_filter
from emulators.tenant.core.refusals import GraphError, bad_request
from emulators.tenant.core.tenant import Tenant

PAGE_DEFAULT = 100
PAGE_MAX = 999
OPTIONS = frozenset({"$select", "$filter", "$top", "$count", "$orderby", "$expand", "$skiptoken", "$search", "$format"})
UNSUPPORTED = "Request_UnsupportedQuery"
EVENTUAL = (
    "Request with $search query parameter only works through MSGraph with a special request header: "
    "'ConsistencyLevel: eventual'"
)


@dataclass(frozen=True, slots=True)
class Options:
    """The query options of a collection request, checked."""

    select: tuple[str, ...] | None = None
    filter: Filter | None = None
    top: int = PAGE_DEFAULT
    count: bool = False
    order: tuple[str, bool] | None = None
    expand: tuple[str, ...] = ()
    start: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One page: the objects, how many there are in all if asked, where the next page starts."""

    objects: list[CloudObject]
    count: int | None
    following: int | None


def read_options(query: Mapping[str, str], kind: Kind, *, eventual: bool) -> Options:
    """Check the options of a collection of one kind."""
    for name in query:
        if name.startswith("$") and name not in OPTIONS:
            text = (
                "'$skip' is not supported by the service."
                if name == "$skip"
                else f"The query parameter '{name}' is not supported."
            )
            raise bad_request(text, "BadRequest" if name != "$skip" else "Request_BadRequest")
    if "$search" in query:
        if not eventual:
            raise bad_request(EVENTUAL, UNSUPPORTED)
        raise GraphError(501, "NotEmulated", "$search is not emulated by this tenant.")
    counted = query.get("$count", "").lower() == "true" and eventual
    compiled = compile_filter(query["$filter"], kind) if query.get("$filter") else None
    order = _read_order(query["$orderby"], kind) if query.get("$orderby") else None
    if compiled is not None and (compiled.advanced or order is not None) and not counted:
        raise bad_request("Unsupported or invalid query filter clause specified.", UNSUPPORTED)
    return Options(
        select=read_select(query.get("$select"), kind),
        filter=compiled,
        top=read_top(query.get("$top")),
        count=counted,
        order=order,
        expand=read_expand(query.get("$expand")),
        start=read_skip_token(query.get("$skiptoken")),
    )


def read_select(text: str | None, kind: Kind) -> tuple[str, ...] | None:
    """The names of $select; an unknown one is refused by name."""
    if not text:
        return None
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    readers = READERS[kind]
    for name in names:
        if name not in readers:
            where = ODATA_TYPES[kind][1:]
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{where}'.",
                "BadRequest",
            )
    return names or None


def read_expand(text: str | None) -> tuple[str, ...]:
    """The parts of $expand; commas inside brackets belong to the part."""
    return tuple(part.strip() for part in re.split(r",(?![^(]*\))", text or "") if part.strip())


def read_top(text: str | None) -> int:
    if text is None:
        return PAGE_DEFAULT
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise bad_request("Invalid page size specified: '" + text[:20] + "'. Must be between 1 and 999 inclusive.")
    if int(text) > PAGE_MAX:
        raise bad_request(f"Invalid page size specified: '{text}'. Must be between 1 and {PAGE_MAX} inclusive.")
    return int(text)


def _read_order(text: str, kind: Kind) -> tuple[str, bool]:
    words = text.split()
    if not 1 <= len(words) <= 2 or "," in text or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
        raise bad_request("Unsupported sort order.", UNSUPPORTED)
    if words[0] not in READERS[kind]:
        raise bad_request(
            f"Could not find a property named '{words[0]}' on type '{ODATA_TYPES[kind][1:]}'.", "BadRequest"
        )
    return words[0], len(words) == 2 and words[1].lower() == "desc"


def read_skip_token(text: str | None) -> int:
    if text is None:
        return 0
    try:
        number = int(base64.urlsafe_b64decode(text.encode()).decode().removeprefix("at:"))
    except (binascii.Error, ValueError, UnicodeError):
        raise bad_request("Skip token is not valid.", "Directory_ExpiredPageToken") from None
    return max(0, number)


def write_skip_token(position: int) -> str:
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode()


def page_of_kind(tenant: Tenant, kind: Kind, options: Options) -> Found:
    """A page of all objects of a kind. Without order or filter the page starts at its place, whatever came before."""
    if options.order is not None:
        return page_of(_sorted(_matching(_all_of(tenant, kind, options), options), options), options)
    if options.filter is not None and options.filter.equal:
        hits = _indexed(tenant, kind, options.filter)
        if hits is not None:
            return page_of([obj for obj in hits if options.filter(obj)], options)
    line = tenant.order[kind]
    objects: list[CloudObject] = []
    test, size = options.filter, options.top
    position = options.start
    following = None
    for position in range(options.start, len(line)):
        obj = line[position]
        if obj is None or (test is not None and not test(obj)):
            continue
        if len(objects) == size:
            following = position
            break
        objects.append(obj)
    count = None
    if options.count:
        count = tenant.count[kind] if test is None else sum(1 for obj in tenant.listed(kind) if test(obj))
    return Found(objects, count, following)


def page_of(objects: Iterable[CloudObject], options: Options) -> Found:
    """A page of a settled list, counted by place in it."""
    listed = [obj for obj in objects if options.filter is None or options.filter(obj)]
    end = options.start + options.top
    following = end if end < len(listed) else None
    return Found(listed[options.start : end], len(listed) if options.count else None, following)


def _all_of(tenant: Tenant, kind: Kind, options: Options) -> Iterator[CloudObject]:
    return tenant.listed(kind)


def _matching(objects: Iterable[CloudObject], options: Options) -> Iterator[CloudObject]:
    return (obj for obj in objects if options.filter is None or options.filter(obj))


def _sorted(objects: Iterable[CloudObject], options: Options) -> list[CloudObject]:
    assert options.order is not None
    name, descending = options.order

    def key(obj: CloudObject) -> tuple[bool, str]:
        value: Any = READERS[obj.kind][name](obj)
        return (value is None, str(value).lower())

    return sorted(objects, key=key, reverse=descending)


def _indexed(tenant: Tenant, kind: Kind, wanted: Filter) -> list[CloudObject] | None:
    """Answer an equality from an index; None when no index helps."""
    for name, value in wanted.equal.items():
        if not isinstance(value, str):
            continue
        found: CloudObject | None
        if name == "id":
            found = tenant.find(value)
        elif name == "userPrincipalName":
            found = tenant.by_upn.get(value.lower())
        elif name == "onPremisesImmutableId":
            found = tenant.by_anchor.get(value)
        elif name == "mail":
            found = tenant.by_address.get(value.lower())
        else:
            continue
        return [found] if found is not None and found.kind is kind else []
    return None
