"""Federation settings a tenant takes and refuses, and domains that prove themselves by DNS."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.federation.core.signing import signing_key
from emulators.tenant.core import domains
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.core.signing_in.domain_federation import check_settings


def test_an_issuer_belongs_to_one_domain(make_bench: Any) -> None:
    tenant = make_bench(verified=("contoso.com", "fabrikam.com")).tenant
    tenant.domains["contoso.com"].federation = {"issuerUri": "http://sts"}
    check_settings(tenant, tenant.domains["contoso.com"], {"issuerUri": "http://sts"})
    check_settings(tenant, tenant.domains["fabrikam.com"], {"issuerUri": "http://fabrikam"})
    with pytest.raises(GraphError, match="in use"):
        check_settings(tenant, tenant.domains["fabrikam.com"], {"issuerUri": "http://sts"})


def test_a_certificate_is_one(tenant: Any) -> None:
    domain = tenant.domains["contoso.com"]
    check_settings(tenant, domain, {"signingCertificate": signing_key("sts.contoso.com", 0).certificate})
    with pytest.raises(GraphError, match="nextSigningCertificate"):
        check_settings(tenant, domain, {"nextSigningCertificate": "AAAA"})


def test_a_domain_is_verified_by_its_record_where_names_can_be_looked_up(tenant: Any) -> None:
    domains.create(tenant, "fabrikam.com")
    found: list[str] = []
    tenant.lookup_txt = lambda name: found
    with pytest.raises(GraphError, match="verification failed"):
        domains.verify(tenant, "fabrikam.com")
    assert not tenant.domains["fabrikam.com"].verified
    found.append(domains.verification_text("fabrikam.com"))
    assert domains.verify(tenant, "fabrikam.com").verified
