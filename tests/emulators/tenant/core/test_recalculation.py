"""Nickname, UPN and addresses as histories of one object. Cases: tests/cases/matching/calculation.yaml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulators.tenant.core import domains, licences

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "matching" / "calculation.yaml").read_text())
SLOTS = {"mailNickname": "nickname", "userPrincipalName": "upn", "mail": "mail"}


def same_addresses(found: tuple[str, ...], wanted: list[str]) -> bool:
    left = list(found)
    for want in wanted:
        pattern = want[3:] if want.startswith("re:") else re.escape(want)
        hit = next((item for item in left if re.fullmatch(pattern, item)), None)
        if hit is None:
            return False
        left.remove(hit)
    return not left


def licence(bench: Any, user: Any, kind: str) -> None:
    held = list(user.licences)
    if kind == "exchange":
        licences.assign(bench.tenant, user, [{"skuId": "ENTERPRISEPACK"}], [])
    else:
        licences.assign(bench.tenant, user, [], held)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_calculated_values(case: dict[str, Any], make_bench: Any) -> None:
    bench = make_bench({"features": case.get("features", {})}, tuple(case.get("verified", ["contoso.com"])))
    for name in case.get("federated", []):
        bench.tenant.domains[name].federation = {"id": "f"}
    for number, other in enumerate(case.get("others", [])):
        values = {name: value for name, value in other.items() if name != "licence"}
        assert bench.add(f"other{number}", **values)["ResultCode"] == "Success"
        licence(bench, bench.by_anchor(f"other{number}"), other["licence"])
    for number, step in enumerate(case["steps"]):
        if "sync" in step:
            send = bench.add if number == 0 else bench.set
            assert send("X", **step["sync"])["ResultCode"] == "Success"
        user = bench.by_anchor("X")
        if "licence" in step:
            licence(bench, user, step["licence"])
        if "verify" in step:
            if step["verify"] not in bench.tenant.domains:
                domains.create(bench.tenant, step["verify"])
            domains.verify(bench.tenant, step["verify"])
        if "remove" in step:
            domains.remove(bench.tenant, step["remove"])
        for name, wanted in step.get("expect", {}).items():
            if name == "proxyAddresses":
                assert same_addresses(user.proxies, wanted), f"step {number}: {user.proxies} is not {wanted}"
            else:
                assert getattr(user, SLOTS[name]) == wanted, f"step {number}: {name}"


def test_read_back_gives_the_shadow_value(bench: Any) -> None:
    """A UPN that the cloud replaced comes back as it was written, so the client never exports it again."""
    bench.add("X", userPrincipalName="lee@fabrikam.com", proxyAddresses=["smtp:x@contoso.onmicrosoft.com"])
    page = bench.call("ReadBackAzureADSyncObjects2", {"IsFullSync": True, "InputCookie": None, "PageSize": 50})
    values = page["ResultObjects"][0]["PropertyValues"]
    assert values["userPrincipalName"] == "lee@fabrikam.com"
    assert values["proxyAddresses"] == ["smtp:x@contoso.onmicrosoft.com"]
    assert bench.by_anchor("X").upn == "lee@contoso.onmicrosoft.com"


@pytest.mark.parametrize(
    ("upn", "setting", "accepted"),
    [
        ("jo hn@contoso.com", "moera", True),
        ("jo hn@contoso.com", "error", False),
        ("jo,hn@contoso.com", "moera", False),
        ("jöhn@contoso.com", "moera", False),
        (".john@contoso.com", "moera", False),
        ("jo,hn@elsewhere.example", "moera", True),
    ],
)
def test_illegal_upn(make_bench: Any, upn: str, setting: str, accepted: bool) -> None:
    bench = make_bench({"invalid_upn": setting})
    result = bench.add("X", userPrincipalName=upn, alias="john")
    assert (result["ResultCode"] == "Success") is accepted
    if not accepted:
        assert result["ResultErrorCode"] == "IdentityDataValidationFailed"


def test_unlicensed_address_of_a_quarantined_user_is_not_lost(bench: Any) -> None:
    """Clearing the alias, then the addresses, leaves UPN and nickname as they were."""
    bench.add("X", alias="x", userPrincipalName="x@contoso.com", proxyAddresses=["SMTP:x@contoso.com"])
    bench.set("X", alias=None, proxyAddresses=None)
    user = bench.by_anchor("X")
    assert (user.nickname, user.upn, user.proxies, user.mail) == ("x", "x@contoso.com", (), None)


def test_queued_calculation_waits_a_minute(make_bench: Any) -> None:
    from emulators.tenant.core import background

    bench = make_bench({"proxycalc": "queued"})
    bench.add("X", userPrincipalName="x@contoso.com", proxyAddresses=["SMTP:x@contoso.com"])
    user = bench.by_anchor("X")
    assert (user.upn, user.proxies) == ("x@contoso.com", ())
    assert background.next_due(bench.tenant) is not None
    bench.clock.advance(minutes=1)
    background.run(bench.tenant)
    assert user.proxies == ("SMTP:x@contoso.com",)
    assert background.next_due(bench.tenant) is None
