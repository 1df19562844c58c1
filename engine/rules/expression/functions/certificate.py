"""Certificate functions over DER or Base64 X.509. Source: facts "functions", category Certificate.

Names and texts are those of the product's runtime (X509Certificate2): upper-case hexadecimal, names with the last RDN
first. An X.500 name and a certificate out of a directory carry no OID and no friendly name, so those are empty.
"""

from __future__ import annotations

import base64
import hashlib
import warnings
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID, NameOID

from engine.rules.expression.errors import ArgumentError
from engine.rules.expression.functions.x500_name import (
    alternative_names,
    common_name,
    user_principal_name,
    written_name,
)
from engine.rules.expression.registry import BinaryOrText, Boolean, Moment, Text, Texts, function

READ_FAILURES = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)


@lru_cache(maxsize=256)
def certificate_of(value: bytes | str) -> x509.Certificate:
    """Read DER bytes, Base64 of them, or PEM."""
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if raw.lstrip().startswith(b"-----BEGIN"):
                return x509.load_pem_x509_certificate(raw)
            if not raw.startswith(b"\x30"):
                raw = base64.b64decode(b"".join(raw.split()), validate=True)
            return x509.load_der_x509_certificate(raw)
    except READ_FAILURES:
        raise ArgumentError("the value is no X.509 certificate") from None


