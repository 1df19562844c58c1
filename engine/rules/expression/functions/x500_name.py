"""Names inside certificates, written as the product's runtime writes them. Source: X500DistinguishedName, RFC 5280.

Last RDN first, ", " between, short type names of the runtime, quotes round a value with reserved characters.
"""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

SHORT_NAMES = {
    NameOID.COMMON_NAME: "CN",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "S",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COUNTRY_NAME: "C",
    NameOID.STREET_ADDRESS: "STREET",
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.EMAIL_ADDRESS: "E",
    NameOID.SURNAME: "SN",
    NameOID.GIVEN_NAME: "G",
    NameOID.INITIALS: "I",
    NameOID.TITLE: "T",
    NameOID.SERIAL_NUMBER: "SERIALNUMBER",
}
RESERVED = frozenset(',+="\n<>#;')
USER_PRINCIPAL_NAME = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
SIMPLE_ORDER = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME)


def written_name(name: x509.Name) -> str:
    """CN=Ana, OU=Staff, O="Contoso, Ltd"."""
    return ", ".join(" + ".join(written_part(part) for part in rdn) for rdn in reversed(name.rdns))


def written_part(part: x509.NameAttribute[Any]) -> str:
    """One type and value."""
    short = SHORT_NAMES.get(part.oid, f"OID.{part.oid.dotted_string}")
    raw = part.value
    value = raw.hex().upper() if isinstance(raw, bytes) else str(raw)
    if not value or value != value.strip() or RESERVED.intersection(value):
        value = '"' + value.replace('"', '""') + '"'
    return f"{short}={value}"


def common_name(name: x509.Name) -> str:
    """The simple name: common name, else organizational unit, else organization."""
    for oid in SIMPLE_ORDER:
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[-1].value)
    return ""


def alternative_names(certificate: x509.Certificate, oid: ObjectIdentifier, kind: type[x509.GeneralName]) -> list[Any]:
    """Values of one kind in an alternative-name extension, none when there is no such extension."""
    try:
        names: Any = certificate.extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        return []
    values = [name if isinstance(name, x509.OtherName) else name.value for name in names if isinstance(name, kind)]
    return list(values)


def user_principal_name(others: list[x509.OtherName]) -> str:
    """The UPN among other names: a DER UTF8String."""
    for other in others:
        if other.type_id == USER_PRINCIPAL_NAME and len(other.value) > 2 and other.value[0] == 0x0C:
            head = 2 + (other.value[1] & 0x7F if other.value[1] & 0x80 else 0)
            return other.value[head:].decode("utf-8", "replace")
    return ""
