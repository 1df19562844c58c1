"""JSON as a tree whose values know their lines and columns, and the text it is written back as.

A policy file comes from a stranger: depth is bounded and a key given twice is refused. Windows writes such files as
UTF-8 or UTF-16, with a byte order mark or without. Source: RFC 8259; facts "engine" section 19.1.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # the decoder's own reader of texts
from typing import Any

from engine.errors import ConfigurationError

#: No policy file comes near; what is deeper is an attack or an accident.
DEPTH_MAX = 100
_BLANKS = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,999})(?:\.\d{1,999})?(?:[eE][-+]?\d{1,3})?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_HALF = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[A-Za-z]+")


@dataclass(slots=True)
class JsonValue:
    """A value with its place. value: a dictionary or list of JsonValues, a text, a number, a Boolean or None.

    raw: a text as the file spells it, after its opening quote.
    """

    value: Any
    line: int
    column: int
    raw: str = ""

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: inner.plain() for key, inner in self.value.items()}
        if isinstance(self.value, list):
            return [inner.plain() for inner in self.value]
        return self.value

    @property
    def kind(self) -> str:
        """What it is, for a message."""
        match self.value:
            case dict():
                return "an object"
            case list():
                return "a list"
            case str():
                return f"the text {self.value[:40]!r}"
            case None:
                return "null"
            case bool():
                return "true" if self.value else "false"
            case _:
                return f"the number {self.value}"


class _Reader:
    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.line_starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
        self.line = 0  # of the position last asked for: positions only grow

    def place(self, position: int) -> tuple[int, int]:
        while self.line + 1 < len(self.line_starts) and self.line_starts[self.line + 1] <= position:
            self.line += 1
        return self.line + 1, position - self.line_starts[self.line] + 1

    def fault(self, position: int, reason: str) -> ConfigurationError:
        self.line = 0
        line, column = self.place(min(position, len(self.text)))
        return ConfigurationError("json-malformed", f"{self.source}:{line}:{column}: {reason}")

    def after_blanks(self, position: int) -> int:
        return _BLANKS.match(self.text, position).end()  # type: ignore[union-attr]  # matches nothing too

    def expected(self, position: int, what: str) -> ConfigurationError:
        found = self.text[position : position + 1]
        return self.fault(position, f"expected {what}, found {repr(found) if found else 'the end of the file'}.")

    def whole(self) -> JsonValue:
        value, end = self.value(self.after_blanks(0), 0)
        end = self.after_blanks(end)
        if end < len(self.text):
            raise self.expected(end, "the end of the file")
        return value

    def value(self, position: int, depth: int) -> tuple[JsonValue, int]:
        if depth > DEPTH_MAX:
            raise self.fault(position, f"nested more than {DEPTH_MAX} deep.")
        line, column = self.place(position)
        first = self.text[position : position + 1]
        if first == "{":
            return self.object(position, JsonValue({}, line, column), depth)
        if first == "[":
            return self.list(position, JsonValue([], line, column), depth)
        if first == '"':
            text, end = self.string(position)
            return JsonValue(text, line, column, self.text[position + 1 : end - 1]), end
        number = _NUMBER.match(self.text, position)
        if number is not None:
            found = number[0]
            return JsonValue(int(found) if re.fullmatch(r"-?\d+", found) else float(found), line, column), number.end()
        word = _WORD.match(self.text, position)
        if word is not None and word[0] in _WORDS:
            return JsonValue(_WORDS[word[0]], line, column), word.end()
        if word is not None and word[0].lower() in _WORDS:
            raise self.fault(position, f"{word[0]} is written {word[0].lower()} in JSON.")
        raise self.expected(position, "a value")

    def string(self, position: int) -> tuple[str, int]:
        try:
            text, end = scanstring(self.text, position + 1, True)
        except json.JSONDecodeError as error:
            reason = error.msg[0].lower() + error.msg[1:].removesuffix(" starting at").removesuffix(" at")
            raise self.fault(error.pos, f"{reason}.") from None
        if _HALF.search(text):
            raise self.fault(position, r"half a character of two: \uD800 to \uDFFF stand in pairs.")
        return text, end

    def object(self, position: int, held: JsonValue, depth: int) -> tuple[JsonValue, int]:
        position = self.after_blanks(position + 1)
        if self.text[position : position + 1] == "}":
            return held, position + 1
        while True:
            if self.text[position : position + 1] != '"':
                raise self.expected(position, "a name in double quotes")
            start = position
            name, position = self.string(position)
            if name in held.value:
                raise self.fault(start, f"the name {name!r} stands twice in this object.")
            position = self.after_blanks(position)
            if self.text[position : position + 1] != ":":
                raise self.expected(position, f"a colon after {name!r}")
            held.value[name], position = self.value(self.after_blanks(position + 1), depth + 1)
            position, more = self.next(position, "}")
            if not more:
                return held, position

    def list(self, position: int, held: JsonValue, depth: int) -> tuple[JsonValue, int]:
        position = self.after_blanks(position + 1)
        if self.text[position : position + 1] == "]":
            return held, position + 1
        while True:
            item, position = self.value(position, depth + 1)
            held.value.append(item)
            position, more = self.next(position, "]")
            if not more:
                return held, position

    def next(self, position: int, closing: str) -> tuple[int, bool]:
        """Past the comma or the closing bracket; the second tells whether another item follows."""
        position = self.after_blanks(position)
        found = self.text[position : position + 1]
        if found == closing:
            return position + 1, False
        if found != ",":
            raise self.expected(position, f"a comma or {closing}")
        return self.after_blanks(position + 1), True


def decoded_json(content: bytes, source: str) -> str:
    """The text of a file; raises ConfigurationError where it is of no encoding JSON is written in."""
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = f"{source}:{line}:1: this is no {encoding.upper()} text; save it as UTF-8."
        raise ConfigurationError("json-malformed", message) from None


def read_json(content: bytes | str, source: str) -> JsonValue:
    """Parse a whole document; ``source`` names it in errors. Raises ConfigurationError with line and column."""
    text = decoded_json(content, source) if isinstance(content, bytes) else content.removeprefix("\ufeff")
    return _Reader(text, source).whole()


def written_json(value: Any) -> str:
    """Plain data as the text of a file: two blanks a level, names and texts as they are."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
