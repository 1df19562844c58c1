"""The whole directory over real sockets, driven by ldap3 as a stranger would drive it."""

from __future__ import annotations

import ssl
import uuid
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from emulators.directory.core.md4 import nt_hash
from emulators.directory.front import ber
from emulators.directory.front.replication import HASHES_OPERATION
from emulators.directory.service import DirectoryService, DomainDescription, ForestDescription
from emulators.faults import FaultPlan
from emulators.journal import Journal

with warnings.catch_warnings():  # ldap3 uses names of pyasn1 that are on their way out
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3
    from ldap3.core.exceptions import LDAPException

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:ldap3", "ignore:.*:DeprecationWarning:pyasn1")

PASSWORD = "Pa$$w0rd-of-the-world"
CONTOSO = ForestDescription("contoso.com", (DomainDescription("contoso.com", "CONTOSO"),))
BASE = "DC=contoso,DC=com"
PEOPLE = f"OU=People,{BASE}"


def people(count: int) -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    yield PEOPLE, {"objectClass": [b"organizationalUnit"]}
    for n in range(count):
        name = f"Person {n:05}"
        yield (
            f"CN={name},{PEOPLE}",
            {
                "objectClass": [b"user"],
                "sAMAccountName": [f"person{n:05}".encode()],
                "userPrincipalName": [f"person{n:05}@contoso.com".encode()],
                "displayName": [name.encode()],
            },
        )


def test_endpoints(world: Any) -> None:
    assert set(world.service.endpoints) == {"ldap", "ldaps", "gc"}
    assert world.service.base_dn == BASE
    assert world.service.admin_dn == f"CN=Administrator,CN=Users,{BASE}"


def test_descriptions_that_are_refused(reactor_thread: Any, still_clock: Any) -> None:
    two = (DomainDescription("contoso.com", "CONTOSO", ("DC1", "DC2")),)
    same = (*CONTOSO.domains, DomainDescription("eu.contoso.com", "EU"))
    older = (*CONTOSO.domains, DomainDescription("eu.contoso.com", "EU", ("DC2",), 6))
    for listed, why in ((two, "not emulated yet"), (same, "DC1 is there twice"), (older, "functional levels")):
        description = ForestDescription("contoso.com", listed)
        with pytest.raises(ValueError, match=why):
            DirectoryService(
                description,
                clock=still_clock,
                seed=1,
                journal=Journal("DC1", still_clock),
                faults=FaultPlan(),
                tls=None,
                admin_password=PASSWORD,
            )


def test_unknown_options_are_refused(reactor_thread: Any, still_clock: Any, world_class: Any) -> None:
    with pytest.raises(ValueError, match="max_pagesize"):
        world_class(reactor_thread, still_clock, None, max_pagesize=5)


@pytest.mark.parametrize(
    "name", [f"CN=Administrator,CN=Users,{BASE}", "Administrator@contoso.com", "CONTOSO\\Administrator"]
)
def test_bind_names(world: Any, name: str) -> None:
    world.connect(name)


def test_a_wrong_password(world: Any) -> None:
    connection = world.open(world.service.admin_upn, "wrong")
    assert not connection.bind()
    assert connection.result["result"] == 49
    assert ", data 52e, v" in connection.result["message"]
    assert connection.result["message"].endswith("\0")


def test_who_am_i(world: Any) -> None:
    assert world.connect().extend.standard.who_am_i() == "u:CONTOSO\\Administrator"


def test_the_root_dse_and_the_schema_satisfy_ldap3(world: Any) -> None:
    server = world.server(get_info=ldap3.ALL)
    connection = world.connect(server=server)
    assert server.info.other["defaultNamingContext"] == [BASE]
    assert "mS-DS-ConsistencyGuid" in server.schema.attribute_types
    assert connection.search(
        BASE, "(sAMAccountName=Administrator)", attributes=["objectGUID", "objectSid", "whenCreated"]
    )
    (entry,) = connection.entries
    assert entry.objectSid.value.startswith("S-1-5-21-")
    assert entry.objectSid.value.endswith("-500")
    assert uuid.UUID(entry.objectGUID.value)


