"""The functions that expressions of attribute mappings may use, each as its reference describes it.

Those that need a random source, the target directory or another product (Guid, SelectUniqueValue,
SingleAppRoleAssignment, DNComponent, IIF) are not in the table. Source: cloud-sync reference-expressions.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_FORMAT = re.compile(r"yyyy|MM|dd|HH|mm|ss|f{1,6}")
_STRFTIME = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


class MappingError(Exception):
    """A mapping fails its object, or cannot be used at all; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class _Missing:
    """An argument that was left out between commas."""


MISSING = _Missing()


def _given(value: Any) -> Any:
    return None if value is MISSING else value


def text_of(value: Any) -> str | None:
    """A value as text; None stays None."""
    value = _given(value)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, list):
        raise MappingError("ValueInvalid", "A function that takes one value was given several.")
    return str(value)


def _number(value: Any) -> int:
    try:
        return int(_given(value))
    except (TypeError, ValueError):
        raise MappingError("ValueInvalid", f"{value!r:.40} is no number.") from None


def _truth(value: Any) -> bool:
    value = _given(value)
    if isinstance(value, str):
        return value.lower() == "true"
    return bool(value)


def _each(change: Callable[[str], str]) -> Callable[[Any], Any]:
    """A function of one text that works on each value of a list."""

    def function(source: Any, _culture: Any = MISSING) -> Any:
        source = _given(source)
        if isinstance(source, list):
            return [change(str(text_of(one))) for one in source]
        text = text_of(source)
        return None if text is None else change(text)

    return function


def _append(source: Any, suffix: Any) -> str | None:
    text = text_of(source)
    return None if text is None else text + (text_of(suffix) or "")


def _bit_and(first: Any, second: Any) -> int | None:
    return None if _given(first) is None or _given(second) is None else _number(first) & _number(second)


def _from_base64(source: Any, encoding: Any = "Unicode") -> str | None:
    text = text_of(source)
    names = {"unicode": "utf-16-le", "ascii": "ascii", "utf8": "utf-8"}
    try:
        return None if text is None else base64.b64decode(text).decode(names[str(_given(encoding)).lower()])
    except (ValueError, KeyError):
        raise MappingError("ValueInvalid", "The value is no Base64 of that encoding.") from None


def _to_base64(source: Any) -> str | None:
    source = _given(source)
    if isinstance(source, bytes):
        return base64.b64encode(source).decode("ascii")
    text = text_of(source)
    return None if text is None else base64.b64encode(text.encode("utf-16-le")).decode("ascii")


def _count(source: Any) -> int:
    source = _given(source)
    return 0 if source is None else len(source) if isinstance(source, list) else 1


