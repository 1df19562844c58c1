from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.checking import Surroundings, check_rules, counts_line
from engine.rules.rule import Direction, FlowType, JoinClause, MergeType, ScopeClause


def schema(object_type, **attributes):
    definitions = {}
    for name, kind in attributes.items():
        word, _, many = kind.partition(" ")
        definitions[name] = AttributeDefinition(name, AttributeType(word), bool(many))
    return Schema(definitions, {object_type: frozenset(definitions)})


@pytest.fixture
def surroundings(make):
    directory = schema("user", cn="string", sn="string", other="string many", userAccountControl="integer")
    metaverse = schema(
        "person", cn="string", sn="string", accountEnabled="boolean", countryCode="integer", manager="reference"
    )
    return Surroundings({make.ad: directory}, metaverse)


def kinds(problems):
    return [problem.kind for problem in problems]


def test_a_sound_rule_has_no_problem(make, surroundings):
    rule = make.inbound(
        1,
        flows=(make.direct("cn"), make.expression("sn", "Trim([sn])")),
        scope=((ScopeClause("userAccountControl", "ISBITNOTSET", "2"),),),
        joins=((JoinClause("cn", "cn"),),),
    )
    problems = check_rules([rule], surroundings)
    assert problems == ()
    assert counts_line([rule], problems) == "1 rule, 1 expression, 0 problems"


def test_every_complaint_comes_at_once(make, surroundings):
    rule = make.inbound(
        1,
        flows=(make.direct("CN"), make.expression("sn", "Trim([nowhere])"), make.expression("cn", "Trim([sn]")),
        scope=((ScopeClause("userAccountControl", "LIKE", "2"), ScopeClause("gone", "ISNULL")),),
        joins=((JoinClause("other", "cn"),),),
    )
    found = kinds(check_rules([rule], surroundings))
    assert sorted(found) == sorted(
        [
            "unknown-attribute",  # target CN
            "unknown-attribute",  # source CN
            "unknown-attribute",  # [nowhere]
            "expression-unparsable",
            "scope-operator-unknown",
            "unknown-attribute",  # scope: gone
            "join-object-id-must-be-single-valued",
        ]
    )


def test_an_unparsable_expression_names_rule_attribute_text_and_column(make, surroundings):
    rule = make.inbound(1, "My rule", flows=(make.expression("cn", "Trim([sn])) "),))
    (problem,) = check_rules([rule], surroundings)
    assert (problem.rule, problem.attribute, problem.text) == ("My rule", "cn", "Trim([sn])) ")
    assert problem.column == 11
    assert str(problem).startswith("My rule: cn: ")
    assert "(column 11)" in str(problem)


def test_a_wrong_case_gets_a_hint(make, surroundings):
    (problem,) = check_rules([make.inbound(1, flows=(make.direct("cn", "SN"),))], surroundings)
    assert problem.message == "The source attribute SN does not exist. Did you mean sn?"


def test_the_attribute_inside_an_expression_is_pointed_at(make, surroundings):
    (problem,) = check_rules([make.inbound(1, flows=(make.expression("cn", "Trim([nope])"),))], surroundings)
    assert (problem.kind, problem.column) == ("unknown-attribute", 7)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"connector": "11111111-0000-0000-0000-000000000000"}, "unknown-connector"),
        ({"source_object_type": "printer"}, "unknown-object-type"),
        ({"scope": ((ScopeClause("cn", "EQUAL", ""),),)}, "scope-value-missing"),
        ({"scope": ((ScopeClause("cn", "EQUAL", "%No.Such%"),),)}, "unknown-parameter"),
        ({"scope": ((ScopeClause("userAccountControl", "LESSTHAN", "many"),),)}, "scope-value-invalid"),
        ({"precedence_before": "11111111-0000-0000-0000-000000000000"}, "precedence-neighbour-unknown"),
    ],
)
def test_faults_of_the_rule_itself(make, surroundings, changes, kind):
    assert kind in kinds(check_rules([make.inbound(1, **changes)], surroundings))


@pytest.mark.parametrize(
    ("target", "value", "fault"),
    [
        ("accountEnabled", "True", False),
        ("accountEnabled", "perhaps", True),
        ("countryCode", "840", False),
        ("countryCode", "US", True),
        ("manager", "CN=Boss", True),
        ("cn", "Anything", False),
        ("cn", "", True),
    ],
)
def test_constants_fit_their_target(make, surroundings, target, value, fault):
    flow = replace(make.direct(target), type=FlowType.CONSTANT, sources=(), constant=value)
    assert bool(check_rules([make.inbound(1, flows=(flow,))], surroundings)) is fault


def test_parameters_of_expressions_are_known(make, surroundings):
    good = make.inbound(1, flows=(make.expression("cn", "%Domain.FQDN%"),))
    bad = make.inbound(2, flows=(make.expression("cn", '"x" & %Domain.Fqdn%'),))
    (problem,) = check_rules([good, bad], surroundings)
    assert (problem.kind, problem.rule, problem.column) == ("unknown-parameter", "Rule 2", 7)


def test_names_identifiers_and_numbers_are_unique(make):
    twin = make.inbound(1, "In from Microsoft Entra ID - X")
    other = replace(make.inbound(1, "In from AAD - X"))
    assert kinds(check_rules([twin, other])) == ["name-not-unique", "identifier-not-unique", "precedence-not-unique"]


def test_one_name_on_two_connectors_is_a_group_not_a_fault(make):
    other = make.inbound(2, "Rule 1", connector="11111111-0000-0000-0000-000000000000")
    assert check_rules([make.inbound(1), other]) == ()


