"""Home realm discovery: whose is a typed name, and where are its users signed in.

Source: facts "tenant" 9, 10; "graph_clients" 2.1.
"""

from __future__ import annotations

from typing import Any

from emulators.tenant.core.domains import federated_by, is_federated
from emulators.tenant.core.signing_in.password_sign_in import find_user
from emulators.tenant.core.tenant import Tenant
from emulators.tenant.core.user_principal_name import suffix

#: where Microsoft accounts live: they exist, but no tenant signs them in
CONSUMER_DOMAINS = frozenset({"hotmail.com", "live.com", "msn.com", "outlook.com"})


def realm(tenant: Tenant, name: str) -> dict[str, Any]:
    """Home realm discovery: is the suffix ours, and does an identity provider of its own sign its users in."""
    domain_name = suffix(name)
    answer: dict[str, Any] = {
        "ver": "1.0",
        "account_type": "Unknown",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }
    if domain_name not in tenant.verified:
        return answer
    answer |= {"account_type": "Managed", "domain_name": domain_name}
    federation = federated_by(tenant, name)
    if federation is not None:
        answer |= {
            "account_type": "Federated",
            "federation_protocol": "WSTrust",
            "federation_metadata_url": federation.get("metadataExchangeUri"),
            "federation_active_auth_url": federation.get("activeSignInUri"),
        }
    return answer


def credential_type(tenant: Tenant, name: str) -> dict[str, Any]:
    """What the sign-in page asks about a typed name."""
    user = find_user(tenant, name)
    federated = is_federated(tenant, name)
    federation = federated_by(tenant, name) or {}
    return {
        "Username": name,
        "Display": name,
        "IfExistsResult": 0 if user is not None else 5 if suffix(name) in CONSUMER_DOMAINS else 1,
        "Credentials": {
            "PrefCredential": 4 if federated else 1,
            "HasPassword": user is None or user.credential is not None,
            "FederationRedirectUrl": federation.get("passiveSignInUri"),
        },
        "EstsProperties": {"DomainType": 4 if federated else 3},
    }
