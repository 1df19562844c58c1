"""What is written as a policy reads back the same, in either layout; what a policy cannot carry is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.rules.rule import Direction, LinkType, SyncRule
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.setup.configuration.server_configuration import read_server_configuration
from engine.setup.settings.policy_writing import policy_of, policy_of_rules, write_policy
from engine.setup.settings.synchronization_policy import (
    CUSTOM,
    STANDARD,
    DirectoryPolicy,
    EntraPolicy,
    Layout,
    PartitionPolicy,
    SynchronizationPolicy,
    read_policy,
)

AD = "ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d"
SHIPPED = standard_rules(StandardRuleOptions((DirectoryConnector(AD, "contoso.com"),)))


def custom(precedence=5, **changes):
    rule = SyncRule(
        "aaaaaaaa-0000-0000-0000-000000000001",
        "In from AD - User Ours",
        Direction.INBOUND,
        AD,
        "user",
        "person",
        LinkType.JOIN,
        precedence,
        internal_identifier="aaaaaaaa-0000-0000-0000-000000000001",
    )
    return replace(rule, **changes)


@pytest.mark.parametrize("layout", list(Layout))
def test_the_shipped_rules_are_only_named(layout):
    policy = replace(policy_of_rules([custom(), *SHIPPED]), layout=layout)
    text = write_policy(policy)
    assert read_policy(text) == policy
    document = json.loads(text)
    where = document["synchronizationRules"] if layout is Layout.FLAT else document["onpremisesDirectoryPolicy"][0]
    assert set(where[STANDARD][0]) == {"name", "uniqueIdentifier", "immutableTag", "precedence", "connector"}
    assert "attributeMappings" in where[CUSTOM][0]


def test_a_standard_rule_somebody_edited_is_written_whole():
    edited = replace(SHIPPED[3], flows=SHIPPED[3].flows[1:])
    policy = policy_of_rules([edited, *SHIPPED[4:]])
    document = json.loads(write_policy(policy))
    assert [len(rule) > 6 for rule in document["synchronizationRules"][STANDARD][:2]] == [True, False]
    assert read_policy(write_policy(policy)) == policy


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.real_input
def test_a_real_server_comes_back(layout):
    folder = Path(__file__).parents[5] / "shared/real/contoso-server-configuration"
    if not folder.is_dir():
        pytest.skip("the exported configuration ../shared/real/contoso-server-configuration is not here")
    policy = replace(policy_of(read_server_configuration(folder)), layout=layout)
    assert len(policy.rules) == 62
    assert read_policy(write_policy(policy)) == policy
    (directory,) = policy.directories
    assert (directory.forest, directory.account) == ("contoso.com", "contoso.com\\MSOL_d1edb676ca03")
    assert directory.partitions[0].inclusions == ("OU=CORP,DC=contoso,DC=com",)
    assert (policy.entra.source_anchor_attribute, policy.entra.join_criteria) == ("objectGUID", "ObjectSID")
    assert (policy.entra.deletion_threshold, policy.entra.upn_attribute) == (500, "userPrincipalName")
    assert "HybridExchange" in policy.entra.features


@pytest.mark.parametrize(("precedence", "carried"), [(0, True), (99, True), (100, False), (4000, False)])
def test_custom_rules_are_carried_from_0_to_99(precedence, carried):
    policy = policy_of_rules([custom(precedence)])
    if carried:
        assert read_policy(write_policy(policy)) == policy
        return
    with pytest.raises(ConfigurationError) as raised:
        write_policy(policy)
    assert raised.value.code == "custom-precedence"
    assert f'"In from AD - User Ours" has the precedence {precedence}' in raised.value.message


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
NAMES = TEXT.filter(lambda text: text.strip())
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
UNKNOWN = st.dictionaries(st.sampled_from(["zeta", "Eta", "θ"]), PLAIN, max_size=2)
PARTITIONS = st.builds(
    PartitionPolicy,
    NAMES,
    st.booleans(),
    st.lists(TEXT, max_size=2).map(tuple),
    st.lists(TEXT, max_size=2).map(tuple),
    UNKNOWN,
)
DIRECTORIES = st.builds(
    DirectoryPolicy,
    NAMES,
    st.just(AD) | st.uuids().map(str),
    TEXT,
    TEXT,
    st.lists(PARTITIONS, max_size=2).map(tuple),
    TEXT,
    UNKNOWN,
)
ENTRA = st.builds(
    EntraPolicy,
    TEXT,
    st.lists(st.just("HybridExchange") | TEXT, max_size=2).map(tuple),
    st.sampled_from(["", "objectGUID", "mS-DS-ConsistencyGuid", "employeeID"]),
    TEXT,
    st.sampled_from(["", "Mail", "ObjectSID", "SamAccountName"]),
    st.none() | st.integers(0, 10**6),
    UNKNOWN,
)
SOME_RULES = (custom(), custom(6, connector=ENTRA_CONNECTOR_ID, identifier=ENTRA_CONNECTOR_ID), *SHIPPED[:3])
POLICIES = st.builds(
    SynchronizationPolicy,
    st.dictionaries(TEXT, PLAIN, max_size=2),
    st.dictionaries(TEXT, PLAIN, max_size=2),
    st.lists(DIRECTORIES, max_size=2, unique_by=lambda one: one.identifier).map(tuple),
    ENTRA,
    st.sets(st.integers(0, 4), max_size=3).map(lambda chosen: tuple(SOME_RULES[number] for number in sorted(chosen))),
    UNKNOWN.map(lambda unknown: {SHIPPED[0].identifier: unknown} if unknown else {}),
    st.sampled_from(Layout),
    UNKNOWN,
)


@settings(max_examples=60, deadline=None)
@given(POLICIES)
def test_any_policy_survives_writing_and_reading(policy):
    held = {rule.identifier for rule in policy.rules}
    policy = replace(policy, rule_unknown={key: value for key, value in policy.rule_unknown.items() if key in held})
    assert read_policy(write_policy(policy)) == policy
