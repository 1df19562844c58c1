"""Merging flows on their way out: what a directory holds stays, what the cloud gives is added once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.model.cs_object import CSObject
from engine.rules.standard import standard_rules
from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions
from engine.sync.outbound import _link_for

CONTOSO = "00000001-0000-0000-0000-000000000000"
LEGACY = "/o=ExchangeLabs/ou=Group/cn=Recipients/cn=7d1e-crew"


@pytest.fixture
def hybrid(deploy):
    """A deployment with Exchange hybrid, whose group rules write proxyAddresses back by MergeCaseInsensitive."""
    options = StandardRuleOptions((DirectoryConnector(CONTOSO, "contoso.com"),), exchange_hybrid=True)
    return deploy(rules=standard_rules(options))


def test_a_merging_flow_with_nothing_to_give_leaves_the_directory_alone(hybrid):
    crew = hybrid.contoso.add("Crew", "group", mail="crew@contoso.com", proxyAddresses=["SMTP:crew@contoso.com"])
    hybrid.cycle(initial=True)
    runs = hybrid.cycle()
    assert runs["contoso.com", "Export"].counter("ExportUpdate") == 0
    assert hybrid.contoso.objects[crew]["proxyAddresses"] == ["SMTP:crew@contoso.com"]
    assert hybrid.tenant.by_name("Crew")["proxyAddresses"] == ["SMTP:crew@contoso.com"]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (["SMTP:crew@contoso.com"], ["SMTP:crew@contoso.com", f"x500:{LEGACY}"]),
        (["SMTP:crew@contoso.com", f"X500:{LEGACY.upper()}"], ["SMTP:crew@contoso.com", f"X500:{LEGACY.upper()}"]),
    ],
    ids=["added", "there in other letters"],
)
def test_the_legacy_address_of_the_cloud_is_added_once(hybrid, held, expected):
    crew = hybrid.contoso.add("Crew", "group", mail="crew@contoso.com", proxyAddresses=held)
    hybrid.cycle(initial=True)
    hybrid.tenant.by_name("Crew")["cloudLegacyExchangeDN"] = LEGACY
    hybrid.cycle()
    hybrid.cycle()
    assert hybrid.contoso.objects[crew]["proxyAddresses"] == expected
    assert hybrid.pending_exports() == 0


def test_a_merged_value_stays_when_its_source_goes(hybrid):
    """Withdrawing own values is not emulated: the engine keeps no record of which values it merged in."""
    crew = hybrid.contoso.add("Crew", "group", mail="crew@contoso.com", proxyAddresses=["SMTP:crew@contoso.com"])
    hybrid.cycle(initial=True)
    hybrid.tenant.by_name("Crew")["cloudLegacyExchangeDN"] = LEGACY
    hybrid.cycle()
    hybrid.cycle()
    del hybrid.tenant.by_name("Crew")["cloudLegacyExchangeDN"]
    hybrid.contoso.change(crew, description=["a change, so that the tenant reads the group back"])
    hybrid.cycle()
    hybrid.cycle()
    assert hybrid.contoso.objects[crew]["proxyAddresses"] == ["SMTP:crew@contoso.com", f"x500:{LEGACY}"]


@pytest.mark.parametrize(
    ("links", "wanted", "chosen"),
    [
        ([("computer", False)], "msDS-Device", None),
        ([("computer", False), ("msDS-Device", True)], "msDS-Device", 1),
        ([("contact", True)], "user", 0),
        ([("computer", False), ("msDS-Device", True)], None, 1),
        ([("user", False)], None, 0),
    ],
)
def test_a_device_stands_beside_its_computer(links, wanted, chosen):
    """What an inbound rule found under another type is neither replaced nor deprovisioned."""
    held = []
    for number, (kind, owned) in enumerate(links, start=1):
        held.append(CSObject(number, 1, kind, f"CN={number}"))
        held[-1].anchor, held[-1].owned = bytes([number]) * 16, owned
    rule = SimpleNamespace(rule=SimpleNamespace(target_object_type=wanted)) if wanted else None
    found = _link_for(held, rule)
    assert found is (None if chosen is None else held[chosen])