def test_an_unbound_search_is_refused(world: Any) -> None:
    connection = world.open(None, None)
    assert connection.bind()
    assert not connection.search(BASE, "(objectClass=*)")
    assert connection.result["result"] == 1
    assert connection.result["message"].startswith("000004DC: LdapErr: ")


def test_add_search_modify_rename_compare_delete(world: Any) -> None:
    connection = world.connect()
    dn = f"CN=Ana,CN=Users,{BASE}"
    assert connection.add(dn, "user", {"sAMAccountName": "ana", "title": "Clerk"}), connection.result
    assert connection.modify(dn, {"title": [(ldap3.MODIFY_REPLACE, ["Lead"])]}), connection.result
    assert connection.compare(dn, "title", "Lead")
    assert connection.modify_dn(dn, "CN=Ana Lee"), connection.result
    assert connection.search(BASE, "(sAMAccountName=ana)", attributes=["title", "cn", "distinguishedName"])
    (entry,) = connection.entries
    assert entry.entry_dn == f"CN=Ana Lee,CN=Users,{BASE}"
    assert entry.title.value == "Lead"
    assert entry.cn.value == "Ana Lee"
    assert connection.delete(entry.entry_dn), connection.result
    connection.search(BASE, "(sAMAccountName=ana)")
    assert connection.entries == []
    kinds = [record["kind"] for record in world.records]
    wanted = ["ldap.bind", "ldap.add", "ldap.modify", "ldap.compare", "ldap.modifyDN", "ldap.search", "ldap.delete"]
    assert kinds == [*wanted, "ldap.search"]


def test_the_answer_follows_every_commit(world: Any) -> None:
    """The encoded forms kept on entries never outlive what they encode."""
    connection = world.connect()
    for name in ("a", "b"):
        assert connection.add(f"OU={name},{BASE}", "organizationalUnit")
    assert connection.add(f"CN=Ana,OU=a,{BASE}", "user", {"sAMAccountName": "ana"})
    assert connection.add(f"CN=Team,OU=a,{BASE}", "group", {"sAMAccountName": "team", "member": f"CN=Ana,OU=a,{BASE}"})

    def read(account: str) -> Any:
        assert connection.search(BASE, f"(sAMAccountName={account})", attributes=["*"])
        return connection.entries[0].entry_attributes_as_dict

    assert read("team")["member"] == [f"CN=Ana,OU=a,{BASE}"]
    assert read("ana")["memberOf"] == [f"CN=Team,OU=a,{BASE}"]
    assert connection.modify_dn(f"OU=a,{BASE}", "OU=c")
    assert read("team")["member"] == [f"CN=Ana,OU=c,{BASE}"]
    assert read("ana")["distinguishedName"] == [f"CN=Ana,OU=c,{BASE}"]
    assert read("ana")["memberOf"] == [f"CN=Team,OU=c,{BASE}"]
    assert connection.modify_dn(f"CN=Ana,OU=c,{BASE}", "CN=Ana", new_superior=f"OU=b,{BASE}")
    assert read("team")["member"] == [f"CN=Ana,OU=b,{BASE}"]
    assert connection.delete(f"CN=Team,OU=c,{BASE}")
    assert "memberOf" not in read("ana")


def test_paged_search(world: Any) -> None:
    world.thread.call(world.service.populate, people(250))
    connection = world.connect()
    found = connection.extend.standard.paged_search(
        PEOPLE, "(objectClass=user)", attributes=["cn"], paged_size=70, generator=False
    )
    assert sorted(entry["attributes"]["cn"][0] for entry in found if "attributes" in entry) == [
        f"Person {n:05}" for n in range(250)
    ]


def test_a_search_without_paging_stops_at_the_page_size(world: Any) -> None:
    world.thread.call(world.service.populate, people(120))
    connection = world.connect()
    connection.search(PEOPLE, "(objectClass=user)")
    assert connection.result["result"] == 4
    assert len(connection.entries) == 100


