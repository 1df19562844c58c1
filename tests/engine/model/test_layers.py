"""The five layers: each is the one below with its delta, and together they say what the object itself says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.change import Operation
from engine.model.cs_object import CSObject, Kind
from engine.model.layers import NAMES, applied, layers

names = st.sampled_from(["title", "mail", "member"])
values = st.one_of(st.text(max_size=3), st.integers(0, 3), st.lists(st.text(max_size=2), min_size=1, unique=True))
attributes = st.dictionaries(names, values)
changes = st.dictionaries(names, st.one_of(st.none(), values))


@st.composite
def objects(draw):
    cs = CSObject(1, 1, "user", "CN=Ana", draw(st.sampled_from([None, b"anchor"])))
    cs.kind = draw(st.sampled_from(list(Kind)))
    if cs.anchor is not None:
        cs.base = draw(attributes)
        cs.pending_import = draw(st.sampled_from(list(Operation)))
    if cs.pending_import is Operation.UPDATE:
        cs.pending = draw(changes) or None
    for layer, operation in (("unconfirmed", "unconfirmed_operation"), ("unapplied", "pending_export")):
        kind = draw(st.sampled_from([Operation.NONE, Operation.ADD, Operation.UPDATE, Operation.DELETE]))
        setattr(cs, operation, kind)
        if kind in (Operation.ADD, Operation.UPDATE):
            setattr(cs, layer, draw(attributes if kind is Operation.ADD else changes) or None)
    return cs


@given(objects())
def test_each_layer_is_the_one_below_with_its_delta(cs):
    found = layers(cs)
    assert tuple(layer.name for layer in found) == NAMES
    for below, above in pairwise(found):
        assert applied(below.image, above.operation, above.changes) == above.image


def user(**state):
    cs = CSObject(1, 1, "user", "CN=Ana", state.pop("anchor", b"1"))
    for name, value in state.items():
        setattr(cs, name, value)
    return cs


@pytest.mark.parametrize(
    ("cs", "images"),
    [
        (user(base={"a": "1"}), [{"a": "1"}] * 5),
        (user(base={"a": "1"}, pending_import=Operation.ADD), [None] + [{"a": "1"}] * 4),
        (
            user(base={"a": "1"}, pending={"a": "2"}, pending_import=Operation.UPDATE),
            [{"a": "1"}] + [{"a": "2"}] * 4,
        ),
        (user(base={"a": "1"}, pending_import=Operation.DELETE), [{"a": "1"}] + [None] * 4),
        (user(anchor=None, unapplied={"a": "1"}, pending_export=Operation.ADD), [None] * 4 + [{"a": "1"}]),
        (
            user(unconfirmed={"a": "1"}, unconfirmed_operation=Operation.ADD),
            [None, None, {"a": "1"}, {"a": "1"}, {"a": "1"}],
        ),
        (user(base={"a": "1"}, pending_export=Operation.DELETE), [{"a": "1"}] * 4 + [None]),
        (user(anchor=None, kind=Kind.PLACEHOLDER), [None] * 5),
    ],
)
def test_what_each_layer_knows(cs, images):
    found = layers(cs)
    assert [layer.image for layer in found] == images
    if cs.pending_import is not Operation.DELETE:  # what the directory deleted is still shown as it was
        assert (found[-1].image or {}) == cs.newest()


def test_a_staged_rename_is_no_attribute():
    cs = user(base={"a": "1"}, pending_export=Operation.UPDATE, unapplied={"dn": "CN=Bo", "a": "2"})
    newest = layers(cs)[-1]
    assert (newest.new_dn, newest.changes, newest.image) == ("CN=Bo", {"a": "2"}, {"a": "2"})
