"""Enable single sign-on, facts "install" 14.1: a domain administrator for each forest, who may be left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import EngineError
from engine.setup.answers import Credential
from engine.setup.pages.single_sign_on import single_sign_on

ADMIN = Credential("CONTOSO\\Administrator", "forest secret")


def page(stage, walk, accounts):
    answers = stage.custom(single_sign_on=True, single_sign_on_accounts=accounts)
    return single_sign_on(answers, walk(answers))


def test_a_domain_administrator_is_taken(stage, walk) -> None:
    outcome = page(stage, walk, {"Contoso.com": ADMIN})
    assert (outcome.code, outcome.facts["forests"]) == ("", {"contoso.com": "enabled"})
    assert stage.forest.writes == []


@pytest.mark.parametrize(("domain", "enterprise", "code"), [
    (True, False, ""), (False, True, ""), (False, False, "SSO_NOT_DOMAIN_ADMIN"),
])  # fmt: skip
def test_who_may(stage, walk, domain: bool, enterprise: bool, code: str) -> None:
    found = stage.forest.administrator
    answers = stage.custom(single_sign_on=True, single_sign_on_accounts={"contoso.com": ADMIN})
    state = walk(answers)
    stage.forest.administrator = replace(found, domain_admin=domain, enterprise_admin=enterprise)
    assert single_sign_on(answers, state).code == code


def test_every_forest_skipped_is_a_warning(stage, walk) -> None:
    outcome = page(stage, walk, {})
    assert [one.code for one in outcome.warnings] == ["SSO_NO_FOREST"]
    assert outcome.facts["forests"] == {"contoso.com": "skipped"}


def test_credentials_the_forest_refuses_keep_the_page(stage, walk) -> None:
    answers = stage.custom(single_sign_on=True, single_sign_on_accounts={"contoso.com": ADMIN})
    state = walk(answers)
    stage.connect_refusal = EngineError("DIR_CREDENTIALS", "no")
    assert single_sign_on(answers, state).code == "DIR_CREDENTIALS"
