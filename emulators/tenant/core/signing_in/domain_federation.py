"""What a tenant accepts as a domain's federation settings: an issuer no other domain has, certificates that are some.

Source: multiple domains and federation (IssuerUri is unique; a subdomain inherits); facts "tenant" 1.4, 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulators.tenant.core.domains import Domain
from emulators.tenant.core.refusals import bad_request
from emulators.tenant.core.signing_in.saml_document import is_certificate
from emulators.tenant.core.tenant import Tenant

CERTIFICATES = ("signingCertificate", "nextSigningCertificate")


def check_settings(tenant: Tenant, domain: Domain, wanted: Mapping[str, Any]) -> None:
    """Refuse settings another domain's users would be mistaken by; raises GraphError."""
    issuer = wanted.get("issuerUri")
    for other in tenant.domains.values():
        if other is not domain and issuer and (other.federation or {}).get("issuerUri") == issuer:
            raise bad_request(f"The issuer {issuer} is in use by the domain {other.name} already.")
    for name in CERTIFICATES:
        if wanted.get(name) and not is_certificate(str(wanted[name])):
            raise bad_request(f"Invalid value specified for property '{name}' of resource 'internalDomainFederation'.")
