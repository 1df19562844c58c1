"""What an expectation can look at in the world as a whole: the clock, the servers, the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.checks.registry import Checks
from harness.lab.clock import show_time
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("world")
check = CHECKS.check


@check("time", "world.time: {at_least: '2026-03-02T08:30'}")
def time(lab: Lab, place: Any, query: Query) -> Any:
    """The world's time."""
    return show_time(lab.clock.now())


@check("servers", "world.servers(name, staging): {count: 2}", many=True)
def servers(lab: Lab, place: Any, query: Query) -> Any:
    """Sync servers that are alive: name, version, staging, tenant."""
    return [
        {"name": one.name, "version": one.engine.version, "staging": one.staging, "tenant": one.tenant}
        for one in lab.servers.values()
    ]


@check("timeline", "world.timeline(kind = engine.export, actor = SYNC1): {count: {at_least: 1}}", many=True)
def timeline(lab: Lab, place: Any, query: Query) -> Any:
    """Every hop of every actor so far."""
    return list(lab.timeline.numbered())


@check("warnings", "world.warnings: {contains: {code: ANCHOR_LATE_SET}}", many=True)
def warnings(lab: Lab, place: Any, query: Query) -> Any:
    """What the stage itself found worth a warning, oldest first: code, server, object, message."""
    return [record for record in lab.timeline.numbered() if record["kind"] == "stage.warning"]


@check("files", "world.files(path, machine = SYNC1): {contains: {path: {starts_with: ADConnectivityTool}}}", many=True)
def files(lab: Lab, place: Any, query: Query) -> Any:
    """What the wizard left on machines to be read, whether or not a server came of it: machine, path, text."""
    root = lab.folder / "servers"
    found = sorted(one for one in root.glob("*/**/*") if one.suffix.lower() in _READABLE) if root.exists() else []
    return [
        {
            "machine": one.relative_to(root).parts[0],
            "path": "/".join(one.relative_to(root).parts[1:]),
            "text": one.read_text(encoding="utf-8"),
        }
        for one in found
    ]


_READABLE = frozenset({".log", ".txt", ".json"})
