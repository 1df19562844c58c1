"""The TLS context of the listener: 1.2 and up unless the tenant is one of an earlier time, the world's certificate
chain, no compression, no old renegotiation.

Twisted's own options class still hands pyOpenSSL its deprecated certificate objects, so the context is made here.
"""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from zope.interface import implementer

VERSIONS = {"1.0": SSL.TLS1_VERSION, "1.1": SSL.TLS1_1_VERSION, "1.2": SSL.TLS1_2_VERSION}
OLD = frozenset({"TLSv1", "TLSv1.1"})


@implementer(IOpenSSLServerConnectionCreator)
class ServerContext:
    """Makes the server side of TLS connections from one context."""

    def __init__(self, certificate_chain_pem: bytes, private_key_pem: bytes, minimum: str = "1.2") -> None:
        chain = x509.load_pem_x509_certificates(certificate_chain_pem)
        key: Any = load_pem_private_key(private_key_pem, password=None)
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(VERSIONS[minimum])
        if minimum != "1.2":
            context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")  # what the old versions need
        context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE | SSL.OP_NO_RENEGOTIATION)
        context.set_session_id(b"anchorage-tenant")
        context.use_certificate(chain[0])
        for certificate in chain[1:]:
            context.add_extra_chain_cert(certificate)
        context.use_privatekey(key)
        context.check_privatekey()
        self.context = context

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:  # noqa: N802 - Twisted's name
        return SSL.Connection(self.context, None)
