"""Service accounts in a directory: who holds an SPN, the key store of managed accounts, a managed account made once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from engine.connectors.active_directory import service_accounts
from engine.connectors.active_directory.ldap_client import LdapClient, Modification, ModifyOperation
from engine.connectors.active_directory.partitions import ForestFacts, read_forest
from harness.lab.addresses import network
from harness.lab.lab import Lab
from harness.scenario.world_reader import build_world

WORLD = {"forests": {"contoso.com": {"users": ["Ana Lopez"]}}, "tenants": {"contoso.onmicrosoft.com": {}}}
SPN = "host/sts.contoso.com"


@pytest.fixture(scope="module")
def bound() -> Iterator[tuple[LdapClient, ForestFacts]]:
    with Lab(build_world(WORLD)) as lab:
        around = network(lab)
        client = LdapClient.connect(around.forests["contoso.com"], ca_bundle=around.ca_bundle)
        client.bind("CONTOSO\\Administrator", lab.forest().admin_password)
        yield client, read_forest(client)
        client.close()


def test_the_key_store_is_made_once(bound: tuple[LdapClient, ForestFacts]) -> None:
    client, forest = bound
    assert not service_accounts.key_store_ready(client, forest)
    service_accounts.prepare_key_store(client, forest, datetime(2026, 1, 5, tzinfo=UTC), random.Random(7))
    assert service_accounts.key_store_ready(client, forest)


def test_a_managed_account_that_exists_is_kept(bound: tuple[LdapClient, ForestFacts]) -> None:
    client, forest = bound
    made = service_accounts.create_managed_account(client, forest, "aadcsvc")
    assert made == "CN=aadcsvc,CN=Managed Service Accounts,DC=contoso,DC=com"
    assert service_accounts.create_managed_account(client, forest, "aadcsvc") == made


def test_holders_of_a_name(bound: tuple[LdapClient, ForestFacts]) -> None:
    client, forest = bound
    assert service_accounts.spn_holders(client, forest.default_dn, SPN) == ()
    ana = "CN=Ana Lopez,CN=Users,DC=contoso,DC=com"
    client.modify(ana, [Modification(ModifyOperation.ADD, "servicePrincipalName", (SPN.encode(),))])
    assert service_accounts.spn_holders(client, forest.default_dn, SPN.upper()) == ("ana.lopez",)
