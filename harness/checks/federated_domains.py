"""What an expectation can look at of a tenant's federated domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from harness.checks.registry import Checks
from harness.lab.tenant import Tenant
from harness.scenario.queries import Query

if TYPE_CHECKING:
    from harness.lab.lab import Lab

CHECKS = Checks("tenant")
check = CHECKS.check


@check(
    "federation",
    "tenant.federation(contoso.com): {issuerUri: 'http://sts.contoso.com/adfs/services/trust'}",
    named=True,
)
def federation(lab: Lab, place: Tenant, query: Query) -> Any:
    """The federation settings of a domain by their Graph names; nothing when it is a managed one."""
    rows = place.graph().pages(f"domains/{quote(query.name() or '')}/federationConfiguration", {})
    return rows[0] if rows else None
