"""Microsoft Entra attributes: one list for what the services get."""

from __future__ import annotations

import pytest

from engine.setup.pages.attribute_filtering import attribute_filtering


@pytest.mark.parametrize(
    ("applications", "excluded", "code", "warned"),
    [
        (None, (), "", []),
        (None, ("department",), "", ["ATTRIBUTES_REMOVED"]),
        (("Intune",), ("department",), "ATTRIBUTE_NOT_LISTED", []),
        (("Intune",), ("alias",), "", ["ATTRIBUTES_REMOVED"]),
        ((), ("givenName",), "", ["ATTRIBUTES_REMOVED"]),
        (None, ("Department",), "ATTRIBUTE_NOT_LISTED", []),
        (None, ("accountEnabled",), "ATTRIBUTE_INDISPENSABLE", []),
        (None, ("member",), "", ["ATTRIBUTES_REMOVED"]),
    ],
)
def test_choice(stage, applications, excluded, code, warned) -> None:
    outcome = attribute_filtering(stage.custom(applications=applications, excluded_attributes=excluded), stage.state())
    assert outcome.code == code
    assert [one.code for one in outcome.warnings] == warned
    assert list(outcome.facts["listed"]) == sorted(outcome.facts["listed"], key=str.lower)
