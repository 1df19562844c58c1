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
        (("contoso.com",), {"sign_in": SignIn.PASS_THROUGH}, "PASS_THROUGH_NOT_EMULATED", []),
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
