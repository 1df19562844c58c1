"""The $filter language, table by table."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core.identities import Kind
from emulators.tenant.core.query import compile_filter
from emulators.tenant.core.refusals import GraphError

HITS = [
    ("userPrincipalName eq 'ANA@contoso.com'", "ana"),
    ("startswith(displayName,'an')", "ana"),
    ("startsWith(displayName, 'Bo')", "bob"),
    ("displayName in ('Ana', 'Cid')", "ana cid"),
    ("displayName eq 'O''Neil'", "o"),
    ("department eq null", "o"),
    ("department eq 'Sales' and accountEnabled eq true", "ana"),
    ("department eq 'Sales' or department eq 'Legal'", "ana bob cid"),
    ("(department eq 'Sales' or department eq 'Legal') and accountEnabled eq false", "bob"),
    ("not(department eq 'Sales')", "cid o"),
    ("not startswith(displayName,'A')", "bob cid o"),
    ("department ne 'Sales'", "cid o"),
    ("endsWith(userPrincipalName,'@contoso.com')", "ana bob cid o"),
    ("proxyAddresses/any(p:p eq 'SMTP:ana@contoso.com')", "ana"),
    ("proxyAddresses/any(p:startswith(p,'smtp:'))", "ana"),
    ("proxyAddresses/any()", "ana"),
    ("onPremisesImmutableId eq 'ana'", "ana"),
    ("onPremisesImmutableId eq 'ANA'", ""),
    ("onPremisesExtensionAttributes/extensionAttribute1 eq 'gold'", "cid"),
    ("onPremisesSyncEnabled eq true", "ana bob cid o"),
    ("onPremisesSyncEnabled ne true", ""),
    ("onPremisesProvisioningErrors/any(e:e/category eq 'PropertyConflict')", ""),
    ("onPremisesLastSyncDateTime ge 2026-01-05T08:00:00Z", "ana bob cid o"),
    ("onPremisesLastSyncDateTime gt 2026-01-05T08:00:00Z", ""),
    ("assignedLicenses/$count eq 0", "ana bob cid o"),
]


@pytest.fixture
def people(bench: Any) -> Any:
    bench.add("ana", userPrincipalName="ana@contoso.com", displayName="Ana", department="Sales", accountEnabled=True,
              proxyAddresses=["SMTP:ana@contoso.com", "smtp:a@contoso.com"])  # fmt: skip
    bench.add("bob", userPrincipalName="bob@contoso.com", displayName="Bob", department="Sales", accountEnabled=False)
    bench.add(
        "cid", userPrincipalName="cid@contoso.com", displayName="Cid", department="Legal", extensionAttribute1="Gold"
    )
    bench.add("o", userPrincipalName="o@contoso.com", displayName="O'Neil")
    return bench


@pytest.mark.parametrize(("text", "wanted"), HITS, ids=[text for text, _ in HITS])
def test_hits(people: Any, text: str, wanted: str) -> None:
    test = compile_filter(text, Kind.USER)
    found = [user.anchor for user in people.tenant.listed(Kind.USER) if user.anchor and test(user)]
    assert " ".join(found) == wanted


@pytest.mark.parametrize(
    ("text", "advanced"),
    [("department eq 'x'", False), ("department ne 'x'", True), ("not(department eq 'x')", True),
     ("endsWith(mail,'x')", True), ("assignedLicenses/$count eq 0", True), ("startswith(mail,'x')", False)],
)  # fmt: skip
def test_advanced(text: str, advanced: bool) -> None:
    assert compile_filter(text, Kind.USER).advanced is advanced


@pytest.mark.parametrize(
    "text",
    ["nonsense eq 'x'", "displayName", "displayName eq", "displayName eq 'x", "displayName like 'x'", "eq 'x'", "displayName eq x",  # noqa: E501 - one row of a table
     "(displayName eq 'x'", "displayName eq 'x')", "displayName in ()", "any()", "contains(displayName,'x')", "(" * 60,
     "proxyAddresses/any(p:q eq 'x')", "proxyAddresses/any(p)", "startswith(displayName)", "startswith(displayName,1)",
     "displayName eq 'x' and", "createdDateTime eq " + "1" * 5000, "§", "displayName/any(x:", "x" * 9000],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(GraphError) as refused:
        compile_filter(text, Kind.USER)
    assert refused.value.status == 400


def test_unknown_property_is_named() -> None:
    with pytest.raises(GraphError, match=r"'shoeSize' on type 'microsoft\.graph\.user'"):
        compile_filter("shoeSize eq 1", Kind.USER)
