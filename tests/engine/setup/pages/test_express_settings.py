"""Express settings, facts "install" EXP-01, EXP-02."""

from __future__ import annotations

import pytest

from engine.setup.answers import Credential, DirectoryAnswers, Feature, Switches
from engine.setup.pages.express_settings import express_settings, routable

TWO = tuple(DirectoryAnswers(n, Credential("u", "p")) for n in ("contoso.com", "fabrikam.com"))
ROWS = [
    ({}, "express", ""),
    ({"directories": TWO}, "express", "EXPRESS_ONE_FOREST"),
    ({"directories": TWO}, "custom", ""),
    ({"directories": ()}, "custom", "NO_DIRECTORY"),
    ({"switches": Switches(use_existing_database=True)}, "express", "EXPRESS_NO_EXISTING_DATABASE"),
    ({"features": frozenset({Feature.GROUP_WRITEBACK})}, "express", "EXPRESS_NO_OPTIONAL_FEATURES"),
    ({"features": frozenset({Feature.EXCHANGE_HYBRID})}, "express", ""),
]


@pytest.mark.parametrize(("changes", "mode", "code"), ROWS)
def test_page(stage, changes, mode, code) -> None:
    answers = stage.answers(**changes) if mode == "express" else stage.custom(**changes)
    assert express_settings(answers, stage.state()).code == code


@pytest.mark.parametrize(
    ("domain", "expected"),
    [("contoso.com", True), ("contoso.local", False), ("contoso", False), ("corp.contoso.com", True)],
)
def test_routable(domain, expected) -> None:
    assert routable(domain) is expected


def test_non_routable_machine_is_warned(stage) -> None:
    stage.host_changes = {"domain": "contoso.local"}
    outcome = express_settings(stage.answers(), stage.state())
    assert [w.code for w in outcome.warnings] == ["NON_ROUTABLE_DOMAIN"]
    assert not outcome.refused
