"""TLS contexts: of the listener, and of the connections to domain controllers, which trust the world's authority only.

Twisted's own options classes still hand pyOpenSSL its deprecated certificate objects, so the contexts are made here.
"""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from zope.interface import implementer


@implementer(IOpenSSLServerConnectionCreator)
class ServerContext:
    """Makes the server side of TLS connections from one context."""

    def __init__(self, certificate_chain_pem: bytes, private_key_pem: bytes) -> None:
        chain = x509.load_pem_x509_certificates(certificate_chain_pem)
        key: Any = load_pem_private_key(private_key_pem, password=None)
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE | SSL.OP_NO_RENEGOTIATION)
        context.set_session_id(b"anchorage-federation")
        context.use_certificate(chain[0])
        for certificate in chain[1:]:
            context.add_extra_chain_cert(certificate)
        context.use_privatekey(key)
        context.check_privatekey()
        self.context = context

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:  # noqa: N802 - Twisted's name
        return SSL.Connection(self.context, None)


@implementer(IOpenSSLClientConnectionCreator)
class ClientContext:
    """Makes the client side; a certificate that the world's own authority did not sign ends the handshake."""

    def __init__(self, ca_bundle: str) -> None:
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.load_verify_locations(ca_bundle)
        context.set_verify(SSL.VERIFY_PEER, lambda connection, certificate, number, depth, ok: bool(ok))
        self.context = context

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:  # noqa: N802 - Twisted's name
        return SSL.Connection(self.context, None)
