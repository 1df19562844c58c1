"""Directories that are given: a red cross each until its credentials are changed, and no other one."""

from __future__ import annotations

from engine.setup.answers import Credential, DirectoryAnswers
from engine.setup.settings.fixed_directories import as_ordered, marks, not_as_given


def directories(*forests):
    return tuple(DirectoryAnswers(one, Credential("x\\y", "z")) for one in forests)


def test_nothing_is_given(stage):
    state, answers = stage.state(), stage.custom(directories=directories("contoso.com"))
    assert not_as_given(answers, state, "page") is None
    assert as_ordered(answers, state) is answers


def test_red_until_credentials_are_given(stage):
    state = stage.state()
    state.fixed_forests = ("contoso.com", "fabrikam.com")
    refused = not_as_given(stage.custom(directories=directories("Contoso.com")), state, "page")
    assert refused.code == "FOREST_CREDENTIALS_MISSING"
    assert refused.facts["icons"] == {"contoso.com": "green", "fabrikam.com": "red"}
    assert "fabrikam.com" in refused.message


def test_none_can_be_added(stage):
    state = stage.state()
    state.fixed_forests = ("contoso.com",)
    refused = not_as_given(stage.custom(directories=directories("contoso.com", "fabrikam.com")), state, "page")
    assert refused.code == "DIRECTORIES_FIXED"


def test_they_keep_the_order_they_were_connected_in(stage):
    state = stage.state()
    state.fixed_forests = ("contoso.com", "fabrikam.com")
    answers = stage.custom(directories=directories("fabrikam.com", "contoso.com"))
    assert not_as_given(answers, state, "page") is None
    assert [one.forest for one in as_ordered(answers, state).directories] == ["contoso.com", "fabrikam.com"]
    assert set(marks(answers, state).values()) == {"green"}
