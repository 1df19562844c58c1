"""Names of hosts as a server sees them: DNS records inside and outside the network, and who answers HTTPS under a name.

Source: facts "install" 14.3, 14.5 (local DNS first, then an external provider; an A record and no CNAME).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

_CHAIN_MAX = 8


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """type: A, CNAME or TXT. value: an address, another name, or a text."""

    name: str
    type: str
    value: str


class NameService(Protocol):
    """What a server can ask."""

    def records(self, name: str, *, external: bool = False) -> tuple[DnsRecord, ...]:
        """The records of exactly this name, as the local name servers have it or an external provider."""

    def site(self, name: str, port: int = 443) -> str | None:
        """The base URL at which a host of this name answers HTTPS on a port; None when nothing listens there."""


class NoNames:
    """A network in which no further name is known."""

    def records(self, name: str, *, external: bool = False) -> tuple[DnsRecord, ...]:
        del name, external
        return ()

    def site(self, name: str, port: int = 443) -> str | None:
        del name, port
        return None


@dataclass(frozen=True, slots=True)
class Resolution:
    """address None: the name does not resolve. has_a_record: the name itself has one, not only what it stands for."""

    address: str | None
    has_a_record: bool


def resolve(names: NameService, name: str, *, external: bool = False) -> Resolution:
    """Follow a name to its address."""
    current = name
    for step in range(_CHAIN_MAX):
        records = names.records(current, external=external)
        address = next((one.value for one in records if one.type == "A"), None)
        if address is not None:
            return Resolution(address, has_a_record=step == 0)
        alias = next((one.value for one in records if one.type == "CNAME"), None)
        if alias is None:
            break
        current = alias
    return Resolution(None, has_a_record=False)
