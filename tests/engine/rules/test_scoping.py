from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.rule import Direction, LinkType, ScopeClause, SyncRule
from engine.rules.scoping import OPERATORS, compile_clause, compile_scope, explain_scope

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/scoping/operators.yaml").read_text(encoding="utf-8"))
CONNECTOR = "093c3526-55a5-4de9-9005-186fd0a6a849"


def rule(*groups: tuple[ScopeClause, ...]) -> SyncRule:
    return SyncRule(
        "id", "a rule", Direction.INBOUND, CONNECTOR, "user", "person", LinkType.JOIN, 50, scope=tuple(groups)
    )


@pytest.mark.parametrize(("operator", "value", "found", "expected"), CASES)
def test_every_operator(operator, value, found, expected):
    attributes = {} if found is None else {"a": found}
    assert compile_clause(ScopeClause("a", operator, value))(attributes, {}) is expected


def test_the_table_covers_every_operator_but_membership():
    assert {row[0].upper() for row in CASES} == set(OPERATORS) - {"ISMEMBEROF", "ISNOTMEMBEROF"}


def test_groups_are_or_clauses_are_and_empty_is_always():
    big, small = ScopeClause("n", "GREATERTHAN", "10"), ScopeClause("n", "LESSTHAN", "5")
    named = ScopeClause("name", "ISNOTNULL")
    in_scope = compile_scope(rule((big, named), (small,)))
    assert [in_scope(a, {}) for a in ({"n": 11, "name": "x"}, {"n": 11}, {"n": 1}, {"n": 7, "name": "x"})] == [
        True,
        False,
        True,
        False,
    ]
    assert compile_scope(rule())({}, {}) is True


def test_three_groups_and_many_clauses():
    group = tuple(ScopeClause(name, "ISNOTNULL") for name in "abc")
    in_scope = compile_scope(rule(group, (ScopeClause("d", "ISNOTNULL"),), (ScopeClause("e", "ISNOTNULL"),)))
    assert in_scope({"a": 1, "b": 1, "c": 1}, {})
    assert in_scope({"e": 1}, {})
    assert not in_scope({"a": 1, "b": 1}, {})


@pytest.mark.parametrize(
    "groups", [((),), ((), (ScopeClause("a", "ISNOTNULL"),)), ((ScopeClause("a", "ISNOTNULL"),), ())]
)
def test_an_empty_group_lets_everything_in(groups):
    assert compile_scope(rule(*groups))({}, {}) is True
    assert explain_scope(rule(*groups), {}, {}).in_scope


def test_a_value_may_be_a_parameter():
    in_scope = compile_clause(ScopeClause("contributingConnectorExchange", "EQUAL", "%Connector.ID%"))
    held = {"contributingConnectorExchange": CONNECTOR.upper()}
    assert in_scope(held, {"Connector.ID": CONNECTOR})
    assert not in_scope(held, {"Connector.ID": "another"})
    assert not in_scope({}, {"Connector.ID": CONNECTOR})
    with pytest.raises(ConfigurationError, match=r"%Connector\.ID% is not defined"):
        in_scope(held, {})


def test_a_numeric_attribute_is_compared_as_number_whatever_its_form():
    schema = Schema({"memberCount": AttributeDefinition("memberCount", AttributeType.INTEGER)})
    in_scope = compile_clause(ScopeClause("memberCount", "LESSTHAN", "50000"), schema)
    assert in_scope({"memberCount": "9"}, {})
    with pytest.raises(ConfigurationError, match="'many' is not a number"):
        compile_clause(ScopeClause("memberCount", "LESSTHAN", "many"), schema)


def test_binary_is_compared_by_its_base64_text_exactly():
    in_scope = compile_clause(ScopeClause("objectGUID", "EQUAL", "AAEC"))
    assert in_scope({"objectGUID": bytes((0, 1, 2))}, {})
    assert not compile_clause(ScopeClause("objectGUID", "EQUAL", "aaec"))({"objectGUID": bytes((0, 1, 2))}, {})


def test_membership_asks_the_connector_space():
    asked = []

    def member_of(attributes, group):
        asked.append(group)
        return attributes.get("dn") == "CN=Ana"

    clause = ScopeClause("dn", "ISMEMBEROF", "CN=Pilot,DC=contoso,DC=com")
    assert compile_clause(clause, member_of=member_of)({"dn": "CN=Ana"}, {})
    assert not compile_clause(clause, member_of=member_of)({"dn": "CN=Bo"}, {})
    outside = ScopeClause("dn", "ISNOTMEMBEROF", "CN=Pilot,DC=contoso,DC=com")
    assert compile_clause(outside, member_of=member_of)({"dn": "CN=Bo"}, {})
    assert set(asked) == {"CN=Pilot,DC=contoso,DC=com"}
    with pytest.raises(ConfigurationError, match="ISMEMBEROF"):
        compile_clause(clause)


def test_a_reference_needs_its_dn_to_be_compared():
    schema = Schema({"manager": AttributeDefinition("manager", AttributeType.REFERENCE)})
    clause = ScopeClause("manager", "EQUAL", "CN=Boss,DC=contoso,DC=com")
    assert compile_clause(clause, schema, reference_text={7: "cn=boss,dc=contoso,dc=com"}.__getitem__)(
        {"manager": 7}, {}
    )
    assert compile_clause(ScopeClause("manager", "ISNOTNULL"), schema)({"manager": 7}, {})
    with pytest.raises(ConfigurationError, match="reference attribute manager"):
        compile_clause(clause, schema)


def test_an_unknown_operator_is_refused():
    with pytest.raises(ConfigurationError, match="'LIKE' does not exist"):
        compile_clause(ScopeClause("a", "LIKE", "x"))


def test_explanation_names_the_failing_clauses_and_what_they_met():
    critical = ScopeClause("isCriticalSystemObject", "NOTEQUAL", "TRUE")
    marked = ScopeClause("adminDescription", "NOTSTARTSWITH", "User_")
    explained = explain_scope(rule((critical, marked)), {"adminDescription": "User_hidden"}, {})
    assert not explained.in_scope
    assert [(o.clause, o.found) for o in explained.failed] == [(marked, ("User_hidden",))]
    assert explain_scope(rule((critical, marked)), {}, {}).failed == ()


VALUES = st.one_of(st.text(max_size=5), st.integers(-5, 70000), st.booleans(), st.binary(max_size=4))
OPPOSITES = [
    ("EQUAL", "NOTEQUAL"),
    ("CONTAINS", "NOTCONTAINS"),
    ("STARTSWITH", "NOTSTARTSWITH"),
    ("ENDSWITH", "NOTENDSWITH"),
    ("ISIN", "ISNOTIN"),
    ("ISNULL", "ISNOTNULL"),
]


@given(
    st.sampled_from(OPPOSITES),
    st.text(max_size=5),
    st.dictionaries(st.just("a"), VALUES | st.lists(VALUES, min_size=1)),
)
def test_a_negative_operator_is_the_opposite_of_its_positive_one(pair, value, attributes):
    if "%" in value:
        return
    results = [compile_clause(ScopeClause("a", operator, value))(attributes, {}) for operator in pair]
    assert sorted(results) == [False, True]


@given(st.sampled_from(sorted(set(OPERATORS) - {"ISMEMBEROF", "ISNOTMEMBEROF"})), st.dictionaries(st.just("a"), VALUES))
def test_explanation_and_closure_agree(operator, attributes):
    clause = ScopeClause("a", operator, "2")
    whole = rule((clause,))
    assert compile_scope(whole)(attributes, {}) is explain_scope(whole, attributes, {}).in_scope
