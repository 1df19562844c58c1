"""A new forest."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.identity import with_rid
from emulators.directory.core.topology import new_forest


def test_built_in_containers_accounts_and_groups(admin: Any, kit: Any) -> None:
    names = admin.names(show_deleted=True)
    for rdn in (
        "CN=Users", "CN=Computers", "OU=Domain Controllers", "CN=Builtin", "CN=System", "CN=LostAndFound",
        "CN=Deleted Objects", "CN=ForeignSecurityPrincipals", "CN=Managed Service Accounts", "CN=Infrastructure",
        "CN=Administrators,CN=Builtin", "CN=Domain Admins,CN=Users", "CN=DC1,OU=Domain Controllers",
    ):  # fmt: skip
        assert f"{rdn},{kit.base}" in names
    assert f"CN=Deleted Objects,{kit.base}" not in admin.names()


@pytest.mark.parametrize(
    ("rid", "name", "critical", "admin_count"),
    [(500, "Administrator", True, True), (501, "Guest", True, False), (502, "krbtgt", True, True),
     (512, "Domain Admins", True, True), (513, "Domain Users", True, False), (519, "Enterprise Admins", True, True)],
)  # fmt: skip
def test_well_known_sids(admin: Any, rid: int, name: str, critical: bool, admin_count: bool) -> None:
    found = admin.found(r.Equality("objectSid", with_rid(admin.forest.root.sid, rid)))
    entry = found[0].entry
    assert entry.text("samaccountname") == name
    assert (entry.attributes.get("iscriticalsystemobject") == (b"TRUE",)) is critical
    assert ("admincount" in entry.attributes) is admin_count


def test_configuration(admin: Any, kit: Any) -> None:
    cfg = f"CN=Configuration,{kit.base}"
    cross = admin.read(f"CN=CONTOSO,CN=Partitions,{cfg}")
    assert cross["ncname"] == (kit.base.encode(),)
    assert cross["dnsroot"] == (b"contoso.com",)
    assert cross["netbiosname"] == (b"CONTOSO",)
    dsa = f"CN=NTDS Settings,CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,{cfg}"
    assert admin.read(dsa, "invocationId") == {"invocationid": (admin.forest.controllers[0].invocation,)}
    assert admin.read(f"CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,{cfg}", "dNSHostName") == {
        "dnshostname": (b"DC1.contoso.com",)
    }
    service = f"CN=Directory Service,CN=Windows NT,CN=Services,{cfg}"
    assert admin.read(service, "tombstoneLifetime") == {"tombstonelifetime": (b"180",)}


def test_upn_suffixes_and_recycle_bin_are_options(make_forest: Any, make_hand: Any, kit: Any) -> None:
    hand = make_hand(make_forest(upn_suffixes=("fabrikam.com",), recycle_bin=False))
    row = hand.read(f"CN=Partitions,CN=Configuration,{kit.base}")
    assert row["upnsuffixes"] == (b"fabrikam.com",)
    assert "msds-enabledfeature" not in row


def test_the_schema_context_is_there_when_looked_into(admin: Any) -> None:
    base = admin.forest.schema_dn
    found = admin.found(r.Equality("lDAPDisplayName", b"mS-DS-ConsistencyGuid"), base=base)
    assert found[0].dn == f"CN=MS-DS-Consistency-Guid,{base}"
    assert found[0].entry.attributes["attributesyntax"] == (b"2.5.5.10",)
    assert admin.read(f"CN=User,{base}", "governsID") == {"governsid": (b"1.2.840.113556.1.5.9",)}
    assert admin.read(base, "objectVersion") == {"objectversion": (b"88",)}


def test_more_controllers_are_refused_openly(clock: Any) -> None:
    with pytest.raises(ValueError, match="not emulated yet"):
        new_forest("x.com", clock=clock, seed=1, admin_password="x", controllers=("DC1", "DC2"))


def test_who_reads_what_by_default(low: Any, admin: Any, kit: Any) -> None:
    assert f"CN=Administrator,CN=Users,{kit.base}" in low.names()
    dn = admin.user("Ana", title="Lead", telephoneNumber="1")
    assert set(admin.read(dn)) == set(low.read(dn))
