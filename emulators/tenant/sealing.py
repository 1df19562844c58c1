"""A password sealed so that only one machine on-premises can read it: elliptic-curve agreement, then AES-256-GCM.

Source: facts "tenant" 10: a password travels encrypted with the public key of the agent, or of the write-back service
(there RSA-2048, then AES-256-GCM). The curve instead of RSA is ours: the same property, keys made in no time.
"""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PUBLIC_KEY_BYTES = 32
_NONCE = bytes(12)  # each sealing has a key of its own


def readable_key(text: str) -> bool:
    """Whether a text is a public key a password can be sealed with; a point of small order is none."""
    try:
        if len(base64.b64decode(text, validate=True)) != PUBLIC_KEY_BYTES:
            return False
        seal(text, "")
    except ValueError:
        return False
    return True


def seal(public_key: str, secret: str) -> str:
    """Seal a secret for the holder of the private key; each time another text."""
    receiver = X25519PublicKey.from_public_bytes(base64.b64decode(public_key))
    once = X25519PrivateKey.generate()
    mine = once.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = HKDF(SHA256(), 32, None, b"anchorage password").derive(once.exchange(receiver))
    return base64.b64encode(mine + AESGCM(key).encrypt(_NONCE, secret.encode(), mine)).decode()
