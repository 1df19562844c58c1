"""The context of an evaluation."""

import random
from datetime import UTC, datetime

from engine.rules.expression import AUTHORITATIVE_NULL, IGNORE_THIS_FLOW, Context, Sentinel


def test_binding_leaves_the_outer_context_alone():
    outer = Context({"a": 1}, {}, {}, datetime(2026, 1, 1, tzinfo=UTC), random.Random(1))
    inner = outer.binding({"item": "x"})
    assert (inner.attributes, inner.variables) == ({"a": 1}, {"item": "x"})
    assert outer.variables is None


def test_sentinels_are_named_as_written():
    assert {AUTHORITATIVE_NULL.value, IGNORE_THIS_FLOW.value} == {"AuthoritativeNull", "IgnoreThisFlow"}
    assert len(Sentinel) == 2
