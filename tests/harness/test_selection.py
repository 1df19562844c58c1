"""Which words -k and -m take: the same as pytest, told before any of its processes starts."""

from __future__ import annotations

import pytest

from harness.selection import malformed


@pytest.mark.parametrize(
    "text",
    ["", "a", "forest-move", "MOVE-01.yaml", "MOVE-17[new_first]", "a and not b", "(a or b) and c", "not(a)", " a"],
)
def test_sound(text: str) -> None:
    assert malformed("-m", text) == ""


@pytest.mark.parametrize("text", ["a and", "and", "not", "a b", "Ana Lopez", "()", "(a", "a)", "a,b", "x<y", "a=1"])
def test_malformed(text: str) -> None:
    assert malformed("-k", text) == f"-k takes words joined by and, or, not and round brackets; '{text}' is not so"
