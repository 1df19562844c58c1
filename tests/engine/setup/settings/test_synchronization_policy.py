"""Reading the wizard's policy file: both layouts, standard rules that are only named, every fault with its place."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.errors import ConfigurationError
from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.rules.rule import AttributeFlow, Direction, FlowType, JoinClause, LinkType, MergeType, ScopeClause
from engine.setup.settings.synchronization_policy import (
    Layout,
    PartitionPolicy,
    examine_policy,
    read_policy,
    shipped_by_name,
)

AD = "ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d"
CUSTOM_RULE = {
    "name": "In from AD - User Staff",
    "description": "ours",
    "uniqueIdentifier": "aaaaaaaa-0000-0000-0000-000000000001",
    "internalIdentifier": "aaaaaaaa-0000-0000-0000-000000000002",
    "precedence": 50,
    "direction": "Inbound",
    "source": "user",
    "target": "person",
    "linkType": "Join",
    "scopeFilters": [[{"attribute": "department", "condition": "EQUAL", "value": "IT"}]],
    "joinFilters": [[{"csAttribute": "mail", "mvAttribute": "mail", "caseSensitive": True}]],
    "attributeMappings": [
        {"destination": "title", "source": "title", "executeOnce": True},
        {"destination": "cloudFiltered", "source": ["True"], "flowType": "Constant"},
        {
            "destination": "info",
            "source": ["info"],
            "flowType": "Expression",
            "expression": "Left([info],448)",
            "valueMergeType": "Merge",
        },
    ],
}
STANDARD_RULE = {
    "name": "In from AD - User Join",
    "uniqueIdentifier": "bbbbbbbb-0000-0000-0000-000000000001",
    "immutableTag": "Microsoft.InfromADUserJoin.006",
    "precedence": 100,
}


def published(**changes):
    """A policy in the layout of published files."""
    document = {
        "policyMetadata": {"type": "applied", "author": "CONTOSO\\ana"},
        "deploymentMetadata": {"hostName": "SYNC1.contoso.com", "databaseName": "ADSync"},
        "onpremisesDirectoryPolicy": [
            {
                "friendlyName": "contoso.com",
                "fullyQualifiedDomainName": "contoso.com",
                "uniqueIdentifier": "{" + AD.upper() + "}",
                "partitionFilters": [
                    {
                        "distinguishedName": "DC=contoso,DC=com",
                        "containerInclusions": ["OU=Staff,DC=contoso,DC=com"],
                        "containerExclusions": ["DC=contoso,DC=com"],
                        "objectTypes": ["user"],
                    }
                ],
                "standardSynchronizationRules": [STANDARD_RULE],
                "customSynchronizationRules": [CUSTOM_RULE],
                "provisioningHierarchy": None,
            }
        ],
        "azureDirectoryPolicy": {"standardSynchronizationRules": [], "customSynchronizationRules": [], "x": {"y": 1}},
        "somethingNew": [1],
    }
    return {**document, **changes}


def test_the_layout_of_published_files():
    policy = read_policy(json.dumps(published()))
    assert policy.layout is Layout.NESTED
    assert policy.deployment["hostName"] == "SYNC1.contoso.com"
    (directory,) = policy.directories
    assert (directory.forest, directory.identifier, directory.name) == ("contoso.com", AD, "contoso.com")
    partition = replace(directory.partitions[0], unknown={})
    assert partition == PartitionPolicy(
        "DC=contoso,DC=com", True, ("OU=Staff,DC=contoso,DC=com",), ("DC=contoso,DC=com",)
    )
    assert [rule.name for rule in policy.rules] == ["In from AD - User Staff", "In from AD - User Join"]
    assert {rule.connector for rule in policy.rules} == {AD}


def test_a_custom_rule_is_read_whole():
    rule = read_policy(json.dumps(published())).rules[0]
    assert (rule.identifier[:8], rule.internal_identifier[-1], rule.precedence) == ("aaaaaaaa", "2", 50)
    assert (rule.direction, rule.link_type, rule.description) == (Direction.INBOUND, LinkType.JOIN, "ours")
    assert rule.scope == ((ScopeClause("department", "EQUAL", "IT"),),)
    assert rule.joins == ((JoinClause("mail", "mail", True),),)
    assert rule.flows == (
        AttributeFlow("title", FlowType.DIRECT, ("title",), execute_once=True),
        AttributeFlow("cloudFiltered", FlowType.CONSTANT, constant="True"),
        AttributeFlow("info", FlowType.EXPRESSION, ("info",), None, "Left([info],448)", MergeType.MERGE),
    )


def test_a_standard_rule_that_is_only_named_is_what_this_version_ships():
    rule = read_policy(json.dumps(published())).rules[1]
    assert (rule.link_type, rule.source_object_type) == (LinkType.PROVISION, "user")
    assert (rule.identifier[:8], rule.immutable_tag) == ("bbbbbbbb", "Microsoft.InfromADUserJoin.006")
    assert rule.joins
    assert rule.scope


@pytest.mark.parametrize(
    ("listed", "group", "shipped"),
    [
        (["In from AD - User Join", "In from AD - User Exchange"], "", {"exchange"}),
        (["In from AD - User Join", "In from AD - User Lync"], "", {"lync"}),
        (["In from AD - User Join"], "", set()),
        (["In from AD - User Join"], "CN=Pilot,DC=contoso,DC=com", {"group filtering"}),
        ([], "", {"exchange", "lync"}),
    ],
)
def test_what_a_directory_lists_tells_which_rules_it_was_given(listed, group, shipped):
    policy = read_policy(json.dumps(published()))
    pattern = policy.rules[1]
    policy = replace(policy, directories=(replace(policy.directories[0], group_filter=group),))
    found = shipped_by_name(policy, [replace(pattern, name=name) for name in listed])
    optional = {f"in from ad - user {part}" for part in ("exchange", "lync", "group filtering")}
    assert {name.removeprefix("in from ad - user ") for name, _ in found if name in optional} == shipped


def test_the_flat_layout_names_connectors_in_the_rules():
    document = {
        "deploymentMetadata": {},
        "onpremisesDirectories": [{"forest": "contoso.com", "uniqueIdentifier": AD, "partitions": []}],
        "azureADPolicy": {
            "signInMethod": "PasswordHashSync",
            "features": ["HybridExchange"],
            "sourceAnchorAttribute": "objectGUID",
            "deletionThreshold": 500,
        },
        "synchronizationRules": {
            "standardSynchronizationRules": [{**STANDARD_RULE, "connector": AD, "disabled": True}],
            "customSynchronizationRules": [{**CUSTOM_RULE, "connector": ENTRA_CONNECTOR_ID}],
        },
    }
    policy = read_policy(json.dumps(document))
    assert policy.layout is Layout.FLAT
    assert (policy.entra.sign_in_method, policy.entra.deletion_threshold) == ("PasswordHashSync", 500)
    assert [(rule.connector, rule.disabled) for rule in policy.rules] == [(ENTRA_CONNECTOR_ID, False), (AD, True)]


def test_what_nobody_knows_is_kept_where_it_was():
    policy = read_policy(json.dumps(published()))
    assert policy.unknown == {"somethingNew": [1]}
    assert policy.entra.unknown == {"x": {"y": 1}}
    assert policy.directories[0].unknown == {"provisioningHierarchy": None}
    assert policy.directories[0].partitions[0].unknown == {"objectTypes": ["user"]}
    marked = {**CUSTOM_RULE, "signature": "x"}
    policy = read_policy(json.dumps(published()).replace('"description": "ours"', '"signature": "x"'))
    assert policy.rule_unknown == {CUSTOM_RULE["uniqueIdentifier"]: {"signature": marked["signature"]}}


def test_names_are_found_whatever_their_case():
    text = (
        json.dumps(published())
        .replace('"name"', '"Name"')
        .replace("onpremisesDirectoryPolicy", "OnPremisesDirectoryPolicy")
    )
    assert len(read_policy(text).rules) == 2


def test_powershell_writes_utf_16_and_a_policy_without_rules():
    migrated = {"policyMetadata": {"type": "migration"}, "deploymentMetadata": {"hostName": "SYNC1"}}
    policy = read_policy(json.dumps(migrated).encode("utf-16"))
    assert (policy.metadata, policy.rules) == ({"type": "migration"}, ())


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"precedence": 50', '"precedence": 100', ": the rule In from AD - User Staff: a custom rule has a precedence"),
        (
            '"precedence": 50',
            '"precedence": "x"',
            ": the rule In from AD - User Staff: precedence is a whole number, not",
        ),
        ('"precedence": 50', '"precedense": 50', "precedence is missing. Is precedense meant for it?"),
        ('"Inbound"', '"Inbond"', "direction 'Inbond' is none of Inbound, Outbound. Did you mean Inbound?"),
        (
            '"Constant"',
            '"Costant"',
            "flowType 'Costant' is none of Direct, Constant, Expression. Did you mean Constant?",
        ),
        ('"Merge"', '"Blend"', "the mapping to info: valueMergeType 'Blend' is none of"),
        ("aaaaaaaa-0000-0000-0000-000000000001", "aaaa", "uniqueIdentifier 'aaaa' is not a GUID."),
        ('["True"]', '["True", "False"]', "the mapping to cloudFiltered: a constant is one source, not 2."),
        ('"caseSensitive": true', '"caseSensitive": 3', "caseSensitive is true or false, not the number 3."),
        ('"executeOnce": true', '"executeOnce": []', "executeOnce is true or false, not a list."),
        ('"ours"', "5", "description is a text, not the number 5."),
        ('["OU=Staff,DC=contoso,DC=com"]', "[7]", "containerInclusions holds texts, not the number 7."),
        ('"DC=contoso,DC=com", "containerI', '"", "containerI', "a partition: distinguishedName needs a value."),
        ("In from AD - User Join", "In from AD - User Joint", "there is no standard rule 'In from AD - User Joint'"),
        ('"immutableTag"', '"imutableTag"', "immutableTag is missing. Is imutableTag meant for it?"),
        ('"description": "ours"', '"immutableTag": "T"', "a rule with the tag T is no custom rule."),
        ('{"type": "applied", "author": "CONTOSO\\\\ana"}', "3", "policyMetadata is an object, not the number 3."),
    ],
)
def test_faults_name_file_line_and_column(old, new, complaint):
    text = json.dumps(published(), indent=1)
    flat = json.dumps(published())
    assert old in flat
    with pytest.raises(ConfigurationError) as raised:
        read_policy(flat.replace(old, new, 1), "policy.json")
    (line,) = raised.value.message.splitlines()
    assert complaint in line
    assert line.startswith("policy.json:1:")
    assert read_policy(text)


def test_all_faults_come_at_once_and_the_rest_is_read():
    text = json.dumps(published(), indent=1)
    broken = text.replace('"precedence": 50', '"precedence": true').replace('"condition": "EQUAL"', '"condition": 1')
    policy, read, problems = examine_policy(broken.replace('"Join"', '"Jion"'), "p.json")
    assert len(problems) == 3
    assert [one.whole for one in read] == [False, True]
    assert len(policy.rules) == 2


@pytest.mark.parametrize("text", ["[1]", "5", "null", '"x"'])
def test_a_policy_is_an_object(text):
    with pytest.raises(ConfigurationError, match="a policy is an object"):
        read_policy(text)


def test_a_broken_file_is_told_with_its_place():
    with pytest.raises(ConfigurationError, match=r"p\.json:2:3: expected a comma or \}, found '\"'\."):
        read_policy('{"a": 1\n  "b": 2}', "p.json")
