from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.connectors.entra.entra_schema import ENTRA_SCHEMA
from engine.errors import ConfigurationError
from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.model.schema import AttributeType
from engine.rules.checking import Surroundings, check_rules, counts_line
from engine.rules.expression import IGNORE_THIS_FLOW, Context, ErrorRaised, compile_expression
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.rule import FlowType, MergeType
from engine.rules.standard import (
    CONSISTENCY_GUID,
    DirectoryConnector,
    StandardRuleOptions,
    rule_identifier,
    standard_rules,
)
from engine.setup.configuration.server_configuration import read_server_configuration

CASES = Path(__file__).parents[3] / "cases/standard_rules"
CONTOSO = DirectoryConnector("aaaaaaaa-0000-0000-0000-000000000001", "contoso.com")
PLAIN_CONTOSO = DirectoryConnector(CONTOSO.identifier, "contoso.com", has_exchange=False, has_lync=False)
FABRIKAM = DirectoryConnector(
    "bbbbbbbb-0000-0000-0000-000000000002", "fabrikam.com", has_exchange=False, has_lync=False
)
NAMES = {CONTOSO.identifier: "contoso.com", FABRIKAM.identifier: "fabrikam.com", ENTRA_CONNECTOR_ID: "tenant"}
GUID = bytes.fromhex("33221100554477668899aabbccddeeff")
ANCHOR = "MyIRAFVEd2aImaq7zN3u/w=="
OTHER_GUID = bytes(16)


def options(*connectors, **changes):
    return StandardRuleOptions(connectors or (CONTOSO,), **changes)


def named(rules, name):
    return next(rule for rule in rules if rule.name == name)


def flow_of(rules, name, target):
    return next(flow for flow in named(rules, name).flows if flow.target == target)


def evaluate(rules, name, target, parameters=None, **attributes):
    attributes = {key.replace("__", "-"): value for key, value in attributes.items()}
    context = Context(attributes, attributes, parameters or {}, datetime(2026, 1, 15, tzinfo=UTC), random.Random(0))
    return compile_expression(flow_of(rules, name, target).expression).evaluate(context)


@pytest.mark.parametrize(
    ("file", "chosen"),
    [
        ("one_forest", options()),
        ("one_forest_object_guid", options(PLAIN_CONTOSO, anchor="objectGUID")),
        (
            "two_forests",
            options(CONTOSO, FABRIKAM, join_criteria="ObjectSID", exchange_hybrid=True, device_rules=True),
        ),
    ],
)
def test_names_and_precedence(file, chosen):
    golden = [line for line in (CASES / f"{file}.txt").read_text().splitlines() if not line.startswith("#")]
    assert [f"{r.precedence} {r.name} | {NAMES[r.connector]}" for r in standard_rules(chosen)] == golden


#: What later builds or our decisions add to the rules exported in 2016; nothing is missing.
ADDITIONS = {
    "In from AD - User AccountEnabled": {"onPremisesUserPrincipalName"},
    "In from AD - InetOrgPerson AccountEnabled": {"onPremisesUserPrincipalName"},
    "In from AD - User Common from Exchange": {"employeeID"},
    "In from AD - InetOrgPerson Common from Exchange": {"employeeID"},
    "In from AD - User Common": {"onPremisesUserPrincipalName", "employeeID", "employeeType"},
    "In from AD - InetOrgPerson Common": {"onPremisesUserPrincipalName", "employeeID", "proxyAddresses"},
    "In from AD - User Exchange": {"usageLocation"},
    "In from AD - InetOrgPerson Exchange": {"usageLocation"},
    "In from AAD - User Join": {"cloudMastered"},
    "Out to AAD - Device Join SOAInAD": {"sourceAnchor"},
    "Out to AD - User Exchange Hybrid": {"msExchArchiveStatus"},
    "Out to AD - InetOrgPerson Exchange Hybrid": {"msExchArchiveStatus"},
}
CONTACT_LEGACY_DN = ("In from AD - Contact Common", "legacyExchangeDN")  # a copy said as an expression there


