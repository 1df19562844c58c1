"""Search: base, one level, subtree; filtered, sorted, paged, and only what the caller may see.

Source: MS-ADTS 3.1.1.3.1.3 and 3.1.1.3.4.1; facts "directory" sections 3, 4 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from emulators.directory.core import access, dirsync, filters, links, plan, refusals, rootdse, sorting
from emulators.directory.core.entry import State
from emulators.directory.core.locate import locate
from emulators.directory.core.paging import ResultSet, ResultSets
from emulators.directory.core.requests import Equality, Scope
from emulators.directory.core.results import Found, Reference, Result, ResultCode, SearchAnswer
from emulators.directory.core.selection import Selection, catalogued, in_catalog

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.partition import Partition
    from emulators.directory.core.requests import Search
    from emulators.directory.core.session import Session

_PHANTOM_ROOT = 2


def search(forest: Forest, session: Session, request: Search) -> SearchAnswer:
    """Answer one search; entries found before a limit struck are kept."""
    if not request.base and request.scope == Scope.BASE:
        return rootdse.search(forest, session, request)
    refusals.demand_bind(session)
    controls = request.controls
    if controls.dirsync is not None:
        return dirsync.search(forest, session, request)
    unsorted = sorting.verdict(forest, controls)
    if unsorted and controls.sort_critical:
        return SearchAnswer([], sorting.refused(unsorted))
    if controls.page_size is None:
        return _whole(forest, session, request)
    if controls.page_size < 0:
        raise refusals.bad_control()
    if session.result_sets is None:
        session.result_sets = ResultSets(forest.options.max_result_sets)
    sets = session.result_sets
    if controls.page_cookie:
        result_set = sets.resume(request, controls.page_cookie)
        if controls.page_size == 0:
            sets.close(result_set)
            return SearchAnswer([], Result(page_cookie=b""))
    else:
        result_set = sets.open(request, _stream(forest, session, request))
    return _page(forest, request, sets, result_set)


def _page(forest: Forest, request: Search, sets: ResultSets, result_set: ResultSet) -> SearchAnswer:
    size = min(request.controls.page_size or forest.options.max_page_size, forest.options.max_page_size)
    limit = request.size_limit
    if limit and limit - result_set.sent < size:
        size = limit - result_set.sent
    items, more = result_set.take(size)
    sort_result = sorting.verdict(forest, request.controls)
    if more and limit and result_set.sent >= limit:
        sets.close(result_set)
        return SearchAnswer(items, Result(ResultCode.SIZE_LIMIT_EXCEEDED, page_cookie=b"", sort_result=sort_result))
    if more:
        sets.keep(result_set)
        return SearchAnswer(items, Result(page_cookie=result_set.cookie, sort_result=sort_result))
    sets.close(result_set)
    return SearchAnswer(items, Result(page_cookie=b"", sort_result=sort_result))


def _whole(forest: Forest, session: Session, request: Search) -> SearchAnswer:
    """An answer without paging: cut at the client's limit or the server's."""
    limit = forest.options.max_page_size
    if request.size_limit:
        limit = min(limit, request.size_limit)
    items: list[Found | Reference] = []
    entries = 0
    sort_result = sorting.verdict(forest, request.controls)
    for item in _stream(forest, session, request):
        if isinstance(item, Found):
            if entries == limit:
                text = "000020D1: SvcErr: DSID-031401E7, problem 5008 (ADMIN_LIMIT_EXCEEDED), data 0\n"
                done = Result(ResultCode.SIZE_LIMIT_EXCEEDED, text, sort_result=sort_result)
                return SearchAnswer(items, done)
            entries += 1
        items.append(item)
    return SearchAnswer(items, Result(sort_result=sort_result))


def _stream(forest: Forest, session: Session, request: Search) -> Iterator[Found | Reference]:
    """Everything the search finds, lazily; refusals come before the first item."""
    selection = Selection(forest, session, request)
    test = filters.compile_filter(forest, session.controller, request.filter)
    controls = request.controls
    phantom = bool(controls.search_options & _PHANTOM_ROOT)
    references: list[Reference] = []
    sources: list[Iterable[Entry]]
    if not request.base and (session.global_catalog or phantom):
        sources = [_below(p, p.head, request) for p in session.partitions]
    elif not request.base:
        raise refusals.no_such_object("")
    else:
        partition, base = locate(session, request.base, controls)
        if controls.attribute_scoped is not None:
            sources = [_attribute_scoped(forest, partition, base, request)]
        else:
            sources = [_below(partition, base, request)]
        if request.scope == Scope.SUBTREE and (session.global_catalog or phantom):
            sources += [_below(p, p.head, request) for p in _inside(session, partition, base)]
        elif request.scope != Scope.BASE and not controls.domain_scope and not controls.search_options & 1:
            references = _references(session, partition, base, request)
    stream = _found(session, request, sources, test, selection, _is_subschema(request))
    if controls.sort is not None and sorting.verdict(forest, controls) == ResultCode.SUCCESS:
        stream = iter(sorting.arranged(forest, controls.sort[0], list(stream)))
    return _then(stream, references)


def _then(stream: Iterator[Found], references: list[Reference]) -> Iterator[Found | Reference]:
    yield from stream
    yield from references


def _is_subschema(request: Search) -> bool:
    """The one filter under which a base read of the aggregate shows what it is for."""
    wanted = request.filter
    return (
        request.scope == Scope.BASE
        and isinstance(wanted, Equality)
        and wanted.attribute.lower() == "objectclass"
        and wanted.value.lower() == b"subschema"
    )


def _found(
    session: Session,
    request: Search,
    sources: list[Iterable[Entry]],
    test: filters.Test | bool,
    selection: Selection,
    subschema: bool,
) -> Iterator[Found]:
    """Filter, visibility and selection over the objects in question."""
    if test is False:
        return
    if subschema and not request.attributes:
        selection.computed += ["attributetypes", "objectclasses", "ditcontentrules"]
        selection.quick = False
    token = session.token
    known = token._read
    select = selection.of
    controls = request.controls
    recycled = controls.show_recycled
    deleted = recycled or controls.show_deleted
    myself = token.user
    catalog = session.global_catalog
    for source in sources:
        for entry in source:
            state = entry.state
            if state and not (deleted if state == State.DELETED else recycled):
                continue
            parent = entry.parent
            if parent is not None:
                above = known.get(parent.sd) or token.readable(parent.sd)
                if not above.list:
                    continue
            readable = known.get(entry.sd) or token.readable(entry.sd)
            if entry.sid is not None and entry.sid == myself:
                readable = access.readable(token, entry)
            if readable.all and not entry.guarded and not catalog:
                if test is not True and not test(entry.attributes):
                    continue
            else:
                seen = visible_attributes(selection, entry, readable)
                if seen is None or (test is not True and not test(seen)):
                    continue
            yield select(entry, readable)


def visible_attributes(
    selection: Selection, entry: Entry, readable: access.Readable
) -> dict[str, tuple[bytes, ...]] | None:
    """What a filter may look at: unreadable attributes count as absent, and those the global catalog asked lacks.

    None when not even the class may be read.
    """
    schema = selection.forest.schema
    catalog = selection.session.global_catalog
    seen = {}
    for name, values in entry.attributes.items():
        attribute = schema.attribute(name)
        if attribute is not None and readable.property(attribute) and (not catalog or in_catalog(attribute)):
            seen[name] = values
    if catalog and "member" in seen and not catalogued(selection.session, entry):
        del seen["member"]
    if "objectclass" not in seen:
        return None
    seen["distinguishedname"] = entry.attributes["distinguishedname"]
    return seen


# ---- where to look ---------------------------------------------------------------------------------------------------
def _below(partition: Partition, base: Entry, request: Search) -> Iterable[Entry]:
    """The objects in scope, by index where the filter allows, in a list that later writes do not disturb."""
    if request.scope == Scope.BASE:
        return (base,)
    if partition.fill is not None and not _none_to_make(partition, base, request):
        partition.materialise()
    if request.scope == Scope.ONE_LEVEL:
        return list((base.children or {}).values())
    likely = plan.candidates(partition, request.filter)
    if likely is not None:
        return likely if base is partition.head else [entry for entry in likely if _lies_below(entry, base)]
    return list(partition.entries.values()) if base is partition.head else list(base.below())


def _none_to_make(partition: Partition, base: Entry, request: Search) -> bool:
    """Whether the search asks for one name right below the head that no object of the context will have.

    Looking whether a forest has Exchange's schema is such a search; it must not cost the making of the whole schema.
    """
    wanted = request.filter
    if base is not partition.head or not isinstance(wanted, Equality) or wanted.attribute.lower() not in ("cn", "name"):
        return False
    return request.scope == Scope.ONE_LEVEL and wanted.value.lower() not in partition.forest.schema.definition_names


def _lies_below(entry: Entry, base: Entry) -> bool:
    node: Entry | None = entry
    while node is not None:
        if node is base:
            return True
        node = node.parent
    return False


def _attribute_scoped(forest: Forest, partition: Partition, base: Entry, request: Search) -> Iterable[Entry]:
    """The objects a DN-valued attribute of the base names (base scope only)."""
    attribute = forest.schema.attribute(request.controls.attribute_scoped or "")
    if request.scope != Scope.BASE or attribute is None or not attribute.syntax.is_dn:
        raise refusals.bad_control(ResultCode.UNWILLING_TO_PERFORM)
    return links.targets(partition, base, attribute.lower)


def _inside(session: Session, partition: Partition, base: Entry) -> list[Partition]:
    """The naming contexts whose head lies below a base."""
    from emulators.directory.core.names import is_below, key

    name = key(base.dn)
    return [p for p in session.partitions if p is not partition and is_below(p.name, name)]


def _references(session: Session, partition: Partition, base: Entry, request: Search) -> list[Reference]:
    """Continuation references to the naming contexts directly below, those of other controllers too."""
    found = []
    for other in partition.subordinates:
        direct = len(other.name) == len(partition.name) + 1
        if direct and base is not partition.head:
            continue
        if not direct and (request.scope == Scope.ONE_LEVEL or other not in _inside(session, partition, base)):
            continue
        found.append(Reference((f"ldap://{session.domain.dns}/{other.dn}",)))
    for other in session.controller.others:
        domain = other.controller.domain
        if (
            base is partition.head
            and domain.parent_in([partition.controller.domain]) is not None
            and _is_domain(partition)
        ):
            found.append(Reference((f"ldap://{domain.dns}/{other.dn}",)))
    return found


def _is_domain(partition: Partition) -> bool:
    return partition is partition.controller.domain_partition
