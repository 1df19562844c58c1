"""A tenant's settings: names and values are checked when it is made."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core.founding import WrongDescription
from emulators.tenant.core.settings import UnknownSetting, read_settings


def test_defaults() -> None:
    settings = read_settings({})
    assert (settings.matching, settings.hard_match_hardening, settings.group_member_limit) == (
        "resilient",
        False,
        250_000,
    )


@pytest.mark.parametrize(
    "given",
    [{"matchin": "legacy"}, {"matching": "old"}, {"group_member_limit": "many"}, {"hard_match_hardening": "yes"},
     {"throttling": 1}, {"proxycalc": None}],
)  # fmt: skip
def test_refused(given: dict[str, Any]) -> None:
    with pytest.raises(UnknownSetting, match=next(iter(given))):
        read_settings(given)


def test_unknown_feature(make_bench: Any) -> None:
    with pytest.raises(WrongDescription, match="SoftMatch"):
        make_bench({"features": {"SoftMatch": True}})


def test_same_seed_same_tenant(make_bench: Any) -> None:
    first, second, other = make_bench(seed=1), make_bench(seed=1), make_bench(seed=2)
    assert first.tenant.tenant_id == second.tenant.tenant_id != other.tenant.tenant_id
    assert first.keys == second.keys
    results = [bench.add("A", userPrincipalName="a@contoso.com")["CloudAnchor"] for bench in (first, second, other)]
    assert results[0] == results[1] != results[2]
