"""The key pair of a machine that receives passwords, and the opening of what was sealed with its public half.

Source: facts "tenant" 10 (passwords travel encrypted per agent, or per write-back service).
"""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.errors import EngineError

_PUBLIC_BYTES = 32
_NONCE = bytes(12)


class SealBroken(EngineError):
    """What came cannot be opened with this key."""

    def __init__(self) -> None:
        super().__init__("SEAL_BROKEN", "The password cannot be decrypted.")


class PasswordKey:
    """A private key. It shows itself in no text."""

    def __init__(self, private: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(private)
        self._octets = private

    def __repr__(self) -> str:
        return "PasswordKey()"

    @property
    def public(self) -> str:
        """What the tenant is given."""
        octets = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(octets).decode()

    @property
    def stored(self) -> str:
        """What the machine keeps."""
        return base64.b64encode(self._octets).decode()

    @staticmethod
    def of(stored: str) -> PasswordKey:
        return PasswordKey(base64.b64decode(stored))

    def open(self, sealed: str) -> str:
        """Raises SealBroken."""
        try:
            octets = base64.b64decode(sealed, validate=True)
            sender, rest = octets[:_PUBLIC_BYTES], octets[_PUBLIC_BYTES:]
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(sender))
            key = HKDF(SHA256(), 32, None, b"anchorage password").derive(shared)
            return AESGCM(key).decrypt(_NONCE, rest, sender).decode()
        except (ValueError, InvalidTag):
            raise SealBroken() from None
