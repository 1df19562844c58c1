"""How the Entra connector space names an attribute and how Graph names the same value.

An exported attribute that is not listed here is kept all the same and given back on the next import; it just has no
Graph name. Source: the connector schema of an exported server configuration; facts "tenant" 1.2, 17.2.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from emulators.tenant.core.identities import Kind

#: connector space name -> Graph name, single text or number, same value on both sides
USER_PLAIN: dict[str, str] = {
    "displayName": "displayName",
    "givenName": "givenName",
    "surname": "surname",
    "title": "jobTitle",
    "department": "department",
    "company": "companyName",
    "physicalDeliveryOfficeName": "officeLocation",
    "mobile": "mobilePhone",
    "city": "city",
    "state": "state",
    "streetAddress": "streetAddress",
    "postalCode": "postalCode",
    "country": "country",
    "preferredLanguage": "preferredLanguage",
    "facsimileTelephoneNumber": "faxNumber",
    "usageLocation": "usageLocation",
    "accountEnabled": "accountEnabled",
    "onPremisesSamAccountName": "onPremisesSamAccountName",
    "onPremisesUserPrincipalName": "onPremisesUserPrincipalName",
    "onPremisesDistinguishedName": "onPremisesDistinguishedName",
    "dnsDomainName": "onPremisesDomainName",
    "employeeId": "employeeId",
    "userType": "userType",
}
GROUP_PLAIN: dict[str, str] = {
    "displayName": "displayName",
    "description": "description",
    "onPremisesSamAccountName": "onPremisesSamAccountName",
    "dnsDomainName": "onPremisesDomainName",
    "netBiosName": "onPremisesNetBiosName",
    "preferredLanguage": "preferredLanguage",
}
CONTACT_PLAIN: dict[str, str] = {
    "displayName": "displayName",
    "givenName": "givenName",
    "surname": "surname",
    "title": "jobTitle",
    "department": "department",
    "company": "companyName",
}
DEVICE_PLAIN: dict[str, str] = {
    "displayName": "displayName",
    "accountEnabled": "accountEnabled",
    "deviceOSType": "operatingSystem",
    "deviceOSVersion": "operatingSystemVersion",
    "deviceTrustType": "trustType",
    "isCompliant": "isCompliant",
    "isManaged": "isManaged",
}
#: per kind: exported name -> the Graph name under which an administrator could have set the same value
GRAPH_NAME_OF: dict[Kind, dict[str, str]] = {
    Kind.USER: {**USER_PLAIN, "telephoneNumber": "businessPhones", "mail": "mail", "manager": "manager"},
    Kind.GROUP: {**GROUP_PLAIN, "mail": "mail", "securityEnabled": "securityEnabled", "mailEnabled": "mailEnabled"},
    Kind.CONTACT: CONTACT_PLAIN,
    Kind.DEVICE: DEVICE_PLAIN,
    Kind.PUBLIC_FOLDER: {},
}
EXTENSION_ATTRIBUTES: tuple[str, ...] = tuple(f"extensionAttribute{number}" for number in range(1, 16))
#: values that many objects share: one copy is kept
SHARED_VALUES: tuple[str, ...] = (
    "department", "company", "title", "city", "state", "country", "countryLetterCode", "usageLocation", "dnsDomainName",
    "netBiosName", "physicalDeliveryOfficeName", "preferredLanguage", "userType", "manager",
)  # fmt: skip


def sid_text(sid_base64: str) -> str | None:
    """Write a base64 SID as S-1-...; None when the bytes are no SID."""
    try:
        raw = base64.b64decode(sid_base64, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) < 8 or len(raw) != 8 + 4 * raw[1]:
        return None
    parts = [int.from_bytes(raw[8 + 4 * i : 12 + 4 * i], "little") for i in range(raw[1])]
    return "-".join(("S", str(raw[0]), str(int.from_bytes(raw[2:8], "big")), *map(str, parts)))


def guid_text(guid_base64: str) -> str | None:
    """Write a base64 GUID (little-endian bytes) in its usual spelling."""
    try:
        raw = base64.b64decode(guid_base64, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 16:
        return None
    swapped = (raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]).hex()
    return "-".join((swapped[:8], swapped[8:12], swapped[12:16], swapped[16:20], swapped[20:]))


def as_list(value: object) -> list[str]:
    """A multi-value that a client may send as a single text."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, Iterable):
        return [item for item in value if isinstance(item, str)]
    return []
