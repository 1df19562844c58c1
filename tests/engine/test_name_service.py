"""Following a name to its address, and whether the name itself has an A record."""

from __future__ import annotations

import pytest

from engine.name_service import DnsRecord, NoNames, Resolution, resolve

INSIDE = (
    DnsRecord("sts", "A", "10.0.0.1"),
    DnsRecord("alias", "CNAME", "sts"),
    DnsRecord("alias of alias", "CNAME", "alias"),
    DnsRecord("lost", "CNAME", "nowhere"),
    DnsRecord("ring", "CNAME", "ring"),
    DnsRecord("text", "TXT", "x"),
)


class Names:
    def records(self, name: str, *, external: bool = False) -> tuple[DnsRecord, ...]:
        return () if external else tuple(one for one in INSIDE if one.name == name)

    def site(self, name: str, port: int = 443) -> str | None:
        return None


@pytest.mark.parametrize(
    ("name", "resolution"),
    [
        ("sts", Resolution("10.0.0.1", True)),
        ("alias", Resolution("10.0.0.1", False)),
        ("alias of alias", Resolution("10.0.0.1", False)),
        ("lost", Resolution(None, False)),
        ("ring", Resolution(None, False)),
        ("text", Resolution(None, False)),
        ("unknown", Resolution(None, False)),
    ],
)
def test_resolve(name: str, resolution: Resolution) -> None:
    assert resolve(Names(), name) == resolution


def test_outside_is_another_matter() -> None:
    assert resolve(Names(), "sts", external=True).address is None
    assert resolve(NoNames(), "sts").address is None
    assert NoNames().site("sts") is None
