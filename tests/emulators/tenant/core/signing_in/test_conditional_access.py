"""Policies, second factors and the codes sent for them."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import cloud_users
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.core.signing_in import conditional_access
from emulators.tenant.store.snapshot import freeze, thaw


def policy(*users: str, control: str = "mfa", **more: Any) -> dict[str, Any]:
    return {
        "displayName": "one",
        "state": "enabled",
        "conditions": {"users": {"includeUsers": list(users)}},
        "grantControls": {"operator": "OR", "builtInControls": [control]},
        **more,
    }


@pytest.fixture
def user(bench: Any) -> Any:
    return cloud_users.create_account(bench.tenant, "ana@contoso.com", "Aa1-harbour-2026", "Ana")


@pytest.mark.parametrize(
    ("control", "included", "state", "asked"),
    [
        ("mfa", "self", "enabled", (False, True)),
        ("block", "self", "enabled", (True, False)),
        ("mfa", "All", "enabled", (False, True)),
        ("mfa", "somebody", "enabled", (False, False)),
        ("mfa", "self", "disabled", (False, False)),
    ],
)
def test_demand(bench: Any, user: Any, control: str, included: str, state: str, asked: tuple[bool, bool]) -> None:
    who = user.id if included == "self" else included
    conditional_access.add_policy(bench.tenant, policy(who, control=control, state=state))
    found = conditional_access.demand(bench.tenant, user)
    assert (found.blocked, found.second_factor) == asked


def test_who_is_excluded_is_not_asked(bench: Any, user: Any) -> None:
    conditions = {"users": {"includeUsers": ["All"], "excludeUsers": [user.id]}}
    made = conditional_access.add_policy(bench.tenant, policy(conditions=conditions))
    assert not conditional_access.demand(bench.tenant, user).second_factor
    conditional_access.remove_policy(bench.tenant, made["id"])
    assert bench.tenant.access.policies == {}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"state": "sometimes"}, 400),
        ({"conditions": {}}, 400),
        ({"conditions": {"users": {"includeUsers": "All"}}}, 400),
        ({"conditions": {"users": {"includeGroups": []}}}, 501),
        ({"conditions": {"users": {}, "locations": {}}}, 501),
        ({"conditions": {"users": {}, "applications": {"includeApplications": ["one"]}}}, 501),
        ({"grantControls": {"builtInControls": ["compliantDevice"]}}, 501),
        ({"grantControls": {"builtInControls": [[]]}}, 501),
        ({"grantControls": None}, 400),
    ],
)
def test_what_is_not_understood_is_refused(bench: Any, wrong: dict[str, Any], status: int) -> None:
    with pytest.raises(GraphError) as refused:
        conditional_access.add_policy(bench.tenant, policy("All", **wrong))
    assert refused.value.status == status
    assert bench.tenant.access.policies == {}


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ({"phoneNumber": "555", "phoneType": "mobile"}, 400),
        ({"phoneType": "mobile"}, 400),
        ({"phoneNumber": "+1 555", "phoneType": "office"}, 501),
    ],
)
def test_phone(bench: Any, user: Any, method: dict[str, str], status: int) -> None:
    with pytest.raises(GraphError) as refused:
        conditional_access.register_phone(bench.tenant, user, method)
    assert refused.value.status == status


def test_a_code_reaches_the_phone_and_nothing_else(bench: Any, user: Any) -> None:
    conditional_access.register_phone(bench.tenant, user, {"phoneNumber": "+1 555", "phoneType": "mobile"})
    code = conditional_access.send_code(bench.tenant, user)
    assert bench.tenant.access.texts == {"+1 555": code}
    assert (len(code), code.isdigit()) == (6, True)
    assert code not in repr(bench.records)


def test_a_snapshot_keeps_it(bench: Any, make_bench: Any, user: Any) -> None:
    conditional_access.add_policy(bench.tenant, policy(user.id))
    conditional_access.register_phone(bench.tenant, user, {"phoneNumber": "+1 555", "phoneType": "mobile"})
    other = make_bench()
    thaw(other.tenant, freeze(bench.tenant))
    assert other.tenant.access == bench.tenant.access
