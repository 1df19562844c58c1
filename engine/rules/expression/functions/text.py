"""Text functions. Source: facts "functions", category Text; the vendor's function reference.

Characters are Unicode code points. Left, Right and Mid also cut binary, as the shipped key rules do.
"""

from __future__ import annotations

import uuid
from functools import lru_cache

from engine.rules.expression.context import Context
from engine.rules.expression.errors import ArgumentError
from engine.rules.expression.registry import (
    Compare,
    Number,
    Text,
    TextOrBinary,
    Texts,
    function,
    nullable,
    option,
    optional,
)

LENGTH_LIMIT = 1_000_000
MONIKERS = {"\\r": "\r", "\\n": "\n", "\\t": "\t"}


@function("Guid", returns=Text, uses_context=True, deterministic=False, aliases=("GUID",))
def new_guid(context: Context) -> str:
    """A new random GUID as text. Source: function reference, GUID."""
    return str(uuid.UUID(int=context.random.getrandbits(128), version=4))


@function("InStr", Text, nullable(Text), optional(Number), option(Compare), returns=Number, null=0)
def in_str(text: str, match: str | None, start: int = 1, compare: Compare = Compare.BINARY) -> int:
    """Position of the first occurrence from 1, 0 when there is none. Source: function reference, InStr."""
    if start < 1:
        raise ArgumentError("the start position must be 1 or more")
    if match is None or start > len(text):
        return 0
    if compare is Compare.TEXT:
        text, match = folded(text), folded(match)
    return text.find(match, start - 1) + 1


@function(
    "InStrRev", Text, nullable(Text), optional(Number), option(Compare), returns=Number, null=0, aliases=("InstrRev",)
)
def in_str_rev(text: str, match: str | None, start: int = -1, compare: Compare = Compare.BINARY) -> int:
    """Position of the last occurrence, searched backwards from start. Source: function reference, InStrRev."""
    if start < 1 and start != -1:
        raise ArgumentError("the start position must be 1 or more, or -1 for the end")
    if match is None or start > len(text):
        return 0
    if compare is Compare.TEXT:
        text, match = folded(text), folded(match)
    return text.rfind(match, 0, len(text) if start == -1 else start) + 1


@function("LCase", Text, returns=Text)
def lower_case(text: str) -> str:
    """The text in lower case. Source: function reference, LCase."""
    return lowered(text)


@function("UCase", Text, returns=Text)
def upper_case(text: str) -> str:
    """The text in upper case. Source: function reference, UCase."""
    return uppered(text)


@function("PCase", Text, returns=Text)
def proper_case(text: str) -> str:
    """Each word with a capital; a word all in capitals stays. Source: function reference, PCase and its warning."""
    return " ".join(word if word.isupper() else uppered(word[:1]) + lowered(word[1:]) for word in text.split(" "))


@function("Left", TextOrBinary, Number, returns=TextOrBinary, null="")
def left(text: str | bytes, count: int) -> str | bytes:
    """The first characters; a negative count gives the input. Source: function reference, Left."""
    return text[:count] if count >= 0 else text


@function("Right", TextOrBinary, Number, returns=TextOrBinary, null="")
def right(text: str | bytes, count: int) -> str | bytes:
    """The last characters; a negative count gives the input. Source: function reference, Right."""
    return text if count < 0 or count >= len(text) else text[len(text) - count :]


@function("Mid", TextOrBinary, Number, optional(Number), returns=TextOrBinary, null="")
def mid(text: str | bytes, start: int, count: int | None = None) -> str | bytes:
    """Characters from a position; an impossible position gives the input. Source: function reference, Mid."""
    if count == 0:
        return text[:0]
    if start <= 0 or start > len(text) or (count is not None and count < 0):
        return text
    return text[start - 1 :] if count is None else text[start - 1 : start - 1 + count]


@function("Len", TextOrBinary, returns=Number, null=0)
def length(text: str | bytes) -> int:
    """Number of characters, or bytes of binary. Source: function reference, Len."""
    return len(text)


@function("LTrim", Text, returns=Text)
def left_trim(text: str) -> str:
    """Without leading white space. Source: function reference, LTrim."""
    return text.lstrip()


