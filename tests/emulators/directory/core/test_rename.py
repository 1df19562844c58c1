"""ModifyDN: names and places change, identity and memberships stay."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.results import ResultCode

CODE = ResultCode


@pytest.fixture
def people(admin: Any, kit: Any) -> Any:
    admin.add(f"OU=Sales,{kit.base}", objectClass="organizationalUnit")
    ana = admin.user("Ana")
    admin.user("Bob", manager=ana, assistant=ana)
    admin.group("Crew", ana)
    return admin


def test_rename_keeps_identity_and_corrects_references(people: Any, kit: Any) -> None:
    old = people.entry(f"CN=Ana,{kit.staff}")
    guid, sid = old.guid, old.sid
    people.rename(old.dn, "CN=Ana Stone", f"OU=Sales,{kit.base}")
    new = f"CN=Ana Stone,OU=Sales,{kit.base}"
    entry = people.entry(new)
    assert (entry.guid, entry.sid) == (guid, sid)
    assert entry.attributes["cn"] == entry.attributes["name"] == (b"Ana Stone",)
    bob = people.read(f"CN=Bob,{kit.staff}", "manager", "assistant")
    assert bob == {"manager": (new.encode(),), "assistant": (new.encode(),)}
    assert people.read(f"CN=Crew,{kit.staff}", "member") == {"member": (new.encode(),)}
    assert people.read(new, "memberOf", "directReports") == {
        "memberof": (f"CN=Crew,{kit.staff}".encode(),),
        "directreports": (f"CN=Bob,{kit.staff}".encode(),),
    }
    people.search(base=f"CN=Ana,{kit.staff}", code=CODE.NO_SUCH_OBJECT)


def test_renaming_an_ou_renames_all_below_and_stamps_only_itself(people: Any, kit: Any) -> None:
    usn = people.entry(f"CN=Ana,{kit.staff}").usn
    people.rename(kit.staff, "OU=People")
    ana = people.entry(f"CN=Ana,OU=People,{kit.base}")
    assert ana.usn == usn
    assert ana.attributes["distinguishedname"] == (f"CN=Ana,OU=People,{kit.base}".encode(),)
    assert ana.attributes["memberof"] == (f"CN=Crew,OU=People,{kit.base}".encode(),)
    assert people.read(f"CN=Crew,OU=People,{kit.base}", "member") == {"member": (ana.dn.encode(),)}


def test_only_the_case_may_change(people: Any, kit: Any) -> None:
    people.rename(f"CN=Ana,{kit.staff}", "CN=ANA")
    assert people.entry(f"CN=ana,{kit.staff}").dn == f"CN=ANA,{kit.staff}"


@pytest.mark.parametrize(
    ("dn", "rdn", "superior", "code"),
    [
        ("CN=Ana,{staff}", "CN=Bob", None, CODE.ENTRY_ALREADY_EXISTS),
        ("CN=Ana,{staff}", "OU=Ana", None, CODE.NAMING_VIOLATION),
        ("CN=Ana,{staff}", "CN=", None, CODE.INVALID_DN_SYNTAX),
        ("CN=Ana,{staff}", "CN=" + "x" * 65, None, CODE.CONSTRAINT_VIOLATION),
        ("CN=Ana,{staff}", "CN=Ana", "OU=None,{base}", CODE.NO_SUCH_OBJECT),
        ("CN=Ana,{staff}", "CN=Ana", "CN=Bob,{staff}", CODE.NAMING_VIOLATION),
        ("{staff}", "OU=Staff", "{staff}", CODE.UNWILLING_TO_PERFORM),
        ("CN=Users,{base}", "CN=Folk", None, CODE.UNWILLING_TO_PERFORM),
        ("{base}", "DC=other", None, CODE.UNWILLING_TO_PERFORM),
    ],
)
def test_refusals(people: Any, kit: Any, dn: str, rdn: str, superior: str | None, code: ResultCode) -> None:
    fill = {"staff": kit.staff, "base": kit.base}
    people.rename(dn.format(**fill), rdn, superior.format(**fill) if superior else None, code)


def test_a_forest_of_one_domain_has_nowhere_else_to_move_to(people: Any, kit: Any) -> None:
    control = r.Controls(cross_domain_target="dc2.x")
    request = r.ModifyDN(f"CN=Ana,{kit.staff}", "CN=Ana", True, "OU=There,DC=else,DC=com", control)
    assert people.expect(request, CODE.UNWILLING_TO_PERFORM).text.startswith("0000212C")


def test_moving_needs_rights_at_both_ends(people: Any, low: Any, kit: Any) -> None:
    low.rename(f"CN=Ana,{kit.staff}", "CN=Ana", f"OU=Sales,{kit.base}", CODE.INSUFFICIENT_ACCESS_RIGHTS)
    low.rename(f"CN=Ana,{kit.staff}", "CN=Ana2", None, CODE.INSUFFICIENT_ACCESS_RIGHTS)


def test_a_moved_object_inherits_from_its_new_parent(people: Any, kit: Any) -> None:
    from emulators.directory.core.security_descriptor import from_sddl

    root = people.forest.root.sid
    sales = people.entry(f"OU=Sales,{kit.base}")
    given = from_sddl("D:(A;CI;WP;;;S-1-5-21-9-9-9-9)", root, root)
    people.change(sales.dn, ("REPLACE", "nTSecurityDescriptor", given.octets), sd_flags=4)
    people.rename(f"CN=Ana,{kit.staff}", "CN=Ana", sales.dn)
    moved = people.entry(f"CN=Ana,{sales.dn}")
    assert moved.sd.dacl is not None
    assert any(ace.sid == given.dacl[0].sid for ace in moved.sd.dacl)