@pytest.mark.real_input
def test_the_options_of_a_real_server_give_its_rules(real_configuration):
    real = read_server_configuration(real_configuration)
    directory = DirectoryConnector(real.connectors[1].identifier, "contoso.com")
    ours = standard_rules(
        options(
            directory,
            anchor="objectGUID",
            join_criteria="ObjectSID",
            exchange_hybrid=True,
            device_rules=True,
            group_member_limit=50_000,
        )
    )
    assert [rule.name for rule in ours[62:]] == ["In from AAD - Device Common"]
    for mine, theirs in zip(ours, real.rules, strict=False):
        for part in ("precedence", "name", "direction", "connector", "source_object_type", "target_object_type"):
            assert getattr(mine, part) == getattr(theirs, part), (theirs.name, part)
        for part in ("link_type", "scope", "joins", "enable_password_sync", "disabled", "is_standard"):
            assert getattr(mine, part) == getattr(theirs, part), (theirs.name, part)
        assert set(shape(mine)) - set(shape(theirs)) == ADDITIONS.get(mine.name, set())
        assert set(shape(theirs)) <= set(shape(mine))
        for target, form in shape(theirs).items():
            if (theirs.name, target) != CONTACT_LEGACY_DN:
                assert shape(mine)[target] == form, (theirs.name, target)


def shape(rule):
    return {
        flow.target: (
            flow.type,
            flow.sources if flow.type is FlowType.DIRECT else None,
            flow.constant if flow.type is FlowType.CONSTANT else None,
            flow.merge,
            flow.execute_once,
        )
        for flow in rule.flows
    }


CRITERIA = ["AlwaysProvision", "Mail", "ObjectSID", "SamAccountName", "employeeID"]


@pytest.mark.parametrize("connectors", [(CONTOSO,), (CONTOSO, FABRIKAM)])
@pytest.mark.parametrize("anchor", ["objectGUID", CONSISTENCY_GUID, "employeeID"])
@pytest.mark.parametrize("criteria", CRITERIA)
@pytest.mark.parametrize("features", [False, True])
def test_every_expansion_is_sound(connectors, anchor, criteria, features):
    rules = standard_rules(
        options(*connectors, anchor=anchor, join_criteria=criteria, exchange_hybrid=features, device_rules=features)
    )
    spaces = {ENTRA_CONNECTOR_ID: ENTRA_SCHEMA, **{connector.identifier: None for connector in connectors}}
    problems = check_rules(rules, Surroundings(spaces, METAVERSE_SCHEMA))
    assert problems == (), counts_line(rules, problems)
    assert [rule.precedence for rule in rules] == list(range(100, 100 + len(rules)))
    assert all(rule.is_standard for rule in rules)
    for rule in rules:
        assert len({flow.target for flow in rule.flows}) == len(rule.flows), rule.name


@pytest.mark.real_input
def test_directory_attributes_exist_in_a_real_schema(real_configuration):
    real = read_server_configuration(real_configuration)
    shipped = standard_rules(options(exchange_hybrid=True, device_rules=True))
    rules = [replace(rule, immutable_tag="") for rule in shipped]  # a shipped rule may read what a forest does not have
    spaces = {ENTRA_CONNECTOR_ID: ENTRA_SCHEMA, CONTOSO.identifier: real.connectors[1].schema}
    problems = check_rules(rules, Surroundings(spaces, METAVERSE_SCHEMA))
    # the schema of 2016 does not have them yet
    assert {problem.attribute for problem in problems} == {"msExchUsageLocation", "msExchArchiveStatus"}


def test_identifiers_are_the_same_on_every_server():
    first, again = standard_rules(options()), standard_rules(options(CONTOSO, FABRIKAM))
    assert named(first, "Out to AAD - User Join").identifier == named(again, "Out to AAD - User Join").identifier
    assert first[0].identifier == rule_identifier("In from AD - User Join", CONTOSO.identifier)
    assert len({rule.identifier for rule in again}) == len(again)


