"""Filter users and devices: the group is resolved to its DN, or the page stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.setup.pages.filtering_groups import filtering_groups

PILOT = "CN=Pilot,OU=Staff,DC=contoso,DC=com"


@pytest.mark.parametrize(
    ("name", "code", "dn"), [(None, "", None), ("Pilot", "", PILOT), ("Other", "GROUP_NOT_FOUND", None)]
)
def test_page(stage, walk, name, code, dn) -> None:
    stage.forest.groups = {"Pilot": PILOT}
    answers = stage.custom(directories=(replace(stage.answers().directories[0], group_filter=name),))
    state = walk(answers)
    assert filtering_groups(answers, state).code == code
    assert state.forests[0].group_dn == dn
