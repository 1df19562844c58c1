from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.rules.rule import AttributeFlow, Direction, FlowType, JoinClause, MergeType, ScopeClause
from engine.rules.rule_diff import FieldChange, compare
from engine.rules.rule_diff_report import as_document, as_lines, excerpts, shortened

OTHER_AD = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def rules(make):
    flows = (make.direct("mail"), make.expression("title", "Trim([title])"))
    return [
        make.inbound(1, "In from AD - User Join", flows=flows),
        make.inbound(2, "In from AD - User Common"),
        make.inbound(3, "Out to AAD - User Join", direction=Direction.OUTBOUND, connector="b8918"),
    ]


def changed(rules, number=0, **changes):
    return [replace(rule, **changes) if at == number else rule for at, rule in enumerate(rules)]


def test_a_set_is_the_same_as_itself_in_any_order(rules):
    found = compare(rules, reversed(rules))
    assert found.empty
    assert found.same == 3
    assert as_lines(found) == ["3 the same, 0 changed, 0 only in before, 0 only in after"]


def test_rules_of_one_side_only(rules, make):
    found = compare(rules, [*rules[1:], make.inbound(9, "Mine", disabled=True)])
    assert [rule.name for rule in found.only_before] == ["In from AD - User Join"]
    assert [rule.name for rule in found.only_after] == ["Mine"]
    assert as_lines(found, ("active", "staging")) == [
        "only in active:",
        "  -    1  Inbound   In from AD - User Join",
        "only in staging:",
        "  +    9  Inbound   Mine  (disabled)",
        "2 the same, 0 changed, 1 only in active, 1 only in staging",
    ]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "Mine", FieldChange("name", "In from AD - User Join", "Mine")),
        ("description", "why", FieldChange("description", "", "why")),
        ("source_object_type", "contact", FieldChange("source_object_type", "user", "contact")),
        ("precedence", 0, FieldChange("precedence", "1", "0")),
        ("disabled", True, FieldChange("disabled", "False", "True")),
        ("enable_password_sync", True, FieldChange("enable_password_sync", "False", "True")),
        ("immutable_tag", "Microsoft.X.001", FieldChange("immutable_tag", "", "Microsoft.X.001")),
        ("precedence_after", OTHER_AD, FieldChange("precedence_after", "", OTHER_AD)),
        ("unknown", {"x": "<x/>"}, FieldChange("unknown", "", "<x/>")),
    ],
)
def test_every_field_is_told(rules, field, value, told):
    (change,) = compare(rules, changed(rules, **{field: value})).changed
    assert change.fields == (told,)
    assert (change.flows, change.scope, change.joins) == ((), (), ())


@pytest.mark.parametrize("field", ["version", "internal_identifier"])
def test_the_products_own_bookkeeping_is_no_difference(rules, field):
    assert compare(rules, changed(rules, **{field: 7 if field == "version" else "x"})).empty


def test_another_server_has_other_guids_for_the_same_rules(rules, make):
    other = [replace(rule, identifier=make.identifier(100 + at)) for at, rule in enumerate(rules)]
    other = [replace(rule, connector=OTHER_AD) if rule.connector == make.ad else rule for rule in other]
    found = compare(rules, other)
    assert found.empty
    assert found.connectors == ((make.ad, OTHER_AD),)
    assert as_lines(found, ("active", "staging"))[0] == f"the connector {make.ad} of active is {OTHER_AD} of staging"


def test_a_rule_that_went_to_another_connector_is_told(rules, make):
    (change,) = compare(rules, changed(rules, connector=OTHER_AD)).changed
    assert change.fields == (FieldChange("connector", make.ad, OTHER_AD),)
    moved = changed(rules, connector="b8918", identifier=make.identifier(50))
    assert [one.fields for one in compare(rules, moved).changed] == [(FieldChange("connector", make.ad, "b8918"),)]


def test_rules_of_two_forests_with_the_same_name_find_their_own(rules, make):
    second = [replace(rules[0], identifier=make.identifier(11), connector=OTHER_AD, precedence=11, description="B")]
    before = [replace(rules[0], description="A"), *second]
    after = [
        replace(before[1], identifier=make.identifier(21), precedence=1),
        replace(before[0], identifier=make.identifier(22), precedence=11),
    ]
    assert [[one.field for one in change.fields] for change in compare(before, after).changed] == [["precedence"]] * 2


def test_only_moved_rules_are_one_line_each(rules):
    found = compare(rules, changed(rules, 1, precedence=20))
    assert found.changed[0].moved_only
    assert as_lines(found) == [
        "only the precedence differs:",
        "     2 -> 20    In from AD - User Common",
        "2 the same, 1 changed, 0 only in before, 0 only in after",
    ]