def test_a_further_forest_comes_last_in_each_group():
    rules = standard_rules(options(CONTOSO, FABRIKAM))
    joins = [rule for rule in rules if rule.name == "In from AD - User Join"]
    assert [(rule.precedence, rule.connector) for rule in joins] == [
        (100, CONTOSO.identifier),
        (101, FABRIKAM.identifier),
    ]
    assert not [r for r in rules if r.name == "In from AD - User Exchange" and r.connector == FABRIKAM.identifier]


def pairs(rule):
    return [[(clause.cs_attribute, clause.mv_attribute) for clause in group] for group in rule.joins]


SIDS = [
    [("objectSid", "objectSid")],
    [("msExchMasterAccountSid", "objectSid")],
    [("objectSid", "msExchMasterAccountSid")],
    [("msRTCSIP-OriginatorSid", "objectSid")],
    [("objectSid", "msRTCSIP-OriginatorSid")],
]
GUIDS = [[(CONSISTENCY_GUID, "sourceAnchorBinary")], [("objectGUID", "sourceAnchorBinary")]]


@pytest.mark.parametrize(
    ("anchor", "criteria", "expected"),
    [
        ("objectGUID", "AlwaysProvision", [[("objectGUID", "sourceAnchorBinary")]]),
        (CONSISTENCY_GUID, "AlwaysProvision", GUIDS),
        ("employeeID", "AlwaysProvision", [[("employeeID", "sourceAnchor")]]),
        ("objectGUID", "ObjectSID", SIDS),
        (CONSISTENCY_GUID, "ObjectSID", GUIDS + SIDS),
        (CONSISTENCY_GUID, "Mail", [[("mail", "mail")]]),
        ("objectGUID", "SamAccountName", [[("sAMAccountName", "accountName"), ("mailNickname", "mailNickname")]]),
        ("objectGUID", "employeeid", [[("employeeID", "employeeID")]]),
        ("objectGUID", "sAMAccountName", [[("sAMAccountName", "accountName")]]),
        ("objectGUID", "division", [[("division", "division")]]),
    ],
)
def test_joins_follow_the_matching_option(anchor, criteria, expected):
    rules = standard_rules(options(anchor=anchor, join_criteria=criteria))
    assert pairs(named(rules, "In from AD - User Join")) == expected
    assert pairs(named(rules, "In from AD - Contact Join")) == [[("mail", "mail")]]


def test_matching_on_what_the_metaverse_lacks_is_refused():
    with pytest.raises(ConfigurationError, match="the metaverse has no such attribute"):
        standard_rules(options(join_criteria="carLicense"))


def test_an_integer_anchor_is_its_digits():
    rules = standard_rules(options(anchor="uidNumber", anchor_type=AttributeType.INTEGER))
    assert evaluate(rules, "In from AD - User Common", "sourceAnchor", uidNumber=1042) == "MTA0Mg=="


def test_write_back_exists_only_with_consistency_guid():
    with_guid, without = standard_rules(options()), standard_rules(options(anchor="objectGUID"))
    assert "Out to AD - User ImmutableId" not in [rule.name for rule in without]
    rule = named(with_guid, "Out to AD - User ImmutableId")
    assert [(flow.target, flow.sources) for flow in rule.flows] == [(CONSISTENCY_GUID, ("sourceAnchorBinary",))]
    assert pairs(rule) == GUIDS


@pytest.mark.parametrize("rule", ["In from AD - User AccountEnabled", "In from AD - User Common"])
def test_the_user_anchor_by_object_guid(rule):
    rules = standard_rules(options(anchor="objectGUID"))
    assert evaluate(rules, rule, "sourceAnchor", objectGUID=GUID) == ANCHOR
    assert evaluate(rules, rule, "sourceAnchor", objectGUID=GUID, msExchRecipientTypeDetails=1) == ANCHOR
    assert evaluate(rules, rule, "sourceAnchor", objectGUID=GUID, msExchRecipientTypeDetails=2) is None


