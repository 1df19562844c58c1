"""What ends a step before its end: the number of objects it may process, and the operator who stops the run.

Source: facts "engine" 5.2 (stopped-object-limit, stopped-user-termination-from-wmi-or-ui), 19.2 (threshold of a step).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

#: How long the tenant's watermark holds (facts "engine" 2.2).
WATERMARK_VALIDITY = timedelta(days=7)
OBJECT_LIMIT = "stopped-object-limit"
STOPPED_BY_OPERATOR = "stopped-user-termination-from-wmi-or-ui"


class StepStopped(Exception):
    """The step ends with this result before or while it works; nothing more of the run follows."""

    def __init__(self, result: str) -> None:
        super().__init__(result)
        self.result = result


@dataclass
class StepLimits:
    """objects: how many the step may process, 0 = any number. stopped: whether the operator wants the run to end.

    A step asks between two batches; what the batches before have done stays.
    """

    objects: int = 0
    stopped: Callable[[], bool] = lambda: False
    processed: int = 0

    def room(self, wanted: int) -> int:
        """How many of the next objects the step may take. Raises StepStopped when it is to end here."""
        if self.stopped():
            raise StepStopped(STOPPED_BY_OPERATOR)
        if not self.objects:
            return wanted
        left = self.objects - self.processed
        if left <= 0 and wanted:
            raise StepStopped(OBJECT_LIMIT)
        taken = min(wanted, left)
        self.processed += taken
        return taken
