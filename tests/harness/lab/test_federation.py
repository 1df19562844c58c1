"""Names of federation servers in a world: DNS as described, or every farm known; ports; what does not fit is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.refusal import ScenarioError
from harness.scenario.world_reader import build_world


def made(**federation: Any) -> Lab:
    world = {
        "forests": {"contoso.com": {}},
        "tenants": {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}},
        "federation": federation,
    }
    return Lab(build_world(world))


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    farms = {"sts.contoso.com": {}, "ping.contoso.com": {"kind": "ping-federate"}}
    with made(machines={"ADFS1": {"domain": "contoso.com"}}, farms=farms) as one:
        yield one


def test_without_dns_every_farm_resolves_and_machines_inside_only(lab: Lab) -> None:
    assert lab.federation is not None
    assert lab.federation.records("sts.contoso.com")
    assert lab.federation.records("STS.contoso.com", external=True)
    assert lab.federation.records("ADFS1.contoso.com")
    assert not lab.federation.records("ADFS1", external=True)
    assert not lab.federation.records("nobody.contoso.com")


def test_who_answers_at_which_port(lab: Lab) -> None:
    assert lab.federation is not None
    site = lab.federation.site
    assert site("sts.contoso.com") == site("ping.contoso.com", 9031) == site("adfs1.contoso.com")
    assert site("ping.contoso.com") is None
    assert site("nobody.contoso.com") is None
    assert lab.federation.addresses("127.0.0.1")["url"] == site("sts.contoso.com")


def test_a_joined_machine_has_an_account(lab: Lab) -> None:
    assert lab.forest().find("ADFS1$", ["dNSHostName"]).first("dNSHostName") == b"ADFS1.contoso.com"


def test_a_listener_leaves_with_its_world() -> None:
    with made(farms={"sts.contoso.com": {}}) as one:
        assert one.federation is not None
        service = one.federation.service
    assert service.endpoints == {}


def test_what_does_not_fit_is_said(lab: Lab) -> None:
    assert lab.federation is not None
    for wrong in (
        lambda: lab.federation.farm("fs.contoso.com"),  # type: ignore[union-attr]
        lambda: lab.federation.pfx("none"),  # type: ignore[union-attr]
        lambda: lab.federation.federate("sts.contoso.com", "fabrikam.com"),  # type: ignore[union-attr]
        lambda: made(farms={"sts.contoso.com": {"servers": ["ADFS9"]}}),
    ):
        with pytest.raises(ScenarioError):
            wrong()
