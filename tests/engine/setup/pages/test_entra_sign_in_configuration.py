"""Microsoft Entra sign-in configuration, facts "install" section 9; CUST-12, CUST-13."""

from __future__ import annotations

import pytest

from engine.setup.answers import SignIn
from engine.setup.pages.entra_sign_in_configuration import entra_sign_in_configuration


@pytest.mark.parametrize(
    ("verified", "changes", "code", "warnings"),
    [
        (("contoso.com",), {}, "", []),
        ((), {}, "", ["UPN_SUFFIX_NOT_VERIFIED"]),
        ((), {"continue_without_verified_domains": False}, "UPN_SUFFIX_NOT_VERIFIED", []),
        (("contoso.com",), {"upn_attribute": "mail"}, "", []),
        (("contoso.com",), {"upn_attribute": "otherMailbox"}, "UPN_ATTRIBUTE_NOT_SELECTABLE", []),
        (("contoso.com",), {"upn_attribute": "noSuchThing"}, "UPN_ATTRIBUTE_NOT_SELECTABLE", []),
        ((), {"sign_in": SignIn.PASS_THROUGH}, "NO_VERIFIED_DOMAIN", []),
        (("contoso.com",), {"sign_in": SignIn.PASS_THROUGH}, "", []),
    ],
)
def test_page(stage, walk, verified, changes, code, warnings) -> None:
    stage.change_company(verified_domains=verified)
    answers = stage.custom(**changes)
    outcome = entra_sign_in_configuration(answers, walk(answers))
    assert outcome.code == code
    assert [w.code for w in outcome.warnings] == warnings
    assert outcome.facts.get("suffixes", {"contoso.com": "Verified"})["contoso.com"] == (
        "Verified" if verified else "Not Added"
    )


def test_three_states(stage, walk) -> None:
    """SIC-01: verified, added but not verified, unknown."""
    stage.change_forest(upn_suffixes=("contoso.com", "fabrikam.com", "adatum.com"))
    stage.change_company(unverified_domains=("Fabrikam.com",))
    outcome = entra_sign_in_configuration(stage.custom(), walk(stage.custom()))
    assert outcome.facts["suffixes"] == {
        "contoso.com": "Verified", "fabrikam.com": "Not Verified", "adatum.com": "Not Added",
    }  # fmt: skip


def test_refresh_sees_what_was_verified_since_the_sign_in(stage, walk) -> None:
    stage.change_company(verified_domains=(), unverified_domains=("contoso.com",))
    careful = stage.custom(continue_without_verified_domains=False)
    state = walk(careful)
    assert entra_sign_in_configuration(careful, state).code == "UPN_SUFFIX_NOT_VERIFIED"
    stage.change_company(verified_domains=("contoso.com",), unverified_domains=())
    assert entra_sign_in_configuration(careful, state).code == ""


def test_only_a_text_can_be_signed_in_with(stage, walk) -> None:
    answers = stage.custom(upn_attribute="objectSid")
    assert entra_sign_in_configuration(answers, walk(answers)).code == "UPN_ATTRIBUTE_NOT_SELECTABLE"
