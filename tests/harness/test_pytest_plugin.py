"""Scenario files as pytest items; and runs of other people, which the plugin leaves alone."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _found_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is imported from the checkout when it is not installed."""
    if not INSTALLED:
        monkeypatch.setenv("PYTHONPATH", str(ROOT))


STORY = (
    "scenario: A story\ntags: [short]\ncases: {few: {hour: '09:00'}, many: {hour: '10:00'}}\n"
    "world: {start: 2026-03-02T08:00:00Z, forests: {contoso.com: {users: [Ana Lopez]}}}\n"
    "steps:\n  - wait: 1h\n  - expect: {world.time: {contains: $hour}}\n"
)
INSTALLED = any(one.value == "harness.pytest_plugin" for one in entry_points(group="pytest11"))
OPTIONS = ["-p", "no:cacheprovider", *([] if INSTALLED else ["-p", "harness.pytest_plugin"])]


def test_one_item_for_each_case(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", story=STORY)
    result = pytester.runpytest_subprocess(*OPTIONS, "-W", "ignore", "-rA")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "story.yaml:7:14: world.time",
            "*expected: text with 10:00 in it",
            "*found: *2026-03-02T09:00:00.000000Z",
            "repeat with: anchorage run story.yaml --seed 1 -k many",
        ]
    )


def test_tags_select(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", story=STORY)
    result = pytester.runpytest_inprocess(*OPTIONS, "--collect-only", "-q", "--strict-markers", "-m", "short")
    result.stdout.fnmatch_lines(["story.yaml::story[[]few]", "story.yaml::story[[]many]"])
    pytester.runpytest_inprocess(*OPTIONS, "--collect-only", "-m", "not short").assert_outcomes()


def test_an_invalid_file_fails_with_its_complaints(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", bad=STORY.replace("wait", "wayt"))
    result = pytester.runpytest_inprocess(*OPTIONS)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["bad.yaml:6:5: there is no verb wayt", "*did you mean wait?"])


def test_other_peoples_yaml_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", config="name: x\nsteps: []\n", broken="[")
    pytester.makepyfile(
        "import sys\ndef test_one():\n    assert not [name for name in sys.modules if name.startswith('harness.lab')]\n"
    )
    pytester.runpytest_subprocess(*OPTIONS).assert_outcomes(passed=1)


def test_worlds_are_no_scenarios(pytester: pytest.Pytester) -> None:
    pytester.mkdir("worlds").joinpath("w.yaml").write_text(STORY)
    pytester.runpytest_inprocess(*OPTIONS, "--collect-only").assert_outcomes()


def test_fixtures(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_lab(lab, world):
            one = lab(world(forests={"contoso.com": {"users": ["Ana Lopez"]}}))
            two = lab(forests={"fabrikam.com": {}})
            assert one.forest().find("Ana Lopez").dn == "CN=Ana Lopez,CN=Users,DC=contoso,DC=com"
            assert two.forest().name == "fabrikam.com"
        """
    )
    pytester.runpytest_subprocess(*OPTIONS, "-W", "ignore").assert_outcomes(passed=1)
