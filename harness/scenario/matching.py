"""Does what was found fit what was expected? Subset matching, matchers, and the closest object when none fits.

Objects fit when every named field fits; lists are sets of patterns, each of which some item must fit. A mapping
whose keys are all matcher names (``equals``, ``contains``, ``count`` ...) is asked as matchers. Nothing is coerced
except whole numbers written as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

ABSENT = object()  # the field, or the object, is not there at all


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One difference: where inside the value, what was wanted, what was found, and the object nearest to it."""

    where: str
    expected: str
    found: str
    closest: tuple[str, ...] = ()
    distance: int = 1


@dataclass(frozen=True)
class Matcher:
    """A named question about a value."""

    name: str
    doc: str
    example: str
    ask: Callable[[Any, Any, str], list[Mismatch]] = field(repr=False)
    takes: str = "anything"  # "anything", "number", "text", "true", "pattern", "list", "duration"


def match(found: Any, expected: Any, where: str = "") -> list[Mismatch]:
    """Return every difference between what was found and what was expected; empty = fits."""
    if isinstance(expected, dict) and expected and all(key in MATCHERS for key in expected):
        return [one for key, wanted in expected.items() for one in MATCHERS[key].ask(found, wanted, where)]
    if isinstance(expected, dict):
        return _match_object(found, expected, where)
    if isinstance(expected, list):
        return _match_patterns(found, expected, where)
    return [] if same(found, expected) else [Mismatch(where, show(expected), show(found))]


def same(found: Any, expected: Any) -> bool:
    """Whether two plain values are one: no coercion except a number against its own text, and absent against null."""
    if found is ABSENT:
        return expected is None
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, int | float) and isinstance(expected, str):
        return str(found) == expected
    if isinstance(found, str) and isinstance(expected, int | float):
        return found == str(expected)
    if isinstance(found, list) and len(found) == 1 and not isinstance(expected, list | dict):
        return same(found[0], expected)
    return bool(found == expected)


def _field(found: dict[str, Any], name: str) -> Any:
    if name in found:
        return found[name]
    folded = name.lower()
    return next((value for key, value in found.items() if key.lower() == folded), ABSENT)


def _match_object(found: Any, expected: dict[str, Any], where: str) -> list[Mismatch]:
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if isinstance(found, list):
        return _match_patterns(found, [expected], where)
    if found is None or found is ABSENT or found == []:
        return [Mismatch(where, show(expected), "nothing: there is no such object", distance=len(expected) + 1)]
    if not isinstance(found, dict):
        return [Mismatch(where, show(expected), show(found), distance=len(expected) + 1)]
    differences: list[Mismatch] = []
    for name, wanted in expected.items():
        differences += match(_field(found, name), wanted, f"{where}.{name}" if where else name)
    return differences


def _match_patterns(found: Any, patterns: Sequence[Any], where: str) -> list[Mismatch]:
    if not isinstance(found, list):
        found = [] if found is ABSENT or found is None else [found]
    differences = []
    likely = Likely(found)
    for index, pattern in enumerate(patterns):
        if any(not match(item, pattern) for item in likely.first(pattern)):
            continue
        scored = [(match(item, pattern), item) for item in found]
        if any(not one for one, _ in scored):
            continue
        differences.append(_none_fits(scored, pattern, f"{where}[{index}]" if len(patterns) > 1 else where, len(found)))
    return differences


class Likely:
    """Finds in a long list the items that share a plain field with a pattern, so that they are asked first."""

    def __init__(self, items: Sequence[Any]) -> None:
        self._items = items
        self._by_field: dict[str, dict[Any, list[Any]]] = {}

    def first(self, pattern: Any) -> Sequence[Any]:
        """Items equal to the pattern in its first text or number; nothing for other patterns."""
        if not isinstance(pattern, dict) or len(self._items) < 2:
            return ()
        name = next((key for key, value in pattern.items() if isinstance(value, str | int) and value != ""), None)
        if name is None:
            return ()
        index = self._by_field.get(name)
        if index is None:
            index = self._by_field[name] = {}
            for item in self._items:
                value = _field(item, name) if isinstance(item, dict) else ABSENT
                if isinstance(value, str | int):
                    index.setdefault(value, []).append(item)
        return index.get(pattern[name], ())


