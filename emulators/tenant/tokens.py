"""Signing and checking of tokens: RS256 with one key per process, made when first needed.

Making an RSA key takes a tenth of a second, and a key is no part of a tenant's state, so all tenants of a process
share the one behind ``signing_key``; tokens name their tenant and are checked against it. Source: facts "tenant" 15,
"graph_clients" 2.1.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from emulators.tenant.core.applications import GRAPH, LEGACY_GRAPH, SYNC_SERVICE
from emulators.tenant.core.permissions import Caller, rights_of_user
from emulators.tenant.core.tenant import Tenant

ACCEPTED = (GRAPH, LEGACY_GRAPH, SYNC_SERVICE)
CACHE_MAX = 4096


class InvalidToken(Exception):
    """A bearer token that cannot be believed; the text is the service's."""


@dataclass(frozen=True)
class SigningKey:
    """The private key and its public face."""

    private: rsa.RSAPrivateKey
    key_id: str
    public: dict[str, Any]


@cache
def signing_key() -> SigningKey:
    """The one key of this process."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "accounts.accesscontrol.windows.net")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36500))
        .sign(private, hashes.SHA256())
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    key_id = _text(hashlib.sha256(der).digest()[:20])
    numbers = private.public_key().public_numbers()
    public = {
        "kty": "RSA",
        "use": "sig",
        "kid": key_id,
        "x5t": key_id,
        "n": _text(numbers.n.to_bytes(256, "big")),
        "e": _text(numbers.e.to_bytes(3, "big")),
        "x5c": [base64.b64encode(der).decode()],
    }
    return SigningKey(private, key_id, public)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def sign(claims: dict[str, Any]) -> str:
    key = signing_key()
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.key_id, "x5t": key.key_id})


class TokenDesk:
    """Checks bearer tokens of one tenant; one that was believed once is looked up, not verified, until it expires."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._believed: dict[str, tuple[float, Caller]] = {}

    def caller(self, token: str) -> Caller:
        """Answer who holds this token; raises InvalidToken."""
        now = self.tenant.now().timestamp()
        known = self._believed.get(token)
        if known is None:
            known = self._verify(token)
            if len(self._believed) >= CACHE_MAX:
                self._believed.clear()
            self._believed[token] = known
        if now >= known[0]:
            self._believed.pop(token, None)
            raise InvalidToken("Lifetime validation failed, the token is expired.")
        return known[1]

    def forget(self) -> None:
        """Believe nothing any more: the tenant was set back."""
        self._believed.clear()

    def _verify(self, token: str) -> tuple[float, Caller]:
        key = signing_key()
        options: Any = {
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
            "require": ["exp", "aud", "tid", "oid"],
        }
        try:
            claims = jwt.decode(
                token, key.private.public_key(), algorithms=["RS256"], audience=ACCEPTED, options=options
            )
        except jwt.InvalidAudienceError:
            raise InvalidToken("Access token validation failure. Invalid audience.") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise InvalidToken("CompactToken validation failed.") from None
        if claims["tid"] != self.tenant.tenant_id:
            raise InvalidToken("Access token validation failure. The token was issued for another tenant.")
        return float(claims["exp"]), _read(claims)


def _read(claims: dict[str, Any]) -> Caller:
    if claims.get("idtyp") == "app":
        return Caller(
            claims["oid"],
            claims["appid"],
            claims["aud"],
            claims.get("app_displayname", ""),
            frozenset(claims.get("roles", ())),
            is_application=True,
        )
    held = frozenset(claims.get("wids", ()))
    return Caller(claims["oid"], claims["appid"], claims["aud"], claims.get("upn") or "", rights_of_user(held), held)