def _date_from_num(value: Any) -> datetime | None:
    return None if not _given(value) else _EPOCH + timedelta(microseconds=_number(value) // 10)


def _error(message: Any) -> None:
    raise MappingError("MappingRaisedError", text_of(message) or "")


def _format_date_time(source: Any, input_format: Any, output_format: Any) -> str | None:
    source = _given(source)
    if source is None or source == "":
        return None
    if not isinstance(source, datetime):
        pattern = _FORMAT.sub(lambda found: _STRFTIME.get(found[0], "%f"), text_of(input_format) or "")
        try:
            source = datetime.strptime(str(source), pattern)  # noqa: DTZ007 - the zone is part of the text, as written
        except ValueError:
            raise MappingError("ValueInvalid", f"{source!s:.40} is not of the form {input_format}.") from None
    moment = source

    def part(found: re.Match[str]) -> str:
        word = found[0]
        return moment.strftime(_STRFTIME[word]) if word in _STRFTIME else f"{moment.microsecond:06d}"[: len(word)]

    return _FORMAT.sub(part, text_of(output_format) or "")


def _in_str(text: Any, wanted: Any, start: Any = 1, compare: Any = "vbTextCompare") -> int:
    held, sought = text_of(text) or "", text_of(wanted) or ""
    if str(_given(compare)).lower() != "vbbinarycompare":
        held, sought = held.lower(), sought.lower()
    return held.find(sought, max(_number(start if _given(start) is not None else 1) - 1, 0)) + 1


def _is_present(value: Any) -> bool:
    return _given(value) not in (None, "", [])


def _is_string(value: Any) -> bool:
    return isinstance(_given(value), str)


def _item(source: Any, index: Any) -> Any:
    source = _given(source)
    if source is None:
        return None
    values = source if isinstance(source, list) else [source]
    number = _number(index)
    if not 1 <= number <= len(values):
        raise MappingError("ValueInvalid", f"There is no item {number}.")
    return values[number - 1]


def _join(separator: Any, *sources: Any) -> str | None:
    parts: list[str] = []
    for source in sources:
        given = _given(source)
        parts += [str(text_of(one)) for one in (given if isinstance(given, list) else [given]) if one is not None]
    return (text_of(separator) or "").join(parts) if parts else None


def _left(source: Any, count: Any) -> str:
    text, number = text_of(source) or "", _number(count)
    return text if number < 0 else text[:number]


def _mid(source: Any, start: Any, length: Any) -> str | None:
    text = text_of(source)
    if text is None:
        return None
    first = max(_number(start) - 1, 0)
    return text[first : first + max(_number(length), 0)]


def _without_marks(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def _remove_duplicates(source: Any) -> Any:
    source = _given(source)
    if not isinstance(source, list):
        return source
    seen: dict[str, Any] = {}
    for one in source:
        seen.setdefault(str(one).lower(), one)
    return list(seen.values())


def _replace(
    source: Any,
    old: Any = MISSING,
    pattern: Any = MISSING,
    group: Any = MISSING,
    replacement: Any = MISSING,
    replacement_attribute: Any = MISSING,
    template: Any = MISSING,
) -> str | None:
    text = text_of(source)
    if text is None:
        return None
    if _given(old) is not None and _given(template) is not None:
        return str(text_of(template)).replace(str(text_of(old)), text)
    new = replacement if _given(replacement) is not None else replacement_attribute
    if _given(old) is not None:
        return text.replace(str(text_of(old)), text_of(new) or "")
    if _given(pattern) is None:
        return text
    try:
        expression = re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", str(text_of(pattern))))
    except re.error:
        raise MappingError("ExpressionInvalid", f"The pattern cannot be read: {pattern!s:.60}") from None
    if _given(group) is None:
        return expression.sub(re.sub(r"\$\{(\w+)\}", r"\\g<\1>", text_of(new) or ""), text)
    found = expression.search(text)
    if found is None:
        return text
    start, end = found.span(str(_given(group)))
    return text[:start] + (text_of(new) or "") + text[end:]


def _split(source: Any, delimiter: Any) -> list[str] | None:
    text = text_of(source)
    return None if text is None else [part.strip() for part in text.split(str(text_of(delimiter))) if part.strip()]


def _string_from_sid(value: Any) -> str | None:
    value = _given(value)
    if value is None:
        return None
    if not isinstance(value, bytes) or len(value) < 8 or len(value) != 8 + 4 * value[1]:
        raise MappingError("ValueInvalid", "The value is no security identifier.")
    parts = [int.from_bytes(value[8 + 4 * i : 12 + 4 * i], "little") for i in range(value[1])]
    return "-".join(("S", str(value[0]), str(int.from_bytes(value[2:8], "big")), *map(str, parts)))


def _switch(source: Any, default: Any, *pairs: Any) -> Any:
    if len(pairs) % 2:
        raise MappingError("ExpressionInvalid", "Keys and values of Switch come in pairs.")
    wanted = text_of(source)
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        if wanted is not None and wanted == text_of(key):
            return _given(value)
    return _given(default)


def _word(source: Any, number: Any, delimiters: Any) -> str:
    text, wanted = text_of(source) or "", _number(number)
    words = [one for one in re.split(f"[{re.escape(text_of(delimiters) or ' ')}]", text) if one]
    return words[wanted - 1] if 1 <= wanted <= len(words) else ""


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "append": _append,
    "bitand": _bit_and,
    "cbool": lambda value: bool(_given(value)) if not isinstance(value, str) else _truth(value),
    "convertfrombase64": _from_base64,
    "converttobase64": _to_base64,
    "converttoutf8hex": lambda value: None if text_of(value) is None else str(text_of(value)).encode().hex().upper(),
    "count": _count,
    "cstr": text_of,
    "datefromnum": _date_from_num,
    "error": _error,
    "formatdatetime": _format_date_time,
    "instr": _in_str,
    "isnull": lambda value: _given(value) is None,
    "isnullorempty": lambda value: not _is_present(value),
    "ispresent": _is_present,
    "isstring": _is_string,
    "item": _item,
    "join": _join,
    "left": _left,
    "mid": _mid,
    "normalizediacritics": _each(_without_marks),
    "not": lambda value: not _truth(value),
    "removeduplicates": _remove_duplicates,
    "replace": _replace,
    "split": _split,
    "stringfromsid": _string_from_sid,
    "stripspaces": _each(lambda text: text.replace(" ", "")),
    "switch": _switch,
    "tolower": _each(str.lower),
    "toupper": _each(str.upper),
    "trim": _each(str.strip),
    "word": _word,
}
