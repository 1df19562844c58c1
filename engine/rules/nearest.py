"""The nearest right name for a wrong one: another case first, then what is spelt much alike."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest_name(word: str, names: Iterable[str], cutoff: float = 0.6) -> str:
    """The name most like the word; empty when none is."""
    known = {name.lower(): name for name in names}
    found = difflib.get_close_matches(word.lower(), known, 1, cutoff)
    return known[found[0]] if found else ""


def hint(word: str, names: Iterable[str]) -> str:
    """The end of a message about a name that does not exist; empty when nothing is like it."""
    near = nearest_name(word, names)
    return f" Did you mean {near}?" if near else ""
