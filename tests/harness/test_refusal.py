"""Refusals of every kind as a scenario expects them: code, message, and the wizard's page with what it showed."""

from __future__ import annotations

import pytest

from engine.errors import EngineError
from harness.lab.ldap_client import LdapRefusedError
from harness.refusal import Refusal, StepRefusedError, refusal_of


def test_only_what_is_there_is_shown() -> None:
    assert Refusal("C", "m").plain() == {"code": "C", "message": "m"}
    assert Refusal("C", "m", "Page").plain() == {"code": "C", "message": "m", "page": "Page"}


def test_a_page_tells_what_it_showed() -> None:
    refusal = refusal_of(StepRefusedError("C", "m", "Page", {"next_enabled": False}))
    assert refusal is not None
    assert refusal.plain()["facts"] == {"next_enabled": False}
    assert "next_enabled" not in str(StepRefusedError("C", "m", "Page", {"next_enabled": False}))


@pytest.mark.parametrize(("error", "found"), [(EngineError("C", "m"), Refusal("C", "m")), (ValueError("m"), None)])
def test_refusals_of_the_engine_and_faults_of_the_stage(error: Exception, found: Refusal | None) -> None:
    assert refusal_of(error) == found


def test_a_directory_words_its_own() -> None:
    refusal = refusal_of(LdapRefusedError(19, "0000209A: AtrErr"))
    assert refusal == Refusal("constraintViolation", "0000209A: AtrErr")
