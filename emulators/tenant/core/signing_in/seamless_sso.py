"""Seamless single sign-on: which forests share the key of their AZUREADSSOACC account with the tenant.

Source: facts "tenant" 10 (GetDesktopSsoStatus, EnableDesktopSso, EnableDesktopSsoFlag), facts "install" 14.1.
The key is kept as the NT hash, as Kerberos derives it (RC4), and never shown.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from emulators.tenant.core.identities import User
from emulators.tenant.core.passwords import nt_hash
from emulators.tenant.core.refusals import ServiceFault
from emulators.tenant.core.tenant import Tenant

ACCOUNT = "AZUREADSSOACC"
#: the grant by which a device of the domain sends a ticket instead of a password; ours
GRANT = "urn:anchorage:params:oauth:grant-type:desktop-sso"
SERVICES = frozenset({"HOST/autologon.microsoftazuread-sso.com", "HOST/aadg.windows.net.nsatc.net"})
LIFETIME, SKEW = timedelta(hours=10), timedelta(minutes=5)


class TicketRefusedError(Exception):
    """A ticket that signs nobody in: AADSTS number and text."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"AADSTS{number}")
        self.number = number
        self.text = text


NOT_VALIDATED = (81002, "Unable to validate the user's Kerberos ticket.")
NOT_ENABLED = (81007, "Tenant is not enabled for Seamless SSO.")
EXPIRED = (81010, "Seamless SSO failed because the user's Kerberos ticket has expired or is invalid.")
NOBODY = (81011, "Unable to find the user object based on the information in the user's Kerberos ticket.")


def status(tenant: Tenant) -> dict[str, Any]:
    """Whether the feature is on, and for which forests."""
    forests = [
        {"DomainName": name, "ComputerName": one["computer"], "Enable": one["enabled"], "KeySet": one["key_set"]}
        for name, one in tenant.sync.desktop_sso.items()
    ]
    return {"Enable": tenant.sync.desktop_sso_enabled, "Domains": forests}


def enable_forest(tenant: Tenant, domain: str, computer: str, secret: str, *, enable: bool) -> None:
    """Take over the key of a forest's account, or stop trusting it."""
    if computer.upper() != ACCOUNT:
        raise ServiceFault("SSO_ACCOUNT_UNKNOWN", f"The computer account must be called {ACCOUNT}.")
    if enable and not secret:
        raise ServiceFault("CONFIGURATION_INVALID", "Secret is missing.")
    name = domain.lower()
    if enable:
        tenant.sync.desktop_sso[name] = {
            "computer": ACCOUNT,
            "enabled": True,
            "key": nt_hash(secret).hex(),
            "key_set": tenant.stamp(),
        }
    elif name in tenant.sync.desktop_sso:
        tenant.sync.desktop_sso[name]["enabled"] = False
    tenant.record("tenant.seamless-sso.forest", domain=name, enabled=enable)


def switch(tenant: Tenant, *, enable: bool) -> None:
    """The feature as a whole: off, no forest's tickets are accepted."""
    if tenant.sync.desktop_sso_enabled != enable:
        tenant.sync.desktop_sso_enabled = enable
        tenant.record("tenant.seamless-sso.switched", enabled=enable)


def key_of(tenant: Tenant, domain: str) -> bytes | None:
    """The key a ticket of this forest must have been made with; None when the tenant takes none of it."""
    forest = tenant.sync.desktop_sso.get(domain.lower())
    if forest is None or not forest["enabled"] or not tenant.sync.desktop_sso_enabled:
        return None
    return bytes.fromhex(forest["key"])


def user_of_ticket(tenant: Tenant, ticket: str) -> User:
    """The user a ticket stands for; raises TicketRefusedError."""
    if not tenant.sync.desktop_sso_enabled:
        raise TicketRefusedError(*NOT_ENABLED)
    said, body, proof = _read(ticket)
    key = key_of(tenant, str(said.get("realm")))
    if key is None or not hmac.compare_digest(hmac.new(key, body, hashlib.sha256).digest(), proof):
        raise TicketRefusedError(*NOT_VALIDATED)
    try:
        issued = datetime.fromisoformat(str(said.get("issued")))
        current = issued - SKEW <= tenant.now() <= issued + LIFETIME
    except (ValueError, TypeError):
        current = False
    if not current or said.get("service") not in SERVICES:
        raise TicketRefusedError(*EXPIRED)
    user = tenant.by_sid.get(str(said.get("sid")))
    if not isinstance(user, User) or user.dirsync is not True:
        raise TicketRefusedError(*NOBODY)
    return user


def _read(ticket: str) -> tuple[dict[str, Any], bytes, bytes]:
    body, _, proof = ticket.partition(".")
    try:
        octets, signature = base64.b64decode(body, validate=True), base64.b64decode(proof, validate=True)
        said = json.loads(octets)
    except ValueError:
        raise TicketRefusedError(*NOT_VALIDATED) from None
    if type(said) is not dict:
        raise TicketRefusedError(*NOT_VALIDATED)
    return said, octets, signature
