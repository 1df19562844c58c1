"""Removing a rule at the prompt, however its identifier is written."""

from __future__ import annotations

import pytest

from engine.cmdlets import CMDLETS, Session


@pytest.mark.parametrize(
    "line",
    [
        "Remove-ADSyncRule -Identifier '{braced}'",
        "Remove-ADSyncRule -Identifier {plain}",
        "$r = Get-ADSyncRule {plain}; $r.Identifier = '{braced}'; $r | Remove-ADSyncRule",
    ],
)
def test_a_rule_is_removed_by_its_identifier_braced_or_not(deploy, line: str) -> None:
    server = deploy(anchor="objectGUID").server
    gone, *rest = sorted(server.rules().values(), key=lambda rule: rule.precedence)
    braced = "{" + gone.identifier.upper() + "}"
    transcript = Session(server, CMDLETS).run(line.format(braced=braced, plain=gone.identifier))
    assert transcript.failure is None
    assert {rule.identifier for rule in server.rules().values()} == {rule.identifier for rule in rest}
