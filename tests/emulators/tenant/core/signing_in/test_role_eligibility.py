"""Eligible roles: granted, activated for some hours, taken back by time."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import background, cloud_users, roles
from emulators.tenant.core.moments import graph_time, moment_of
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.core.signing_in import role_eligibility

ROLE = roles.GLOBAL_ADMINISTRATOR


@pytest.fixture
def user(bench: Any) -> Any:
    return cloud_users.create_account(bench.tenant, "pim@contoso.com", "Aa1-harbour-2026", "Pim")


def body(user: Any, action: str, **more: Any) -> dict[str, Any]:
    return {"action": action, "roleDefinitionId": ROLE, "principalId": user.id, "directoryScopeId": "/", **more}


def test_an_eligible_role_is_no_role(bench: Any, user: Any) -> None:
    role_eligibility.make_eligible(bench.tenant, body(user, "adminAssign"))
    assert bench.tenant.roles_of.get(user.id) is None
    assert list(bench.tenant.access.eligible.values()) == [[ROLE, user.id]]


def test_an_activation_ends_by_itself(bench: Any, user: Any) -> None:
    role_eligibility.make_eligible(bench.tenant, body(user, "adminAssign"))
    ends = {"expiration": {"type": "afterDuration", "duration": "PT2H"}}
    role_eligibility.activate(bench.tenant, body(user, "selfActivate", scheduleInfo=ends))
    assert ROLE in bench.tenant.roles_of[user.id]
    due = background.next_due(bench.tenant)
    assert due == moment_of(graph_time(bench.clock.now())).replace(hour=10)
    bench.clock.advance(hours=2)
    background.run(bench.tenant)
    assert bench.tenant.roles_of.get(user.id) is None
    assert role_eligibility.next_end(bench.tenant) is None


def test_a_role_revoked_before_its_end_is_not_revoked_twice(bench: Any, user: Any) -> None:
    role_eligibility.make_eligible(bench.tenant, body(user, "adminAssign"))
    assignment, _, _ = role_eligibility.activate(bench.tenant, body(user, "selfActivate"))
    roles.revoke(bench.tenant, assignment)
    bench.clock.advance(hours=role_eligibility.DEFAULT_HOURS)
    background.run(bench.tenant)
    assert bench.tenant.access.active_until == {}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"action": "adminRemove"}, 501),
        ({"roleDefinitionId": "none"}, 404),
        ({"principalId": "none"}, 404),
        ({"directoryScopeId": "/administrativeUnits/x"}, 501),
    ],
)
def test_eligibility_is_refused(bench: Any, user: Any, wrong: dict[str, Any], status: int) -> None:
    with pytest.raises(GraphError) as refused:
        role_eligibility.make_eligible(bench.tenant, body(user, "adminAssign") | wrong)
    assert refused.value.status == status


def test_what_nobody_made_eligible_is_not_activated(bench: Any, user: Any) -> None:
    with pytest.raises(GraphError) as refused:
        role_eligibility.activate(bench.tenant, body(user, "selfActivate"))
    assert refused.value.code == "RoleNotEligible"
    role_eligibility.make_eligible(bench.tenant, body(user, "adminAssign"))
    for duration in ("PT0H", "PT25H", "8 hours"):
        ends = {"expiration": {"duration": duration}}
        with pytest.raises(GraphError):
            role_eligibility.activate(bench.tenant, body(user, "selfActivate", scheduleInfo=ends))


@pytest.mark.parametrize("schedule", ["x", [1], {"expiration": "x"}, {"expiration": {"duration": "PT99H"}}], ids=str)
def test_an_end_that_cannot_be_read_leaves_no_role(bench: Any, user: Any, schedule: Any) -> None:
    role_eligibility.make_eligible(bench.tenant, body(user, "adminAssign"))
    with pytest.raises(GraphError) as refused:
        role_eligibility.activate(bench.tenant, body(user, "selfActivate", scheduleInfo=schedule))
    assert refused.value.status == 400
    assert bench.tenant.roles_of.get(user.id) is None