@pytest.mark.parametrize(
    ("critical", "code", "entries"), [(True, "unavailableCriticalExtension", 0), (False, "success", 3)]
)
def test_two_sort_keys_are_refused_or_ignored(world: Any, critical: bool, code: str, entries: int) -> None:
    """The response control 474 holds unwillingToPerform either way (RFC 2891 section 2; facts "directory" 4)."""
    world.thread.call(world.service.populate, people(3))
    connection = world.connect()
    keys = ber.sequence(*(ber.sequence(ber.octets(name)) for name in (b"sn", b"cn")))
    connection.search(BASE, "(sAMAccountName=person*)", controls=[("1.2.840.113556.1.4.473", critical, keys)])
    assert connection.result["description"] == code
    assert connection.result["controls"]["1.2.840.113556.1.4.474"]["value"] == bytes.fromhex("30030a0135")
    assert len([item for item in connection.response if item["type"] == "searchResEntry"]) == entries


def test_dirsync_by_the_helper_of_ldap3(world: Any) -> None:
    world.thread.call(world.service.populate, people(3))
    connection = world.connect()
    sync = connection.extend.microsoft.dir_sync(BASE, "(objectClass=user)", attributes=["title", "sAMAccountName"])
    first = [item for item in sync.loop() if item["type"] == "searchResEntry"]
    assert {f"person{n:05}" for n in range(3)} <= {item["attributes"]["sAMAccountName"][0] for item in first}
    assert not sync.more_results
    dn = f"CN=Person 00001,{PEOPLE}"
    assert connection.modify(dn, {"title": [(ldap3.MODIFY_REPLACE, ["Lead"])]})
    (changed,) = sync.loop()
    assert changed["dn"].endswith(f";{dn}")
    assert changed["attributes"]["title"] == ["Lead"]
    assert "sAMAccountName" not in changed["attributes"]


def test_ldaps_and_start_tls(world: Any, world_authority: trustme.CA, tmp_path: Any) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(world_authority.cert_pem.bytes())
    tls = ldap3.Tls(ca_certs_file=str(bundle), validate=ssl.CERT_REQUIRED)
    secure = world.connect(server=world.server("ldaps", tls=tls))
    assert secure.extend.standard.who_am_i() == "u:CONTOSO\\Administrator"
    plain = world.connect(server=world.server(tls=tls))
    assert plain.start_tls()
    assert plain.extend.standard.who_am_i() == "u:CONTOSO\\Administrator"


def test_the_global_catalog_reads_and_does_not_write(world: Any) -> None:
    connection = world.connect(server=world.server("gc"))
    assert connection.search(BASE, "(sAMAccountName=Administrator)")
    assert not connection.delete(f"CN=Guest,CN=Users,{BASE}")
    assert "Operation not allowed through GC port" in connection.result["message"]


# ---- password hashes -------------------------------------------------------------------------------------------------
def hashes(connection: ldap3.Connection) -> dict[str, Any]:
    value = ber.sequence(ber.octets(BASE.encode()), ber.octets(b""), ber.integer(1000))
    connection.extended(HASHES_OPERATION, value, no_encode=True)
    return dict(connection.result)


def test_password_hashes_need_tls_and_both_rights(world: Any) -> None:
    assert hashes(world.connect())["result"] == 13
    secure = world.connect(server=world.server("ldaps"))
    granted = hashes(secure)
    assert granted["result"] == 0
    assert nt_hash(PASSWORD) in granted["responseValue"]


# ---- state -----------------------------------------------------------------------------------------------------------
def test_restore_brings_back_the_state_and_closes_connections(world: Any) -> None:
    connection = world.connect()
    dn = f"CN=Ana,CN=Users,{BASE}"
    assert connection.add(dn, "user", {"sAMAccountName": "ana"})
    assert connection.search(BASE, "(sAMAccountName=ana)", attributes=["*"])
    before = connection.entries[0].entry_attributes_as_dict
    state = world.thread.call(world.service.snapshot)
    assert connection.delete(dn)
    world.thread.call(world.service.restore, state)
    assert world.thread.call(world.service.snapshot) == state
    with pytest.raises(LDAPException):
        connection.search(BASE, "(sAMAccountName=ana)")
    again = world.connect()
    assert again.search(BASE, "(sAMAccountName=ana)", attributes=["*"])
    assert again.entries[0].entry_attributes_as_dict == before


LDIF = """version: 1

dn: DC=contoso,DC=com
objectClass: domainDNS
dc: contoso

dn: OU=People,DC=contoso,DC=com
objectClass: organizationalUnit
ou: People

dn: CN=Zoë,OU=People,DC=contoso,DC=com
objectClass: user
sAMAccountName: zoe
objectGUID:: AAECAwQFBgcICQoLDA0ODw==
"""


