"""The claim rule language of AD FS as far as issuance transform rules towards Microsoft Entra ID use it: text to rules.

Conditions with == != =~ !~ and EXISTS, issue and add with a type, a claim, or a query of the attribute store.
Anything else is refused with the place where it stands. Source: facts "install" FED-06; the claim rule language page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<label>@[A-Za-z]+)\s*=\s*|
        (?P<text>"(?:[^"])*")|
        (?P<sign>=>|==|!=|=~|!~|&&|[\[\](),;=.+:{}])|
        (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    )""",
    re.VERBOSE,
)
_COMPARISONS = frozenset({"==", "!=", "=~", "!~"})
_PROPERTIES = {"type": "Type", "value": "Value", "issuer": "Issuer"}


class UnreadableRule(ValueError):
    """A rule that is not of the language, or of a part of it that is not emulated."""


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison inside brackets: a property of a claim against a text or a pattern."""

    property: str
    comparison: str
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """name: how the statement refers to the claim found. exists: None for a plain condition, else EXISTS or not."""

    name: str
    tests: tuple[Test, ...]
    exists: bool | None = None


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Property:
    """``c.Value``."""

    claim: str
    property: str


@dataclass(frozen=True, slots=True)
class Replace:
    """``RegExReplace(text, pattern, replacement)``; a text that does not match comes out as it went in."""

    text: Expression
    pattern: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Joined:
    parts: tuple[Expression, ...]


Expression = Text | Property | Replace | Joined


@dataclass(frozen=True, slots=True)
class Query:
    """A look into the attribute store: claim types, and the attributes their values come from, in the same order."""

    types: tuple[str, ...]
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """issue puts the claim into the token, add only before the later rules. One of the three forms is set."""

    issue: bool
    type: Expression | None = None
    value: Expression | None = None
    claim: str = ""
    query: Query | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    conditions: tuple[Condition, ...]
    statement: Statement


def read_rules(text: str) -> tuple[Rule, ...]:
    """Read a rule set; raises UnreadableRule."""
    reader = _Reader(text)
    rules = []
    while not reader.at_end():
        rules.append(reader.rule())
    return tuple(rules)


def attributes_of(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """Every attribute the rules read from the directory."""
    return tuple(dict.fromkeys(a for rule in rules if rule.statement.query for a in rule.statement.query.attributes))


class _Reader:
    """A recursive descent over the tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0

    def at_end(self) -> bool:
        return self._at >= len(self._tokens)

    def _look(self, ahead: int = 0) -> str:
        place = self._at + ahead
        return self._tokens[place][1] if place < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._at][0] if not self.at_end() else ""

    def _fail(self, wanted: str) -> UnreadableRule:
        start = self._tokens[self._at][2] if not self.at_end() else len(self._text)
        line = self._text.count("\n", 0, start) + 1
        found = self._look() or "the end"
        return UnreadableRule(f"line {line}: {wanted} expected, found {found}")

    def _take(self, sign: str) -> None:
        if self._look().lower() != sign.lower():
            raise self._fail(sign)
        self._at += 1

    def _string(self) -> str:
        if self._kind() != "text":
            raise self._fail("a text in quotes")
        self._at += 1
        return self._tokens[self._at - 1][1][1:-1]

    def _word(self, wanted: str) -> str:
        if self._kind() != "word":
            raise self._fail(wanted)
        self._at += 1
        return self._tokens[self._at - 1][1]

    def rule(self) -> Rule:
        name = ""
        while self._kind() == "label":
            label = self._look()
            self._at += 1
            value = self._string()
            name = value if label.lower() == "@rulename" else name
        conditions: list[Condition] = []
        while self._look() != "=>":
            if conditions:
                self._take("&&")
            conditions.append(self._condition())
        self._take("=>")
        statement = self._statement()
        self._take(";")
        return Rule(name, tuple(conditions), statement)

    def _condition(self) -> Condition:
        first = self._look().lower()
        if first == "exists" or (first == "not" and self._look(1).lower() == "exists"):
            self._at += 1 if first == "exists" else 2
            self._take("(")
            tests = self._tests()
            self._take(")")
            return Condition("", tests, exists=first == "exists")
        name = ""
        if self._kind() == "word":
            name = self._word("a name")
            self._take(":")
        return Condition(name, self._tests())

    def _tests(self) -> tuple[Test, ...]:
        self._take("[")
        tests: list[Test] = []
        while self._look() != "]":
            if tests:
                self._take(",")
            named = self._property("Type, Value or Issuer")
            comparison = self._look()
            if comparison not in _COMPARISONS:
                raise self._fail("==, !=, =~ or !~")
            self._at += 1
            value = self._string()
            if comparison in ("=~", "!~"):
                python_pattern(value)
            tests.append(Test(named, comparison, value))
        self._take("]")
        return tuple(tests)

    def _property(self, wanted: str) -> str:
        word = self._word(wanted)
        if word.lower() not in _PROPERTIES:
            self._at -= 1
            raise self._fail(wanted)
        return _PROPERTIES[word.lower()]

    def _statement(self) -> Statement:
        verb = self._word("issue or add").lower()
        if verb not in ("issue", "add"):
            self._at -= 1
            raise self._fail("issue or add")
        issue = verb == "issue"
        self._take("(")
        first = self._look().lower()
        if first == "store":
            statement = Statement(issue, query=self._query())
        elif first == "claim":
            self._at += 1
            self._take("=")
            statement = Statement(issue, claim=self._word("the name of a claim"))
        else:
            statement = self._typed(issue=issue)
        self._take(")")
        return statement

    def _typed(self, *, issue: bool) -> Statement:
        found: dict[str, Expression] = {}
        while self._look() != ")":
            if found:
                self._take(",")
            named = self._property("Type or Value")
            self._take("=")
            found[named] = self._expression()
        if set(found) != {"Type", "Value"}:
            raise self._fail("a Type and a Value")
        return Statement(issue, found["Type"], found["Value"])

    def _query(self) -> Query:
        self._take("store")
        self._take("=")
        if self._string() != "Active Directory":
            raise self._fail("the store Active Directory")
        self._take(",")
        self._take("types")
        self._take("=")
        self._take("(")
        types = [self._string()]
        while self._look() == ",":
            self._at += 1
            types.append(self._string())
        self._take(")")
        self._take(",")
        self._take("query")
        self._take("=")
        asked = self._string().split(";")
        attributes = tuple(one.strip() for one in asked[1].split(",")) if len(asked) == 3 else ()
        self._take(",")
        self._take("param")
        self._take("=")
        self._expression()
        if len(attributes) != len(types):
            raise self._fail("as many attributes as types")
        return Query(tuple(types), attributes)

    def _expression(self) -> Expression:
        parts = [self._operand()]
        while self._look() == "+":
            self._at += 1
            parts.append(self._operand())
        return parts[0] if len(parts) == 1 else Joined(tuple(parts))

    def _operand(self) -> Expression:
        if self._kind() == "text":
            return Text(self._string())
        word = self._word("a text, a claim or RegExReplace")
        if word.lower() == "regexreplace":
            self._take("(")
            text = self._expression()
            self._take(",")
            pattern = self._string()
            self._take(",")
            replacement = self._string()
            self._take(")")
            python_pattern(pattern)
            return Replace(text, pattern, replacement)
        self._take(".")
        return Property(word, self._property("Type, Value or Issuer"))


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            line = text.count("\n", 0, place) + 1
            raise UnreadableRule(f"line {line}: {text[place:].strip()[:20]} is not understood")
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind), match.start(kind)))
        place = match.end()
    return found


def python_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of .NET as one of Python: named groups are written otherwise."""
    try:
        return re.compile(re.sub(r"\(\?<([A-Za-z_]\w*)>", r"(?P<\1>", pattern))
    except re.error as error:
        raise UnreadableRule(f"{pattern} is no regular expression: {error}") from None


def python_replacement(replacement: str) -> str:
    """A replacement of .NET as one of Python."""
    escaped = replacement.replace("\\", "\\\\")
    named = re.sub(r"\$\{([A-Za-z_]\w*)\}", r"\\g<\1>", escaped)
    return re.sub(r"\$(\d+)", r"\\\1", named)
