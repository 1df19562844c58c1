"""YAML text to a tree of plain values in which every key and value knows its place.

Scalars follow YAML 1.2 (only true and false are booleans, so ``on``, ``no`` and times stay text). Positions come from
the loader itself, because they cannot be added later (design document, section 3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from harness.scenario.source import Position

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?\Z|[-+]?[0-9]+[eE][-+]?[0-9]+\Z")
_CONSTANTS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DEPTH_MAX = 60
_NODES_MAX = 200_000
#: the loader's own recursion is in C and ends the process; texts that could reach so deep are looked through first
_DEPTH_LOADED_MAX = 1_000
_TOO_LARGE = "nested too deep or too large for a scenario"


@dataclass(slots=True)
class Node:
    """A value of the file: a scalar, a list or a mapping, with the place of each part."""

    value: Any
    position: Position
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[Position, Node]] = field(default_factory=dict)

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, (_, node) in self.entries.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.items]
        return self.value

    def at(self, path: Path, *, key: bool = False) -> Position:
        """Return the place of what the path names, or of the nearest thing around it that exists."""
        node = self
        place = self.position
        for index, step in enumerate(path):
            last = index == len(path) - 1
            if isinstance(node.value, dict) and str(step) in node.entries:
                key_place, node = node.entries[str(step)]
                place = key_place if (key and last) else node.position
            elif isinstance(node.value, list) and isinstance(step, int) and 0 <= step < len(node.items):
                node = node.items[step]
                place = node.position
            else:
                return place
        return place


class UnreadableYamlError(Exception):
    """The text is not YAML, or not YAML that a scenario may use; carries where and why."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass
class _Walk:
    complaints: list[tuple[Position, str]]
    count: int = 0


def compose(text: str) -> tuple[Node | None, list[tuple[Position, str]]]:
    """Read one YAML document; returns its tree (None when empty) and the complaints that do not stop the reading.

    Raises UnreadableYamlError when nothing can be read.
    """
    if "\0" in text:
        before = text[: text.index("\0")]
        line = before.count("\n") + 1
        raise UnreadableYamlError("the file holds a NUL byte: not a text file", Position(line, 1))
    if _may_be_deep(text):
        _refuse_depth(text)
    loader = yaml.CSafeLoader(text)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _unreadable(error, text) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise UnreadableYamlError(f"unreadable YAML: {error}", Position()) from None
    finally:
        loader.dispose()
    if root is None:
        return None, []
    walk = _Walk([])
    return _convert(root, walk, ()), walk.complaints


def _may_be_deep(text: str) -> bool:
    """Whether a text could be nested beyond what the loader bears: a level costs a bracket or a column."""
    if text.count("[") + text.count("{") > _DEPTH_LOADED_MAX:
        return True
    return len(text) > _DEPTH_LOADED_MAX and max(map(len, text.split("\n"))) > _DEPTH_LOADED_MAX // 2


def _refuse_depth(text: str) -> None:
    """Complain about a text that is nested too deep; what else is wrong with it, the loader finds."""
    depth = 0
    try:
        for event in yaml.parse(text, yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEPTH_LOADED_MAX:
                mark = event.start_mark
                place = Position(mark.line + 1, mark.column + 1) if mark is not None else Position()
                raise UnreadableYamlError(_TOO_LARGE, place)
    except yaml.YAMLError:
        return


def _unreadable(error: yaml.MarkedYAMLError, text: str) -> UnreadableYamlError:
    """Return the loader's complaint at the place where a person has to mend something."""
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and "unexpected end of stream" in str(error.problem):
        mark = error.context_mark  # where the quote was opened, not where the file ends
    place = Position(mark.line + 1, mark.column + 1) if mark is not None else Position()
    line = next(iter(text.splitlines()[place.line - 1 : place.line]), "")
    if line[place.column - 1 : place.column] == "\t":
        return UnreadableYamlError("unreadable YAML: a tab stands here; YAML indents with spaces", place)
    words = " ".join(word for word in (error.context, error.problem or "syntax error") if word)
    return UnreadableYamlError(f"unreadable YAML: {words}", place)


def _place(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


def _convert(node: yaml.Node, walk: _Walk, above: tuple[int, ...]) -> Node:
    place = _place(node)
    walk.count += 1
    if id(node) in above:
        raise UnreadableYamlError("an alias refers to what it stands in", place)
    if len(above) > _DEPTH_MAX or walk.count > _NODES_MAX:
        raise UnreadableYamlError(_TOO_LARGE, place)
    if isinstance(node, yaml.ScalarNode):
        return Node(_scalar(node), place)
    inside = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        listed = rejoin_items(node.value) if _flow(node) else node.value
        items = [_convert(item, walk, inside) for item in listed]
        return Node([], place, items=items)
    tree = Node({}, place)
    for key_node, value_node in rejoin_pairs(node.value) if _flow(node) else node.value:
        key_place = _place(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            walk.complaints.append((key_place, "a key must be plain text"))
            continue
        key = key_node.value
        if key in tree.entries:
            first = tree.entries[key][0]
            walk.complaints.append((key_place, f"{key} stands here twice; it was already given on line {first.line}"))
            continue
        tree.entries[key] = (key_place, _convert(value_node, walk, inside))
    return tree


# ---- queries in flow style: {before: tenant.users(id, displayName)} ------------------------------------------------
# Between braces and brackets YAML ends a plain text at a comma. A text with an open parenthesis goes on until
# it closes.
def _open(node: yaml.Node) -> bool:
    plain = isinstance(node, yaml.ScalarNode) and not _quoted(node)
    return plain and "(" in node.value and node.value.count("(") > node.value.count(")")


def _quoted(node: yaml.ScalarNode) -> bool:
    return getattr(node, "style", None) in ("'", '"', "|", ">")


def _flow(node: yaml.Node) -> bool:
    """Whether a list or mapping is written between brackets or braces (the type stubs do not know)."""
    return bool(getattr(node, "flow_style", False))


def _empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not _quoted(node) and node.value == ""


def _joined(first: yaml.Node, more: yaml.Node) -> yaml.ScalarNode:
    text = f"{first.value}, {more.value}"
    return yaml.ScalarNode(first.tag, text, first.start_mark, more.end_mark)


def rejoin_items(items: list[yaml.Node]) -> list[yaml.Node]:
    """Put together what commas inside parentheses cut apart in a flow sequence."""
    joined: list[yaml.Node] = []
    for item in items:
        if joined and _open(joined[-1]) and isinstance(item, yaml.ScalarNode):
            joined[-1] = _joined(joined[-1], item)
        else:
            joined.append(item)
    return joined


def rejoin_pairs(pairs: list[tuple[yaml.Node, yaml.Node]]) -> list[tuple[yaml.Node, yaml.Node]]:
    """Put together what commas inside parentheses cut apart in a flow mapping: in values, and in keys."""
    joined: list[tuple[yaml.Node, yaml.Node]] = []
    for key, value in pairs:
        before = joined[-1] if joined else None
        if before is None or not isinstance(key, yaml.ScalarNode):
            joined.append((key, value))
        elif _open(before[1]) and _empty(value):
            joined[-1] = (before[0], _joined(before[1], key))
        elif _open(before[0]) and _empty(before[1]):
            joined[-1] = (_joined(before[0], key), value)
        else:
            joined.append((key, value))
    return joined


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    text: str = node.value
    if _quoted(node):
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.match(text):
        return int(text) if len(text) < 40 else text
    if _FLOAT.match(text):
        return float(text)
    return text
