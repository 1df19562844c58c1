"""The plan: which filters an index answers, and that the answer is the same as by looking at everything."""

from typing import Any

import pytest

from emulators.directory.core import plan
from emulators.directory.core import requests as r

ANA = r.Equality("sAMAccountName", b"ana")
BOB = r.Equality("mail", b"bob@contoso.com")


@pytest.fixture
def people(admin: Any) -> Any:
    ana = admin.user("Ana", **{"mS-DS-ConsistencyGuid": b"0123456789abcdef"})
    admin.user("Bob", mail="bob@contoso.com", proxyAddresses=["SMTP:bob@contoso.com", "smtp:b@contoso.com"])
    admin.group("Crew", ana)
    return admin


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (ANA, 1),
        (r.And((r.Present("objectClass"), ANA)), 1),
        (r.Or((ANA, BOB)), 2),
        (r.Equality("proxyAddresses", b"SMTP:B@contoso.com"), 1),
        (r.Present("mS-DS-ConsistencyGuid"), 1),
        (r.Equality("member", b"CN=Ana,OU=Staff,DC=contoso,DC=com"), 1),
        (r.Equality("memberOf", b"CN=Crew,OU=Staff,DC=contoso,DC=com"), 1),
        (r.Equality("objectGUID", b"x"), 0),
    ],
)
def test_indexed_filters_name_their_objects(people: Any, tree: r.Filter, count: int) -> None:
    likely = plan.candidates(people.forest.controllers[0].domain_partition, tree)
    assert likely is not None
    assert len(likely) == count
    assert len(people.found(tree)) == count


@pytest.mark.parametrize("tree", [r.Present("cn"), r.Or((ANA, r.Present("cn"))), r.Not(ANA), r.Equality("title", b"x")])
def test_other_filters_need_a_look_at_all(people: Any, tree: r.Filter) -> None:
    assert plan.candidates(people.forest.controllers[0].domain_partition, tree) is None


def test_changes_since_a_usn_come_from_the_log(people: Any) -> None:
    usn = people.forest.controllers[0].usn
    dn = people.user("Cy")
    assert people.names(r.GreaterOrEqual("uSNChanged", str(usn + 1).encode())) == {dn}


def test_an_index_follows_every_change(people: Any, kit: Any) -> None:
    dn = f"CN=Bob,{kit.staff}"
    people.change(dn, ("REPLACE", "mail", "robert@contoso.com"))
    assert people.names(BOB) == set()
    assert people.names(r.Equality("mail", b"ROBERT@contoso.com")) == {dn}
    people.delete(dn)
    assert people.names(r.Equality("mail", b"robert@contoso.com")) == set()
