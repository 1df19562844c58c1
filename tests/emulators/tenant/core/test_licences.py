"""assignLicense: the usage location rule, units, plans, and what an Exchange plan does."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import licences
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.core.service_plans import EXCHANGE_ENTERPRISE, SKUS

E3 = SKUS["ENTERPRISEPACK"].id


def person(bench: Any, **values: Any) -> Any:
    bench.add("A", userPrincipalName="a@contoso.com", **values)
    return bench.by_anchor("A")


def test_usage_location_is_needed(bench: Any) -> None:
    with pytest.raises(GraphError, match="invalid usage location"):
        licences.assign(bench.tenant, person(bench), [{"skuId": E3}], [])
    assert licences.subscriptions(bench.tenant)[0].consumed == 0


def test_units_move(make_bench: Any) -> None:
    bench = make_bench({"licences": {"ENTERPRISEPACK": 1}})
    user = person(bench, usageLocation="GB")
    licences.assign(bench.tenant, user, [{"skuId": E3}], [])
    licences.assign(bench.tenant, user, [{"skuId": E3}], [])
    assert licences.subscriptions(bench.tenant)[0].consumed == 1
    bench.add("B", userPrincipalName="b@contoso.com", usageLocation="GB")
    with pytest.raises(GraphError, match="any available licenses"):
        licences.assign(bench.tenant, bench.by_anchor("B"), [{"skuId": E3}], [])
    licences.assign(bench.tenant, user, [], [E3])
    licences.assign(bench.tenant, bench.by_anchor("B"), [{"skuId": E3}], [])
    assert licences.subscriptions(bench.tenant)[0].consumed == 1


def test_disabled_exchange_plan_makes_no_mailbox(bench: Any) -> None:
    user = person(bench, usageLocation="GB")
    licences.assign(bench.tenant, user, [{"skuId": E3, "disabledPlans": [EXCHANGE_ENTERPRISE.id]}], [])
    assert (user.mail, user.moera) == (None, None)
    licences.assign(bench.tenant, user, [{"skuId": E3, "disabledPlans": []}], [])
    assert (user.mail, user.moera) == ("a@contoso.com", "a@contoso.onmicrosoft.com")


@pytest.mark.parametrize(
    ("add", "remove"),
    [([{"skuId": "nope"}], []), ([{}], []), ([], [E3]), ([{"skuId": E3, "disabledPlans": ["x"]}], [])],
)
def test_refused_as_a_whole(bench: Any, add: list[Any], remove: list[Any]) -> None:
    user = person(bench, usageLocation="GB")
    with pytest.raises(GraphError):
        licences.assign(bench.tenant, user, add, remove)
    assert user.licences == {}


def test_orphans(bench: Any) -> None:
    user = person(bench, usageLocation="GB")
    licences.assign(bench.tenant, user, [{"skuId": E3}], [])
    assert licences.orphans(bench.tenant) == []
    bench.tenant.commit(user, {"dirsync": False})
    assert licences.orphans(bench.tenant) == [user.id]
