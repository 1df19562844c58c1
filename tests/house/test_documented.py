"""What a scenario or an operator may name is documented: verbs, views, faults, invariants, commands, ledger."""

from __future__ import annotations

from pathlib import Path

import yaml

from emulators.faults import FAULTS
from harness.cli import COMMANDS
from harness.commands.verbs import describe
from harness.scenario.language import INVARIANTS
from harness.scenario.matching import MATCHERS
from harness.scenario_files import find_files
from harness.vocabulary import the_language

ROOT = Path(__file__).parents[2]


def test_verbs_prints_every_word() -> None:
    text = "\n".join(describe(the_language()))
    language = the_language()
    words = [*language.verbs, *MATCHERS, *FAULTS, *INVARIANTS, *(name for _, name in language.views)]
    assert [word for word in words if word not in text] == []


def test_every_command_has_a_line_and_help() -> None:
    from importlib import import_module

    for name, (module, line) in COMMANDS.items():
        assert line.endswith("."), name
        assert import_module(module).command.help, name


def test_every_scenario_says_where_its_behaviour_is_described() -> None:
    silent = []
    for path in find_files([ROOT / "scenarios"]):
        plain = yaml.safe_load(path.read_text(encoding="utf-8").replace("\t", " ").split("steps:")[0])
        if not plain.get("source") or not plain.get("tags"):
            silent.append(path.name)
    assert silent == []


def test_every_part_has_a_ledger() -> None:
    assert {path.stem for path in (ROOT / "harness" / "ledger").glob("*.yaml")} >= {"harness"}
