"""The trust as the wizard writes it: rules by anchor, issuers by domain and release, back-ups, certificates' names."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from emulators.federation.core.claim_language import read_rules
from emulators.federation.core.claims import (
    IMMUTABLE_ID,
    ISSUER_ID,
    NAME_IDENTIFIER,
    UPN,
    claims_of_user,
    issue,
    values_of,
)
from engine.setup.federation.claims import (
    ManagedFarm,
    TrustChoice,
    back_up_name,
    back_up_text,
    claim_rules,
    issuer_of,
    issuer_pattern,
    matches_name,
)

GUID, ANCHOR = b"\x01" * 16, b"\x02" * 16
PERSON = {
    "userPrincipalName": [b"ana@corp.local"],
    "mail": [b"ana@contoso.com"],
    "objectGUID": [GUID],
    "employeeID": [b"E-17"],
}


def issued(choice: TrustChoice, **attributes: list[bytes]) -> dict[str, list[str]]:
    claims = issue(read_rules(claim_rules(choice)), claims_of_user("CONTOSO\\ana", "S-1"), {**PERSON, **attributes})
    return {kind: values_of(claims, kind) for kind in (UPN, IMMUTABLE_ID, NAME_IDENTIFIER, ISSUER_ID)}


@pytest.mark.parametrize(
    ("anchor", "held", "expected"),
    [
        ("objectGUID", {"mS-DS-ConsistencyGuid": [ANCHOR]}, base64.b64encode(GUID).decode()),
        ("mS-DS-ConsistencyGuid", {"mS-DS-ConsistencyGuid": [ANCHOR]}, base64.b64encode(ANCHOR).decode()),
        ("mS-DS-ConsistencyGuid", {}, base64.b64encode(GUID).decode()),
        ("employeeID", {}, "E-17"),
    ],
)
def test_the_immutable_id_follows_the_anchor(anchor: str, held: dict[str, list[bytes]], expected: str) -> None:
    found = issued(TrustChoice(anchor, "userPrincipalName", ("contoso.com",), "2.5.79.0"), **held)
    assert found[IMMUTABLE_ID] == found[NAME_IDENTIFIER] == [expected]
    assert found[UPN] == ["ana@corp.local"]
    assert found[ISSUER_ID] == []


def test_the_upn_claim_comes_from_the_attribute_that_was_chosen() -> None:
    assert issued(TrustChoice("objectGUID", "mail", ("contoso.com",), "2.5.79.0"))[UPN] == ["ana@contoso.com"]


@pytest.mark.parametrize(
    ("upn", "version", "issuer"),
    [
        ("a@contoso.com", "2.5.79.0", "contoso.com"),
        ("a@fabrikam.com", "1.1.552.0", "fabrikam.com"),
        ("a@EMEA.contoso.com", "1.1.552.0", "contoso.com"),
        ("a@de.emea.contoso.com", "1.1.553.0", "contoso.com"),
        ("a@de.emea.contoso.com", "1.1.552.0", None),
        ("a@notcontoso.com", "2.5.79.0", None),
        ("a@x.corp.contoso.com", "2.5.79.0", "corp.contoso.com"),
    ],
)
def test_the_issuer_of_several_domains(upn: str, version: str, issuer: str | None) -> None:
    domains = ("contoso.com", "fabrikam.com", *(("corp.contoso.com",) if "corp" in upn else ()))
    found = issued(TrustChoice("objectGUID", "userPrincipalName", domains, version), userPrincipalName=[upn.encode()])
    expected = upn if issuer is None else f"http://{issuer}/adfs/services/trust/"
    assert found[ISSUER_ID] == [expected]


def test_the_longest_domain_comes_first() -> None:
    choice = TrustChoice("objectGUID", "userPrincipalName", ("a.com", "b.a.com"), "2.5.79.0")
    assert issuer_pattern(choice).index("b\\.a\\.com") < issuer_pattern(choice).index("|a\\.com")


def test_one_domain_is_signed_for_by_the_service_itself() -> None:
    assert issuer_of("http://sts/adfs/services/trust", "contoso.com", several=False) == "http://sts/adfs/services/trust"
    assert issuer_of("http://sts", "contoso.com", several=True) == "http://contoso.com/adfs/services/trust/"


def test_a_back_up_has_the_documented_name_and_holds_the_rules_one_by_one() -> None:
    assert back_up_name(datetime(2018, 7, 10, 15, 2, 16, tzinfo=UTC)) == "AadTrust-20180710-150216.txt"
    rules = claim_rules(TrustChoice("objectGUID", "userPrincipalName", ("contoso.com",), "2.5.79.0"))
    text = back_up_text({"Name": "T", "Identifier": ["urn:x"], "IssuanceTransformRules": rules}, "sts.contoso.com")
    assert rules in text
    assert "Identifier: urn:x" in text


@pytest.mark.parametrize(
    ("names", "fits"),
    [
        (("sts.contoso.com",), True),
        (("STS.contoso.com",), True),
        (("*.contoso.com",), True),
        (("*.com",), False),
        (("contoso.com",), False),
        ((), False),
    ],
)
def test_names_of_certificates(names: tuple[str, ...], fits: bool) -> None:
    assert matches_name(names, "sts.contoso.com") is fits


def test_a_managed_farm_is_read_back_as_it_was_written() -> None:
    managed = ManagedFarm("sts.contoso.com", "ADFS1", ("contoso.com",), ("sts.contoso.com",))
    assert ManagedFarm.from_text(managed.to_text()) == managed
    assert ManagedFarm.from_text("") is None