@pytest.mark.parametrize("rule", ["In from AD - User AccountEnabled", "In from AD - User Common"])
def test_the_user_anchor_by_consistency_guid(rule):
    rules = standard_rules(options())
    present = {"objectGUID": OTHER_GUID, "mS__DS__ConsistencyGuid": GUID}
    assert evaluate(rules, rule, "sourceAnchor", **present) == ANCHOR
    assert evaluate(rules, rule, "sourceAnchorBinary", **present) == GUID
    assert evaluate(rules, rule, "sourceAnchor", objectGUID=GUID) == ANCHOR
    assert evaluate(rules, rule, "sourceAnchor", msExchRecipientTypeDetails=2, **present) is None
    assert evaluate(rules, rule, "sourceAnchorBinary", msExchRecipientTypeDetails=2, **present) is None


def test_the_join_rule_gives_the_binary_anchor_only_where_the_anchor_alone_joins():
    once, sids = standard_rules(options()), standard_rules(options(join_criteria="ObjectSID"))
    linked = {"objectGUID": GUID, "msExchRecipientTypeDetails": 2}
    assert evaluate(once, "In from AD - User Join", "sourceAnchorBinary", **linked) == GUID
    assert "sourceAnchorBinary" not in [flow.target for flow in named(sids, "In from AD - User Join").flows]


def test_a_custom_text_anchor_flows_as_it_is():
    rules = standard_rules(options(anchor="employeeID"))
    assert evaluate(rules, "In from AD - User Common", "sourceAnchor", employeeID="EMP-01") == "EMP-01"
    assert evaluate(rules, "In from AD - User Common", "sourceAnchor") is None
    binary = standard_rules(options(anchor="custom", anchor_type=AttributeType.BINARY))
    assert evaluate(binary, "In from AD - User Common", "sourceAnchor", custom=GUID) == ANCHOR


def test_groups_use_a_present_consistency_guid():
    rules = standard_rules(options())
    common = "In from AD - Group Common"
    assert evaluate(rules, common, "sourceAnchor", objectGUID=OTHER_GUID, mS__DS__ConsistencyGuid=GUID) == ANCHOR
    assert evaluate(rules, common, "sourceAnchor", objectGUID=GUID) == ANCHOR
    plain = standard_rules(options(anchor="objectGUID"))
    assert evaluate(plain, common, "sourceAnchor", objectGUID=GUID, mS__DS__ConsistencyGuid=OTHER_GUID) == ANCHOR


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, None),
        ({"sAMAccountName": None}, True),
        ({"isCriticalSystemObject": False}, True),  # D7: presence filters, whatever the value
        ({"sAMAccountName": "SUPPORT_388945a0"}, True),
        ({"sAMAccountName": "AAD_1234"}, True),
        ({"sAMAccountName": "MSOL_1234"}, True),
        ({"sAMAccountName": "CAS_{1234}"}, True),
        ({"sAMAccountName": "CAS_1234"}, None),
        ({"mailNickname": "SystemMailbox{1f05a927}"}, True),
        ({"mailNickname": "CAS_{1234}"}, True),
        ({"mailNickname": "ana"}, None),
        ({"msExchRecipientTypeDetails": 0x1000}, True),
        ({"msExchRecipientTypeDetails": 0x20000000}, True),
        ({"msExchRecipientTypeDetails": 1}, None),
        ({"msExchRecipientTypeDetails": 2}, None),
        ({"dn": r"CN=Ana\0ACNF:1f05a927-0000-0000-0000-000000000000,DC=contoso,DC=com"}, True),
    ],
)
def test_which_users_are_filtered(attributes, expected):
    held = {"dn": "CN=Ana,DC=contoso,DC=com", "sAMAccountName": "ana", **attributes}
    held = {name: value for name, value in held.items() if value is not None}
    assert evaluate(standard_rules(options()), "In from AD - User Join", "cloudFiltered", **held) is expected


