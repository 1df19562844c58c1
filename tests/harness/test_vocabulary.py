"""Every verb and view is documented, and its example is read by the language itself and by the JSON Schema."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from harness.scenario.file_shape import file_schema
from harness.scenario.language import View
from harness.scenario.matching import MATCHERS
from harness.scenario.reader import read_scenario
from harness.scenario_files import find_files
from harness.vocabulary import the_language

LANGUAGE = the_language()
SCENARIOS = Path(__file__).parents[2] / "scenarios"
HEAD = (
    "scenario: x\nworld:\n  forests: {contoso.com: {users: [Ana Lopez]}, fabrikam.com: {}}\n"
    "  tenants: {contoso.onmicrosoft.com: {verified_domains: [contoso.com]}}\nsteps:\n"
)


def file_with(step: str, verb: str = "") -> str:
    """Return a file in which the step's names exist."""
    before = "" if verb == "install" else "  - install: SYNC1\n"
    before += "" if verb == "snapshot" else "  - snapshot: before\n"
    return f"{HEAD}{before}  - {step}\n"


@pytest.mark.parametrize("name", LANGUAGE.verbs)
def test_the_example_of_a_verb_is_read(name: str) -> None:
    verb = LANGUAGE.verbs[name]
    text = file_with(verb.example, name)
    problems = read_scenario("f.yaml", text, LANGUAGE).problems
    assert not problems, "\n".join(one.render() for one in problems)
    assert name in yaml.safe_load(text)["steps"][-1] or name in verb.example
    assert verb.doc


@pytest.mark.parametrize("view", LANGUAGE.views.values(), ids=lambda view: f"{view.owner}.{view.name}")
def test_the_example_of_a_view_is_read(view: View) -> None:
    text = file_with(f"expect:\n      {view.example}")
    problems = read_scenario("f.yaml", text, LANGUAGE).problems
    assert not problems, "\n".join(one.render() for one in problems)
    assert view.doc


@pytest.mark.parametrize("name", MATCHERS)
def test_the_example_of_a_matcher_is_read(name: str) -> None:
    text = file_with(f"remember: {{before: tenant.users}}\n  - expect: {{tenant.users: {MATCHERS[name].example}}}")
    problems = read_scenario("f.yaml", text, LANGUAGE).problems
    assert not problems, "\n".join(one.render() for one in problems)


def test_every_key_of_a_verb_is_explained() -> None:
    silent = [
        f"{verb.name}.{key.name}"
        for verb in LANGUAGE.verbs.values()
        for key in verb.arguments.keys
        if not key.doc and key.shape.text() == "text"
    ]
    assert silent == []


@pytest.mark.parametrize("path", find_files([SCENARIOS]), ids=lambda path: path.stem)
def test_shipped_scenarios_fit_the_json_schema(path: Path) -> None:
    from harness.scenario.tree import compose

    tree, _ = compose(path.read_text(encoding="utf-8"))
    assert tree is not None
    errors = list(Draft202012Validator(file_schema(LANGUAGE)).iter_errors(tree.plain()))
    assert errors == []


def test_the_json_schema_is_one_and_refuses_what_the_reader_refuses() -> None:
    schema = file_schema(LANGUAGE)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    good = {"scenario": "x", "world": {"forests": {"contoso.com": {}}}, "steps": [{"wait": "30m"}]}
    assert validator.is_valid(good)
    for wrong in (
        {"steps": [{"wayt": "30m"}]},
        {"steps": [{"wait": "thirty"}]},
        {"steps": [{"install": {"server": "S", "mode": "expres"}}]},
        {"world": {"forest": {}}},
        {"tag": ["x"]},
    ):
        assert not validator.is_valid(good | wrong), wrong