def _none_fits(scored: list[tuple[list[Mismatch], Any]], pattern: Any, where: str, count: int) -> Mismatch:
    """Describe the item that differs least from a pattern nothing fits."""
    if not scored:
        return Mismatch(where, show(pattern), "nothing: there is no object at all", distance=100)
    nearest, item = min(scored, key=lambda one: (sum(m.distance for m in one[0]), len(one[0])))
    lines = [f"{one.where or 'value'}: expected {one.expected}, found {one.found}" for one in nearest]
    return Mismatch(
        where,
        show(pattern),
        f"none of {count} fits",
        closest=(show(essence(item, pattern), 400), *lines),
        distance=10 + len(nearest),
    )


_IDENTITY = ("dn", "userPrincipalName", "displayName", "name", "cn", "id", "connector", "profile", "kind", "text")


def essence(item: Any, pattern: Any) -> Any:
    """Return of a large object only what tells which one it is and what the pattern asks of it."""
    if not isinstance(item, dict) or len(item) <= 8:
        return item
    asked = {str(key).lower() for key in pattern} if isinstance(pattern, dict) else set()
    told = {key: value for key, value in item.items() if key in _IDENTITY and value not in (None, "", [])}
    return {**told, **{key: value for key, value in item.items() if key.lower() in asked}}


def show(value: Any, width_max: int = 160) -> str:
    """Return a value on one line, as YAML would write it, shortened when long."""
    if value is ABSENT:
        return "absent"
    text = _show(value)
    return text if len(text) <= width_max else text[: width_max - 3] + "..."


def _show(value: Any) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        shown = [_show(item) for item in value[:20]]
        return "[" + ", ".join(shown) + (f", ... {len(value) - 20} more" if len(value) > 20 else "") + "]"
    text = str(value)
    return f"'{text}'" if text == "" or text != text.strip() or text.lower() in ("true", "false", "null") else text


# ---- the matchers, in the order `anchorage verbs` lists them -------------------------------------------------------
def _one(ok: bool, found: Any, wanted: str, where: str, distance: int = 1) -> list[Mismatch]:
    return [] if ok else [Mismatch(where, wanted, show(found), distance=distance)]


def _as_list(found: Any) -> list[Any]:
    if found is ABSENT or found is None:
        return []
    return found if isinstance(found, list) else [found]


