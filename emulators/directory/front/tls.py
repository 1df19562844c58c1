"""TLS contexts for LDAPS and StartTLS, from the material a world hands in. TLS 1.2 and newer.

Source: facts "directory" section 10; MS-ADTS 5.1.1.1.2 for what a domain controller serves.
"""

from __future__ import annotations

import warnings

from twisted.internet.ssl import Certificate, CertificateOptions, KeyPair, TLSVersion

_END = b"-----END CERTIFICATE-----"


def server_context(certificate_chain_pem: bytes, private_key_pem: bytes) -> CertificateOptions:
    """Make the context of a server from its chain (own certificate first) and its key, both PEM."""
    blocks = [block + _END + b"\n" for block in certificate_chain_pem.split(_END)[:-1]]
    if not blocks:
        raise ValueError("the certificate chain holds no PEM certificate")
    own, *issuers = (Certificate.loadPEM(block).original for block in blocks)
    options = CertificateOptions(
        privateKey=KeyPair.load(private_key_pem, 1).original,  # 1: PEM
        certificate=own,
        extraCertChain=issuers,
        raiseMinimumTo=TLSVersion.TLSv1_2,
    )
    with warnings.catch_warnings():  # Twisted hands pyOpenSSL's own certificate objects to it, which warns of that
        warnings.simplefilter("ignore", DeprecationWarning)
        options.getContext()  # kept by the options: bad material fails here, not at the first connection
    return options
