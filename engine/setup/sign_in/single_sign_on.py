"""Seamless single sign-on set up: the computer account AZUREADSSOACC in each enabled forest, its key in the tenant.

Source: facts "install" 14.1, "tenant" 10; quick start of seamless single sign-on. A forest shares its key with one
tenant: when a second one is set up, the account gets a new key and the first tenant's is worth nothing any more.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from engine.setup.answers import Credential
from engine.setup.surroundings import Surroundings, TenantSession

ACCOUNT = "AZUREADSSOACC"
PRINCIPALS = ("HOST/autologon.microsoftazuread-sso.com", "HOST/aadg.windows.net.nsatc.net")


def enable_forests(
    tenant: TenantSession, accounts: Mapping[str, Credential], surroundings: Surroundings, source: random.Random
) -> list[str]:
    """Make or renew the account of each forest, hand its key over, then turn the feature on."""
    enabled = []
    for forest, credential in accounts.items():
        session = surroundings.connect_forest(forest, credential)
        try:
            secret = f"Aa1-{source.getrandbits(256):064x}"
            session.create_computer_account(ACCOUNT, secret, PRINCIPALS)
        finally:
            session.close()
        body = {"ComputerName": ACCOUNT, "DomainName": forest, "Enable": True, "Secret": secret}
        tenant.register("EnableDesktopSso", body)
        enabled.append(forest)
    if enabled:
        tenant.register("EnableDesktopSsoFlag", {"Enable": True})
    return enabled


def disable(tenant: TenantSession) -> None:
    """The tenant takes no ticket any more; the computer accounts stay where they are."""
    tenant.register("EnableDesktopSsoFlag", {"Enable": False})
