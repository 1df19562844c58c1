"""The verb wizard.customize: whole selections by OU names, and refusals with page and facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.lab.wizard_tasks import shown_options
from harness.pytest_plugin import make_world
from harness.refusal import StepRefusedError
from harness.vocabulary import actions

FORESTS = {"contoso.com": {"users": [{"name": "Ana Lopez", "in": "Staff/Sales"}]}, "fabrikam.com": {"ous": ["Staff"]}}
TENANT = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests=FORESTS, tenants=TENANT)) as one:
        act(one, "install", {"server": "SYNC1", "mode": "custom", "start_sync": False})
        yield one


def act(lab: Lab, verb: str, arguments: Any) -> None:
    actions()[verb].call(lab, arguments)


def domain(lab: Lab, forest: str) -> Any:
    shown = shown_options(lab.server("SYNC1"))["directories"]
    return next(one for one in shown if one["forest"] == forest)["domains"][0]


def test_a_selection_replaces_the_one_before_in_its_own_forest(lab: Lab) -> None:
    change = {"server": "SYNC1", "forest": "contoso.com"}
    act(lab, "wizard.customize", {**change, "ous": {"include": ["Staff/Sales"], "new": "exclude"}})
    assert domain(lab, "contoso.com")["included"] == ["OU=Sales,OU=Staff,DC=contoso,DC=com"]
    assert domain(lab, "contoso.com")["new_containers"] is False
    assert domain(lab, "fabrikam.com")["included"] == []
    act(lab, "wizard.customize", {**change, "ous": {}})
    assert domain(lab, "contoso.com") == {
        "name": "contoso.com", "selected": True, "included": [], "excluded": [], "new_containers": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "code", "page"),
    [
        ({"ous": {"include": ["Gone"]}, "forest": "contoso.com"}, "CONTAINER_UNKNOWN", "Domain and OU filtering"),
        ({"identify": "mail"}, "OPTION_READ_ONLY", "Uniquely identifying your users"),
        ({"anchor": "employeeID"}, "OPTION_READ_ONLY", "Uniquely identifying your users"),
        ({"upn_attribute": "mail"}, "OPTION_READ_ONLY", "Microsoft Entra sign-in configuration"),
        ({"remove_group_filter": True}, "GROUP_FILTER_ABSENT", "Filter users and devices"),
        ({"group_filter": "Pilot", "forest": "contoso.com"}, "GROUP_FILTER_NOT_OFFERED", "Filter users and devices"),
    ],
)
def test_refusals(lab: Lab, asked: dict[str, Any], code: str, page: str) -> None:
    with pytest.raises(StepRefusedError) as refused:
        act(lab, "wizard.customize", {"server": "SYNC1", **asked})
    assert (refused.value.refusal.code, refused.value.refusal.page) == (code, page)
