"""Where a rule and its parts stand in the file they were read from, down to the character inside an expression.

Keys of spots: "" the rule; a field's name; "flow 0", "flow 0 dest", "flow 0 src", "expression 0"; "scope 0 1"; "join 0
1" (group, clause). Columns count characters, from 1, as editors do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.rules.rule import SyncRule

#: How one character of a text is spelt in each format.
XML_CHARACTER = re.compile(r"&[^;&]{1,10};|\r\n|.", re.DOTALL)
JSON_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u....|\\u....|\\.|.", re.DOTALL)
SINGLE_QUOTED_CHARACTER = re.compile("['‘’‚‛]{2}|\r\n|.", re.DOTALL)
DOUBLE_QUOTED_CHARACTER = re.compile('`\r\n|`.|["“”„]{2}|\r\n|.', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Spot:
    """line, column: from 1; no column is 0. raw: a text as the file spells it, which begins at the spot."""

    line: int
    column: int = 0
    raw: str = ""
    character: re.Pattern[str] | None = None

    def within(self, offset: int) -> Spot:
        """The spot of a character of the text, by its offset; the spot itself where the spelling is not known."""
        if self.character is None or offset <= 0:
            return self
        line, column, position = self.line, self.column, 0
        for _ in range(offset):
            spelt = self.character.match(self.raw, position)
            if spelt is None:
                return self
            position = spelt.end()
            line, column = (line + 1, 1) if "\n" in spelt[0] else (line, column + len(spelt[0]))
        return Spot(line, column)

    def __str__(self) -> str:
        return f"{self.line}:{self.column}" if self.column else f"{self.line}"


@dataclass(frozen=True, slots=True)
class RulePlace:
    """The file of a rule and the spots of its parts."""

    file: str
    spots: Mapping[str, Spot] = field(default_factory=dict)

    def spot(self, *keys: str) -> Spot | None:
        """The spot of the first part that is there; else that of the rule itself."""
        return next((self.spots[key] for key in (*keys, "") if key in self.spots), None)

    def of(self, *keys: str, offset: int = 0) -> str:
        """``FILE:LINE:COLUMN`` of a part; offset: of a character inside an expression."""
        spot = self.spot(*keys)
        return f"{self.file}:{spot.within(offset)}" if spot is not None else self.file


@dataclass(frozen=True, slots=True)
class ReadRule:
    """A rule and where it stands. whole: everything its file says of it could be read."""

    rule: SyncRule
    place: RulePlace | None = None
    whole: bool = True
