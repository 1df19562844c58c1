"""Uniquely identifying your users; CUST-16 (which attributes are offered) and the search over every domain."""

from __future__ import annotations

import pytest

from engine.setup.answers import Identification, SourceAnchorChoice
from engine.setup.pages.identifying_users import identifying_users
from engine.setup.surroundings import selectable_anchors


def test_offered_attributes(stage) -> None:
    offered = selectable_anchors([stage.forest.schema_found])
    assert {"employeeID", "objectGUID", "mS-DS-ConsistencyGuid", "extensionAttribute1"} <= set(offered)
    assert not {"userPrincipalName", "mail", "targetAddress", "otherMailbox", "manager"} & set(offered)


@pytest.mark.parametrize(
    ("changes", "code", "anchor"),
    [
        ({}, "", "mS-DS-ConsistencyGuid"),
        ({"source_anchor": SourceAnchorChoice("employeeid")}, "", "employeeID"),
        ({"source_anchor": SourceAnchorChoice("mail")}, "ANCHOR_ATTRIBUTE_NOT_OFFERED", None),
        ({"source_anchor": SourceAnchorChoice("otherMailbox")}, "ANCHOR_ATTRIBUTE_NOT_OFFERED", None),
        ({"identification": Identification.ATTRIBUTE}, "IDENTIFICATION_ATTRIBUTE_MISSING", None),
        ({"identification": Identification.MAIL}, "", "mS-DS-ConsistencyGuid"),
    ],
)
def test_page(stage, walk, changes, code, anchor) -> None:
    answers = stage.custom(**changes)
    state = walk(answers)
    assert identifying_users(answers, state).code == code
    assert (state.anchor.attribute if state.anchor else None) == anchor


def test_one_forest_in_use_is_enough(stage, walk) -> None:
    stage.forest.in_use = True
    answers = stage.custom()
    state = walk(answers)
    identifying_users(answers, state)
    assert state.anchor.attribute == "objectGUID"
