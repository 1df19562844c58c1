"""One world of rows 8 and 9, in a process of its own: reads which story (JSON), writes its figures (JSON).

Run as ``python -m harness.bench.cycle_story``.
"""

from __future__ import annotations

import json
import resource
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

from harness.bench.initial_cycle import CycleFailedError, forest_and_tenant, install, timed_cycle
from harness.bench.measuring import Collector
from harness.bench.people import DirectoryEntry, directory_entries, person_dn
from harness.lab.lab import Lab
from harness.lab.ldap_client import DELETE, REPLACE
from harness.lab.reactor import in_reactor, stop_reactor

if TYPE_CHECKING:
    from engine import SyncServer

IDLE_CYCLES = 5
#: of so many people, how many are changed, made and deleted before the delta cycle with 7 % changed
_BLOCK, _CHANGED, _MADE, _DELETED = 200, 11, 2, 1


def tell(story: str, people: int, configuration: str | None) -> dict[str, float]:
    """Figures of the story: seconds and GiB of the initial cycle, and what came after it."""
    with Lab(forest_and_tenant()) as lab:
        forest = lab.forest()
        entries = list(directory_entries(people, forest.base_dn))
        if story == "group":
            entries.append(_everybody(people, forest.base_dn))
        in_reactor(forest.service.populate, entries)
        del entries
        engine = install(lab, configuration=configuration)
        taken = Collector()
        timed_cycle(engine, taken)
        figures = {name: series[-1] for name, series in taken.series.items()}
        figures["seconds"] = figures.pop("ours")
        figures["GiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        if story == "initial":
            return figures
        arrived = _counted(engine, "ExportAdd")
        if arrived < people:
            raise CycleFailedError(f"{arrived} of {people} people reached the tenant")
        _cycle(engine)
        if story == "group":
            return {**figures, **_one_member(lab, engine, people)}
        return {**figures, **_delta_cycles(lab, engine, people)}


def _delta_cycles(lab: Lab, engine: SyncServer, people: int) -> dict[str, float]:
    idle = sorted(_cycle(engine) for _ in range(IDLE_CYCLES))[IDLE_CYCLES // 2]
    _change(lab, people)
    changed = _cycle(engine)
    sent = _counted(engine, "ExportAdd", "ExportUpdate", "ExportDelete")
    if sent < people // _BLOCK * (_CHANGED + _MADE + _DELETED):
        raise CycleFailedError(f"{sent} changes reached the tenant")
    return {"idle": idle * 1000, "changed": changed, "confirming": _cycle(engine)}


def _change(lab: Lab, people: int) -> None:
    """Let an administrator change eleven of two hundred people, make two and delete one.

    One in two hundred, so that the deletes of 100,000 people stay within the deletion threshold of 500.
    """
    forest = lab.forest()
    ldap, base = forest.ldap(), forest.base_dn
    for block in range(people // _BLOCK):
        first = block * _BLOCK
        for number in range(first + 10, first + 10 + _CHANGED):
            ldap.modify(person_dn(number, base), [(REPLACE, "title", [b"Promoted"])])
        ldap.delete(person_dn(first + _BLOCK - 1, base))
        for number in range(_MADE):
            name = b"Newcomer %05d" % (block * _MADE + number)
            login = b"new%05d" % (block * _MADE + number)
            attributes = {
                "objectClass": [b"user"],
                "sAMAccountName": [login],
                "userPrincipalName": [login + b"@contoso.com"],
                "displayName": [name],
                "userAccountControl": [b"544"],
            }
            ldap.add(f"CN={name.decode()},OU=Branch 0,{base}", attributes)


def _one_member(lab: Lab, engine: SyncServer, people: int) -> dict[str, float]:
    """Take one member out of the group of all; the cycle without a change is taken off."""
    forest = lab.forest()
    idle = sorted(_cycle(engine) for _ in range(IDLE_CYCLES))[IDLE_CYCLES // 2]
    took = []
    for number in range(IDLE_CYCLES):
        member = person_dn(number, forest.base_dn).encode()
        forest.ldap().modify(_group_dn(forest.base_dn), [(DELETE, "member", [member])])
        took.append(_cycle(engine))
        if _counted(engine, "ExportUpdate") != 1:
            raise CycleFailedError("the member did not leave the group in the tenant")
        _cycle(engine)
    return {"member": (sorted(took)[IDLE_CYCLES // 2] - idle) * 1e6 / people}


def _group_dn(base_dn: str) -> str:
    return f"CN=Everybody,OU=Teams,{base_dn}"


def _everybody(people: int, base_dn: str) -> DirectoryEntry:
    return _group_dn(base_dn), {
        "objectClass": [b"top", b"group"],
        "cn": [b"Everybody"],
        "sAMAccountName": [b"everybody"],
        "displayName": [b"Everybody"],
        "groupType": [b"-2147483640"],
        "member": [person_dn(number, base_dn).encode() for number in range(people)],
    }


def _cycle(engine: SyncServer) -> float:
    """Run a delta cycle; returns its seconds."""
    began = perf_counter()
    cycle = engine.start_sync_cycle("Delta")
    took = perf_counter() - began
    if cycle.result != "success":
        raise CycleFailedError(f"a delta cycle ended with {cycle.result}")
    return took


def _counted(engine: SyncServer, *counters: str) -> int:
    assert engine.last_cycle is not None
    return sum(run.counter(name) for run in engine.last_cycle.runs for name in counters)


def main() -> None:
    order: dict[str, Any] = json.load(sys.stdin)
    try:
        figures = tell(order["story"], order["people"], order["configuration"])
    finally:
        stop_reactor()
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
