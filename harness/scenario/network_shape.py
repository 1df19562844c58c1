"""``world.network``: what name service and firewalls do between the sync servers of a world and everybody else.

Source: facts "install" CYD-07, CTE-04.
"""

from __future__ import annotations

from harness.scenario.proxy_shape import PROXY
from harness.scenario.shapes import Choice, Key, ListOf, MapOf, Record

#: what the name service says of a name: that there is none, that it fails itself, or the truth
DNS_ANSWERS = ("missing", "servfail", "refused", "ok")
#: what a domain controller is asked for before its directory is used
PORTS = ("udp/389", "tcp/53", "tcp/88", "tcp/389")

NETWORK = Record(
    (
        Key("dns", MapOf(Choice(DNS_ANSWERS)), doc="answers of the name service by name, where they are not the truth"),
        Key(
            "firewall",
            MapOf(ListOf(Choice(PORTS))),
            doc="ports of a forest's or a domain's controller that are closed to sync servers",
        ),
        Key("proxy", PROXY, doc="the proxy that every call of a sync server to the cloud takes; none without it"),
    ),
    what="a network",
)
