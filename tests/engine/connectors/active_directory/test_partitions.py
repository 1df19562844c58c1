"""What the wizard asks of a forest, and what it writes there."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine.connectors.active_directory import partitions
from engine.connectors.active_directory.controls import SD_FLAGS
from engine.connectors.active_directory.ldap_channel import ForestAddress, Security
from engine.connectors.active_directory.ldap_client import LdapClient
from engine.connectors.active_directory.ldap_refusal import LdapRefused
from engine.connectors.active_directory.partitions import AccountFacts, DomainFacts, ForestFacts
from engine.connectors.active_directory.security_descriptor import (
    SecurityDescriptor,
    allow,
    read_descriptor,
    write_descriptor,
)

ROOT = "DC=contoso,DC=com"
CFG = f"CN=Configuration,{ROOT}"
DOMAIN_SID = bytes.fromhex("010400000000000515000000c7353a428e6b748455a1aec6")
ACCOUNT_SID = bytes.fromhex("010500000000000515000000c7353a428e6b748455a1aec6") + (1234).to_bytes(4, "little")
FOREST = ForestFacts(
    "contoso.com",
    ROOT,
    ROOT,
    CFG,
    f"CN=Schema,{CFG}",
    7,
    "DC1",
    (DomainFacts(ROOT, "contoso.com", "CONTOSO"),),
    (),
    False,
)


def sid(rid: int) -> bytes:
    return b"\1\5" + DOMAIN_SID[2:] + rid.to_bytes(4, "little")


@pytest.fixture
def client(directory: Any) -> Any:
    address = ForestAddress("127.0.0.1", directory.port, directory.secure_port)
    with LdapClient.connect(address, ca_bundle="", security=Security.CLEAR, timeout_seconds=5) as made:
        yield made


def test_read_forest(directory: Any, client: LdapClient) -> None:
    directory.expect(
        "search",
        lambda r: [
            r.entry(
                "",
                {
                    "configurationNamingContext": [CFG],
                    "schemaNamingContext": [f"CN=Schema,{CFG}"],
                    "rootDomainNamingContext": [ROOT],
                    "defaultNamingContext": [ROOT],
                    "forestFunctionality": ["7"],
                    "dnsHostName": ["DC1.contoso.com"],
                },
            ),
            r.done(),
        ],
    )
    directory.expect(
        "search",
        lambda r: [
            r.entry(
                "CN=EMEA", {"nCName": [f"DC=emea,{ROOT}"], "dnsRoot": ["emea.contoso.com"], "nETBIOSName": ["EMEA"]}
            ),
            r.entry("CN=CONTOSO", {"nCName": [ROOT], "dnsRoot": ["contoso.com"], "nETBIOSName": ["CONTOSO"]}),
            r.done(),
        ],
    )
    directory.expect(
        "search", lambda r: [r.entry(f"CN=Partitions,{CFG}", {"uPNSuffixes": ["fabrikam.com", "Adatum.com"]}), r.done()]
    )
    directory.expect("search", lambda r: [r.entry("CN=ms-Exch-Schema-Version-Pt", {"cn": ["x"]}), r.done(4)])
    forest = partitions.read_forest(client)
    assert (forest.name, forest.functional_level, forest.domain_controller) == ("contoso.com", 7, "DC1.contoso.com")
    assert forest.upn_suffixes == ("contoso.com", "emea.contoso.com", "Adatum.com", "fabrikam.com")
    assert forest.exchange_schema
    assert forest.domain("emea") == DomainFacts(f"DC=emea,{ROOT}", "emea.contoso.com", "EMEA")
    assert forest.domain(ROOT.lower()) is not None
    assert forest.domain("nowhere.com") is None


@pytest.mark.parametrize("found", [True, False])
def test_the_scan_for_consistency_guids_is_one_small_search(directory: Any, client: LdapClient, found: bool) -> None:
    directory.expect("search", lambda r: [r.entry("CN=a", {}), r.done(4)] if found else r.done())
    assert partitions.consistency_guid_in_use(client, ROOT) is found
    (request,) = directory.requests
    assert (request.base, request.parts[3][1], request.asked) == (ROOT, b"\1", ["objectGUID"])
    assert b"mS-DS-ConsistencyGuid" in request.parts[6][1]


def test_containers_parents_first(directory: Any, client: LdapClient) -> None:
    names = [f"OU=Sub,OU=Staff,{ROOT}", f"OU=Staff,{ROOT}", ROOT, f"CN=Users,{ROOT}"]
    directory.expect(
        "search",
        lambda r: [
            *(
                r.entry(dn, {"name": [dn.split(",")[0][3:]], "objectClass": ["top", "organizationalUnit"]})
                for dn in names
            ),
            r.page(b""),
        ],
    )
    tree = partitions.read_containers(client, ROOT)
    assert [c.dn for c in tree] == [ROOT, f"CN=Users,{ROOT}", f"OU=Staff,{ROOT}", f"OU=Sub,OU=Staff,{ROOT}"]
    assert tree[2] == partitions.Container(f"OU=Staff,{ROOT}", "Staff", "organizationalUnit")


@pytest.mark.parametrize(
    ("groups", "enterprise", "domain"),
    [([519, 512], True, True), ([512], False, True), ([513], False, False), ([], False, False)],
)
def test_account_facts_by_the_token(
    directory: Any, client: LdapClient, groups: list[int], enterprise: bool, domain: bool
) -> None:
    dn = f"CN=Ana,CN=Users,{ROOT}"
    directory.expect(
        "search", lambda r: [r.entry(dn, {"objectSid": [ACCOUNT_SID], "objectClass": ["top", "user"]}), r.done()]
    )
    directory.expect("search", lambda r: [r.entry(dn, {"tokenGroups": [sid(g) for g in groups]}), r.done()])
    directory.expect("search", lambda r: [r.entry(ROOT, {"objectSid": [DOMAIN_SID]}), r.done()])
    facts = partitions.account_facts(client, FOREST, "ana@contoso.com")
    assert facts == AccountFacts(dn, "S-1-5-21-1111111111-2222222222-3333333333-1234", enterprise, domain, False)


def test_an_account_by_its_short_name(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: r.done()).expect("search", lambda r: r.done())
    assert partitions.account_facts(client, FOREST, "CONTOSO\\ana") is None
    assert directory.requests[1].parts[6][1].endswith(b"\x04\x03ana")


def test_creating_the_connector_account(directory: Any, client: LdapClient) -> None:
    name = partitions.connector_account_name(random.Random("seed/account"))
    assert name.startswith("MSOL_")
    assert len(name) == 17
    directory.expect("add", lambda r: r.done())
    directory.expect("search", lambda r: [r.entry("CN=x", {"objectSid": [ACCOUNT_SID]}), r.done()])
    account = partitions.create_connector_account(client, FOREST, name, "Pässw0rd!", "made by setup")
    assert (account.dn, account.sid) == (f"CN={name},CN=Users,{ROOT}", ACCOUNT_SID)
    add = directory.requests[0]
    assert add.base == account.dn
    assert '"Pässw0rd!"'.encode("utf-16-le") in add.parts[1][1]
    assert b"66048" in add.parts[1][1]
    assert "Pässw0rd" not in repr(account)


def test_rights_are_added_to_the_dacl_that_is_there(directory: Any, client: LdapClient) -> None:
    there = allow(DOMAIN_SID, 0x10)
    before = write_descriptor(SecurityDescriptor(0x1400, DOMAIN_SID, DOMAIN_SID, None, (there,)))
    directory.expect("search", lambda r: [r.entry(ROOT, {"nTSecurityDescriptor": [before]}), r.done()])
    directory.expect("modify", lambda r: r.done())
    partitions.grant_rights(client, ROOT, partitions.replication_rights(ACCOUNT_SID))
    read, write = directory.requests
    assert read.controls[SD_FLAGS] == write.controls[SD_FLAGS] == bytes.fromhex("3003020104")
    octets = write.parts[1][1]
    dacl = read_descriptor(octets[octets.index(b"\x01\x00\x04\x94") :]).dacl
    assert dacl is not None
    assert [(a.sid, a.mask, a.object_type) for a in dacl] == [
        (DOMAIN_SID, 0x10, None),
        (ACCOUNT_SID, 0x100, partitions.GET_CHANGES),
        (ACCOUNT_SID, 0x100, partitions.GET_CHANGES_ALL),
    ]


def test_express_rights_reach_the_four_classes() -> None:
    rights = partitions.express_rights(ACCOUNT_SID)
    assert {a.inherited_object_type for a in rights if a.mask == 0x30} == set(partitions.CLASS_GUIDS.values())
    assert all(a.flags == 0x0A for a in rights if a.inherited_object_type)
    without = partitions.express_rights(ACCOUNT_SID, password_hash_sync=False)
    assert partitions.GET_CHANGES_ALL not in {a.object_type for a in without}


def test_a_descriptor_that_cannot_be_read_is_a_refusal(directory: Any, client: LdapClient) -> None:
    directory.expect("search", lambda r: [r.entry(ROOT, {}), r.done()])
    with pytest.raises(LdapRefused) as caught:
        partitions.grant_rights(client, ROOT, partitions.express_rights(ACCOUNT_SID))
    assert caught.value.result == 50
