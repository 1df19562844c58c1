from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

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
from engine.rules.rule_script import read_script, unsaid, write_script
from engine.rules.rule_xml import read_rule
from engine.rules.scoping import OPERATORS
from engine.rules.standard import standard_rules
from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions

AD = "ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d"
SCRIPT = """# a rule of the lab
New-ADSyncRule  `
-Name 'In from AD - User Ana''s' `
-Identifier '{AAAAAAAA-0000-0000-0000-000000000001}' `
-Description "first
second `$5 ""so"" `"it`" is" `
-Direction 'Inbound' `
-Precedence 42 `
-PrecedenceAfter '00000000-0000-0000-0000-000000000000' `
-PrecedenceBefore '00000000-0000-0000-0000-000000000000' `
-SourceObjectType 'user' `
-TargetObjectType 'person' `
-Connector 'ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d' `
-LinkType 'Join' `
-SoftDeleteExpiryInterval 0 `
-ImmutableTag '' `
-OutVariable syncRule


Add-ADSyncAttributeFlowMapping  `
-SynchronizationRule $syncRule[0] `
-Source @('a','b') `
-Destination 'c' `
-FlowType 'Expression' `
-ValueMergeType 'Update' `
-Expression '[a] &
"x" & [b]' `
-OutVariable syncRule

Add-ADSyncAttributeFlowMapping -SynchronizationRule $syncRule[0] -Source @('True') -Destination d -FlowType Constant `
  -ValueMergeType MergeCaseInsensitive -ExecuteOnce -OutVariable syncRule | Out-Null

New-Object  `
-TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition' `
-ArgumentList 'department','IT','EQUAL' `
-OutVariable condition0

New-Object  `
-TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.ScopeCondition' `
-ArgumentList 'mail','','ISNOTNULL' `
-OutVariable condition1

Add-ADSyncScopeConditionGroup  `
-SynchronizationRule $syncRule[0] `
-ScopeConditions @($condition0[0],$condition1[0]) `
-OutVariable syncRule

New-Object  `
-TypeName 'Microsoft.IdentityManagement.PowerShell.ObjectModel.JoinCondition' `
-ArgumentList 'mail','mail',$true `
-OutVariable condition0

Add-ADSyncJoinConditionGroup  `
-SynchronizationRule $syncRule[0] `
-JoinConditions @($condition0[0]) `
-OutVariable syncRule

Add-ADSyncRule  `
-SynchronizationRule $syncRule[0]

Get-ADSyncRule  `
-Identifier 'aaaaaaaa-0000-0000-0000-000000000001'
"""


def test_reading_a_script_of_the_editor():
    (rule,) = read_script(SCRIPT)
    assert rule == SyncRule(
        "aaaaaaaa-0000-0000-0000-000000000001",
        "In from AD - User Ana's",
        Direction.INBOUND,
        AD,
        "user",
        "person",
        LinkType.JOIN,
        42,
        description='first\nsecond $5 "so" "it" is',
        flows=(
            AttributeFlow("c", FlowType.EXPRESSION, ("a", "b"), expression='[a] &\n"x" & [b]'),
            AttributeFlow(
                "d",
                FlowType.CONSTANT,
                constant="True",
                merge=MergeType.MERGE_CASE_INSENSITIVE,
                execute_once=True,
            ),
        ),
        scope=((ScopeClause("department", "EQUAL", "IT"), ScopeClause("mail", "ISNOTNULL")),),
        joins=((JoinClause("mail", "mail", True),),),
        internal_identifier="aaaaaaaa-0000-0000-0000-000000000001",
    )


