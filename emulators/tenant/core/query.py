"""The $filter language of Graph, compiled to a test over objects, and the rule which queries count as advanced.

and, or, not, parentheses; eq ne lt le gt ge in; startsWith, endsWith; any and all over collections; ``'' `` doubles a
quote. Source: facts "graph_clients" 3 rows 4, 8, 10; "tenant" 16.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.tenant.core.identities import Kind
from emulators.tenant.core.properties import ODATA_TYPES, READERS
from emulators.tenant.core.refusals import GraphError, bad_request

Env = dict[str, Any]
Getter = Callable[[Any, Env], Any]
Test = Callable[[Any, Env], bool]
Reader = Callable[[Any], Any]

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<guid>[0-9a-fA-F]{8}-[0-9a-fA-F-]{27})"
    r"|(?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)?)"
    r"|(?P<number>-?\d+)|(?P<word>[A-Za-z_$@][\w.$@-]*)|(?P<mark>[(),:/]))"
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}
DEPTH_MAX = 30
LENGTH_MAX = 8000
DIGITS_MAX = 20
CASE_SENSITIVE = frozenset({"onPremisesImmutableId"})
ADVANCED = "Unsupported Query."
FUNCTIONS = frozenset({"startswith", "endswith", "contains"})


@dataclass
class Filter:
    """A compiled $filter. ``equal`` holds the ``property eq value`` parts that must all hold, for index use."""

    test: Test
    advanced: bool = False
    equal: dict[str, Any] = field(default_factory=dict)

    def __call__(self, obj: Any) -> bool:
        return self.test(obj, {})


def compile_filter(text: str, kind: Kind) -> Filter:
    """Compile a $filter for objects of a kind; what cannot be read is refused naming the place."""
    if len(text) > LENGTH_MAX:
        raise invalid("the clause is too long")
    return _Parser(text, READERS[kind].get, ODATA_TYPES[kind][1:]).filter()


def compile_plain_filter(text: str, names: frozenset[str]) -> Callable[[Mapping[str, Any]], bool]:
    """Compile a $filter for plain rows with these properties; of no rows at all nobody knows what they would have."""
    if len(text) > LENGTH_MAX:
        raise invalid("the clause is too long")

    def reader_of(name: str) -> Reader | None:
        return (lambda row: row.get(name)) if name in names or not names else None

    return _Parser(text, reader_of, "microsoft.graph.entity").filter()


def invalid(reason: str) -> GraphError:
    return bad_request(f"Invalid filter clause: {reason}.", "BadRequest")


class _Parser:
    """Recursive descent over the tokens; every method answers a closure."""

    def __init__(self, text: str, reader_of: Callable[[str], Reader | None], type_name: str) -> None:
        self.reader_of = reader_of
        self.type_name = type_name
        self.tokens = _split(text)
        self.place = 0
        self.depth = 0
        self.advanced = False
        self.variables: list[str] = []
        self.equal: dict[str, Any] = {}
        self.conjunctive = True

    def filter(self) -> Filter:
        test = self._or()
        if self.place != len(self.tokens):
            raise invalid(f"syntax error at '{self._peek()[1]}'")
        return Filter(test, self.advanced, self.equal if self.conjunctive else {})

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self.place += 1
        return token

    def _accept(self, value: str) -> bool:
        kind, text = self._peek()
        if kind in ("word", "mark") and text.lower() == value:
            self.place += 1
            return True
        return False

    def _expect(self, value: str) -> None:
        if not self._accept(value):
            raise invalid(f"'{value}' expected, found '{self._peek()[1]}'")

    def _or(self) -> Test:
        parts = [self._and()]
        while self._accept("or"):
            self.conjunctive = False
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else lambda obj, env: any(part(obj, env) for part in parts)

    def _and(self) -> Test:
        parts = [self._not()]
        while self._accept("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else lambda obj, env: all(part(obj, env) for part in parts)

    def _not(self) -> Test:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise invalid("the clause is nested too deeply")
        try:
            if self._accept("not"):
                self.advanced, self.conjunctive = True, False
                inner = self._not()
                return lambda obj, env: not inner(obj, env)
            if self._accept("("):
                inner = self._or()
                self._expect(")")
                return inner
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> Test:
        kind, word = self._peek()
        if kind == "word" and word.lower() in FUNCTIONS and self._after() == "(":
            return self._function()
        path = self._path()
        if isinstance(path, _Lambda):
            return self._lambda(path)
        kind, operator = self._take()
        operator = operator.lower()
        if kind == "word" and operator == "in":
            return self._in(path)
        if kind != "word" or operator not in ("eq", "ne", *COMPARE):
            raise invalid(f"an operator was expected, found '{operator}'")
        value = self._literal()
        return self._compare(path, operator, value)

    def _after(self) -> str:
        following = self.tokens[self.place + 1 : self.place + 2]
        return following[0][1] if following else ""

    def _compare(self, path: _Path, operator: str, value: Any) -> Test:
        get, wanted = path.get, value
        if isinstance(value, str) and path.name not in CASE_SENSITIVE:
            wanted = value.lower()
            get = _folding(path.get)
        if operator == "eq":
            if not self.variables:
                self.equal.setdefault(path.name, value)
            return lambda obj, env: _same(get(obj, env), wanted)
        if operator == "ne":
            self.advanced = True
            return lambda obj, env: not _same(get(obj, env), wanted)
        compare = COMPARE[operator]

        def ordered(obj: Any, env: Env) -> bool:
            found = get(obj, env)
            return type(found) is type(wanted) and compare(found, wanted)

        return ordered

    def _in(self, path: _Path) -> Test:
        self._expect("(")
        values = [self._literal()]
        while self._accept(","):
            values.append(self._literal())
        self._expect(")")
        if path.name in CASE_SENSITIVE:
            return lambda obj, env: path.get(obj, env) in values
        folded = [value.lower() if isinstance(value, str) else value for value in values]
        get = _folding(path.get)
        return lambda obj, env: get(obj, env) in folded

    def _function(self) -> Test:
        name = self._take()[1].lower()
        self._expect("(")
        path = self._path()
        if isinstance(path, _Lambda):
            raise invalid("a property was expected")
        self._expect(",")
        value = self._literal()
        self._expect(")")
        if not isinstance(value, str):
            raise invalid(f"{name} compares texts")
        if name == "contains":
            raise bad_request("Unsupported or invalid query filter clause specified.", "Request_UnsupportedQuery")
        wanted, get = value.lower(), _folding(path.get)
        if name == "endswith":
            self.advanced = True
            return lambda obj, env: str(get(obj, env) or "").endswith(wanted)
        return lambda obj, env: str(get(obj, env) or "").startswith(wanted)

    def _path(self) -> _Path | _Lambda:
        kind, word = self._take()
        if kind != "word":
            raise invalid(f"a property was expected, found '{word}'")
        if word in self.variables:
            getter: Getter = lambda obj, env: env[word]  # noqa: E731 - one of a family of closures
        else:
            reader = self.reader_of(word)
            if reader is None:
                raise invalid(f"Could not find a property named '{word}' on type '{self.type_name}'")
            getter = _reading(reader)
        name = word
        while self._accept("/"):
            kind, step = self._take()
            if kind != "word":
                raise invalid("a property was expected after '/'")
            if step in ("any", "all") and self._peek()[1] == "(":
                return _Lambda(getter, step)
            if step == "$count":
                self.advanced = True
                getter = _counting(getter)
            else:
                getter = _stepping(getter, step)
            name = f"{name}/{step}"
        return _Path(getter, name)

    def _lambda(self, over: _Lambda) -> Test:
        self._expect("(")
        if over.word == "any" and self._accept(")"):
            return lambda obj, env: bool(over.get(obj, env))
        kind, variable = self._take()
        if kind != "word":
            raise invalid("a range variable was expected")
        self._expect(":")
        self.variables.append(variable)
        inner = self._or()
        self.variables.pop()
        self._expect(")")
        quantify = any if over.word == "any" else all

        def test(obj: Any, env: Env) -> bool:
            return quantify(inner(obj, {**env, variable: item}) for item in over.get(obj, env) or ())

        return test

    def _literal(self) -> Any:
        kind, text = self._take()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind in ("guid", "moment"):
            return text
        if kind == "number" and len(text) <= DIGITS_MAX:
            return int(text)
        if kind == "word" and text.lower() in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text.lower()]
        raise invalid(f"a value was expected, found '{text[:60]}'")


@dataclass(frozen=True, slots=True)
class _Path:
    get: Getter
    name: str


@dataclass(frozen=True, slots=True)
class _Lambda:
    get: Getter
    word: str


def _split(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    stripped = text.rstrip()
    while place < len(stripped):
        match = TOKEN.match(stripped, place)
        if match is None:
            raise invalid(f"syntax error at position {place}")
        place = match.end()
        kind = match.lastgroup or ""
        found.append((kind, match.group(kind)))
    return found


def _same(found: Any, wanted: Any) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return bool(found == wanted) and isinstance(found, bool) == isinstance(wanted, bool)


def _folding(get: Getter) -> Getter:
    def folded(obj: Any, env: Env) -> Any:
        found = get(obj, env)
        return found.lower() if isinstance(found, str) else found

    return folded


def _reading(reader: Callable[[Any], Any]) -> Getter:
    return lambda obj, env: reader(obj)


def _counting(get: Getter) -> Getter:
    return lambda obj, env: len(get(obj, env) or ())


def _stepping(get: Getter, step: str) -> Getter:
    def stepped(obj: Any, env: Env) -> Any:
        found = get(obj, env)
        return found.get(step) if isinstance(found, dict) else None

    return stepped