@function("RTrim", Text, returns=Text)
def right_trim(text: str) -> str:
    """Without trailing white space. Source: function reference, RTrim."""
    return text.rstrip()


@function("Trim", Text, returns=Text)
def trim(text: str) -> str:
    """Without leading and trailing white space. Source: function reference, Trim."""
    return text.strip()


@function("PadLeft", Text, Number, Text, returns=Text, null="")
def pad_left(text: str, width: int, character: str) -> str:
    """Filled up on the left to a length. Source: function reference, PadLeft."""
    return text.rjust(*padding(width, character))


@function("PadRight", Text, Number, Text, returns=Text, null="")
def pad_right(text: str, width: int, character: str) -> str:
    """Filled up on the right to a length. Source: function reference, PadRight."""
    return text.ljust(*padding(width, character))


def padding(width: int, character: str) -> tuple[int, str]:
    """The checked length and character of PadLeft and PadRight."""
    if len(character) != 1:
        raise ArgumentError("the padding must be one character")
    if width > LENGTH_LIMIT:
        raise ArgumentError(f"a length over {LENGTH_LIMIT} is not supported")
    return max(width, 0), character


@function("Replace", Text, Text, Text, returns=Text)
def replace_text(text: str, old: str, new: str) -> str:
    """Every occurrence replaced; \\n, \\r and \\t mean control characters. Source: function reference, Replace."""
    old = unescaped(old)
    if not old:
        raise ArgumentError("the text to replace is empty")
    return text.replace(old, unescaped(new))


@lru_cache(maxsize=256)
def unescaped(text: str) -> str:
    """Put control characters in place of their monikers."""
    for moniker, character in MONIKERS.items():
        text = text.replace(moniker, character)
    return text


@function("ReplaceChars", Text, Text, returns=Text)
def replace_chars(text: str, pattern: str) -> str:
    """Single characters replaced by a source:target list. Source: function reference, ReplaceChars."""
    return text.translate(character_table(pattern))


@lru_cache(maxsize=64)
def character_table(pattern: str) -> dict[int, str]:
    """Read "a:b,c:d"; white space does not count, a target may be empty."""
    table: dict[int, str] = {}
    for pair in "".join(pattern.split()).split(","):
        source, colon, target = pair.partition(":")
        if not colon or len(source) != 1:
            raise ArgumentError("the pattern must be a list of source:target with one character as source")
        table[ord(source)] = target
    return table


@function("Split", Text, Text, optional(Number), returns=Texts)
def split(text: str, delimiter: str, limit: int = -1) -> list[str]:
    """The parts between a delimiter; with a limit the last part keeps the rest. Source: function reference, Split."""
    if len(delimiter) != 1:
        raise ArgumentError("the delimiter must be one character")
    if limit < 1 and limit != -1:
        raise ArgumentError("the limit must be 1 or more")
    return text.split(delimiter, limit - 1 if limit > 0 else -1)


@function("Word", Text, nullable(Number), nullable(Text), returns=Text, null="")
def word(text: str, number: int | None, delimiters: str | None) -> str:
    """The n-th word between any of the delimiters, "" when there is none. Source: function reference, Word."""
    if number is None or delimiters is None or number < 1:
        return ""
    if len(delimiters) > 1:
        text = text.translate(dict.fromkeys(map(ord, delimiters), delimiters[0]))
    words = text.split(delimiters[0]) if delimiters else [text]
    return words[number - 1] if number <= len(words) else ""


def uppered(text: str) -> str:
    """Upper case; the number of characters stays."""
    return text.upper() if text.isascii() else "".join(map(upper_character, text))


def lowered(text: str) -> str:
    """Lower case; the number of characters stays."""
    return text.lower() if text.isascii() else "".join(map(lower_character, text))


def upper_character(character: str) -> str:
    """Upper case, one character for one, as the product's runtime does."""
    upper = character.upper()
    return upper if len(upper) == 1 else character


def lower_character(character: str) -> str:
    """Lower case, one character for one."""
    lower = character.lower()
    return lower if len(lower) == 1 else character


def folded(text: str) -> str:
    """For comparison without case; the length stays, so that positions do."""
    return text.lower() if text.isascii() else lowered(uppered(text))
