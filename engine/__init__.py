"""The sync engine: connector spaces, a metaverse, rules as data, run profiles. Knows neither emulators nor harness.

Public names: ``SyncServer`` and ``SetupAnswers``, loaded when asked for: most commands need a corner of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.server import SyncServer
    from engine.setup import SetupAnswers

__all__ = ["SetupAnswers", "SyncServer"]


def __getattr__(name: str) -> object:
    if name == "SyncServer":
        from engine.server import SyncServer

        return SyncServer
    if name == "SetupAnswers":
        from engine.setup import SetupAnswers

        return SetupAnswers
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
