"""Exit codes of the command line; a contract (design document, section 2)."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    PASS = 0
    ASSERTION_FAILED = 1
    USAGE = 2
    SCENARIO_INVALID = 3
    FAULT = 4  # the environment, or the harness itself
    NOTHING_SELECTED = 5
    INTERRUPTED = 130


class CommandFailedError(Exception):
    """A command ends with this message and this code; no traceback."""

    def __init__(self, code: ExitCode, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
