from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.rules.rule import (
    AttributeFlow,
    Direction,
    FlowType,
    JoinClause,
    LinkType,
    MergeType,
    ScopeClause,
    SyncRule,
)
from engine.rules.rule_xml import examine_rule, read_rule, write_rule

RULE = """<synchronizationRule>
  <id>{AAAAAAAA-0000-0000-0000-000000000001}</id>
  <name>Out to AD - X</name>
  <direction>Outbound</direction>
  <connector>{ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d}</connector>
  <sourceObjectType>person</sourceObjectType>
  <targetObjectType>user</targetObjectType>
  <linkType>StickyJoin</linkType>
  <precedence>42</precedence>
  <attribute-mappings>
    <mapping execute-once="true">
      <dest>a</dest>
      <src><attr>b</attr></src>
      <valueMergeType>MergeCaseInsensitive</valueMergeType>
    </mapping>
    <mapping>
      <dest>c</dest>
      <src>True</src>
    </mapping>
    <mapping>
      <dest>d</dest>
      <expression>"x" &amp;
   [e]</expression>
    </mapping>
  </attribute-mappings>
  <relationshipCriteria><conditions><condition>
    <caseSensitive>True</caseSensitive><csAttribute>e</csAttribute><ilmAttribute>f</ilmAttribute>
  </condition></conditions></relationshipCriteria>
  <synchronizationCriteria><conditions>
    <scope><csAttribute>g</csAttribute><csOperator>ISNOTNULL</csOperator><csValue /></scope>
  </conditions></synchronizationCriteria>
  <someday>new<inner k="1" /></someday>
</synchronizationRule>"""


@pytest.mark.real_input
def test_all_exported_rules_come_back_byte_for_byte(real_configuration):
    files = sorted((real_configuration / "SynchronizationRules").glob("*.xml"))
    assert len(files) == 62
    assert sum(file.read_text().count("<expression>") for file in files) == 391
    for file in files:
        rule = read_rule(file)
        assert write_rule(rule) == file.read_text(encoding="utf-8"), file.name
        assert read_rule(write_rule(rule)) == rule


def test_reading_a_rule():
    rule = read_rule(RULE)
    assert rule.identifier == "aaaaaaaa-0000-0000-0000-000000000001"
    assert (rule.direction, rule.link_type, rule.precedence) == (Direction.OUTBOUND, LinkType.STICKY_JOIN, 42)
    assert rule.flows == (
        AttributeFlow("a", FlowType.DIRECT, ("b",), merge=MergeType.MERGE_CASE_INSENSITIVE, execute_once=True),
        AttributeFlow("c", FlowType.CONSTANT, constant="True"),
        AttributeFlow("d", FlowType.EXPRESSION, expression='"x" &\n   [e]'),
    )
    assert rule.joins == ((JoinClause("e", "f", True),),)
    assert rule.scope == ((ScopeClause("g", "ISNOTNULL", ""),),)
    assert not rule.is_standard


def test_what_nobody_knows_is_kept():
    rule = read_rule(RULE)
    assert '<someday>new<inner k="1"></inner></someday>' in write_rule(rule)
    assert read_rule(write_rule(rule)).unknown == rule.unknown


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("<name>Out to AD - X</name>", "", "rule:1:1: synchronizationRule: the element name is missing."),
        ("Out to AD - X", "", "rule:3:3: name: needs a value."),
        ("Outbound", "Sideways", "rule:4:3: direction: 'Sideways' is none of Inbound, Outbound."),
        ("{ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d}", "contoso", "rule:5:3: connector: 'contoso' is not a GUID."),
        ("StickyJoin", "Glue", "rule:8:3: linkType: 'Glue' is none of Provision, Join, StickyJoin, JoinNoFlow."),
        ("42", "high", "rule:9:3: precedence: 'high' is not a number."),
        ("<dest>c</dest>", "", "rule:16:5: mapping: the element dest is missing."),
        ("<src>True</src>", "", "rule:16:5: mapping: c has neither a source nor an expression."),
        ("MergeCaseInsensitive", "Blend", "rule:14:7: valueMergeType: 'Blend' is no merge type."),
        ("Outbound", "Outbund", "rule:4:3: direction: 'Outbund' is none of Inbound, Outbound. Did you mean Outbound?"),
        ('execute-once="true"', 'execute-once="soon"', "rule:11:5: mapping: 'soon' is neither True nor False."),
        ("<caseSensitive>True", "<caseSensitive>5", "rule:27:5: caseSensitive: '5' is neither True nor False."),
        ("<ilmAttribute>f</ilmAttribute>", "", "needs csAttribute and ilmAttribute."),
        ("<csOperator>ISNOTNULL</csOperator>", "", "needs csAttribute and csOperator."),
        ("synchronizationRule", "rule", "rule:1:1: rule: expected synchronizationRule."),
    ],
)
def test_faults_name_file_line_and_element(old, new, complaint):
    assert old in RULE
    with pytest.raises(ConfigurationError) as raised:
        read_rule(RULE.replace(old, new))
    assert complaint in raised.value.message


