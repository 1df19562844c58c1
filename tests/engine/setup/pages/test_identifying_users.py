"""Uniquely identifying your users; CUST-16 (which attributes are offered) and the search over every domain."""

from __future__ import annotations

import pytest

from engine.model.schema import Schema
from engine.setup.answers import Identification, SourceAnchorChoice
from engine.setup.pages.identifying_users import MANAGED, identifying_users, refused_identification
from engine.setup.surroundings import selectable_anchors


def test_offered_attributes(stage) -> None:
    offered = selectable_anchors([stage.forest.schema_found])
    assert {"employeeID", "objectGUID", "mS-DS-ConsistencyGuid", "extensionAttribute1"} <= set(offered)
    assert not {"userPrincipalName", "mail", "targetAddress", "otherMailbox", "manager"} & set(offered)


def by_attribute(name):
    return {"identification": Identification.ATTRIBUTE, "identification_attribute": name}


@pytest.mark.parametrize(
    ("changes", "code", "anchor"),
    [
        ({}, "", "mS-DS-ConsistencyGuid"),
        ({"source_anchor": SourceAnchorChoice("employeeid")}, "", "employeeID"),
        ({"source_anchor": SourceAnchorChoice("mail")}, "ANCHOR_ATTRIBUTE_NOT_OFFERED", None),
        ({"source_anchor": SourceAnchorChoice("otherMailbox")}, "ANCHOR_ATTRIBUTE_NOT_OFFERED", None),
        ({"identification": Identification.ATTRIBUTE}, "IDENTIFICATION_ATTRIBUTE_MISSING", None),
        ({"identification": Identification.MAIL}, "", "mS-DS-ConsistencyGuid"),
        (by_attribute("employeeid"), "", "mS-DS-ConsistencyGuid"),
        (by_attribute("employeId"), "IDENTIFICATION_ATTRIBUTE_UNKNOWN", None),
        (by_attribute("otherMailbox"), "IDENTIFICATION_ATTRIBUTE_UNKNOWN", None),
        (by_attribute("manager"), "IDENTIFICATION_ATTRIBUTE_UNKNOWN", None),
    ],
)
def test_page(stage, walk, changes, code, anchor) -> None:
    answers = stage.custom(**changes)
    state = walk(answers)
    assert identifying_users(answers, state).code == code
    assert (state.anchor.attribute if state.anchor else None) == anchor


@pytest.mark.parametrize(
    ("policy", "chosen", "code", "preselected", "next_enabled"),
    [
        (None, None, "", MANAGED, True),
        ("objectguid", None, "", "objectGUID", True),
        ("objectGUID", "employeeID", "", "objectGUID", True),
        ("foo-attr", None, "ANCHOR_POLICY_UNEXPECTED", None, False),
        ("foo-attr", "employeeID", "", None, True),
    ],
)
def test_what_the_page_opens_with(stage, walk, policy, chosen, code, preselected, next_enabled) -> None:
    stage.change_company(anchor_attribute=policy)
    answers = stage.custom(source_anchor=SourceAnchorChoice(chosen))
    page = identifying_users(answers, walk(answers))
    assert (page.code, page.facts["preselected"], page.facts["next_enabled"]) == (code, preselected, next_enabled)
    assert (page.facts["policy"], "employeeID" in page.facts["offered"]) == (policy, True)


def test_one_forest_in_use_is_enough(stage, walk) -> None:
    stage.forest.in_use = True
    answers = stage.custom()
    state = walk(answers)
    identifying_users(answers, state)
    assert state.anchor.attribute == "objectGUID"


def test_a_wrong_attribute_is_told_with_the_nearest_name(stage) -> None:
    refused = refused_identification("employeId", [stage.forest.schema_found])
    assert refused is not None
    assert refused.message == (
        "Users cannot be identified by employeId: the metaverse has no such attribute. Did you mean employeeID?"
    )


def test_an_attribute_of_one_forest_alone_identifies_nobody(stage) -> None:
    schema = stage.forest.schema_found
    other = Schema({n: a for n, a in schema.attributes.items() if n != "employeeID"}, schema.object_types)
    refused = refused_identification("employeeID", [schema, other])
    assert refused is not None
    assert "in every forest" in refused.message
