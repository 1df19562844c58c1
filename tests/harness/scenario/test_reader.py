"""Every complaint about a file in one pass, each with its place, its line and a caret; and what a good file becomes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.scenario.reader import Files, MissingFileError, read_scenario, read_world_file
from harness.vocabulary import the_language

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "reader" / "complaints.yaml").read_text())
WORLD = "forests:\n  contoso.com:\n    users: [Ana Lopez]\ntenants:\n  contoso.onmicrosoft.com: {}\n"
STEPS = "- wait: 1m\n"


def file_of(case: dict[str, Any]) -> str:
    """Return the file of a case; a world begins on line 3, the first step of the default world on line 9."""
    if "file" in case:
        return str(case["file"])
    world = "".join(f"  {line}\n" for line in case.get("world", WORLD).splitlines())
    steps = "".join(f"  {line}\n" for line in case.get("steps", STEPS).splitlines())
    return f"scenario: x\nworld:\n{world}steps:\n{steps}"


def refuse(name: str) -> str:
    raise MissingFileError(f"there is no file {name}")


FILES = Files(
    read=refuse, exists=lambda name: False, alike=lambda name: ["mission.ldif", "worlds/contoso.yaml"], folder="."
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"].replace(" ", "-") for case in CASES])
def test_complaints(case: dict[str, Any]) -> None:
    problems = read_scenario("f.yaml", file_of(case), the_language(), FILES).problems
    found = [(f"{one.position.line}:{one.position.column}", one.message, one.hint) for one in problems]
    shown = "\n".join(one.render() for one in problems)
    assert [place for place, _, _ in found] == [wanted[0] for wanted in case["complaints"]], shown
    for (_, message, hint), (_, beginning, *hints) in zip(found, case["complaints"], strict=True):
        assert message.startswith(beginning), shown
        if hints:
            assert hint == hints[0], shown


def test_a_complaint_shows_line_and_caret() -> None:
    (problem,) = read_scenario("dir/f.yaml", file_of({"steps": "- wayt: 1m"}), the_language()).problems
    assert problem.render() == (
        "dir/f.yaml:9:5: there is no verb wayt\n    9 |   - wayt: 1m\n            ^\n      did you mean wait?"
    )


def test_a_good_file() -> None:
    text = (
        "scenario: A story\nsource: somewhere\ntags: [one, two]\nprofile: vendor\nworld:\n  seed: 7\n"
        "  start: 2026-05-01T10:00:00Z\n  forests: {contoso.com: {users: [{name: Ana Lopez, title: Lead}]}}\n"
        "  tenants: {contoso.onmicrosoft.com: {verified_domains: [contoso.com]}}\n  sql: {SQL1: {ADSync: data}}\n"
        "steps:\n"
        "  - install: SYNC1\n    name: first\n"
        "  - wait: 1m\n    retry: {times: 3, every: 5m, until: {tenant.users: {count: 1}}}\n"
        "  - cycle: SYNC1\n    refused: {code: X}\n    expects_violation: delete-guard\n"
        "    expect: {tenant.users: {count: 1}}\n"
    )
    reading = read_scenario("f.yaml", text, the_language())
    assert reading.problems == []
    scenario = reading.scenario
    assert scenario is not None
    assert (scenario.title, scenario.tags) == ("A story", ("one", "two"))
    assert {case.profile for case in scenario.cases} == {"vendor"}
    (case,) = scenario.cases
    assert case.world.seed == "7"
    assert case.world.start.isoformat() == "2026-05-01T10:00:00+00:00"
    assert case.world.forests[0].people[0].attributes == {"title": "Lead"}
    assert [(one.instance, one.name, one.state) for one in case.world.databases] == [("SQL1", "ADSync", "data")]
    install, wait, cycle = scenario.steps
    assert (install.verb, install.arguments, install.title) == ("install", {"server": "SYNC1"}, "first")
    assert wait.retry is not None
    assert (wait.retry.times, wait.retry.every) == (3, timedelta(minutes=5))
    assert [one.subject for one in wait.retry.until] == ["tenant.users"]
    assert (cycle.refused, cycle.violations) == ({"code": "X"}, ("delete-guard",))
    assert cycle.expectations[0].position.line == 19


def test_cases_make_worlds_of_their_own() -> None:
    text = (
        "scenario: x\ncases: {few: {size: 2}, many: {size: 9}}\n"
        "world: {forests: {contoso.com: {population: {users: $size, in: 'OU$size'}}}}\nsteps: [{wait: 1m, only: few}]\n"
    )
    scenario = read_scenario("f.yaml", text, the_language()).scenario
    assert scenario is not None
    populations = [case.world.forests[0].populations[0] for case in scenario.cases]
    assert [(one.users, one.container) for one in populations] == [(2, "OU2"), (9, "OU9")]
    assert scenario.steps[0].cases == ("few",)


def test_a_world_in_a_file_of_its_own() -> None:
    world = "seed: 3\nforests:\n  contoso.com:\n"
    files = Files(read=lambda name: world, exists=lambda name: True)
    text = "scenario: x\nworld: w.yaml\nsteps: [{directory.delete: {object: A, forest: contoso.com}}]\n"
    scenario = read_scenario("f.yaml", text, the_language(), files).scenario
    assert scenario is not None
    assert scenario.cases[0].world.seed == "3"


@pytest.mark.parametrize(
    "text", ["seed: 1\nforests: {contoso.com: }\n", "world: {seed: 1, forests: {contoso.com: {}}}"]
)
def test_world_files(text: str) -> None:
    reading = read_world_file("w.yaml", text, the_language())
    assert reading.problems == []
    assert reading.world is not None
    assert reading.world.forests[0].name == "contoso.com"


def test_hostile_bytes_end_in_a_complaint() -> None:
    apply = "!!python/object/apply:os.system ['true']"
    for text in ("\x00", apply, "a: &a [*a]", "\t", "%YAML 9"):
        assert read_scenario("f.yaml", text, the_language()).problems


PROFILES_FILE = (
    "scenario: A story\n{head}world: {{forests: {{contoso.com: {{}}}}, tenants: {{contoso.onmicrosoft.com: {{}}}}}}\n"
    "steps:\n  - wait: 1m\n"
)


@pytest.mark.parametrize(
    ("head", "asked", "chosen"),
    [
        ("", None, ["guide"]),
        ("", "vendor", ["vendor"]),
        ("profile: guide\n", "vendor", ["guide"]),
        ("cases: {a: {profile: guide}, b: {profile: vendor}}\n", None, ["guide", "vendor"]),
        ("cases: {a: {profile: guide}, b: {profile: vendor}}\n", "vendor", ["guide", "vendor"]),
    ],
)
def test_a_story_written_for_one_profile_keeps_it(head: str, asked: str | None, chosen: list[str]) -> None:
    reading = read_scenario("f.yaml", PROFILES_FILE.format(head=head), the_language())
    assert reading.scenario is not None, reading.problems
    assert [case.profile_of(asked) for case in reading.scenario.cases] == chosen


def test_a_case_of_an_unknown_profile() -> None:
    reading = read_scenario("f.yaml", PROFILES_FILE.format(head="cases: {a: {profile: vendro}}\n"), the_language())
    assert reading.scenario is None
    assert "vendor" in reading.problems[0].render()
