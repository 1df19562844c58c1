"""The two-way trusts that hold the domains of a forest together, as objects of each domain.

Source: MS-ADTS 6.1.6; facts "directory" section 6 (trusts).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.directory.core.built_in import Row
    from emulators.directory.core.forest import Domain


def trust_rows(domain: Domain, other: Domain) -> Iterator[Row]:
    """What a domain holds of its two-way trust with another of its forest: the trusted domain, the trust's account."""
    yield (
        f"CN={other.dns},CN=System,{domain.dn}",
        {
            "objectClass": [b"trustedDomain"],
            "trustPartner": [other.dns.encode()],
            "flatName": [other.netbios.encode()],
            "securityIdentifier": [other.sid],
            "trustDirection": [b"3"],
            "trustType": [b"2"],
            "trustAttributes": [b"32"],
            "showInAdvancedViewOnly": [b"TRUE"],
            "isCriticalSystemObject": [b"TRUE"],
        },
    )
    yield (
        f"CN={other.netbios}$,CN=Users,{domain.dn}",
        {
            "objectClass": [b"user"],
            "sAMAccountName": [f"{other.netbios}$".encode()],
            "userAccountControl": [b"2080"],
            "showInAdvancedViewOnly": [b"TRUE"],
            "isCriticalSystemObject": [b"TRUE"],
        },
    )
