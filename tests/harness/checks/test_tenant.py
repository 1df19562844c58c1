"""What the timeline's views of a tenant make of records: who overwrote whom, who exported last."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from harness.checks.tenant import CHECKS
from harness.scenario.queries import read_query

TENANT = "contoso.onmicrosoft.com"


def look(name: str, records: list[dict[str, Any]], query: str = "") -> Any:
    lab = SimpleNamespace(timeline=SimpleNamespace(records=records))
    return CHECKS.by_name[name].find(lab, SimpleNamespace(name=TENANT), read_query(f"tenant.{name}{query}"))


def written(machine: str, *changed: str, kind: str = "set", id_: str = "1", **more: Any) -> dict[str, Any]:
    record = {"actor": TENANT, "kind": f"tenant.provisioning.{kind}", "machine": machine, "id": id_}
    return {**record, "changed": list(changed), **more}


def exported(server: str, at: str, *, staging: bool = False, result: str = "success", to: str = TENANT) -> Any:
    record = {"actor": server, "kind": "engine.run", "profile": "Export", "connector": f"{to} - AAD", "at": at}
    return {**record, "staging": staging, "result": result}


def test_a_flip_is_a_value_written_over_another_servers() -> None:
    records = [
        written("A", "department", "jobTitle", kind="add"),
        written("A", "department"),
        written("B", "department"),
        written("A", "department"),
        written("B", "department", error="AttributeValueMustBeUnique"),
        written("B", "department", id_="2"),
        {"actor": "other.onmicrosoft.com", "kind": "tenant.provisioning.set", "changed": ["jobTitle"], "machine": "B"},
    ]
    assert look("flips", records) == [{"id": "1", "property": "department", "times": 2, "servers": ["A", "B"]}]
    assert look("flips", records, "(property = jobTitle)") == []


def test_the_last_active_export_leaves_out_staging_failures_and_other_systems() -> None:
    records = [
        exported("A", "1", result="completed-export-errors"),
        exported("B", "2", staging=True),
        exported("A", "3", result="stopped-deletion-threshold-exceeded"),
        exported("A", "4", to="fabrikam.onmicrosoft.com"),
        {"actor": "A", "kind": "engine.run", "profile": "Delta Import", "connector": TENANT},
    ]
    assert look("last_active_export", records) == {"server": "A", "time": "1", "result": "completed-export-errors"}
    assert look("last_active_export", records[1:2]) is None
