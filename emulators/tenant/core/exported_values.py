"""The shapes a client may send for an exported value: text, number, truth, null, or a list of texts.

What a calculation works on must have the right shape too; anything else fails that one object as DataValidationFailed.
Source: facts "tenant" 17.2 "Types on the wire".
"""

from __future__ import annotations

from typing import Any

from emulators.tenant.core.refusals import ObjectRefusal

TEXTS = (
    "userPrincipalName", "mail", "alias", "onPremiseSecurityIdentifier", "onPremisesObjectIdentifier", "deviceId", "manager",
    "usageLocation", "displayName", "dnsDomainName", "department", "company", "title", "city", "state", "country",
    "countryLetterCode", "netBiosName", "physicalDeliveryOfficeName", "preferredLanguage", "userType", "thumbnailPhoto",
)  # fmt: skip
LISTS = ("proxyAddresses", "member")
TRUTHS = ("accountEnabled", "securityEnabled", "mailEnabled")
_PLAIN = frozenset({str, int, bool, float, type(None)})


def wrong_shape(values: dict[str, Any]) -> ObjectRefusal | None:
    """Name the first value that cannot be taken."""
    for name, value in values.items():
        if type(value) in _PLAIN:
            continue
        if type(value) is list and all(type(item) is str for item in value):
            continue
        return _refuse(name)
    for name in TEXTS:
        if not isinstance(values.get(name, ""), str | None):
            return _refuse(name)
    for name in LISTS:
        if not isinstance(values.get(name, ""), str | list | None):
            return _refuse(name)
    for name in TRUTHS:
        if not isinstance(values.get(name, True), bool | None):
            return _refuse(name)
    return None


def _refuse(name: str) -> ObjectRefusal:
    return ObjectRefusal("DataValidationFailed", f"The value of attribute {name} is not of an accepted type.", name)