def test_flows_are_matched_by_destination(rules, make):
    flows = (
        make.expression("Title", "Left([title],64)"),
        replace(make.direct("sn"), merge=MergeType.MERGE, execute_once=True),
        AttributeFlow("country", FlowType.CONSTANT, constant="US"),
    )
    found = compare(rules, changed(rules, flows=flows))
    assert [(one.target, one.before is None, one.after is None) for one in found.changed[0].flows] == [
        ("mail", False, True),
        ("sn", True, False),
        ("country", True, False),
        ("title", False, False),
    ]
    assert as_lines(found)[1:-1] == [
        "  - flow to mail <- Direct mail",
        "  + flow to sn <- Direct sn  (merge Merge, applied once)",
        "  + flow to country <- Constant 'US'",
        "  flow to title:",
        "    target: title -> Title",
        "    expression: Trim([title]) -> Left([title],64)",
    ]


def test_a_flow_of_another_type_tells_what_it_had(rules, make):
    (change,) = compare(rules, changed(rules, flows=(rules[0].flows[0], make.direct("title")))).changed
    assert change.flows[0].fields == (
        FieldChange("type", "Expression", "Direct"),
        FieldChange("sources", "", "title"),
        FieldChange("expression", "Trim([title])", ""),
    )


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ('IIF( [a b] = "x  y" , True, False )', True),
        ('IIF([a b]="x  y",True,\r\n   False)', True),
        ('IIF([a b]="x y",True,False)', False),
        ('IIF([ab]="x  y",True,False)', False),
        ('IIF([a b]="X  y",True,False)', False),
    ],
)
def test_blanks_count_inside_texts_and_names_only(rules, make, other, same):
    before = changed(rules, flows=(make.expression("a", 'IIF([a b]="x  y",True,False)'),))
    assert compare(before, changed(before, flows=(make.expression("a", other),))).empty is same


def test_order_of_flows_and_of_scope_decides_nothing(rules):
    scope = ((ScopeClause("a", "EQUAL", "1"), ScopeClause("b", "ISNULL")), (ScopeClause("c", "ISNULL"),))
    before = changed(rules, scope=scope)
    after = changed(before, scope=(scope[1], scope[0][::-1]), flows=rules[0].flows[::-1])
    assert compare(before, after).empty


def test_clauses_are_told_as_lines(rules):
    scope = ((ScopeClause("dept", "EQUAL", "IT"), ScopeClause("mail", "ISNOTNULL")),)
    joins = ((JoinClause("mail", "mail"),), (JoinClause("objectSid", "objectSid", True),))
    before = changed(rules, scope=scope, joins=joins)
    after = changed(rules, scope=((replace(scope[0][0], value="HR"), scope[0][1]),), joins=joins[::-1])
    (change,) = compare(before, after).changed
    assert change.scope == ("- dept EQUAL IT", "+ dept EQUAL HR", "  mail ISNOTNULL")
    assert change.joins[0] == "+ objectSid = objectSid (case-sensitive)"
    assert "  scope:" in as_lines(compare(before, after))


def test_long_values_show_where_they_differ():
    shared = "x" * 200
    assert excerpts(f"{shared}A{shared}", f"{shared}B{shared}") == (
        f"… {'x' * 30}A{'x' * 30} …",
        f"… {'x' * 30}B{'x' * 30} …",
    )
    assert excerpts("a\nb", "ab") == ("a⏎b", "ab")
    assert excerpts("ab" * 60, "ab" * 59)[0].endswith("ab")
    assert shortened("a  b\n c") == "a b c"
    assert len(shortened(shared)) < 110


def test_many_lines_are_told_line_by_line(rules, make):
    text = "IIF(\n" + "[aaaaaaaaaaaaaaaaaaaaaaaa],\n" * 5 + "True)"
    before = changed(rules, flows=(make.expression("a", text),))
    after = changed(rules, flows=(make.expression("a", text.replace("True", "False")),))
    assert as_lines(compare(before, after))[-3:-1] == ["      - True)", "      + False)"]


def test_the_document_holds_everything_in_full(rules, make):
    flows = (make.direct("mail"), make.expression("title", "x" * 300))
    document = as_document(compare(rules, [*changed(rules[:2], flows=flows), make.inbound(9)]), ("a", "b"))
    plain = json.loads(json.dumps(document))
    assert plain["names"] == {"before": "a", "after": "b"}
    assert [one["name"] for one in plain["only_before"]] == ["Out to AAD - User Join"]
    assert [one["precedence"] for one in plain["only_after"]] == [9]
    (change,) = plain["changed"]
    assert change["flows"][0]["fields"] == {"expression": {"before": "Trim([title])", "after": "x" * 300}}
    assert change["flows"][0]["after"]["type"] == "Expression"


def test_affected_are_connectors_whose_rules_say_something_else(rules, make):
    other = changed(rules, number=2, description="mine")
    assert compare(rules, other).affected_connectors == {"b8918"}
    assert compare(rules, [*rules, make.inbound(9, "Mine")]).affected_connectors == {make.ad}
    assert compare(rules, changed(rules, number=2, precedence=70)).affected_connectors == set()
