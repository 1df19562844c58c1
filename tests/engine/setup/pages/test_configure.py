"""Configure: the last guard before the engine is configured, and the account's password."""

from __future__ import annotations

import random

from engine.setup.pages.configure import account_password, configure
from engine.setup.source_anchor import SourceAnchorDecision


def test_invalid_anchor_in_the_engine(stage, walk) -> None:
    """SAS-05."""
    answers = stage.answers()
    state = walk(answers)
    state.anchor = SourceAnchorDecision("noSuchAttribute", "ANCHOR_CHOSEN", "")
    outcome, blueprint = configure(answers, state)
    assert (outcome.code, blueprint) == ("ANCHOR_INVALID_IN_ENGINE", None)
    assert stage.tenant.writes == []


def test_account_password_has_every_kind_of_character() -> None:
    for seed in range(50):
        password = account_password(random.Random(seed))
        assert len(password) == 48
        assert any(c.islower() for c in password)
        assert any(c.isupper() for c in password)
        assert any(c.isdigit() for c in password)
        assert not password.isalnum()
    assert account_password(random.Random(1)) == account_password(random.Random(1))
