"""Objects of a pipeline as the text a console shows: tables up to four properties, else lists, names lined up.

A width is the console's; without one nothing is cut or wrapped. Source: about_Format, Format-Table, Format-List
(Windows PowerShell 5.1).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from engine.cmdlets.powershell.values import Keyed, Record, Value, listed, property_of, text_of

TABLE_PROPERTIES_MAX = 4
_SHOWN_OF_A_LIST = 4
_CUT = "..."

#: Properties of a column or line: its label, and how its value is had from an object.
Property = tuple[str, Callable[[Value], Value]]


@dataclass(frozen=True)
class Layout:
    """What Format-Table or Format-List makes. ``group_by``: a property whose value stands above each part."""

    kind: str  # "table" or "list"
    objects: tuple[Value, ...]
    properties: tuple[Property, ...] = ()
    headers: bool = True
    group_by: str = ""


@dataclass(frozen=True)
class View:
    """How a type is shown when nobody says how. hidden: properties only shown when they are asked for; without
    ``properties`` all others are."""

    properties: tuple[str, ...] = ()
    kind: str = "table"
    group_by: str = ""
    hidden: tuple[str, ...] = ()


VIEWS: Mapping[str, View] = {
    "EventLogRecord": View(("TimeCreated", "Id", "LevelDisplayName", "Message"), group_by="ProviderName"),
    "ServiceController": View(("Status", "Name", "DisplayName")),
    "ADUser": View(
        ("DistinguishedName", "Enabled", "GivenName", "Name", "ObjectClass", "ObjectGUID", "SamAccountName", "SID",
         "Surname", "UserPrincipalName"), "list",
    ),
    "Command": View(("Name", "Parameters")),
    "CsObject": View(kind="list", hidden=("SerializedXml",)),
    "PreviewResult": View(kind="list", hidden=("SerializedXml",)),
}  # fmt: skip


def render(objects: Sequence[Value], width: int | None = None) -> list[str]:
    """The lines of what a pipeline carries at its end."""
    lines: list[str] = []
    position = 0
    while position < len(objects):
        one = objects[position]
        if isinstance(one, Layout):
            lines += _layout(one, width)
            position += 1
        elif isinstance(one, Mapping):
            end = position
            while end < len(objects) and _alike(one, objects[end]):
                end += 1
            lines += _layout(_by_default(objects[position:end]), width)
            position = end
        else:
            lines += [part for item in listed(one) for part in text_of(item).split("\n")]
            position += 1
    return lines


def _by_default(objects: Sequence[Mapping[str, Value]]) -> Layout:
    first = objects[0]
    if not isinstance(first, Record):
        entries = [Record("", {"Name": key, "Value": value}) for one in objects for key, value in one.items()]
        return Layout("table", tuple(entries), by_names(("Name", "Value")))
    view = VIEWS.get(first.type_name)
    if view is not None:
        known = [name for name in view.properties if name in first] or list(first)
        known = [name for name in known if name not in view.hidden]
        more = view.properties and view.kind == "list"  # an object with more than the usual properties shows them all
        extra = [name for name in first if name not in view.properties] if more else []
        return Layout(view.kind, tuple(objects), by_names((*known, *extra)), group_by=view.group_by)
    kind = "table" if len(first) <= TABLE_PROPERTIES_MAX else "list"
    return Layout(kind, tuple(objects), by_names(tuple(first)) if kind == "table" else ())


def _alike(one: Mapping[str, Value], other: Value) -> bool:
    """Whether two objects stand in one table."""
    if isinstance(one, Record) and isinstance(other, Record):
        return one.type_name == other.type_name
    return isinstance(other, Mapping) and type(one) is type(other)


def by_names(names: Sequence[str]) -> tuple[Property, ...]:
    """Properties by their own names."""
    return tuple((name, lambda value, name=name: property_of(value, name)) for name in names)


def cell(value: Value) -> str:
    """A value inside a table or list: a collection in braces, of many only the first few."""
    if isinstance(value, Mapping) and not isinstance(value, Record):
        parts = (
            list(value) if isinstance(value, Keyed) else [f"[{key}, {text_of(held)}]" for key, held in value.items()]
        )
    elif isinstance(value, list | tuple):
        parts = [text_of(one) for one in value]
    elif isinstance(value, bytes):
        parts = [str(octet) for octet in value]
    else:
        return text_of(value)
    more = _CUT if len(parts) > _SHOWN_OF_A_LIST else ""
    return "{" + ", ".join(parts[:_SHOWN_OF_A_LIST]) + more + "}"


def _layout(layout: Layout, width: int | None) -> list[str]:
    if not layout.objects:
        return []
    if not layout.group_by:
        return _part(layout, layout.objects, width)
    lines: list[str] = []
    groups: list[tuple[str, list[Value]]] = []
    for one in layout.objects:
        name = text_of(one.get(layout.group_by))
        if not groups or groups[-1][0] != name:
            groups.append((name, []))
        groups[-1][1].append(one)
    for name, held in groups:
        lines += ["", f"   {layout.group_by}: {name}", *_part(layout, tuple(held), width)]
    return lines


def _part(layout: Layout, objects: tuple[Value, ...], width: int | None) -> list[str]:
    if layout.kind == "list":
        return _list(objects, layout.properties, width)
    return _table(objects, layout.properties, width, headers=layout.headers)


# ---- lists -----------------------------------------------------------------------------------------------------------
def _list(objects: Sequence[Value], properties: Sequence[Property], width: int | None) -> list[str]:
    lines: list[str] = [""]
    for one in objects:
        if not isinstance(one, Mapping):
            lines += [text_of(one), ""]
            continue
        hidden = VIEWS[one.type_name].hidden if isinstance(one, Record) and one.type_name in VIEWS else ()
        chosen = properties or by_names(tuple(name for name in one if name not in hidden))
        longest = max((len(label) for label, _ in chosen), default=0)
        for label, get in chosen:
            lines += _list_line(f"{label:<{longest}} : ", cell(get(one)), width)
        lines.append("")
    return lines


def _list_line(head: str, text: str, width: int | None) -> Iterator[str]:
    indent = " " * len(head)
    for number, part in enumerate(text.split("\n")):
        room = (width or 0) - len(head) - 1
        pieces = [part] if width is None or len(part) <= room or room < 10 else _wrapped(part, room)
        for again, piece in enumerate(pieces):
            yield (indent if number or again else head) + piece


def _wrapped(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, room, break_long_words=True, break_on_hyphens=False) or [""]


# ---- tables ----------------------------------------------------------------------------------------------------------
def _table(
    objects: Sequence[Value], properties: Sequence[Property], width: int | None, *, headers: bool = True
) -> list[str]:
    columns = []
    for label, get in properties:
        values = [get(one) for one in objects]
        right = any(isinstance(v, int | float | Enum) and not isinstance(v, bool) for v in values[:1])
        cells = [cell(value).replace("\n", " ") for value in values]
        columns.append((label, cells, right))
    fitted = _fitted(columns, width)
    lines = [""]
    if headers:
        lines.append(_row([label for label, _, _ in fitted], fitted))
        lines.append(_row(["-" * len(label) for label, _, _ in fitted], fitted))
    lines += [_row([cells[number] for _, cells, _ in fitted], fitted) for number in range(len(objects))]
    return [*(line.rstrip() for line in lines), ""]


_Column = tuple[str, list[str], bool]


def _size(column: _Column) -> int:
    return max(len(column[0]), *(len(one) for one in column[1]))


def _fitted(columns: Sequence[_Column], width: int | None) -> list[_Column]:
    """The columns the console has room for; the last of them is cut."""
    if width is None:
        return list(columns)
    fitted: list[_Column] = []
    room = width - 1
    for label, cells, right in columns:
        size = _size((label, cells, right))
        if size > room:
            if room >= len(label) + len(_CUT) or (room >= len(label) and not fitted):
                fitted.append((label, [_cut(one, room) for one in cells], right))
            break
        fitted.append((label, cells, right))
        room -= size + 1
    return fitted


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - len(_CUT)] + _CUT


def _row(texts: Sequence[str], columns: Sequence[_Column]) -> str:
    parts = []
    for text, column in zip(texts, columns, strict=True):
        size = _size(column)
        parts.append(text.rjust(size) if column[2] else text.ljust(size))
    return " ".join(parts)