def test_a_rule_with_faults_is_examined_as_far_as_it_can_be_read():
    read, problems = examine_rule(RULE.replace("42", "high").replace("True</src>", "</src>"), "My.xml")
    assert [problem.split(" ")[0] for problem in problems] == ["My.xml:9:3:", "My.xml:16:5:"]
    assert not read.whole
    assert [flow.target for flow in read.rule.flows] == ["a", "d"]


@pytest.mark.parametrize(
    ("keys", "offset", "where"),
    [
        (("precedence",), 0, "My.xml:9:3"),
        (("flow 1", "flow 1 dest"), 0, "My.xml:16:5"),
        (("flow 1 dest",), 0, "My.xml:17:7"),
        (("scope 0 0",), 0, "My.xml:30:5"),
        (("join 0 0",), 0, "My.xml:26:37"),
        (("expression 2",), 0, "My.xml:22:19"),
        (("expression 2",), 4, "My.xml:22:23"),  # the ampersand, spelt &amp;
        (("expression 2",), 5, "My.xml:22:28"),
        (("expression 2",), 9, "My.xml:23:4"),
        (("no such part",), 0, "My.xml:1:1"),
    ],
)
def test_every_part_knows_its_place(keys, offset, where):
    read, _ = examine_rule(RULE, "My.xml")
    assert read.place is not None
    assert read.place.of(*keys, offset=offset) == where


def test_all_faults_of_a_file_come_at_once():
    broken = RULE.replace("Outbound", "Up").replace("42", "x").replace("{AAAAAAAA", "{Z")
    with pytest.raises(ConfigurationError) as raised:
        read_rule(broken, "My.xml")
    assert [line.split(":")[1] for line in raised.value.message.splitlines()] == ["2", "4", "9"]


def test_an_external_entity_is_never_read():
    with pytest.raises(ConfigurationError, match="document type"):
        read_rule('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + RULE)


NAME = st.text("abcXYZ019-_", min_size=1, max_size=8)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=20).map(str.strip)
FLOWS = st.one_of(
    st.builds(
        AttributeFlow,
        NAME,
        st.just(FlowType.DIRECT),
        st.tuples(NAME),
        merge=st.sampled_from(MergeType),
        execute_once=st.booleans(),
    ),
    st.builds(AttributeFlow, NAME, st.just(FlowType.CONSTANT), constant=TEXT.filter(bool)),
    st.builds(
        AttributeFlow,
        NAME,
        st.just(FlowType.EXPRESSION),
        st.lists(NAME, max_size=2).map(tuple),
        expression=TEXT.filter(bool),
    ),
)
GUIDS = st.uuids().map(str)
RULES = st.builds(
    SyncRule,
    GUIDS,
    TEXT.filter(bool),
    st.sampled_from(Direction),
    GUIDS,
    NAME,
    NAME,
    st.sampled_from(LinkType),
    st.integers(0, 999_999),
    flows=st.lists(FLOWS, max_size=3).map(tuple),
    scope=st.lists(
        st.lists(st.builds(ScopeClause, NAME, NAME, TEXT), min_size=1, max_size=2).map(tuple), max_size=2
    ).map(tuple),
    joins=st.lists(
        st.lists(st.builds(JoinClause, NAME, NAME, st.booleans()), min_size=1, max_size=2).map(tuple), max_size=2
    ).map(tuple),
    description=TEXT,
    disabled=st.booleans(),
    enable_password_sync=st.booleans(),
    internal_identifier=GUIDS,
    precedence_before=GUIDS,
)


@given(RULES)
def test_any_rule_survives_writing_and_reading(rule):
    assert read_rule(write_rule(rule)) == rule
    assert write_rule(read_rule(write_rule(rule))) == write_rule(rule)