@pytest.mark.parametrize(
    ("rule", "attributes", "expected"),
    [
        ("Group", {"sAMAccountName": "Staff"}, None),
        ("Group", {"isCriticalSystemObject": True}, True),
        ("Group", {"sAMAccountName": "MSOL_AD_Sync_RichCoexistence"}, True),
        ("Group", {"msExchRecipientTypeDetails": 0x40000000}, True),
        ("Contact", {"displayName": "Ana (MSOL)", "msExchHideFromAddressLists": True}, True),
        ("Contact", {"displayName": "Ana (MSOL)", "msExchHideFromAddressLists": False}, None),
        ("Contact", {"displayName": "Ana (MSOL)"}, None),
        ("Contact", {"mailNickname": "CAS_{1}"}, True),
        ("Contact", {"displayName": "Ana"}, None),
    ],
)
def test_which_groups_and_contacts_are_filtered(rule, attributes, expected):
    held = {"dn": "CN=x,DC=contoso,DC=com", **attributes}
    assert evaluate(standard_rules(options()), f"In from AD - {rule} Join", "cloudFiltered", **held) is expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, False),
        ({"mail": "staff@contoso.com"}, True),
        ({"mail": "staff"}, False),
        ({"proxyAddresses": ["SMTP:staff@contoso.com"]}, True),
        ({"proxyAddresses": ["smtp:staff@contoso.com"]}, False),
        ({"proxyAddresses": ["X500:/o=x", "SMTP:staff@contoso.com"]}, True),
        ({"proxyAddresses": ["SMTP:staff"]}, False),
    ],
)
def test_what_is_mail_enabled(attributes, expected):
    rules = standard_rules(options())
    for rule in ("In from AD - Group Join", "In from AD - Contact Join"):
        assert evaluate(rules, rule, "mailEnabled", **attributes) is expected


def test_the_sign_in_name():
    domain = {"Domain.FQDN": "contoso.com"}
    rules = standard_rules(options())
    name = ("In from AD - User Common", "userPrincipalName")
    assert evaluate(rules, *name, domain, userPrincipalName="ana@x", sAMAccountName="a") == "ana@x"
    assert evaluate(rules, *name, domain, sAMAccountName="ana") == "ana@contoso.com"
    with pytest.raises(ErrorRaised, match="AccountName is not present"):
        evaluate(rules, *name, domain)
    by_mail = standard_rules(options(upn_attribute="mail"))
    assert evaluate(by_mail, *name, domain, mail="ana@mail", userPrincipalName="ana@x") == "ana@mail"
    assert evaluate(by_mail, *name, domain, sAMAccountName="ana") == "ana@contoso.com"


def test_a_changed_anchor_is_an_error_unless_the_object_was_promoted():
    rules = standard_rules(options())
    held = {"sourceAnchor": "new", "cloudSourceAnchor": "old", "sourceObjectType": "User"}
    check = ("Out to AAD - User Join", "sourceAnchor")
    assert evaluate(rules, *check, sourceAnchor="new") == "new"
    assert evaluate(rules, *check, **held, cloudAnchor="Contact_1") == "new"
    assert evaluate(rules, *check, **{**held, "cloudSourceAnchor": "new"}, cloudAnchor="User_1") == "new"
    with pytest.raises(ErrorRaised, match="SourceAnchor attribute has changed"):
        evaluate(rules, *check, **held, cloudAnchor="User_1")
    with pytest.raises(ErrorRaised, match="SourceAnchor attribute has changed"):
        evaluate(rules, "Out to AAD - Group Join", "sourceAnchor", sourceAnchor="new", cloudSourceAnchor="old")


@pytest.mark.parametrize("limit", [250_000, 50_000])
def test_the_member_limit(limit):
    rules = standard_rules(options(group_member_limit=limit))
    join = named(rules, "Out to AAD - Group Join")
    assert evaluate(rules, join.name, "member", memberCount=limit) is IGNORE_THIS_FLOW
    with pytest.raises(ErrorRaised, match="Maximum Group member count exceeded"):
        evaluate(rules, join.name, "member", memberCount=limit + 1)
    assert [group[-1].value for group in join.scope if group[-1].attribute == "memberCount"] == [str(limit)] * 2


