"""Things that go wrong on purpose, by name and counted; and databases a database administrator makes or removes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from emulators.faults import FAULTS
from harness.actions.registry import Actions
from harness.scenario.scope import Scope
from harness.scenario.shapes import Integer, MapOf, Record
from harness.scenario.tree import Path

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


def _names(value: dict[str, Any], path: Path, scope: Scope) -> None:
    for name in value:
        if name not in FAULTS:
            scope.complain_name((*path, name), f"there is no fault {name}", name, FAULTS, key=True)


class _FaultRecord(Record):
    """Faults by name, each with how often it strikes: a number, or {times: number}."""

    def check(self, value: Any, path: Path, scope: Scope) -> None:
        MapOf(_TIMES).check(value, path, scope)
        if isinstance(value, dict):
            _names(value, path, scope)

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "propertyNames": {"enum": list(FAULTS)}, "additionalProperties": _TIMES.schema()}

    def text(self) -> str:
        return "faults by name, each with how often it strikes"


def _times_record() -> Record:
    from harness.scenario.shapes import Key

    return Record((Key("times", Integer(), doc="how often it strikes; 0 disarms"),), shorthand="times", what="a fault")


_TIMES = _times_record()


@action("fault", "fault: {tenant.throttle: {times: 2}}", record=_FaultRecord((), what="fault"))
def fault(lab: Lab, plain: dict[str, Any]) -> None:
    """Arm faults: each strikes so many times, then is gone."""
    for name, given in plain.items():
        lab.faults.arm(name, int(_TIMES.convert(given).get("times", 1)))


@action("sql", "sql: {instance: SQL1, database: ADSync, state: absent}")
def sql(
    lab: Lab,
    instance: Annotated[str, "name of the SQL instance"],
    state: Annotated[Literal["data", "empty", "absent"], "what the database holds afterwards"],
    database: Annotated[str, "name of the database"] = "ADSync",
    collation: Annotated[str, "collation the database is made with; Latin1_General_CI_AS without it"] | None = None,
) -> None:
    """Make, empty or remove a database on a SQL instance, as its administrator does; a new one drops the old one."""
    from harness.lab.databases import make_database

    properties = {} if collation is None else {"collation": collation}
    make_database(lab.sql.folder(instance), database, state, properties)
