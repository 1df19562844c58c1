"""``-Filter`` of Get-ADUser to an LDAP filter: ``Name -like 'A*' -and Enabled -eq $true``.

Source: about_ActiveDirectory_Filter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.connectors.active_directory.search_filter import escape
from engine.errors import EngineError

_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<operator>-\w+)|'(?P<single>(?:[^']|'')*)'|\"(?P<double>[^\"]*)\""
    r"|(?P<word>[$\w.@-]+))"
)
_COMPARED = {"-eq": "=", "-ge": ">=", "-le": "<=", "-like": "="}
_DISABLED = "(userAccountControl:1.2.840.113556.1.4.803:=2)"

_Token = tuple[str, str]


def ldap_filter(text: str, attributes: Mapping[str, str]) -> str:
    """The LDAP filter; attributes: properties whose attribute has another name. Raises EngineError."""
    tokens = list(_tokens(text))
    reader = _Reader(tokens, {name.lower(): attribute for name, attribute in attributes.items()})
    found = reader.either()
    if reader.position < len(tokens):
        raise _mistake(f"{tokens[reader.position][1]!r} is not expected")
    return found


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _mistake(f"{text[position : position + 20].strip()!r} cannot be read")
        kind = str(match.lastgroup)
        found.append((kind, match[kind].replace("''", "'") if kind == "single" else match[kind]))
        position = match.end()
    return found


def _mistake(text: str) -> EngineError:
    return EngineError("FILTER", f"The filter is not understood: {text}. An example: Name -like 'Ana*'.")


class _Reader:
    def __init__(self, tokens: list[_Token], attributes: Mapping[str, str]) -> None:
        self.tokens = tokens
        self.attributes = attributes
        self.position = 0

    def either(self) -> str:
        parts = [self.both()]
        while self._taken("operator", "-or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else f"(|{''.join(parts)})"

    def both(self) -> str:
        parts = [self.one()]
        while self._taken("operator", "-and"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else f"(&{''.join(parts)})"

    def one(self) -> str:
        if self._taken("operator", "-not"):
            return f"(!{self.one()})"
        if self._taken("open"):
            inner = self.either()
            if not self._taken("close"):
                raise _mistake("a parenthesis is not closed")
            return inner
        name = self._next("word")
        operator = self._next("operator").lower()
        kind, value = self._value()
        return self._comparison(name, operator, kind, value)

    def _comparison(self, name: str, operator: str, kind: str, value: str) -> str:
        attribute = self.attributes.get(name.lower(), name)
        if attribute.lower() == "enabled":
            if operator not in ("-eq", "-ne") or value.lower() not in ("$true", "$false", "true", "false"):
                raise _mistake("Enabled is compared with $true or $false")
            enabled = value.lower().lstrip("$") == "true"
            return f"(!{_DISABLED})" if enabled == (operator == "-eq") else _DISABLED
        if kind == "word" and value.lower() in ("$true", "$false"):
            value = value[1:].upper()
        elif kind == "word" and value.startswith("$"):
            raise _mistake(f"the variable {value} is not read inside a filter; put the text in double quotes")
        like = operator in ("-like", "-notlike")
        written = "*".join(map(escape, value.split("*"))) if like else escape(value)
        if operator in ("-ne", "-notlike"):
            return f"(!({attribute}={written}))"
        if operator in ("-gt", "-lt"):
            bound = ">=" if operator == "-gt" else "<="
            return f"(&({attribute}{bound}{written})(!({attribute}={written})))"
        if operator not in _COMPARED:
            raise _mistake(
                f"{operator} is no operator of a filter; there are -eq, -ne, -like, -notlike, -ge, -le, -gt, -lt"
            )
        return f"({attribute}{_COMPARED[operator]}{written})"

    def _value(self) -> _Token:
        if self.position < len(self.tokens) and self.tokens[self.position][0] in ("single", "double", "word"):
            self.position += 1
            return self.tokens[self.position - 1]
        raise _mistake("a value is missing")

    def _taken(self, kind: str, text: str | None = None) -> bool:
        if self.position >= len(self.tokens):
            return False
        found, written = self.tokens[self.position]
        if found != kind or (text is not None and written.lower() != text):
            return False
        self.position += 1
        return True

    def _next(self, kind: str) -> str:
        if self.position < len(self.tokens) and self.tokens[self.position][0] == kind:
            self.position += 1
            return self.tokens[self.position - 1][1]
        raise _mistake("a property is missing" if kind == "word" else "an operator is missing")
