"""world.federation: what is read, and every name the listener's certificate has to carry."""

from __future__ import annotations

from harness.scenario.federation_shape import read_federation


def test_a_world_without_federation_has_none() -> None:
    assert read_federation(None) is None


def test_names_of_machines_farms_and_records() -> None:
    found = read_federation(
        {
            "machines": {"ADFS1": {"domain": "contoso.com"}, "WAP1": {}},
            "farms": {"ping.contoso.com": {"kind": "ping-federate", "base_host": "login.contoso.com"}},
            "dns": {"internal": {"sts.contoso.com": "10.0.0.1"}},
        }
    )
    assert found is not None
    names = {"ADFS1", "ADFS1.contoso.com", "WAP1", "ping.contoso.com", "login.contoso.com", "sts.contoso.com"}
    assert names <= set(found.host_names)
    assert found.dns == {"internal": {"sts.contoso.com": {"a": "10.0.0.1"}}, "external": {}}
