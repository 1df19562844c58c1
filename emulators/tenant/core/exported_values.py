"""The shapes and sizes a client may send for an exported value: text, number, truth, null, or a list of texts.

A wrong shape fails that one object as DataValidationFailed, a size above the documented limits as LargeObject or
ExceededAllowedLength. Source: facts "tenant" 11, 17.2 "Types on the wire".
"""

from __future__ import annotations

from typing import Any

from emulators.tenant.core.refusals import OBJECT_TOO_LARGE, ObjectRefusal

#: attributes the cloud works on as a single text, a list of texts, a truth
TEXTS = frozenset(
    [
        "userPrincipalName",
        "mail",
        "alias",
        "onPremiseSecurityIdentifier",
        "onPremisesObjectIdentifier",
        "deviceId",
        "manager",
        "usageLocation",
        "displayName",
        "dnsDomainName",
        "department",
        "company",
        "title",
        "city",
        "state",
        "country",
        "countryLetterCode",
        "netBiosName",
        "physicalDeliveryOfficeName",
        "preferredLanguage",
        "userType",
        "thumbnailPhoto",
    ]
)
LISTS = frozenset({"proxyAddresses", "member"})
TRUTHS = frozenset({"accountEnabled", "securityEnabled", "mailEnabled"})
COUNT_LIMITS = {"userCertificate": 15, "userSMIMECertificate": 15, "proxyAddresses": 332}
EXTENSION_LENGTH_MAX = 250
PHOTO_LENGTH_MAX = 136_534  # 100 KB in base64


def unacceptable(values: dict[str, Any]) -> ObjectRefusal | None:
    """Name the first value that cannot be taken."""
    for name, value in values.items():
        kind = type(value)
        if kind is str:
            if name in TRUTHS:
                return _wrong_type(name)
            if len(value) > EXTENSION_LENGTH_MAX and _too_long(name, value):
                return _too_long(name, value)
        elif kind is list:
            if name in TEXTS or name in TRUTHS or not all(type(item) is str for item in value):
                return _wrong_type(name)
            if len(value) > 15 and len(value) > COUNT_LIMITS.get(name, len(value)):
                return ObjectRefusal("LargeObject", OBJECT_TOO_LARGE, name, (str(len(value)),))
        elif kind is bool:
            if name in TEXTS or name in LISTS:
                return _wrong_type(name)
        elif kind is int or kind is float:
            if name in TEXTS or name in LISTS or name in TRUTHS:
                return _wrong_type(name)
        elif value is not None:
            return _wrong_type(name)
    return None


def _wrong_type(name: str) -> ObjectRefusal:
    return ObjectRefusal("DataValidationFailed", f"The value of attribute {name} is not of an accepted type.", name)


def _too_long(name: str, value: str) -> ObjectRefusal | None:
    if name == "thumbnailPhoto" and len(value) > PHOTO_LENGTH_MAX:
        return ObjectRefusal("LargeObject", OBJECT_TOO_LARGE, name)
    if name.startswith("extension_"):
        return ObjectRefusal("ExceededAllowedLength", OBJECT_TOO_LARGE, name)
    return None
