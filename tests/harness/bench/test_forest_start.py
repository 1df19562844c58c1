"""Row 4 runs at toy size; what it measures is the machine's affair."""

from __future__ import annotations

import pytest

from harness.bench import forest_start, slapd
from harness.bench.measuring import Settings


def test_both_lines_stand_beside_their_peers(toy: Settings) -> None:
    warm, cold = forest_start.measure(toy)
    assert (warm.row, warm.unit, warm.ours.count) == ("4", "ms", 1)
    assert (warm.goal.text if warm.goal else "", cold.goal.text if cold.goal else "") == ("<= 1x", "<= 1.2x")
    assert set(warm.parts) == {forest_start.WITH_LDAPS}
    assert warm.peer is not None
    assert (warm.peer.series is None) == (slapd.executable() is None)
    assert cold.ratio is not None


def test_without_slapd_the_row_says_so(toy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slapd, "executable", lambda: None)
    warm = forest_start.warm_start(toy)
    assert warm.verdict == "slapd absent: it is not installed here"
