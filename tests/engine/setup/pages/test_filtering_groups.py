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


def test_a_group_is_for_a_pilot(stage, walk) -> None:
    stage.forest.groups = {"Pilot": "CN=Pilot"}
    directory = replace(stage.answers().directories[0], group_filter="Pilot")
    answers = stage.custom(directories=(directory,))
    assert [one.code for one in filtering_groups(answers, walk(answers)).warnings] == ["GROUP_FILTER_PILOT"]
    plain = stage.custom()
    assert filtering_groups(plain, walk(plain)).warnings == ()
