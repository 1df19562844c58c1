"""Who is in scope of a job. Source: facts "tenant" 13.3."""

from __future__ import annotations

import pytest

from engine.cloud_sync.scope import CONFLICT_OBJECT, OUT_OF_SCOPE, SYSTEM_OBJECT, Scope
from engine.cloud_sync.work import ScopingFilter

ANA = "CN=Ana,OU=Sales,OU=Staff,DC=contoso,DC=com"
STAFF, SALE = "OU=Staff,DC=contoso,DC=com", "OU=Sale,OU=Staff,DC=contoso,DC=com"


@pytest.mark.parametrize(
    ("scoping", "members", "dn", "attributes", "reason"),
    [
        (ScopingFilter(), (), ANA, {}, None),
        (ScopingFilter((STAFF,)), (), ANA, {}, None),
        (ScopingFilter((STAFF.upper(),)), (), ANA, {}, None),
        (ScopingFilter((SALE,)), (), ANA, {}, OUT_OF_SCOPE),
        (ScopingFilter((STAFF,)), (), STAFF, {}, OUT_OF_SCOPE),
        (ScopingFilter(groups=("CN=Pilot",)), (ANA.lower(),), ANA, {}, None),
        (ScopingFilter(groups=("CN=Pilot",)), (), ANA, {}, OUT_OF_SCOPE),
        (ScopingFilter(), (), ANA, {"isCriticalSystemObject": True}, SYSTEM_OBJECT),
        (ScopingFilter(), (), "CN=Ana\\0ACNF:0f,OU=Staff,DC=contoso,DC=com", {}, CONFLICT_OBJECT),
    ],
)
def test_why_an_object_is_left_out(scoping, members, dn, attributes, reason):
    assert Scope(scoping, frozenset(members)).reason_against(dn, attributes) == reason
