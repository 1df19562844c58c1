"""Believing an assertion: the signature covers all of it, is made by a trusted key, and nothing hides beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from emulators.federation.core.assertion import Ticket, assertion
from emulators.federation.core.claims import IMMUTABLE_ID, UPN, Claim
from emulators.federation.core.signing import signing_key
from emulators.tenant.core.signing_in.saml_document import UnreadableAssertion, canonical, is_certificate, parse, verify

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
KEY = signing_key("sts.contoso.com", 0)
OTHER = signing_key("sts.contoso.com", 1)
TEXT = assertion([Claim(UPN, "a<b>&c@contoso.com"), Claim(IMMUTABLE_ID, "x==")], Ticket("1", "http://sts/", NOW), KEY)


def believed(text: str, *certificates: str) -> bool:
    return verify(parse(text), certificates or (KEY.certificate,))


def test_a_signature_of_a_trusted_certificate_is_believed() -> None:
    assert believed(TEXT)
    assert believed(TEXT, OTHER.certificate, KEY.certificate)
    assert believed(assertion([], Ticket("2", "i", NOW), KEY, "SHA1"))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("x==", "y=="),
        lambda t: t.replace('Issuer="http://sts/"', 'Issuer="http://other/"'),
        lambda t: t.replace("NotOnOrAfter", "NotOnOrBefore"),
        lambda t: t.replace('AssertionID="_1"', 'AssertionID="_2"'),
        lambda t: t.replace('URI="#_1"', 'URI="#_2"'),
        lambda t: t.replace("</saml:Assertion>", "<saml:Attribute></saml:Attribute></saml:Assertion>"),
        lambda t: t[: t.index("<ds:Signature ")] + "</saml:Assertion>",
        lambda t: t.replace(t[t.index("<ds:Signature ") : t.index("</ds:Signature>") + 15], "") + "",
        lambda t: t.replace("enveloped-signature", "base64"),
        lambda t: t.replace("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
    ],
)  # fmt: skip
def test_anything_else_is_not(change: object) -> None:
    changed = change(TEXT)  # type: ignore[operator]
    assert changed != TEXT
    assert not believed(changed)


def test_another_key_s_signature_is_not() -> None:
    assert not believed(TEXT, OTHER.certificate)
    assert not verify(parse(TEXT), ())


def test_an_assertion_that_carries_another_one_inside_is_not() -> None:
    wrapped = TEXT.replace(
        "</saml:AttributeStatement>", f"<saml:Evidence>{TEXT}</saml:Evidence></saml:AttributeStatement>", 1
    )
    assert not believed(wrapped)


@pytest.mark.parametrize("text", ["", "<a", "<a/>", "<!DOCTYPE x><saml:Assertion/>", "x" * 300_000])
def test_what_is_no_assertion(text: str) -> None:
    with pytest.raises(UnreadableAssertion):
        parse(text)


def test_canonical_form() -> None:
    root = parse(
        '<p:Assertion xmlns:q="urn:q" xmlns:p="urn:p" b="2" a="1&#10;" q:c="3"><x xmlns=""/>t&gt;<!-- c -->'
        "</p:Assertion>"
    )
    assert (
        canonical(root)
        == '<p:Assertion xmlns:p="urn:p" xmlns:q="urn:q" a="1&#xA;" b="2" q:c="3"><x></x>t&gt;</p:Assertion>'
    )


def test_certificates_are_told_from_other_text() -> None:
    assert is_certificate(KEY.certificate)
    assert not is_certificate("AAAA")
    assert not is_certificate("not Base64")


def test_an_encoding_the_document_claims_does_not_count() -> None:
    claimed = '<?xml version="1.0" encoding="nonsense"?>' + TEXT
    assert verify(parse(claimed), (KEY.certificate,))


@pytest.mark.parametrize("depth", [100, 20_000])
def test_one_that_nests_too_deep_is_unreadable(depth: int) -> None:
    with pytest.raises(UnreadableAssertion):
        parse(TEXT.replace("</saml:Assertion>", f"{'<a>' * depth}{'</a>' * depth}</saml:Assertion>"))
