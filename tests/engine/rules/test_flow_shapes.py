"""What a plan is cut down to for objects of one kind is kept; whatever makes another result must make another shape."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.expression import Context
from engine.rules.flow_plan import FlowError, Plan, compile_flow, make_plan
from engine.rules.flowing import resolve

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
SOURCE = Schema({name: AttributeDefinition(name) for name in "abc"})


def context(imported: dict[str, Any] | None = None, parameters: dict[str, str] | None = None, **held: Any) -> Context:
    return Context(held, held if imported is None else imported, parameters or {}, NOW, Random(0))


def plan_of(make: Any, *links: dict[str, str], numbers: Any = None, maximum: int | None = None, **targets: Any) -> Plan:
    """One rule per link; its flows as target -> expression. targets: definitions that are not the usual text."""
    target = Schema({name: AttributeDefinition(name, indexable=False) for link in links for name in link} | targets)
    flows = []
    for link, expressions in enumerate(links):
        rule = make.inbound((numbers or range(1, 9))[link])
        for name, text in expressions.items():
            flow = make.direct(name, text) if text.isalpha() else make.expression(name, text)
            flows.append((link, compile_flow(rule, link + 1, flow, target.attributes[name], SOURCE)))
    return make_plan(flows, target, (SOURCE,) * len(links), string_max=maximum)


@pytest.mark.parametrize("turned", [False, True])
def test_of_equal_precedence_the_first_link_wins_in_whatever_order_the_flows_come(make, turned):
    target = Schema({"t": AttributeDefinition("t")})
    flows = [
        (link, compile_flow(make.inbound(7), link, make.direct("t", "a"), target.attributes["t"], SOURCE))
        for link in ((1, 0) if turned else (0, 1))
    ]
    plan = make_plan(flows, target, (SOURCE, SOURCE), string_max=None)
    found = resolve(plan, [context(a="first"), context(a="second")], creating=False)
    assert (found.values, found.pattern) == ({"t": "first"}, {"t": (0, 0)})


def test_only_what_changed_is_looked_at_each_time(make):
    """Objects that carry the same attributes, of which other ones changed."""
    plan = plan_of(make, {"s": '[a] & "!"', "t": '[b] & "!"', "u": "c"})
    seen = context(a="1", b="2", c="3")
    for only, expected in [({"a"}, {"s": "1!"}), ({"b"}, {"t": "2!"}), ({"c", "a"}, {"s": "1!", "u": "3"})]:
        found = resolve(plan, [seen], creating=False, only=only)
        assert found.values == expected
        assert found.considered == expected.keys()
    assert resolve(plan, [seen], creating=False).values == {"s": "1!", "t": "2!", "u": "3"}


def test_what_is_imported_and_not_wanted_any_more_wakes_a_flow(make):
    """Two objects of the same attributes; the directory of the second still holds one that is staged to go."""
    plan = plan_of(make, {"t": 'ImportedValue("a")'})
    assert resolve(plan, [context(b="x")], creating=False).values == {}
    assert resolve(plan, [context({"a": "old", "b": "x"}, b="x")], creating=False).values == {"t": "old"}


def test_nobody_gave_what_is_not_there(make):
    plan = plan_of(make, {"t": 'IIF([a]="x",NULL,[a])', "u": "Trim([b])"})
    for value, given in [("x", {"u"}), ("y", {"t", "u"}), ("x", {"u"})]:
        found = resolve(plan, [context(a=value, b="b")], creating=False)
        assert found.pattern.keys() == found.values.keys() == given


def test_the_same_expression_of_another_object_may_win(make):
    plan = plan_of(make, {"t": "Trim([a])"}, {"t": "Trim([a])"})
    found = resolve(plan, [context(b="x"), context(a="y")], creating=False)
    assert (found.values, found.pattern) == ({"t": "y"}, {"t": (2, 1)})


def test_a_parameter_alone_gives_a_value(make):
    plan = plan_of(make, {"t": "IIF(IsPresent([a]),[a],%Domain.FQDN%)"})
    found = resolve(plan, [context(parameters={"Domain.FQDN": "contoso.com"}, b="x")], creating=False)
    assert found.values == {"t": "contoso.com"}


@pytest.mark.parametrize(("indexable", "fails"), [(True, True), (False, False)])
def test_only_what_can_be_indexed_is_limited_in_length(make, indexable, fails):
    plan = plan_of(make, {"t": "a"}, maximum=10, t=AttributeDefinition("t", AttributeType.STRING, False, indexable))
    if fails:
        with pytest.raises(FlowError, match="has 11 characters; the metaverse holds 10"):
            resolve(plan, [context(a="x" * 11)], creating=False)
    else:
        assert resolve(plan, [context(a="x" * 11)], creating=False).values == {"t": "x" * 11}
