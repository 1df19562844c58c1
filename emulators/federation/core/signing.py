"""Token-signing keys of federation servers and XML signatures made with them.

Making an RSA key takes a tenth of a second and a key is no part of a world's state, so keys are made once per process
and name: a farm and the number of its roll-over. Source: XML Signature, exclusive canonicalization, rsa-sha256.
"""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from xml.etree.ElementTree import canonicalize

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
_ALGORITHMS = {
    "SHA256": (RSA_SHA256, SHA256, hashes.SHA256, "sha256"),
    "SHA1": (RSA_SHA1, SHA1, hashes.SHA1, "sha1"),
}


@dataclass(frozen=True)
class TokenSigningKey:
    """certificate: DER, in Base64 as documents carry it."""

    private: rsa.RSAPrivateKey
    certificate: str


@cache
def signing_key(farm: str, number: int, *, self_signed: bool = True) -> TokenSigningKey:
    """The key of a farm after so many roll-overs; its certificate, self-signed unless it was bought."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"ADFS Signing - {farm}")])
    issuer = subject
    if not self_signed:
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A public certification authority")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(private.public_key())
        .serial_number(number + 1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36500))
        .sign(private, hashes.SHA256())
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    return TokenSigningKey(private, base64.b64encode(der).decode())


def canonical(xml: str) -> bytes:
    """The octets a signature is made over."""
    out = io.StringIO()
    canonicalize(xml, out=out)
    return out.getvalue().encode()


def signature(element: str, reference: str, key: TokenSigningKey, algorithm: str = "SHA256") -> str:
    """The Signature that belongs inside an element with this identifier."""
    method, digest_method, kind, digest = _ALGORITHMS[algorithm]
    value = base64.b64encode(hashlib.new(digest, canonical(element)).digest()).decode()
    info = (
        f'<ds:SignedInfo xmlns:ds="{DSIG}">'
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod><ds:Reference URI="#{reference}">'
        f'<ds:Transforms><ds:Transform Algorithm="{DSIG}enveloped-signature"></ds:Transform>'
        f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest_method}"></ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo>"
    )
    octets = key.private.sign(canonical(info), padding.PKCS1v15(), kind())
    return (
        f'<ds:Signature xmlns:ds="{DSIG}">{info.replace(f" xmlns:ds={chr(34)}{DSIG}{chr(34)}", "")}'
        f"<ds:SignatureValue>{base64.b64encode(octets).decode()}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>"
        f"<ds:X509Certificate>{key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
