"""Subset matching, each matcher in both directions, and what is said when nothing fits."""

from __future__ import annotations

from typing import Any

import pytest

from harness.scenario.matching import ABSENT, MATCHERS, match, same, show

ANA = {"displayName": "Ana Lopez", "jobTitle": "Engineer", "proxyAddresses": ["SMTP:ana@contoso.com"], "manager": None}
BEN = {"displayName": "Ben Ode", "jobTitle": "Clerk", "proxyAddresses": [], "accountEnabled": False}

FITS: list[tuple[Any, Any]] = [
    (ANA, {"jobTitle": "Engineer"}),
    (ANA, {"JOBTITLE": "Engineer"}),
    (ANA, {"manager": None}),
    (ANA, {"nowhere": None}),
    ([ANA, BEN], {"displayName": "Ben Ode"}),
    ([ANA, BEN], [{"displayName": "Ben Ode"}, {"displayName": "Ana Lopez"}]),
    (5, 5), (5, "5"), ("5", 5), (["one"], "one"), (ABSENT, None),
    ([ANA, BEN], {"equals": [{"displayName": "Ben Ode"}, {"displayName": "Ana Lopez"}]}),
    ([], {"equals": []}),
    ([{"id": 1}, {"id": 1}], {"equals": [{"id": 1}, {"id": 1}]}),
    (ANA, {"equals": {"jobTitle": "Engineer"}}),
    (ANA, {"jobTitle": {"not": "Lead"}}),
    ("a text with words", {"contains": "with"}),
    (ANA, {"proxyAddresses": {"contains": "SMTP:ana@contoso.com"}}),
    ([ANA, BEN], {"contains": {"jobTitle": "Clerk"}}),
    ([ANA, BEN], {"contains": [{"jobTitle": "Clerk"}, {"jobTitle": "Engineer"}]}),
    (["said so: yes"], {"contains": {"contains": "yes"}}),
    ([ANA], {"excludes": {"jobTitle": "Clerk"}}),
    ("words", {"excludes": "none"}),
    ([ANA, BEN], {"count": 2}), (ABSENT, {"count": 0}), ([ANA], {"count": {"at_least": 1, "at_most": 1}}),
    ([ANA, BEN], {"all": {"displayName": {"present": True}}}), ([], {"all": {"x": 1}}),
    ("success", {"one_of": ["success", "completed-warnings"]}),
    ("ana1234@contoso.com", {"matches": r"^ana\+?[0-9]{4}@"}),
    (["no", "ana@x"], {"matches": "^ana"}),
    ("CN=MSOL_1", {"starts_with": "CN=MSOL_"}), ("a@contoso.com", {"ends_with": "@contoso.com"}),
    (None, {"absent": True}), ("", {"absent": True}), (ABSENT, {"absent": True}), ("x", {"absent": False}),
    ("x", {"present": True}), (None, {"present": False}), (0, {"present": True}), (False, {"present": True}),
    (3, {"at_least": 3}), (3, {"at_most": 3}), (4, {"more_than": 3}), (2, {"less_than": 3}), ("7", {"at_least": 7}),
    ("2026-03-02T09:00", {"at_least": "2026-03-02T08:30"}),
    ([1, 2], {"at_least": 2}),
    (ANA, {"jobTitle": {"starts_with": "Eng", "ends_with": "eer"}}),
    ([{"id": "1", "x": 2}], {"same_as": [{"id": "1"}]}),
]  # fmt: skip

