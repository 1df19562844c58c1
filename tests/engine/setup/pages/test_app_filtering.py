"""Microsoft Entra apps: the services that are used."""

from __future__ import annotations

import pytest

from engine.rules.standard import APPLICATIONS
from engine.setup.pages.app_filtering import app_filtering


@pytest.mark.parametrize(
    ("chosen", "code", "kept"),
    [
        (None, "", list(APPLICATIONS)),
        (("Intune",), "", ["Intune"]),
        ((), "", []),
        (("Intune", "Word"), "APPLICATION_UNKNOWN", None),
    ],
)
def test_choice(stage, chosen, code, kept) -> None:
    outcome = app_filtering(stage.custom(applications=chosen), stage.state())
    assert outcome.code == code
    assert outcome.facts.get("applications") == kept
