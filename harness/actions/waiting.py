"""Letting virtual time pass, and keeping or taking back the state of the whole world."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, NewSnapshotName, SnapshotName

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


@action("wait", "wait: 30m")
def wait(lab: Lab, span: Annotated[timedelta, "how long, such as 30m, 6h, 31d"]) -> None:
    """Let virtual time pass: schedulers, password channels and purges do what is due."""
    lab.advance(span)


@action("advance", "advance: 31d")
def advance(lab: Lab, span: Annotated[timedelta, "how long, such as 30m, 6h, 31d"]) -> None:
    """The same as wait."""
    lab.advance(span)


@action("snapshot", "snapshot: before")
def snapshot(lab: Lab, name: NewSnapshotName) -> None:
    """Keep the state of the whole world under a name."""
    lab.keep(name)


@action("restore", "restore: before")
def restore(lab: Lab, name: SnapshotName) -> None:
    """Put the whole world back to a kept state, the clock included."""
    lab.go_back(name)
