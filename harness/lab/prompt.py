"""The operator's prompt of a server: one line of PowerShell in, what the cmdlet wrote out."""

from __future__ import annotations

from typing import Any

from harness.lab.server import Server


def type_line(server: Server, line: str) -> Any:
    """Run one cmdlet line; returns the engine's answer (rows, warnings) or raises its refusal."""
    from engine.cmdlets import run

    return run(line, server.engine)
