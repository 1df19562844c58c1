"""Reads one command line as PowerShell would, as far as the ADSync cmdlets need it; everything else refuses by name.

Understood: a cmdlet, -Name value, -Name:value, bare -Switch, $true, $false, $null, quoted text, comments.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.errors import EngineError

Argument = str | bool | None

_CONSTANTS: dict[str, bool | None] = {"$true": True, "$false": False, "$null": None}
_REFUSED = {
    "|": "Pipelines are not emulated; run one cmdlet at a time.",
    ";": "One command at a time, please.",
    "(": "Expressions in parentheses are not emulated.",
    ")": "Expressions in parentheses are not emulated.",
    "{": "Script blocks are not emulated.",
    "}": "Script blocks are not emulated.",
    "@": "Arrays and hash tables are not emulated.",
    "&": "The call operator is not emulated.",
    "`": "Escapes with a back-tick are not emulated.",
    ">": "Redirection is not emulated.",
}


@dataclass(frozen=True, slots=True)
class CommandLine:
    """name as typed; parameters by name as typed, a bare switch is True; positional: arguments without a name."""

    name: str
    parameters: dict[str, Argument] = field(default_factory=dict)
    positional: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    quoted: bool
    column: int


def read_line(text: str) -> CommandLine | None:
    """Return the command of a line; None for an empty line or a comment. Mistakes raise EngineError with the column."""
    tokens = _tokens(text)
    if not tokens:
        return None
    first = tokens[0]
    if first.quoted or first.text.startswith("-"):
        raise _mistake(first.column, "A line starts with the name of a cmdlet.")
    parameters: dict[str, Argument] = {}
    positional: list[Argument] = []
    position = 1
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if not _is_parameter(token):
            positional.append(_value(token))
            continue
        name, colon, attached = token.text[1:].partition(":")
        if name.lower() in {known.lower() for known in parameters}:
            raise _mistake(token.column, f"The parameter -{name} is given twice.")
        if colon and attached:
            parameters[name] = _value(_Token(attached, False, token.column))
        elif position < len(tokens) and not _is_parameter(tokens[position]):
            parameters[name] = _value(tokens[position])
            position += 1
        else:
            parameters[name] = True
    return CommandLine(first.text, parameters, tuple(positional))


def _is_parameter(token: _Token) -> bool:
    return not token.quoted and len(token.text) > 1 and token.text[0] == "-" and token.text[1].isalpha()


def _value(token: _Token) -> Argument:
    if token.quoted or not token.text.startswith("$"):
        return token.text
    if token.text.lower() in _CONSTANTS:
        return _CONSTANTS[token.text.lower()]
    raise _mistake(token.column, f"The variable {token.text} is not known: variables are not emulated.")


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character.isspace():
            position += 1
        elif character == "#":
            break
        elif character in "'\"":
            content, end = _quoted(text, position)
            tokens.append(_Token(content, True, position + 1))
            position = end
        elif character in _REFUSED:
            raise _mistake(position + 1, _REFUSED[character])
        else:
            end = position
            while end < len(text) and not text[end].isspace() and text[end] not in "'\"|;(){}&`>":
                end += 1
            if end < len(text) and text[end] in "'\"" and text[end - 1] == ":":  # -Name:'value'
                content, after = _quoted(text, end)
                tokens.append(_Token(text[position : end - 1], False, position + 1))
                tokens.append(_Token(content, True, end + 1))
                end = after
            else:
                tokens.append(_Token(text[position:end], False, position + 1))
            position = end
    return tokens


def _quoted(text: str, start: int) -> tuple[str, int]:
    """Content and end of a quoted text; a doubled quote stands for itself."""
    quote = text[start]
    content: list[str] = []
    position = start + 1
    while position < len(text):
        if text[position] == quote:
            if text[position + 1 : position + 2] != quote:
                joined = "".join(content)
                if quote == '"' and "$" in joined:
                    raise _mistake(start + 1, "Variables inside double quotes are not emulated; use single quotes.")
                return joined, position + 1
            position += 1
        content.append(text[position])
        position += 1
    raise _mistake(start + 1, "The quoted text does not end.")


def _mistake(column: int, text: str) -> EngineError:
    return EngineError("COMMAND_LINE", f"column {column}: {text}")
