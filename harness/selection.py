"""What is wrong with a choice of scenarios; why a run selected nothing: which tag no scenario has, and the nearest."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from harness.scenario.source import suggestion
from harness.scenario_files import read_file

_OPERATORS = ("and", "or", "not")
#: a word as pytest reads it, and what an expression of words is made of
_WORD = re.compile(r"[\w:+\-.\[\]/\\]+")
_SOUND = (ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.Constant)


def malformed(option: str, text: str | None) -> str:
    """What is wrong with the words of -k or -m, of which every process of pytest would die; empty when nothing is."""
    if not text:
        return ""
    words = _WORD.sub(lambda found: found[0] if found[0] in _OPERATORS else "True", text.strip())
    try:
        sound = all(isinstance(node, _SOUND) for node in ast.walk(ast.parse(words, mode="eval")))
    except SyntaxError:
        sound = False
    return "" if sound else f"{option} takes words joined by and, or, not and round brackets; '{text}' is not so"


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
