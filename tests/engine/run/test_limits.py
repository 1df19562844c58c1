"""How many objects a step may take, batch by batch."""

from __future__ import annotations

import pytest

from engine.run.limits import OBJECT_LIMIT, STOPPED_BY_OPERATOR, StepLimits, StepStopped


@pytest.mark.parametrize(
    ("limit", "batches", "taken"),
    [(0, [3, 3], [3, 3]), (5, [3, 3], [3, 2]), (6, [3, 3], [3, 3]), (6, [3, 3, 0], [3, 3, 0]), (2, [0, 2], [0, 2])],
)
def test_room(limit: int, batches: list[int], taken: list[int]) -> None:
    limits = StepLimits(limit)
    assert [limits.room(size) for size in batches] == taken


def test_a_batch_after_the_last_object_stops_the_step() -> None:
    limits = StepLimits(3)
    limits.room(3)
    with pytest.raises(StepStopped) as stopped:
        limits.room(1)
    assert stopped.value.result == OBJECT_LIMIT


def test_the_operator_stops_the_step_before_the_next_batch() -> None:
    wanted = iter([False, True])
    limits = StepLimits(0, lambda: next(wanted))
    assert limits.room(2) == 2
    with pytest.raises(StepStopped) as stopped:
        limits.room(2)
    assert stopped.value.result == STOPPED_BY_OPERATOR
