"""GUIDs of connector-space and metaverse objects: fixed, their own per database and namespace, readable back."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.identity import EMPTY, cs_identifier, cs_number, mv_identifier, mv_number

ONE, OTHER = "database-one", "database-two"


@given(st.integers(1, (1 << 48) - 1))
def test_the_number_can_be_read_back(number):
    assert cs_number(ONE, cs_identifier(ONE, number)) == number
    assert mv_number(ONE, "{" + mv_identifier(ONE, number).upper() + "}") == number


def test_a_guid_is_the_same_each_time_and_looks_like_one():
    assert cs_identifier(ONE, 7) == cs_identifier(ONE, 7)
    assert UUID(cs_identifier(ONE, 7)).version == 4


def test_namespaces_and_databases_do_not_share_guids():
    made = {f(d, n) for f in (cs_identifier, mv_identifier) for d in (ONE, OTHER) for n in range(1, 200)}
    assert len(made) == 4 * 199


@pytest.mark.parametrize("foreign", [cs_identifier(OTHER, 7), mv_identifier(ONE, 7), EMPTY, "no guid", ""])
def test_a_foreign_guid_names_no_object(foreign):
    assert cs_number(ONE, foreign) is None


def test_a_disconnector_shows_the_empty_guid():
    assert mv_identifier(ONE, 0) == EMPTY


def test_no_number_no_guid():
    with pytest.raises(ValueError, match="not the number"):
        cs_identifier(ONE, 0)