def read(value: bytes | str, part: Callable[[x509.Certificate], Any]) -> Any:
    """One part of a certificate; a part that cannot be decoded is refused like a certificate that cannot."""
    certificate = certificate_of(value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return part(certificate)
    except READ_FAILURES:
        raise ArgumentError("this part of the certificate cannot be read") from None


@function("IsCert", BinaryOrText, returns=Boolean)
def is_certificate(value: bytes | str) -> bool:
    """Whether the bytes can be read as a certificate. Source: function reference, IsCert."""
    try:
        certificate_of(value)
    except ArgumentError:
        return False
    return True


@function("CertExtensionOids", BinaryOrText, returns=Texts)
def extension_oids(value: bytes | str) -> list[str]:
    """OIDs of the critical extensions. Source: function reference, CertExtensionOids."""
    extensions = read(value, lambda certificate: certificate.extensions)
    return [extension.oid.dotted_string for extension in extensions if extension.critical]


@function("CertFormat", BinaryOrText, returns=Text)
def certificate_format(value: bytes | str) -> str:
    """Name of the certificate format. Source: function reference, CertFormat."""
    certificate_of(value)
    return "X509"


@function("CertFriendlyName", BinaryOrText, returns=Text)
def friendly_name(value: bytes | str) -> str:
    """The alias kept beside a certificate; none in a directory. Source: function reference, CertFriendlyName."""
    certificate_of(value)
    return ""


def sha1_hexadecimal(value: bytes | str) -> str:
    raw: bytes = read(value, lambda certificate: certificate.public_bytes(Encoding.DER))
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest().upper()


@function("CertHashString", BinaryOrText, returns=Text)
def hash_string(value: bytes | str) -> str:
    """SHA-1 of the certificate in hexadecimal. Source: function reference, CertHashString."""
    return sha1_hexadecimal(value)


@function("CertThumbprint", BinaryOrText, returns=Text)
def certificate_thumbprint(value: bytes | str) -> str:
    """Thumbprint, the same as CertHashString. Source: function reference, CertThumbprint."""
    return sha1_hexadecimal(value)


def issuer_name(value: bytes | str) -> str:
    return str(read(value, lambda certificate: written_name(certificate.issuer)))


def subject_name(value: bytes | str) -> str:
    return str(read(value, lambda certificate: written_name(certificate.subject)))


@function("CertIssuer", BinaryOrText, returns=Text)
def issuer(value: bytes | str) -> str:
    """Name of the issuing authority. Source: function reference, CertIssuer."""
    return issuer_name(value)


@function("CertIssuerDN", BinaryOrText, returns=Text)
def issuer_dn(value: bytes | str) -> str:
    """Distinguished name of the issuer. Source: function reference, CertIssuerDN."""
    return issuer_name(value)


@function("CertIssuerOid", BinaryOrText, returns=Text)
def issuer_oid(value: bytes | str) -> str:
    """OID of the issuer name; an X.500 name has none. Source: function reference, CertIssuerOid."""
    certificate_of(value)
    return ""


@function("CertSubject", BinaryOrText, returns=Text)
def subject(value: bytes | str) -> str:
    """Distinguished name of the subject. Source: function reference, CertSubject."""
    return subject_name(value)


@function("CertSubjectNameDN", BinaryOrText, returns=Text)
def subject_name_dn(value: bytes | str) -> str:
    """Distinguished name of the subject. Source: function reference, CertSubjectNameDN."""
    return subject_name(value)


@function("CertSubjectNameOid", BinaryOrText, returns=Text)
def subject_name_oid(value: bytes | str) -> str:
    """OID of the subject name; an X.500 name has none. Source: function reference, CertSubjectNameOid."""
    certificate_of(value)
    return ""


def key_oid(value: bytes | str) -> str:
    return str(read(value, lambda certificate: certificate.public_key_algorithm_oid.dotted_string))


@function("CertKeyAlgorithm", BinaryOrText, returns=Text)
def key_algorithm(value: bytes | str) -> str:
    """OID of the key algorithm. Source: function reference, CertKeyAlgorithm."""
    return key_oid(value)


@function("CertPublicKeyOid", BinaryOrText, returns=Text)
def public_key_oid(value: bytes | str) -> str:
    """OID of the public key. Source: function reference, CertPublicKeyOid."""
    return key_oid(value)


@function("CertPublicKeyParametersOid", BinaryOrText, returns=Text)
def public_key_parameters_oid(value: bytes | str) -> str:
    """OID of the key, to which its parameters belong. Source: function reference, CertPublicKeyParametersOid."""
    return key_oid(value)


@function("CertKeyAlgorithmParams", BinaryOrText, returns=Text)
def key_algorithm_parameters(value: bytes | str) -> str:
    """Parameters of the key algorithm in hexadecimal. Source: function reference; RFC 5280 4.1."""
    key_info: bytes = read(
        value,
        lambda certificate: certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    )
    whole, _ = element(key_info, 0)
    algorithm, _ = element(key_info, whole.start)
    _, after_oid = element(key_info, algorithm.start)
    return key_info[after_oid : algorithm.stop].hex().upper()


def element(der: bytes, position: int) -> tuple[slice, int]:
    """The content of the DER element at a position, and where it ends."""
    size = der[position + 1]
    start = position + 2
    if size & 0x80:
        more = size & 0x7F
        size = int.from_bytes(der[start : start + more], "big")
        start += more
    return slice(start, start + size), start + size


@function("CertNameInfo", BinaryOrText, Text, Boolean, returns=Text)
def name_info(value: bytes | str, kind: str, of_issuer: bool) -> str:
    """One kind of name of the subject or issuer. Source: function reference, CertNameInfo; X509NameType."""
    if kind not in NAME_KINDS:
        raise ArgumentError(f"the name type must be one of {', '.join(NAME_KINDS)}")
    return str(read(value, lambda certificate: NAME_KINDS[kind](certificate, of_issuer)))


def name_of(certificate: x509.Certificate, of_issuer: bool) -> x509.Name:
    return certificate.issuer if of_issuer else certificate.subject


def alternatives(certificate: x509.Certificate, of_issuer: bool, kind: type[x509.GeneralName]) -> list[Any]:
    """Values of one kind in the alternative-name extension."""
    oid = ExtensionOID.ISSUER_ALTERNATIVE_NAME if of_issuer else ExtensionOID.SUBJECT_ALTERNATIVE_NAME
    return alternative_names(certificate, oid, kind)


def mail_name(certificate: x509.Certificate, of_issuer: bool) -> str:
    found = alternatives(certificate, of_issuer, x509.RFC822Name)
    named = name_of(certificate, of_issuer).get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    return str(found[0] if found else named[0].value if named else "")


def dns_name(certificate: x509.Certificate, of_issuer: bool) -> str:
    found = alternatives(certificate, of_issuer, x509.DNSName)
    return str(found[0]) if found else common_name(name_of(certificate, of_issuer))


NAME_KINDS: dict[str, Callable[[x509.Certificate, bool], str]] = {
    "SimpleName": lambda certificate, of_issuer: (
        common_name(name_of(certificate, of_issuer)) or mail_name(certificate, of_issuer)
    ),
    "EmailName": mail_name,
    "UpnName": lambda certificate, of_issuer: user_principal_name(alternatives(certificate, of_issuer, x509.OtherName)),
    "DnsName": dns_name,
    "DnsFromAlternativeName": lambda certificate, of_issuer: next(
        iter(alternatives(certificate, of_issuer, x509.DNSName)), ""
    ),
    "UrlName": lambda certificate, of_issuer: next(
        iter(alternatives(certificate, of_issuer, x509.UniformResourceIdentifier)), ""
    ),
}


@function("CertNotAfter", BinaryOrText, returns=Moment)
def not_after(value: bytes | str) -> datetime:
    """The moment the certificate expires, in UTC. Source: function reference, CertNotAfter."""
    moment: datetime = read(value, lambda certificate: certificate.not_valid_after_utc)
    return moment


@function("CertNotBefore", BinaryOrText, returns=Moment)
def not_before(value: bytes | str) -> datetime:
    """The moment the certificate becomes valid, in UTC. Source: function reference, CertNotBefore."""
    moment: datetime = read(value, lambda certificate: certificate.not_valid_before_utc)
    return moment


@function("CertSerialNumber", BinaryOrText, returns=Text)
def serial_number(value: bytes | str) -> str:
    """Serial number in hexadecimal, most significant first. Source: function reference, CertSerialNumber."""
    number: int = read(value, lambda certificate: certificate.serial_number)
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True).hex().upper()


@function("CertSignatureAlgorithmOid", BinaryOrText, returns=Text)
def signature_algorithm_oid(value: bytes | str) -> str:
    """OID of the algorithm that signed. Source: function reference, CertSignatureAlgorithmOid."""
    return str(read(value, lambda certificate: certificate.signature_algorithm_oid.dotted_string))


@function("CertVersion", BinaryOrText, returns=Text)
def certificate_version(value: bytes | str) -> str:
    """X.509 version number. Source: function reference, CertVersion."""
    return str(read(value, lambda certificate: certificate.version.value + 1))