def test_small_flows():
    rules = standard_rules(options(exchange_hybrid=True, device_rules=True))
    common = "In from AD - User Common"
    assert evaluate(rules, common, "pwdLastSet", pwdLastSet=132539328000000000) == "20210101000000.0Z"
    assert evaluate(rules, common, "pwdLastSet") is None
    assert evaluate(rules, common, "accountEnabled", userAccountControl=512) is True
    assert evaluate(rules, common, "accountEnabled", userAccountControl=514) is False
    assert evaluate(rules, common, "sourceObjectType") == "User"
    assert evaluate(rules, common, "sourceObjectType", msExchRecipientTypeDetails=2) is None
    assert evaluate(rules, common, "displayName", cn="Ana") == "Ana"
    assert evaluate(rules, common, "description", description=[" x ", "y"]) == "x"
    assert evaluate(rules, common, "proxyAddresses", proxyAddresses=["SMTP:a@b ", "SMTP:a@b"]) == ["SMTP:a@b"]
    groups = "In from AD - Group Common"
    assert evaluate(rules, groups, "memberCount", member=[4, 5]) == 2
    assert evaluate(rules, groups, "securityEnabled", groupType=-2147483646) is True
    assert evaluate(rules, groups, "securityEnabled", groupType=2) is False
    assert evaluate(rules, "Out to AAD - User Join", "dn", sourceAnchor=ANCHOR) == (
        "CN={4D79495241465645643261496D6171377A4E33752F773D3D}"
    )
    assert evaluate(rules, "Out to AAD - User Join", "usageLocation") is IGNORE_THIS_FLOW
    hybrid = "Out to AD - User Exchange Hybrid"
    assert evaluate(rules, hybrid, "proxyAddresses", cloudLegacyExchangeDN="/o=x") == "x500:/o=x"
    assert flow_of(rules, hybrid, "proxyAddresses").merge is MergeType.MERGE_CASE_INSENSITIVE
    assert evaluate(rules, "In from AD - Computer Join", "cloudFiltered") is True


def test_application_filtering_takes_out_rules_and_flows():
    rules = standard_rules(options(applications=("ExchangeOnline",), excluded_attributes=frozenset({"title", "dn"})))
    kept = [rule.name for rule in rules if rule.name.startswith("Out to AAD - User")]
    assert kept == ["Out to AAD - User Join", "Out to AAD - User Identity", "Out to AAD - User ExchangeOnline"]
    exchange = {flow.target for flow in named(rules, "Out to AAD - User ExchangeOnline").flows}
    assert "title" not in exchange
    assert "department" in exchange
    assert flow_of(rules, "Out to AAD - User Join", "dn")


@pytest.mark.parametrize(
    ("criteria", "since", "expected"),
    [("Mail", True, True), ("Mail", False, False), ("ObjectSID", False, False), ("AlwaysProvision", False, True)],
)
def test_early_releases_matched_across_directories_without_the_binary_anchor(criteria, since, expected):
    rules = standard_rules(options(join_criteria=criteria, cross_directory_anchor=since))
    enabled = named(rules, "In from AD - User AccountEnabled")
    assert ("sourceAnchorBinary" in {flow.target for flow in enabled.flows}) is expected
    assert "sourceAnchor" in {flow.target for flow in enabled.flows}


@pytest.mark.parametrize(
    ("criteria", "carried"), [("division", True), ("employeeID", False), ("sAMAccountName", False)]
)
def test_a_chosen_attribute_is_carried_to_the_metaverse(criteria, carried):
    targets = {
        flow.target for flow in named(standard_rules(options(join_criteria=criteria)), "In from AD - User Join").flows
    }
    assert (criteria in targets) is carried