def _equals(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    """Lists: one to one, in any order, objects compared by the fields the wanted ones name."""
    if isinstance(wanted, dict):
        return _match_object(found, wanted, where)
    if not isinstance(wanted, list):
        return _one(same(found, wanted), found, show(wanted), where)
    items = _as_list(found)
    likely = Likely(items)
    taken: set[int] = set()  # ids of items: two equal ones are two
    missing = []
    for pattern in wanted:
        fitting = (
            item
            for part in (likely.first(pattern), items)
            for item in part
            if id(item) not in taken and not _differs(item, pattern)
        )
        chosen = next(fitting, ABSENT)
        if chosen is ABSENT:
            missing.append(pattern)
        else:
            taken.add(id(chosen))
    left = [item for item in items if id(item) not in taken]
    differences = []
    for pattern in missing:
        scored = [(_differs(item, pattern), item) for item in left]
        differences.append(_none_fits(scored, pattern, where, len(left)))
    if len(left) > len(missing):
        surplus = len(left) - len(missing)
        differences.append(Mismatch(where, f"{len(wanted)} in all", f"{surplus} more: {show(left, 300)}"))
    return differences


def _differs(item: Any, pattern: Any) -> list[Mismatch]:
    """Like match, but a remembered object is compared as it is: its fields are never read as matchers."""
    if isinstance(pattern, dict):
        if not isinstance(item, dict):
            return [Mismatch("", show(pattern), show(item), distance=5)]
        return [one for name, wanted in pattern.items() for one in _differs_field(_field(item, name), wanted, name)]
    return _one(same(item, pattern), item, show(pattern), "")


def _differs_field(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    if isinstance(wanted, list):
        return _equals(found, wanted, where)
    if isinstance(wanted, dict) and not isinstance(found, dict):
        return match(found, wanted, where)
    return _one(same(found, wanted), found, show(wanted), where)


def _not(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    return _one(bool(match(found, wanted)), found, f"anything but {show(wanted)}", where)


def _contains(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    if isinstance(found, str) and isinstance(wanted, str):
        return _one(wanted in found, found, f"text with {show(wanted)} in it", where)
    return _match_patterns(found, wanted if isinstance(wanted, list) else [wanted], where)


def _excludes(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    if isinstance(found, str) and isinstance(wanted, str):
        return _one(wanted not in found, found, f"text without {show(wanted)}", where)
    patterns = wanted if isinstance(wanted, list) else [wanted]
    hits = [item for item in _as_list(found) for pattern in patterns if not match(item, pattern)]
    return _one(not hits, hits, f"nothing like {show(wanted)}", where)


def _count(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    number = len(_as_list(found))
    if isinstance(wanted, dict):
        return match(number, wanted, f"{where}.count" if where else "count")
    shown = show(found, 400) if number <= 10 else f"{number}"
    return [] if number == wanted else [Mismatch(where, f"{wanted} of them", f"{number}: {shown}", distance=2)]


def _matches(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    fits = any(isinstance(item, str) and re.search(str(wanted), item) for item in _as_list(found))
    return _one(fits, found, f"text like /{wanted}/", where)


def _absent(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    is_absent = found is ABSENT or found is None or found in ("", [])
    return _one(is_absent is bool(wanted), found, "absent" if wanted else "present", where)


def _present(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    return _absent(found, not wanted, where)


def _compare(word: str, holds: Callable[[float, float], bool]) -> Callable[[Any, Any, str], list[Mismatch]]:
    def ask(found: Any, wanted: Any, where: str) -> list[Mismatch]:
        number = len(found) if isinstance(found, list | dict) else _number(found)
        limit = _number(wanted)
        ok = number is not None and limit is not None and holds(number, limit)
        if not ok and isinstance(found, str) and isinstance(wanted, str) and number is None:
            ok = holds(float(found > wanted) - float(found < wanted), 0.0)  # times and other ordered text
        return _one(ok, found, f"{word} {show(wanted)}", where)

    return ask


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is ABSENT or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _starts(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    return _one(isinstance(found, str) and found.startswith(str(wanted)), found, f"text starting with {wanted}", where)


def _ends(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    return _one(isinstance(found, str) and found.endswith(str(wanted)), found, f"text ending with {wanted}", where)


def _one_of(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    choices = wanted if isinstance(wanted, list) else [wanted]
    return _one(any(not match(found, choice) for choice in choices), found, f"one of {show(choices)}", where)


def _all(found: Any, wanted: Any, where: str) -> list[Mismatch]:
    items = _as_list(found)
    wrong = [(match(item, wanted), item) for item in items]
    bad = [(one, item) for one, item in wrong if one]
    if not bad:
        return []
    lines = [f"{one.where or 'value'}: expected {one.expected}, found {one.found}" for one in bad[0][0]]
    return [
        Mismatch(
            where,
            f"all like {show(wanted)}",
            f"{len(bad)} of {len(items)} differ",
            (show(essence(bad[0][1], wanted), 400), *lines),
        )
    ]


MATCHERS: dict[str, Matcher] = {
    one.name: one
    for one in (
        Matcher("equals", "exactly these: lists one to one in any order", "{equals: $before}", _equals),
        Matcher("same_as", "equal to what another query finds now", "{same_as: tenant.users(id)}", _equals, "query"),
        Matcher("not", "anything but this", "{not: {jobTitle: Lead}}", _not),
        Matcher(
            "contains", "a text in the text, or items in the list", "{contains: 'SMTP:ana@contoso.com'}", _contains
        ),
        Matcher("excludes", "no such text, no such item", "{excludes: {displayName: Guest}}", _excludes),
        Matcher("count", "how many there are", "{count: 5}", _count, "number"),
        Matcher("all", "every one fits", "{all: {accountEnabled: true}}", _all),
        Matcher("one_of", "any of these", "{one_of: [success, completed-warnings]}", _one_of, "list"),
        Matcher("matches", "a regular expression found in the text", "{matches: '^ana[0-9]{4}@'}", _matches, "pattern"),
        Matcher("starts_with", "the text begins so", "{starts_with: 'CN=MSOL_'}", _starts, "text"),
        Matcher("ends_with", "the text ends so", "{ends_with: '@contoso.com'}", _ends, "text"),
        Matcher("absent", "no such value", "{absent: true}", _absent, "true"),
        Matcher("present", "some value", "{present: true}", _present, "true"),
        Matcher("at_least", "this number or more", "{at_least: 1}", _compare("at least", lambda a, b: a >= b)),
        Matcher("at_most", "this number or less", "{at_most: 500}", _compare("at most", lambda a, b: a <= b)),
        Matcher("more_than", "more than this number", "{more_than: 0}", _compare("more than", lambda a, b: a > b)),
        Matcher("less_than", "less than this number", "{less_than: 10}", _compare("less than", lambda a, b: a < b)),
    )
}