def test_flows_into_one_attribute_merge_alike(make):
    merged = replace(make.direct("proxyAddresses"), merge=MergeType.MERGE_CASE_INSENSITIVE)
    plain = make.direct("proxyAddresses")
    replaced = replace(plain, merge=MergeType.REPLACE)
    rules = [make.inbound(1, flows=(plain,)), make.inbound(2, flows=(replaced,)), make.inbound(3, flows=(merged,))]
    (problem,) = check_rules(rules)
    assert (problem.kind, problem.rule) == ("merge-type-conflict", "Rule 3")
    assert check_rules([rules[0], replace(rules[2], disabled=True)]) == ()


def test_before_and_after_in_a_circle(make):
    one = make.inbound(1, precedence_before=make.identifier(2))
    two = make.inbound(2, precedence_before=make.identifier(3))
    three = make.inbound(3, precedence_before=make.identifier(1))
    (problem,) = check_rules([one, two, three])
    assert problem.kind == "precedence-circle"
    assert problem.message == ('Before and after go round in a circle: "Rule 1" -> "Rule 2" -> "Rule 3" -> "Rule 1".')
    straight = [one, replace(two, precedence_before=make.identifier(3)), make.inbound(3)]
    assert check_rules(straight) == ()
    assert kinds(
        check_rules(
            [
                make.inbound(1, precedence_before=make.identifier(2)),
                make.inbound(2, precedence_before=make.identifier(1)),
            ]
        )
    ) == ["precedence-circle"]


def test_a_rule_that_waits_for_its_place_shares_zero(make):
    waiting = make.inbound(0, precedence_before=make.identifier(5))
    other = replace(make.inbound(0, "Rule X", precedence_before=make.identifier(5)), identifier=make.identifier(7))
    assert check_rules([waiting, other, make.inbound(5)]) == ()
    settled = replace(other, precedence_before=make.identifier(9), precedence=5)
    assert "precedence-not-unique" in kinds(check_rules([settled, make.inbound(5)]))


def test_membership_is_asked_of_a_connector_space(make):
    scope = ((ScopeClause("dn", "ISMEMBEROF", "CN=Pilot,DC=contoso,DC=com"),),)
    assert check_rules([make.inbound(1, scope=scope)]) == ()
    (problem,) = check_rules([make.inbound(1, scope=scope, direction=Direction.OUTBOUND)])
    assert (problem.kind, problem.attribute) == ("scope-membership-unavailable", "dn")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source_object_type": "usr"}, "The object type usr does not exist. Did you mean user?"),
        ({"scope": ((ScopeClause("cnn", "ISNULL"),),)}, "The scope attribute cnn does not exist. Did you mean cn?"),
        ({"scope": ((ScopeClause("cn", "EQUALS", "x"),),)}, "'EQUALS' does not exist. Did you mean EQUAL?"),
        ({"scope": ((ScopeClause("cn", "EQUAL", "%Domain.Fqdn%"),),)}, "Did you mean Domain.FQDN?"),
        (
            {"joins": ((JoinClause("cn", "accountEnabled"),),)},
            "cn is of type string and accountEnabled of type boolean.",
        ),
    ],
)
def test_the_nearest_right_name_is_told(make, surroundings, changes, message):
    (problem,) = check_rules([make.inbound(1, **changes)], surroundings)
    assert message in problem.message


def test_a_shipped_rule_may_ask_a_forest_for_what_it_does_not_have(make, surroundings):
    rule = make.inbound(1, flows=(make.direct("sn", "extensionAttribute1"), make.expression("cn", "[mailNickname]")))
    assert kinds(check_rules([rule], surroundings)) == ["unknown-attribute"] * 2
    assert check_rules([replace(rule, immutable_tag="Microsoft.InfromADUserCommon.001")], surroundings) == ()
    wrong = replace(rule, immutable_tag="Microsoft.X.001", flows=(make.direct("sn", "extensionAttribut1"),))
    assert kinds(check_rules([wrong], surroundings)) == ["unknown-attribute"]


def test_a_direct_flow_keeps_its_type(make, surroundings):
    (problem,) = check_rules([make.inbound(1, flows=(make.direct("cn", "userAccountControl"),))], surroundings)
    assert (problem.kind, problem.message) == (
        "flow-type-mismatch",
        "userAccountControl is of type integer, cn takes string.",
    )


def test_every_fault_of_an_expression_is_told(make, surroundings):
    flow = make.expression("cn", "Lefft(Trim([userAccountControl]))")
    problems = check_rules([make.inbound(1, flows=(flow,))], surroundings)
    assert [(one.kind, one.column) for one in problems] == [("expression-unparsable", 1), ("expression-type", 12)]


def test_a_long_expression_is_shown_around_the_fault(make):
    text = '"' + "x" * 300 + '" & Trimm([a]) & "' + "y" * 300 + '"'
    (problem,) = check_rules([make.inbound(1, flows=(make.expression("cn", text),))])
    assert "… " in str(problem)
    assert "Trimm([a])" in str(problem)
    assert len(str(problem)) < 300


def test_a_new_servers_schemas_leave_room(make, surroundings):
    rule = make.inbound(1, connector="11111111-0000-0000-0000-000000000000", flows=(make.direct("extension_a_b", "x"),))
    assert set(kinds(check_rules([rule], surroundings))) == {"unknown-connector", "unknown-attribute"}
    assert check_rules([rule], replace(surroundings, new_installation=True)) == ()