def test_the_form_is_the_editors():
    (rule,) = read_script(SCRIPT)
    text = write_script([replace(rule, flows=(), scope=(), joins=(), description="")])
    assert text == (
        "New-ADSyncRule  `\n"
        "-Name 'In from AD - User Ana''s' `\n"
        "-Identifier 'aaaaaaaa-0000-0000-0000-000000000001' `\n"
        "-Description '' `\n"
        "-Direction 'Inbound' `\n"
        "-Precedence 42 `\n"
        "-PrecedenceAfter '00000000-0000-0000-0000-000000000000' `\n"
        "-PrecedenceBefore '00000000-0000-0000-0000-000000000000' `\n"
        "-SourceObjectType 'user' `\n"
        "-TargetObjectType 'person' `\n"
        f"-Connector '{AD}' `\n"
        "-LinkType 'Join' `\n"
        "-SoftDeleteExpiryInterval 0 `\n"
        "-ImmutableTag '' `\n"
        "-OutVariable syncRule\n\n\n"
        "Add-ADSyncRule  `\n-SynchronizationRule $syncRule[0]\n\n\n"
        "Get-ADSyncRule  `\n-Identifier 'aaaaaaaa-0000-0000-0000-000000000001'\n\n\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_windows_reads_the_same(tmp_path, encoding):
    file = tmp_path / "rule.ps1"
    file.write_bytes(SCRIPT.replace("\n", "\r\n").encode(encoding))
    assert read_script(file) == read_script(SCRIPT)


def test_what_people_put_around_it():
    around = (
        "<# block\n New-ADSyncRule -Nonsense #>\nImport-Module ADSync -ErrorAction Stop\n"
        "[int] $number = 42; $connector = 'ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d' # the forest\n"
    )
    text = SCRIPT.replace("-Precedence 42", "-precedence $NUMBER").replace(f"'{AD}'", "$connector")
    text = text.replace("-Identifier 'aaaaaaaa-0000-0000-0000-000000000001'", "-Identifier $syncRule[0].Identifier")
    text = text.replace("Add-ADSyncRule  `", "$added = Add-ADSyncRule  `")
    text = text.replace("'In from AD - User Ana''s'", "@'\nIn from AD - User Ana's\n'@")
    assert read_script(around + text) == read_script(SCRIPT)


def test_a_flow_without_merge_type_updates():
    (rule,) = read_script(SCRIPT.replace("-ValueMergeType MergeCaseInsensitive ", ""))
    assert [flow.merge for flow in rule.flows] == [MergeType.UPDATE] * 2


def test_a_rule_without_identifier_gets_the_same_one_every_time():
    nameless = SCRIPT.replace("-Identifier '{AAAAAAAA-0000-0000-0000-000000000001}' `\n", "")
    (one,), (other,) = read_script(nameless), read_script(nameless)
    assert one == other
    assert one.identifier not in ("", read_script(SCRIPT)[0].identifier)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "New-ADSyncRule  `",
            "New-AdSyncRul  `",
            "2:1: New-AdSyncRul is no cmdlet of the rules editor's scripts; did you",
        ),
        ("-Direction '", "-Directon '", "7:1: New-ADSyncRule has no parameter -Directon; did you mean -Direction?"),
        ("'Inbound'", "'Inbund'", "7:12: -Direction: there is no 'Inbund'; did you mean Inbound?"),
        ("-LinkType 'Join'", "-LinkType 'Glue'", "14:11: -LinkType: there is no 'Glue'; expected one of Provision,"),
        ("-Precedence 42", "-Precedence high", "8:13: -Precedence: expected a whole number, found 'high'."),
        ("-Precedence 42 `\n", "", "2:1: New-ADSyncRule: -Precedence is missing."),
        (f"-Connector '{AD}'", "-Connector 'contoso'", "13:12: -Connector: expected a GUID, found 'contoso'."),
        ("-SoftDeleteExpiryInterval 0", "-SoftDeleteExpiryInterval soon", "expected 0 or a time span"),
        ("-ImmutableTag ''", "-Disabled:'no'", "-Disabled: expected $true or $false, found the text 'no'."),
        ("-ImmutableTag ''", "-Name 'again'", "16:1: -Name stands twice in this call."),
        ("-ImmutableTag ''", "-Name", "16:1: -Name stands twice in this call."),
        ("'user' `\n", "'user' ` \n", "a backtick continues a line only as its last character"),
        ("'user' `\n", "'user'\n", "12:1: -TargetObjectType begins a line: the line before lacks its backtick."),
        (
            "$syncRule[0] `\n-Source",
            "$syncRul[0] `\n-Source",
            "21:22: the variable $syncRul is not set; did you mean $syncRule?",
        ),
        ("$syncRule[0] `\n-Source", "$syncRule[1] `\n-Source", "21:22: $syncRule holds 1: there is no [1]."),
        (
            "$syncRule[0] `\n-Source",
            "'x' `\n-Source",
            "21:22: -SynchronizationRule: expected a rule of New-ADSyncRule, found the text 'x'.",
        ),
        (
            "-FlowType Constant",
            "-FlowType Direct -Expression x",
            "a flow of type Direct has none: expected -FlowType 'Expression'.",
        ),
        ("@('True')", "@('True','False')", "-Source: expected one constant, found 2."),
        ("-Source @('True')", "", "a flow of type Constant needs -Source."),
        ("'Update'", "'Blend'", "-ValueMergeType: there is no 'Blend'; expected one of Update, Replace, Merge,"),
        ("'EQUAL'", "'EQUALS'", "35:15: -ArgumentList: there is no operator 'EQUALS'; did you mean EQUAL?"),
        ("'department','IT','EQUAL'", "'department','IT'", "expected attribute, value, operator, found 2 values."),
        ("'mail','mail',$true", "'mail','mail','yes'", "expected $true or $false third, found the text 'yes'."),
        ("ObjectModel.JoinCondition", "JoinCondition", "PowerShell.ObjectModel.JoinCondition?"),
        ("@($condition0[0]) `", "@('x') `", "expected objects of type JoinCondition, found the text 'x'."),
        ("Add-ADSyncRule  `\n-SynchronizationRule $syncRule[0]\n", "", "is never added: Add-ADSyncRule is missing."),
        ("'Inbound'", '"$(Get-Date)"', "7:12: $(... inside double quotes asks for a value at run time"),
        ("'Inbound'", "'Inbound", "is not closed"),
        ("@($condition0[0]) `", "@($condition0[0] `", "expected )"),
    ],
)
def test_faults_say_place_expectation_and_nearest_name(old, new, complaint):
    assert old in SCRIPT
    with pytest.raises(ConfigurationError) as raised:
        read_script(SCRIPT.replace(old, new), "my.ps1")
    assert complaint in raised.value.message
    assert raised.value.message.startswith("my.ps1:")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Add-ADSyncRule -SynchronizationRule $syncRule[0]", "the rule of line 2 is added already"),
        ("if ($x) { Remove-Item / }", "if is no cmdlet of the rules editor's scripts"),
        ("$x = Read-Host 'number'", "Read-Host is no cmdlet"),
        ("& evil.exe", "'&' begins no statement"),
        ("'a' | Out-Null", "a value alone does nothing"),
        ("Import-Module Evil", "the only module read here is ADSync."),
    ],
)
def test_what_the_editor_never_writes_is_refused(line, complaint):
    with pytest.raises(ConfigurationError) as raised:
        read_script(SCRIPT + line)
    assert f":{SCRIPT.count(chr(10)) + 1}:" in raised.value.message
    assert complaint in raised.value.message


