"""The walk of one change in the engine's README (house.md 4.4): its stops exist and a run passes them in order."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from harness.commands.trace import chosen_records
from harness.runner import Runner
from harness.scenario_files import read_file, shipped_folder
from harness.vocabulary import actions, checks, the_language

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d) \| (.+?) \| `(\S+)` `(\w+)` \| `(\S+)` \|$", re.MULTILINE)
STOPS = [match.groups() for match in ROW.finditer((ROOT / "engine/README.md").read_text(encoding="utf-8"))]


def test_the_table_has_eight_stops() -> None:
    assert [number for number, *_ in STOPS] == list("12345678")


@pytest.mark.parametrize(("file", "function"), [stop[2:4] for stop in STOPS])
def test_every_stop_is_a_function_of_its_file(file: str, function: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_a_title_change_passes_the_stops_in_order() -> None:
    reading = read_file(shipped_folder() / "title_change.yaml", the_language())
    assert reading.scenario is not None
    outcome = Runner(reading.scenario, reading.scenario.cases[0], actions=actions(), checks=checks()).run()
    assert outcome.status == "passed", outcome.render()
    told = list(chosen_records(outcome.records, None, None, everything=False))
    began = next(i for i, hop in enumerate(told) if hop.get("title", "").startswith("directory.set_attributes"))
    rest = iter(told[began:])
    for number, where, *_, kind in STOPS:
        hop = next((hop for hop in rest if hop["kind"] == kind), None)
        assert hop is not None, f"stop {number} ({where}): no {kind} after the stop before"
        if kind not in ("stage.step", "engine.cycle", "engine.confirmed"):
            words = json.dumps(hop)
            assert "title" in words, f"stop {number} ({where}): {words}"
