"""The accidental-delete guard, decision D4."""

from __future__ import annotations

import pytest

from engine.run.delete_threshold import (
    DeletionThreshold,
    check_delete_threshold,
    threshold_for_tenant,
    threshold_from_tenant,
)


@pytest.mark.parametrize(
    ("pending", "setting", "exceeded"),
    [
        (0, DeletionThreshold(), False),
        (500, DeletionThreshold(), False),
        (501, DeletionThreshold(), True),
        (100, DeletionThreshold(threshold=50), True),
        (1, DeletionThreshold(threshold=0), True),
        (0, DeletionThreshold(threshold=0), False),
        (9999, DeletionThreshold(enabled=False), False),
    ],
)
def test_threshold(pending: int, setting: DeletionThreshold, exceeded: bool) -> None:
    check = check_delete_threshold(pending, setting)
    assert check.exceeded is exceeded
    assert check.result == ("stopped-deletion-threshold-exceeded" if exceeded else None)
    assert (check.event is not None) is exceeded
    if check.event is not None:
        assert check.event.id == 116
        assert f"({pending} pending deletes)" in check.event.text
        assert f"threshold of {setting.threshold} objects" in check.event.text


@pytest.mark.parametrize("setting", [DeletionThreshold(), DeletionThreshold(True, 50), DeletionThreshold(False, 0)])
def test_tenant_form(setting: DeletionThreshold) -> None:
    assert threshold_from_tenant(threshold_for_tenant(setting)) == setting


def test_absent_setting_is_the_default() -> None:
    assert threshold_from_tenant(None) == DeletionThreshold(True, 500)
