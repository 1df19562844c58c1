"""A rule is the same rule in every form; a source of any form says all its faults with their places."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition
from engine.model.schema import AttributeDefinition, Schema
from engine.rules.checking import check_rules
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
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
from engine.rules.rule_script import read_script, write_script
from engine.rules.rule_xml import read_rule, write_rule
from engine.rules.scoping import OPERATORS
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.setup.configuration.rule_source import examine_source, new_installation
from engine.setup.configuration.server_configuration import (
    ServerConfiguration,
    read_rules_folder,
    write_server_configuration,
)
from engine.setup.settings.policy_writing import policy_of_rules, write_policy
from engine.setup.settings.synchronization_policy import read_policy

AD = "ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d"
SHIPPED = standard_rules(StandardRuleOptions((DirectoryConnector(AD, "contoso.com"),), exchange_hybrid=True))
FORMS = (
    lambda rules: tuple(read_rule(write_rule(rule)) for rule in rules),
    lambda rules: tuple(read_script(write_script(rules))),
    lambda rules: read_policy(write_policy(policy_of_rules(rules))).rules,
)


@pytest.mark.parametrize("form", FORMS, ids=["xml", "script", "policy"])
def test_the_shipped_rules_are_the_same_in_every_form(form):
    assert form(SHIPPED) == SHIPPED


@pytest.mark.real_input
@pytest.mark.parametrize("form", FORMS, ids=["xml", "script", "policy"])
def test_the_rules_of_a_real_server_are_the_same_in_every_form(form):
    folder = Path(__file__).parents[5] / "shared/real/contoso-server-configuration"
    if not folder.is_dir():
        pytest.skip("the exported configuration ../shared/real/contoso-server-configuration is not here")
    rules = read_rules_folder(folder)
    carried = [replace(rule, version=1, internal_identifier=rule.identifier) for rule in rules]
    assert form(carried) == tuple(carried)


NAME = st.text("abcXYZ019-_", min_size=1, max_size=8)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=20).map(str.strip)
GUIDS = st.uuids().map(str)
FLOWS = st.one_of(
    st.builds(AttributeFlow, NAME, st.just(FlowType.DIRECT), st.tuples(NAME), merge=st.sampled_from(MergeType)),
    st.builds(
        AttributeFlow,
        NAME,
        st.just(FlowType.CONSTANT),
        constant=TEXT.filter(bool),
        execute_once=st.booleans(),
    ),
    st.builds(
        AttributeFlow,
        NAME,
        st.just(FlowType.EXPRESSION),
        st.lists(NAME, max_size=2).map(tuple),
        expression=st.lists(TEXT.filter(bool), min_size=1, max_size=3).map("\n ".join),
        merge=st.sampled_from(MergeType),
        execute_once=st.booleans(),
    ),
)
CLAUSES = st.lists(st.builds(ScopeClause, NAME, st.sampled_from(sorted(OPERATORS)), TEXT), min_size=1, max_size=2)
JOINS = st.lists(st.builds(JoinClause, NAME, NAME, st.booleans()), min_size=1, max_size=2)
RULES = st.builds(
    SyncRule,
    GUIDS,
    TEXT.filter(bool),
    st.sampled_from(Direction),
    GUIDS,
    NAME,
    NAME,
    st.sampled_from(LinkType),
    st.integers(0, 99),
    flows=st.lists(FLOWS, max_size=3).map(tuple),
    scope=st.lists(CLAUSES.map(tuple), max_size=2).map(tuple),
    joins=st.lists(JOINS.map(tuple), max_size=2).map(tuple),
    description=TEXT,
    disabled=st.booleans(),
    enable_password_sync=st.booleans(),
    precedence_after=GUIDS,
    precedence_before=GUIDS,
    soft_delete_expiry=st.sampled_from(["00:00:00", "1.00:00:00"]),
).map(lambda rule: replace(rule, internal_identifier=rule.identifier))


@pytest.mark.parametrize("form", FORMS, ids=["xml", "script", "policy"])
@settings(max_examples=50, deadline=None)
@given(rule=RULES)
def test_any_rule_is_the_same_in_every_form(form, rule):
    assert form([rule]) == (rule,)


def test_a_folder_holds_rules_of_any_form(tmp_path):
    (tmp_path / "a.xml").write_text(write_rule(SHIPPED[1]))
    (tmp_path / "b.ps1").write_text(write_script(SHIPPED[2:4]))
    (tmp_path / "c.json").write_text(write_policy(policy_of_rules(SHIPPED[4:])))
    (tmp_path / "notes.txt").write_text("nothing")
    source = examine_source(tmp_path)
    assert source.rules == list(SHIPPED[1:])
    assert source.complaints == []
    assert source.read[0].place.file == str(tmp_path / "a.xml")


def test_a_migrated_policy_leads_to_the_folder_it_lies_in(tmp_path):
    (tmp_path / "SynchronizationRules").mkdir()
    (tmp_path / "SynchronizationRules/r.xml").write_text(write_rule(SHIPPED[0]))
    policy = tmp_path / "MigratedPolicy.json"
    policy.write_text(json.dumps({"policyMetadata": {"type": "migration"}}), encoding="utf-16")
    assert examine_source(policy).rules == [SHIPPED[0]]


BROKEN = replace(
    SHIPPED[2],
    immutable_tag="",
    precedence=7,
    connector=AD,
    scope=((ScopeClause("cn", "LIKE", "x"),),),
    flows=(
        AttributeFlow("titel", FlowType.DIRECT, ("title",)),
        AttributeFlow("title", FlowType.EXPRESSION, (), None, 'IIF([a] <> "&",\n Lefft("b"),NULL)'),
    ),
)


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        ("r.xml", write_rule(BROKEN), {"LIKE": "37:7", "titel": "21:7", "Lefft": "30:2"}),
        ("r.json", write_policy(policy_of_rules([BROKEN])), {"LIKE": "26:13", "titel": "36:28", "Lefft": "45:48"}),
        ("r.ps1", write_script([BROKEN]), {"LIKE": "40:15", "titel": "22:14", "Lefft": "34:2"}),
    ],
)
def test_every_fault_has_file_line_and_column(tmp_path, name, text, places):
    (tmp_path / name).write_text(text)
    source = examine_source(tmp_path / name)
    lines = source.complaints + [str(one) for one in check_rules(source.read, new_installation())]
    for word, place in places.items():
        (line,) = [line for line in lines if word in line]
        assert line.startswith(f"{tmp_path / name}:{place}: "), line


def test_faults_of_reading_and_of_checking_come_together(tmp_path):
    text = write_rule(BROKEN).replace("<precedence>7<", "<precedence>seven<")
    (tmp_path / "r.xml").write_text(text)
    source = examine_source(tmp_path)
    assert len(source.complaints) == 1
    assert source.rules == []
    assert len(check_rules(source.read, new_installation())) == 3


@pytest.mark.parametrize(
    ("name", "text"), [("r.xml", "<a"), ("r.json", "{"), ("r.ps1", "New-Thing 'x"), ("r.json", "[]")]
)
def test_a_file_that_is_no_rule_is_one_complaint(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    source = examine_source(tmp_path)
    assert len(source.complaints) == 1
    assert source.complaints[0].startswith(f"{tmp_path / name}:1:")


def test_a_policy_cannot_carry_what_would_shift():
    with pytest.raises(ConfigurationError, match="0 to 99"):
        write_policy(policy_of_rules([replace(BROKEN, precedence=100)]))


@pytest.mark.parametrize(("name", "alone"), [("r.ps1", True), ("r.xml", True), ("r.json", False)])
def test_a_neighbour_is_looked_for_where_all_rules_are(tmp_path, name, alone):
    rule = replace(BROKEN, flows=(), scope=(), precedence=0, precedence_before="11111111-0000-0000-0000-000000000000")
    write = {"r.ps1": write_script, "r.xml": lambda rules: write_rule(rules[0])}
    (tmp_path / name).write_text(write.get(name, lambda rules: write_policy(policy_of_rules(rules)))([rule]))
    source = examine_source(tmp_path / name)
    problems = check_rules(source.read, source.surroundings(), complete=source.complete)
    assert [one.kind for one in problems] == ([] if alone else ["precedence-neighbour-unknown"])
    known = replace(source.surroundings(), rules=frozenset({rule.precedence_before}))
    assert check_rules(source.read, known) == ()


JUNK = (
    b"<",
    b">",
    b"&",
    b"'",
    b'"',
    b"\xff",
    b"\x00",
    b"{",
    b"}",
    b"]",
    b",",
    b"null",
    b"-5",
    b"9" * 30,
    b"$x",
    b"`",
    b"(",
)
FILES = {
    "r.xml": write_rule(SHIPPED[2]).encode(),
    "r.ps1": write_script(SHIPPED[2:4]).encode(),
    "r.json": write_policy(policy_of_rules([BROKEN, *SHIPPED[4:8]])).encode(),
}


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(FILES)), data=st.data())
def test_a_mangled_file_is_complaints_and_never_a_traceback(tmp_path_factory, name, data):
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content) - 1))
        content[start : start + data.draw(st.integers(0, 40))] = data.draw(st.sampled_from(JUNK) | st.just(b""))
    file = tmp_path_factory.mktemp("mangled") / name
    file.write_bytes(bytes(content))
    source = examine_source(file, settings=True)
    problems = check_rules(source.read, source.surroundings(), complete=source.complete)
    assert all(line.startswith(str(file)) for line in [*source.complaints, *map(str, problems)])


def test_a_rule_in_another_encoding_is_placed_by_its_elements(tmp_path):
    (tmp_path / "r.xml").write_bytes(
        ('<?xml version="1.0" encoding="utf-16"?>\n' + write_rule(BROKEN)).encode("utf-16")
    )
    source = examine_source(tmp_path / "r.xml")
    (line,) = [str(one) for one in check_rules(source.read) if "Lefft" in one.message]
    assert line.startswith(f"{tmp_path / 'r.xml'}:30:7: ")


@pytest.fixture
def exported(tmp_path):
    """An exported server with one forest and one rule that is sound."""
    schema = Schema({"title": AttributeDefinition("title")}, {"user": frozenset({"title"})})
    step = Partition("dc4c27db-d13d-460a-9a82-c48aba1ee815", "DC=contoso,DC=com", "contoso.com")
    connector = ConnectorConfiguration(AD, "contoso.com", ConnectorType.ACTIVE_DIRECTORY, (step,), schema=schema)
    rule = replace(BROKEN, scope=(), flows=(AttributeFlow("title", FlowType.DIRECT, ("title",)),))
    write_server_configuration(ServerConfiguration((connector,), (rule,), METAVERSE_SCHEMA), tmp_path)
    return tmp_path


def told(folder):
    source = examine_source(folder, settings=True)
    problems = check_rules(source.read, source.surroundings(), complete=source.complete and not source.complaints)
    return [line.removeprefix(f"{folder}/") for line in [*source.complaints, *map(str, problems)]]


@pytest.mark.parametrize(
    ("part", "old", "new", "complaints"),
    [
        ("SynchronizationRules", "precedence", "precedence", []),
        ("SynchronizationRules", f"<connector>{{{AD}", f"<connector>{{b{AD[1:]}", [":10:3: ", "does not exist."]),
        (
            "SynchronizationRules",
            "<attr>title",
            "<attr>titel",
            [":23:9: ", "titel does not exist. Did you mean title?"],
        ),
        ("Connectors", "<category>AD", "<category>LDAP", [":5:3: category: ", "LDAP are not supported"]),
        ("Connectors", "</ma-data>", "", ["not well-formed XML"]),
        ("GlobalSettings", "</mv-data>", "", ["not well-formed XML"]),
    ],
)
def test_an_exported_server_is_checked_as_a_whole(exported, part, old, new, complaints):
    (file,) = (exported / part).iterdir()
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    found = told(exported)
    assert len(found) == bool(complaints)
    for line in found:
        assert line.startswith(f"{part}/{file.name}:")
        assert all(complaint in line for complaint in complaints)