def test_all_faults_come_at_once_and_none_twice():
    broken = SCRIPT.replace("'Update'", "'Blend'").replace("'EQUAL'", "'IS'").replace("'mail','mail',$true", "'mail'")
    with pytest.raises(ConfigurationError) as raised:
        read_script(broken)
    assert [int(line.split(":")[1]) for line in raised.value.message.splitlines()] == [25, 35, 50]
    with pytest.raises(ConfigurationError) as raised:
        read_script(SCRIPT.replace("'Inbound'", "'Up'"))
    assert len(raised.value.message.splitlines()) == 1


def test_an_identifier_is_added_once():
    with pytest.raises(ConfigurationError, match="the rule of line 2 has the identifier aaaaaaaa-0000"):
        read_script(SCRIPT + SCRIPT)


def test_bytes_of_no_encoding_name_their_line():
    with pytest.raises(ConfigurationError, match=r"^script:2: this is no UTF-8 text; save it as UTF-8\.$"):
        read_script(b"# a\n\xff\xfe")


def test_what_a_script_cannot_say_is_noted():
    (rule,) = read_script(SCRIPT)
    fuller = replace(rule, version=3, internal_identifier="b" * 8, unknown={"someday": "<someday/>"})
    assert unsaid(rule) == []
    assert write_script([fuller]).startswith(
        "# not carried by New-ADSyncRule: version 3, internal-id {bbbbbbbb}, someday\n"
    )
    assert read_script(write_script([fuller])) == [rule]