def test_a_domain_from_a_file(world: Any, tmp_path: Any) -> None:
    before = world.connect()
    file = tmp_path / "contoso.ldif"
    file.write_text(LDIF, encoding="utf-8")
    assert world.thread.call(world.service.load_ldif, file) == 3
    with pytest.raises(LDAPException):
        before.search(BASE, "(sAMAccountName=zoe)")
    connection = world.connect()
    assert connection.search(BASE, "(sAMAccountName=zoe)", attributes=["objectGUID"])
    assert connection.entries[0].entry_dn == f"CN=Zoë,{PEOPLE}"
    assert connection.entries[0].entry_raw_attributes["objectGUID"] == [bytes(range(16))]


def test_a_mistake_in_the_file_is_named_by_its_line(world: Any, tmp_path: Any) -> None:
    file = tmp_path / "contoso.ldif"
    file.write_text(LDIF.replace("sAMAccountName: zoe", "noSuchAttribute: x"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 11: .*noSuchAttribute"):
        world.thread.call(world.service.load_ldif, file)
    with pytest.raises(ValueError, match="not emulated yet"):
        world.thread.call(world.service.load_ldif, file, keep_identity=False)


@pytest.mark.real_input
def test_a_real_domain_exported_by_another_product(reactor_thread: Any, still_clock: Any, world_class: Any) -> None:
    file = Path(__file__).parents[3] / ".." / "shared" / "real" / "samba-domain.ldif"
    if not file.exists():
        pytest.skip("the real domain export does not lie beside this checkout")
    description = ForestDescription("bench.test", (DomainDescription("bench.test", "BENCH"),))
    world = world_class(reactor_thread, still_clock, None, description=description)
    count = reactor_thread.call(world.service.load_ldif, file)
    connection = world.connect()
    found = connection.extend.standard.paged_search(
        "DC=bench,DC=test", "(objectClass=*)", attributes=["*"], paged_size=500, generator=False
    )
    entries = [item for item in found if item["type"] == "searchResEntry"]
    assert 1000 < len(entries) <= count + 100
    assert len({bytes(item["raw_attributes"]["objectGUID"][0]) for item in entries}) == len(entries)
    world.close()


def test_one_seed_gives_one_forest(reactor_thread: Any, still_clock: Any, world_class: Any) -> None:
    states = []
    for _ in range(2):
        made = world_class(reactor_thread, still_clock, None)
        reactor_thread.call(made.service.populate, people(5))
        states.append(reactor_thread.call(made.service.snapshot))
        made.close()
    assert states[0] == states[1]


def test_time_passes_by_ticks(world: Any) -> None:
    connection = world.connect()
    dn = f"CN=Ana,CN=Users,{BASE}"
    assert connection.add(dn, "user", {"sAMAccountName": "ana"})
    assert connection.delete(dn)
    world.clock.moment += timedelta(days=400)
    world.thread.call(world.service.tick, world.clock.moment)
    world.clock.moment += timedelta(days=400)
    world.thread.call(world.service.tick, world.clock.moment)
    show = [("1.2.840.113556.1.4.417", True, None), ("1.2.840.113556.1.4.2064", True, None)]
    connection.search(BASE, "(sAMAccountName=ana)", controls=show)
    assert connection.entries == []


def test_ports_that_are_asked_for(reactor_thread: Any, still_clock: Any, world_class: Any) -> None:
    made = world_class(reactor_thread, still_clock, None)
    port = made.service.endpoints["ldap"]
    assert set(made.service.endpoints) == {"ldap", "gc"}
    with pytest.raises(RuntimeError, match="listening already"):
        reactor_thread.call(made.service.start, reactor_thread.reactor)
    reactor_thread.call(made.service.stop)
    assert made.service.endpoints == {}
    with pytest.raises(ValueError, match="ldapz"):
        reactor_thread.call(made.service.start, reactor_thread.reactor, ports={"ldapz": 1})
    reactor_thread.call(made.service.start, reactor_thread.reactor, ports={"ldap": port})
    assert made.service.endpoints["ldap"] == port
    made.close()


# ---- several domains -------------------------------------------------------------------------------------------------
FOREST = ForestDescription(
    "contoso.com",
    (
        DomainDescription("contoso.com", "CONTOSO"),
        DomainDescription("emea.contoso.com", "EMEA", ("DC2",)),
    ),
)
EMEA = "DC=emea,DC=contoso,DC=com"


@pytest.fixture
def forest(world_class: Any, reactor_thread: Any, still_clock: Any, material: Any) -> Iterator[Any]:
    made = world_class(reactor_thread, still_clock, material, FOREST)
    yield made
    made.close()


def at(world: Any, domain: str, endpoint: str = "ldap") -> ldap3.Connection:
    port = world.service.domain_endpoints[domain][endpoint]
    server = ldap3.Server("127.0.0.1", port, get_info=ldap3.NONE)
    return world.connect("CONTOSO\\Administrator", server)


def test_each_domain_answers_at_its_own_controller(forest: Any) -> None:
    assert forest.service.domain_endpoints["contoso.com"] is forest.service.endpoints
    child = at(forest, "emea.contoso.com")
    assert child.search(EMEA, "(cn=Guest)")
    assert [entry["dn"] for entry in child.response] == [f"CN=Guest,CN=Users,{EMEA}"]
    root = at(forest, "contoso.com")
    root.search(BASE, "(cn=Guest)", controls=None)
    assert f"ldap://emea.contoso.com/{EMEA}" in [one["uri"][0] for one in root.response if "uri" in one]
    root.auto_referrals = False
    assert not root.search(f"CN=Users,{EMEA}", "(cn=Guest)")
    assert root.result["result"] == 10
    assert root.result["referrals"][0].lower() == f"ldap://emea.contoso.com/cn=users,{EMEA}".lower()
    catalog = at(forest, "emea.contoso.com", "gc")
    catalog.search(BASE, "(cn=Guest)")
    assert {entry["dn"] for entry in catalog.response} == {f"CN=Guest,CN=Users,{dn}" for dn in (BASE, EMEA)}


def test_a_move_over_the_wire(forest: Any) -> None:
    root = at(forest, "contoso.com")
    assert root.add(f"CN=Ana,CN=Users,{BASE}", "user", {"sAMAccountName": "ana"})
    control = ("1.2.840.113556.1.4.521", True, b"DC2.emea.contoso.com")
    moved = root.modify_dn(f"CN=Ana,CN=Users,{BASE}", "CN=Ana", new_superior=f"CN=Users,{EMEA}", controls=[control])
    assert moved, root.result
    child = at(forest, "emea.contoso.com")
    assert child.search(EMEA, "(cn=Ana)", attributes=["sIDHistory"])
    assert child.response[0]["raw_attributes"]["sIDHistory"]


def test_a_controller_out_of_reach_and_the_whole_forest_taken_back(forest: Any) -> None:
    call, service = forest.thread.call, forest.service
    child = at(forest, "emea.contoso.com")
    state = call(service.snapshot)
    assert child.add(f"CN=Ana,CN=Users,{EMEA}", "user", {"sAMAccountName": "ana"})
    call(service.set_down, "emea.contoso.com", True)
    with pytest.raises(LDAPException):
        at(forest, "emea.contoso.com")
    assert at(forest, "contoso.com").search(BASE, "(cn=Guest)")
    call(service.restore, state)
    child = at(forest, "emea.contoso.com")
    assert not child.search(EMEA, "(cn=Ana)")
    assert child.search(EMEA, "(cn=Guest)")


def test_ports_can_be_asked_for_by_domain(forest: Any) -> None:
    ports = dict(forest.service.domain_endpoints["emea.contoso.com"])
    forest.thread.call(forest.service.stop)
    with pytest.raises(ValueError, match=r"no endpoint is called apac.contoso.com/ldap, https"):
        forest.thread.call(forest.service.start, forest.thread.reactor, ports={"https": 1, "apac.contoso.com/ldap": 2})
    wanted = {"emea.contoso.com/ldap": ports["ldap"]}
    forest.thread.call(forest.service.start, forest.thread.reactor, ports=wanted)
    assert forest.service.domain_endpoints["emea.contoso.com"]["ldap"] == ports["ldap"]
