"""Expression errors: the sentence, and the place in the text it is about.

Source: facts "expressions" sections 1 and 9; "engine" section 17.2 (sync-rule-error-function-triggered).
"""

from __future__ import annotations

SHOWN = 80  # characters of a long text that are shown on either side of a place


class ArgumentError(ValueError):
    """A function or operator refuses its values; the call adds name and place. Never leaves the package."""


class ExpressionError(Exception):
    """An expression cannot be read or cannot be evaluated. Line and column count from 1."""

    def __init__(self, message: str, text: str = "", line: int = 1, column: int = 1) -> None:
        super().__init__(message, text, line, column)
        self.message = message
        self.text = text
        self.line = line
        self.column = column

    @classmethod
    def at(cls, message: str, text: str, position: int) -> ExpressionError:
        """Make the error for an offset into the text."""
        line, column = locate(text, position)
        return cls(message, text, line, column)

    def explain(self) -> str:
        """The message, the line of the text and a caret under the place."""
        lines = self.text.splitlines() or [""]
        shown = lines[self.line - 1] if self.line <= len(lines) else ""
        margin = "".join("\t" if character == "\t" else " " for character in shown[: self.column - 1])
        return f"{self.message}\n{shown}\n{margin:<{self.column - 1}}^"

    def __str__(self) -> str:
        place = f"{self.message} (line {self.line}, column {self.column})"
        lines = self.text.splitlines()
        shown = lines[self.line - 1].strip() if self.line <= len(lines) else ""
        if len(shown) > 2 * SHOWN:
            start, end = max(0, self.column - 1 - SHOWN), self.column - 1 + SHOWN
            shown = f"{'… ' if start else ''}{lines[self.line - 1][start:end].strip()} …"
        return f"{place} in {shown}" if shown else place


class ErrorRaised(ExpressionError):
    """An Error("...") was evaluated: the object fails with this text (sync-rule-error-function-triggered)."""


def locate(text: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset."""
    position = max(0, min(position, len(text)))
    before = text[:position].splitlines(keepends=True)
    if not before:
        return 1, 1
    if before[-1].splitlines()[0] != before[-1]:
        return len(before) + 1, 1
    return len(before), len(before[-1]) + 1
