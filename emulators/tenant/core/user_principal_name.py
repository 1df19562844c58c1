"""What userPrincipalName the cloud gives a synchronised user. Source: facts "tenant" section 3; "decisions" D11.

A verified suffix passes through; an unverified one, or white space, gives ``<mailNickname>@<initial domain>`` (the
MOERA).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from emulators.tenant.core.mail_nickname import prefix
from emulators.tenant.core.refusals import ObjectRefusal

#: what Graph accepts before the at sign
LEGAL_PREFIX = re.compile(r"[A-Za-z0-9'._!#^~-]{1,64}")
BLANK = re.compile(r"\s")


def suffix(upn: str) -> str:
    return upn.rpartition("@")[2].lower()


def is_verified(upn: str, verified: frozenset[str]) -> bool:
    return "@" in upn and suffix(upn) in verified


def judge(upn: str | None, verified: frozenset[str], *, blank_is_error: bool) -> ObjectRefusal | bool:
    """Say whether the exported UPN stands (True), is replaced by the MOERA (False), or the object is refused."""
    if not upn or not is_verified(upn, verified):
        return False
    left = upn.rpartition("@")[0]
    if BLANK.search(upn):
        return _refuse(upn) if blank_is_error else False
    if not LEGAL_PREFIX.fullmatch(left) or left.startswith(".") or left.endswith("."):
        return _refuse(upn)
    return True


def _refuse(upn: str) -> ObjectRefusal:
    return ObjectRefusal(
        "IdentityDataValidationFailed",
        "Identity data validation failed: the userPrincipalName holds characters or a format that is not allowed.",
        "UserPrincipalName",
        (upn,),
    )


def with_digits(left: str, initial_domain: str, taken: Callable[[str], bool], draw: random.Random) -> str:
    """``<left>NNNN@<initial domain>`` with four digits of the seed that nobody uses yet."""
    while True:
        candidate = f"{left}{draw.randrange(10_000):04d}@{initial_domain}"
        if not taken(candidate.lower()):
            return candidate


def placeholder(wanted: str, initial_domain: str, taken: Callable[[str], bool], draw: random.Random) -> str:
    """The UPN of a user whose own is withheld as a duplicate: no plus sign (D11)."""
    return with_digits(prefix(wanted) or "user", initial_domain, taken, draw)


def is_placeholder(upn: str | None, wanted: str, initial_domain: str) -> bool:
    """Whether this is a placeholder made for that wanted UPN, with or without the plus sign."""
    if not upn:
        return False
    pattern = re.escape(prefix(wanted) or "user") + r"\+?[0-9]{4}@" + re.escape(initial_domain)
    return re.fullmatch(pattern, upn, re.IGNORECASE) is not None


def follows(*, feature_on: bool, licensed: bool, federated: bool) -> bool:
    """Whether a later UPN change of a synchronised user is carried out (SynchronizeUpnForManagedUsers)."""
    return feature_on or federated or not licensed