DIFFERS: list[tuple[Any, Any]] = [
    (ANA, {"jobTitle": "Lead"}),
    (ANA, {"nowhere": "x"}),
    (None, {"jobTitle": "Lead"}),
    ([ANA], [{"displayName": "Ben Ode"}]),
    (5, 6), (True, 1), (1, True), ("true", True), (["one", "two"], "one"), ("x", None),
    ([ANA], {"equals": [{"displayName": "Ben Ode"}]}),
    ([ANA, BEN], {"equals": [{"displayName": "Ana Lopez"}]}),
    ([ANA], {"equals": [{"displayName": "Ana Lopez"}, {"displayName": "Ana Lopez"}]}),
    ([], {"equals": [{"id": 1}]}),
    (ANA, {"jobTitle": {"not": "Engineer"}}),
    ("text", {"contains": "words"}), ([ANA], {"contains": {"jobTitle": "Clerk"}}),
    ([ANA, BEN], {"contains": [{"jobTitle": "Clerk"}, {"jobTitle": "Lead"}]}),
    ([ANA, BEN], {"excludes": {"jobTitle": "Clerk"}}), ("words", {"excludes": "or"}),
    ([ANA], {"count": 2}), ([ANA], {"count": {"at_least": 2}}),
    ([ANA, BEN], {"all": {"jobTitle": "Clerk"}}),
    ("failed", {"one_of": ["success"]}),
    ("ana@contoso.com", {"matches": "^ben"}), (None, {"matches": "x"}),
    ("OU=x", {"starts_with": "CN="}), (None, {"starts_with": "CN="}), ("x", {"ends_with": "y"}),
    ("x", {"absent": True}), (None, {"present": True}), ([], {"present": True}),
    (2, {"at_least": 3}), (4, {"at_most": 3}), (3, {"more_than": 3}), (3, {"less_than": 3}), (None, {"at_least": 0}),
    ("2026-03-02T08:00", {"at_least": "2026-03-02T08:30"}),
    ([{"id": "2"}], {"same_as": [{"id": "1"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("found", "expected"), FITS)
def test_fits(found: Any, expected: Any) -> None:
    assert match(found, expected) == []


@pytest.mark.parametrize(("found", "expected"), DIFFERS)
def test_differs(found: Any, expected: Any) -> None:
    assert match(found, expected) != []


def test_every_matcher_is_asked_both_ways() -> None:
    asked = {name for table in (FITS, DIFFERS) for _, expected in table for name in _matchers(expected)}
    assert asked == set(MATCHERS)


def _matchers(expected: Any) -> set[str]:
    if isinstance(expected, dict):
        own = {key for key in expected if key in MATCHERS}
        return own.union(*(_matchers(value) for value in expected.values()))
    if isinstance(expected, list):
        return set().union(*(_matchers(value) for value in expected)) if expected else set()
    return set()


def test_closest_object_is_shown() -> None:
    crowd = [{"displayName": f"Person {n}", "jobTitle": "Clerk"} for n in range(50)] + [ANA]
    (one,) = match(crowd, {"contains": {"displayName": "Ana Lopez", "jobTitle": "Lead"}})
    assert one.found == "none of 51 fits"
    assert "Ana Lopez" in one.closest[0]
    assert one.closest[1] == "jobTitle: expected Lead, found Engineer"


def test_every_difference_of_an_object_is_told() -> None:
    found = match(ANA, {"jobTitle": "Lead", "displayName": "Ana", "manager": None})
    assert [(one.where, one.expected, one.found) for one in found] == [
        ("jobTitle", "Lead", "Engineer"),
        ("displayName", "Ana", "Ana Lopez"),
    ]


def test_remembered_objects_are_not_read_as_matchers() -> None:
    remembered = [{"count": 5, "contains": "x"}]
    assert match([{"count": 5, "contains": "x", "more": 1}], {"equals": remembered}) == []
    assert match([{"count": 6, "contains": "x"}], {"equals": remembered}) != []


def test_long_values_are_shortened() -> None:
    assert len(show("x" * 1000)) == 160
    assert show(list(range(50)), 1000).endswith("... 30 more]")


@pytest.mark.parametrize(
    ("value", "text"), [(None, "null"), (True, "true"), ("", "''"), ("true", "'true'"), (ABSENT, "absent")]
)
def test_values_are_shown_as_yaml_writes_them(value: Any, text: str) -> None:
    assert show(value) == text


def test_case_of_values_counts() -> None:
    assert not same("JohnDoe", "johndoe")
