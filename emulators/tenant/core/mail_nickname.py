"""Which mailNickname an object gets, and that only the on-premises value moves it later. Source: facts "tenant"
section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulators.tenant.core.attributes import as_list


def prefix(address: str | None) -> str | None:
    """The part before the at sign; None when there is none."""
    if not address:
        return None
    left, at, _ = address.partition("@")
    return left if at and left else None


def primary_smtp(proxies: list[str]) -> str | None:
    """The address behind the one upper-case ``SMTP:``."""
    for proxy in proxies:
        if proxy.startswith("SMTP:"):
            return proxy[5:]
    return None


def first_nickname(shadow: Mapping[str, Any]) -> str | None:
    """Choose the nickname of a new object: own value, primary address, mail, UPN, secondary address."""
    given = shadow.get("alias")
    if given:
        return str(given)
    proxies = as_list(shadow.get("proxyAddresses"))
    found = prefix(primary_smtp(proxies)) or prefix(shadow.get("mail")) or prefix(shadow.get("userPrincipalName"))
    if found:
        return found
    for proxy in proxies:
        if proxy.startswith("smtp:"):
            secondary = prefix(proxy[5:])
            if secondary:
                return secondary
    return None


def next_nickname(current: str | None, shadow: Mapping[str, Any], *, alias_changed: bool) -> str | None:
    """Move the nickname only when the on-premises one arrived; clearing that keeps the old one (inferred)."""
    if current is None:
        return first_nickname(shadow)
    if alias_changed and shadow.get("alias"):
        return str(shadow["alias"])
    return current
