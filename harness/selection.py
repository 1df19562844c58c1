"""Why a run selected nothing: which tag no scenario has, and the nearest that one has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from harness.scenario.source import suggestion
from harness.scenario_files import read_file

_OPERATORS = ("and", "or", "not")


def why_nothing(files: Iterable[Path], keyword: str | None, tags: str | None) -> str:
    """Return the reason, read from the files again; there is time, for nothing ran."""
    from harness.vocabulary import the_language

    readings = [read_file(path, the_language()).scenario for path in files]
    known = {tag for scenario in readings if scenario is not None for tag in scenario.tags}
    words = [word for word in re.findall(r"[\w-]+", tags or "") if word not in _OPERATORS]
    reasons = [
        f"no scenario has the tag {word}; {suggestion(word, known, listed_max=30)}".rstrip("; ")
        for word in words
        if word not in known
    ]
    if not reasons and tags:
        reasons.append(f"no scenario fits -m {tags}")
    if keyword:
        reasons.append(f"no scenario's name fits -k {keyword}")
    return "; ".join(reasons) or "no scenario was selected"
