"""A TLS certificate as an administrator brings it: a PFX file with a password, opened for the names it is good for.

Source: facts "install" FED-01 (names in the SAN, the common name only where there is no SAN).
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from engine.errors import EngineError


def certificate_names(pfx: bytes, password: str) -> tuple[str, ...]:
    """The DNS names of the certificate; raises EngineError when the file does not open."""
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(pfx, password.encode() or None)
    except ValueError:
        raise EngineError("CERTIFICATE_PASSWORD", "The certificate file cannot be opened with this password.") from None
    if certificate is None or key is None:
        raise EngineError("CERTIFICATE_INCOMPLETE", "The file holds no certificate with its private key.")
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return tuple(str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    return tuple(alternative.get_values_for_type(x509.DNSName))
