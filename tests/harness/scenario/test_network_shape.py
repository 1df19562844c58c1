"""world.network: answers of the name service and closed ports; mistakes are named."""

from __future__ import annotations

import pytest

from harness.pytest_plugin import make_world


def test_what_is_said_of_the_network() -> None:
    network = {"dns": {"contoso.com": "servfail"}, "firewall": {"contoso.com": "tcp/88"}}
    world = make_world(forests={"contoso.com": {}}, network=network)
    assert (world.dns, world.firewall) == ({"contoso.com": "servfail"}, {"contoso.com": ["tcp/88"]})
    assert (make_world().dns, make_world().firewall) == ({}, {})


@pytest.mark.parametrize(
    ("network", "complaint"),
    [
        ({"dns": {"contoso.com": "nxdomain"}}, "is none of missing, servfail, refused, ok"),
        ({"firewall": {"contoso.com": ["tcp/25"]}}, "is none of udp/389, tcp/53, tcp/88, tcp/389"),
        ({"proxies": {}}, "has no key proxies"),
    ],
)
def test_mistakes(network, complaint) -> None:
    with pytest.raises(ValueError, match=complaint):
        make_world(network=network)
