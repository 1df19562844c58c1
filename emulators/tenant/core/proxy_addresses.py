"""ProxyCalc: which mail and proxyAddresses an object has, from its shadow values, its licence and the tenant's
domains.

The order of the rules is that of facts "tenant" section 5; the numbers in the comments are theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

RESERVED = (".onmicrosoft.com", ".microsoftonline.com")
LEGACY = frozenset({"msmail", "x400", "ccmail", "notes", "gwise", "eum", "ms", "x_400"})
PREFIXED = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(.+)", re.DOTALL)
ADDRESS = re.compile(
    r"[^\s@<>()\[\],;:\\\"]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
#: CloudMSExchRecipientDisplayType values of a mailbox
MAILBOX_DISPLAY_TYPES = frozenset({0, 2, 7, 8, 10, 15, 16, 17, 18, 1073741824, 1073741840})


@dataclass(frozen=True, slots=True)
class Addresses:
    """The result: every address, and the primary one without its prefix."""

    proxies: tuple[str, ...]
    mail: str | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """What of an object decides its addresses. ``upn`` is the cloud's; ``keeps_upn`` is quirk 7 of the facts."""

    upn: str | None = None
    moera: str | None = None
    licensed: bool = False
    mailbox: bool = False
    keeps_upn: bool = False


def sanitise(proxies: Iterable[str]) -> list[str]:
    """Rule 1: leave out reserved suffixes, legacy protocols and malformed values; the order stays, doubles go."""
    kept: list[str] = []
    seen: set[str] = set()
    for proxy in proxies:
        match = PREFIXED.fullmatch(proxy)
        if match is None:
            continue
        scheme, address = match.group(1), match.group(2)
        low = scheme.lower()
        if low in LEGACY or (low == "smtp" and not usable(address)):
            continue
        if low == "sip" and ADDRESS.fullmatch(address) is None:
            continue
        key = proxy.lower()
        if key not in seen:
            seen.add(key)
            kept.append(proxy)
    return kept


def usable(address: str | None) -> bool:
    """Whether an SMTP address is well formed and not of a suffix that belongs to the service."""
    return (
        bool(address)
        and ADDRESS.fullmatch(address or "") is not None
        and not (address or "").lower().endswith(RESERVED)
    )


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def calculate(shadow: Iterable[str], mail: str | None, who: Recipient, verified: frozenset[str]) -> Addresses:
    """Work the rules down and answer the addresses."""
    proxies = sanitise(shadow)
    had_smtp = any(p[:5].lower() == "smtp:" for p in proxies)
    if who.mailbox:  # rule 2
        proxies = [p for p in proxies if p[:5].lower() != "smtp:" or domain_of(p[5:]) in verified]
        if mail is not None and domain_of(mail) not in verified:
            mail = None
    if not usable(mail):
        mail = None
    primary = _primary(proxies, mail, who, had_smtp=had_smtp)
    found: list[str] = []
    seen: set[str] = set()
    if primary is not None:
        found.append(f"SMTP:{primary}")
        seen.add(primary.lower())
    for proxy in proxies:
        if proxy[:5].lower() != "smtp:":
            found.append(proxy)
        elif proxy[5:].lower() not in seen:
            seen.add(proxy[5:].lower())
            found.append(f"smtp:{proxy[5:]}")
    extra = [who.moera]  # rule 5
    if (who.licensed or who.mailbox or who.keeps_upn) and who.upn and not who.upn.lower().endswith(RESERVED):
        extra.append(who.upn)
    for address in extra:
        if address and address.lower() not in seen:
            seen.add(address.lower())
            found.append(f"smtp:{address}")
    return Addresses(tuple(found), primary)  # rule 6


def _primary(proxies: list[str], mail: str | None, who: Recipient, *, had_smtp: bool) -> str | None:
    """Rule 3: shadow primary; AD mail when there was no SMTP entry; the UPN when licensed; the MOERA of a recipient."""
    for proxy in proxies:
        if proxy.startswith("SMTP:"):
            return proxy[5:]
    if not had_smtp and mail is not None:
        return mail
    if not had_smtp and mail is None and who.licensed and who.upn:
        return who.upn
    return who.moera
