"""A new forest."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.identity import with_rid
from emulators.directory.core.results import ResultCode
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


def test_anybody_who_is_signed_in_reads_the_partitions(make_forest: Any, make_hand: Any, kit: Any) -> None:
    """How a wizard finds a forest's domains and suffixes (facts "directory" 6, "install" CYD-02)."""
    hand = make_hand(make_forest(upn_suffixes=("fabrikam.com",)))
    hand.user("Lo", userAccountControl="512", unicodePwd=kit.quoted(kit.password))
    hand.bind("CONTOSO\\lo", kit.password)
    partitions = f"CN=Partitions,CN=Configuration,{kit.base}"
    domains = r.And(
        (r.Equality("objectClass", b"crossRef"), r.Extensible("1.2.840.113556.1.4.803", "systemFlags", b"2"))
    )
    found = hand.found(domains, ("nCName", "dnsRoot", "nETBIOSName"), base=partitions, scope=r.Scope.ONE_LEVEL)
    assert [kit.values(item) for item in found] == [
        {"ncname": (kit.base.encode(),), "dnsroot": (b"contoso.com",), "netbiosname": (b"CONTOSO",)}
    ]
    assert hand.read(partitions, "uPNSuffixes") == {"upnsuffixes": (b"fabrikam.com",)}
    hand.change(partitions, ("ADD", "uPNSuffixes", "x.com"), code=ResultCode.INSUFFICIENT_ACCESS_RIGHTS)
    hand.add(
        f"CN=X,{partitions}", ResultCode.INSUFFICIENT_ACCESS_RIGHTS, objectClass="crossRef", nCName="DC=x", dnsRoot="x"
    )


DELETED_OBJECTS = "CN=Deleted Objects,{}"


@pytest.mark.parametrize("context", ["{}", "CN=Configuration,{}"])
@pytest.mark.parametrize(
    "way", ["subtree", "one level", "paged", "itself", "well-known", "sync", "sync by pages", "compare"]
)
def test_deleted_objects_shows_itself_only_when_asked_for(admin: Any, kit: Any, context: str, way: str) -> None:
    """CN=Deleted Objects is a deleted object itself: control 417 (facts "directory" 5)."""
    head = context.format(kit.base)
    container = DELETED_OBJECTS.format(head)
    assert _ways(admin, head, container, way, show_deleted=True)
    assert not _ways(admin, head, container, way)


def _ways(admin: Any, head: str, container: str, way: str, **controls: Any) -> bool:
    code = ResultCode.SUCCESS if controls else ResultCode.NO_SUCH_OBJECT
    guid = "18e2ea80684f11d2b9aa00c04f79f805"
    match way:
        case "subtree":
            return container in admin.names(base=head, **controls)
        case "one level":
            return container in admin.names(base=head, scope=r.Scope.ONE_LEVEL, **controls)
        case "paged":
            return container in admin.names(base=head, page_size=1000, **controls)
        case "itself":
            return bool(admin.search(base=container, scope=r.Scope.BASE, code=code, **controls).items)
        case "well-known":
            return bool(admin.search(base=f"<WKGUID={guid},{head}>", scope=r.Scope.BASE, code=code, **controls).items)
        case "compare":
            answer = admin.send(r.Compare(container, "cn", b"Deleted Objects", r.Controls(**controls)))
            return answer.code == ResultCode.COMPARE_TRUE
    seen, cookie, more = set(), b"", True
    while more:
        control = r.DirSyncControl(0x80000800, 3000 if way == "sync by pages" else 0, cookie)
        answer = admin.search(base=head, dirsync=control, **controls)
        seen |= {item.dn for item in answer.items}
        cookie, more = answer.done.dirsync_cookie, answer.done.dirsync_more
    return container in seen