def test_the_standard_rules_come_back():
    rules = list(standard_rules(StandardRuleOptions(ad_connectors=(DirectoryConnector(AD, "contoso.com"),))))
    assert len(rules) > 40
    text = write_script(rules)
    assert read_script(text) == rules
    assert write_script(read_script(text)) == text


@pytest.mark.real_input
def test_all_exported_rules_come_back(real_configuration):
    rules = [read_rule(file) for file in sorted((real_configuration / "SynchronizationRules").glob("*.xml"))]
    assert len(rules) == 62
    assert read_script(write_script(rules)) == rules


NASTY = st.one_of(
    st.text("a'‘’‚‛\"“”„`$(){}@#;,|&\r\n\t\0 -–—\\", max_size=12),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
NAME = NASTY.filter(bool)
GUIDS = st.uuids().map(str)
MERGES = {"merge": st.sampled_from(MergeType), "execute_once": st.booleans()}
SOURCES = st.lists(NASTY, min_size=1, max_size=3).map(tuple)
FLOWS = st.one_of(
    st.builds(AttributeFlow, NAME, st.just(FlowType.DIRECT), SOURCES, **MERGES),
    st.builds(AttributeFlow, NAME, st.just(FlowType.CONSTANT), constant=NASTY, **MERGES),
    st.builds(AttributeFlow, NAME, st.just(FlowType.EXPRESSION), st.just(()) | SOURCES, expression=NAME, **MERGES),
)


def groups(clauses):
    return st.lists(st.lists(clauses, max_size=3).map(tuple), max_size=2).map(tuple)


RULES = st.builds(
    SyncRule,
    GUIDS,
    NAME,
    st.sampled_from(Direction),
    GUIDS,
    NAME,
    NAME,
    st.sampled_from(LinkType),
    st.integers(0, 999_999),
    flows=st.lists(FLOWS, max_size=3).map(tuple),
    scope=groups(st.builds(ScopeClause, NAME, st.sampled_from(sorted(OPERATORS)), NASTY)),
    joins=groups(st.builds(JoinClause, NAME, NAME, st.booleans())),
    description=NASTY,
    immutable_tag=NASTY,
    disabled=st.booleans(),
    enable_password_sync=st.booleans(),
    soft_delete_expiry=st.sampled_from(["00:00:00", "1.00:00:00", "02:30:00"]),
    precedence_before=GUIDS,
    precedence_after=GUIDS,
).map(lambda rule: replace(rule, internal_identifier=rule.identifier))


@given(st.lists(RULES, max_size=3, unique_by=lambda rule: rule.identifier))
def test_any_rules_survive_writing_and_reading(rules):
    text = write_script(rules)
    assert read_script(text) == rules
    assert read_script(text.encode()) == rules
    assert read_script(text.replace("\n", "\r\n")) == rules


@given(st.text("New-ADSyncRule $x[0]@('\"`,)\n|=;#<>{}&", max_size=60))
def test_no_text_ends_in_anything_but_rules_or_a_refusal(text):
    with suppress(ConfigurationError):
        assert read_script(text) == []
