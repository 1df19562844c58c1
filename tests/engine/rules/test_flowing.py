"""Which value wins: tests/cases/flows/precedence.yaml, row by row."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.expression import Context
from engine.rules.flow_plan import FlowError, compile_flow, make_plan
from engine.rules.flowing import resolve
from engine.rules.rule import AttributeFlow, FlowType, MergeType

CASES = Path(__file__).parents[2] / "cases/flows/precedence.yaml"
NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def rows() -> list[Any]:
    text = CASES.read_text(encoding="utf-8")
    lines = [node.start_mark.line + 1 for node in yaml.compose(text, yaml.SafeLoader).value]
    return [pytest.param(row, id=str(line)) for line, row in zip(lines, yaml.safe_load(text), strict=True)]


def flow_of(said: Any) -> AttributeFlow:
    said = {"expr": said} if not isinstance(said, dict) else said
    merge, once = MergeType(said.get("merge", "Update")), said.get("once", False)
    if "direct" in said:
        return AttributeFlow("t", FlowType.DIRECT, (said["direct"],), merge=merge, execute_once=once)
    if "constant" in said:
        return AttributeFlow("t", FlowType.CONSTANT, constant=said["constant"], merge=merge, execute_once=once)
    text = "NULL" if said["expr"] is None else said["expr"]
    return AttributeFlow("t", FlowType.EXPRESSION, expression=text, merge=merge, execute_once=once)


def outcome_of(row: dict[str, Any], make: Any) -> Any:
    target = AttributeDefinition("t", AttributeType(row.get("type", "string")), row.get("many", False), "max" in row)
    attributes = row.get("attrs", {})
    source = Schema(
        {name: AttributeDefinition(name, multivalued=isinstance(value, list)) for name, value in attributes.items()}
    )
    compiled = [
        (0, compile_flow(make.inbound(number), number, flow_of(said), target, source))
        for number, said in enumerate(row["flows"], 1)
    ]
    plan = make_plan(compiled, Schema({"t": target}), (source,), string_max=row.get("max"))
    context = Context(attributes, attributes, {}, NOW, Random(0))
    found = resolve(plan, [context], creating=row.get("creating", False))
    if "t" in found.values:
        return found.values["t"]
    return "kept" if "t" in found.kept else "none"


@pytest.mark.parametrize("row", rows())
def test_which_value_wins(row: dict[str, Any], make: Any) -> None:
    if "error" in row:
        with pytest.raises(FlowError) as raised:
            outcome_of(row, make)
        assert (raised.value.error_type, raised.value.attribute) == (row["error"], "t")
        assert raised.value.rule == "Rule 1"
        return
    found = outcome_of(row, make)
    assert found == row.get("value", row.get("outcome"))
    assert type(found) is type(row.get("value", "text"))


def test_a_failing_expression_tells_its_text_and_the_place_in_it(make: Any) -> None:
    with pytest.raises(FlowError) as raised:
        outcome_of({"flows": ["Left([a],Len(5))"], "attrs": {"a": "x"}}, make)
    assert str(raised.value) == "Len: argument 1 must be str or bin, not num (line 1, column 10) in Left([a],Len(5))"
