"""Which attributes of an object go back."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.results import ResultCode


def test_everything_means_all_stored_and_none_computed(admin: Any) -> None:
    dn = admin.user("Ana", unicodePwd='"Harbour.Light-7"'.encode("utf-16-le"))
    shown = admin.read(dn)
    assert {"objectclass", "objectguid", "samaccountname", "distinguishedname", "usnchanged"} <= set(shown)
    assert not {"ntsecuritydescriptor", "canonicalname", "unicodepwd", "nTSecurityDescriptor"} & set(shown)
    assert set(admin.read(dn, "*", "canonicalName")) == {*shown, "canonicalName"}
    assert admin.found(base=dn, scope=r.Scope.BASE)[0].names is None


@pytest.mark.parametrize(
    ("asked", "shown"), [(["1.1"], set()), (["+"], set()), (["MAIL"], {"mail"}), (["nope"], set())]
)
def test_attribute_lists(admin: Any, asked: list[str], shown: set[str]) -> None:
    dn = admin.user("Ana", mail="ana@contoso.com")
    assert set(admin.read(dn, *asked)) == shown


@pytest.mark.parametrize("name", ["unicodePwd", "ntPwdHistory", "supplementalCredentials", "dBCSPwd"])
def test_secrets_are_never_returned(admin: Any, kit: Any, name: str) -> None:
    dn = admin.user("Ana", unicodePwd=kit.quoted(kit.password))
    assert admin.read(dn, name) == {}
    assert admin.names(r.Present(name), base=dn) == set()


@pytest.fixture
def wide(make_forest: Any, make_hand: Any) -> tuple[Any, str]:
    hand = make_hand(make_forest(max_value_range=5))
    people = [hand.user(f"P{index}") for index in range(12)]
    return hand, hand.group("Crew", *people)


def test_long_attributes_come_in_ranges(wide: tuple[Any, str]) -> None:
    hand, crew = wide
    got = []
    label = "member"
    labels = []
    while True:
        (label, part), *_ = hand.read(crew, label).items()
        labels.append(label)
        got += part
        if label.endswith("-*"):
            break
        label = f"member;range={int(label.rsplit('-', 1)[1]) + 1}-*"
    assert labels == ["member;range=0-4", "member;range=5-9", "member;range=10-*"]
    assert len(set(got)) == 12
    assert "member;range=0-4" in hand.read(crew)


def test_a_range_past_the_end(wide: tuple[Any, str]) -> None:
    hand, crew = wide
    hand.search(attributes=["member;range=99-*"], base=crew, scope=r.Scope.BASE, code=ResultCode.OPERATIONS_ERROR)
    hand.search(attributes=["member;range=99-*"], base=crew, scope=r.Scope.BASE, range_without_error=True)


def test_extended_names(admin: Any) -> None:
    from emulators.directory.core.identity import guid_text, sid_text

    ana = admin.user("Ana")
    crew = admin.group("Crew", ana)
    entry = admin.entry(ana)
    text = f"<GUID={guid_text(entry.guid)}>;<SID={sid_text(entry.sid)}>;{ana}"
    found = admin.found(attributes=["member"], base=crew, scope=r.Scope.BASE, extended_dn=1)[0]
    assert dict(found.extra)["member"] == (text.encode(),)
    assert found.dn.startswith("<GUID=")
    hexadecimal = admin.found(base=ana, scope=r.Scope.BASE, extended_dn=0)[0]
    assert hexadecimal.dn == f"<GUID={entry.guid.hex()}>;<SID={entry.sid.hex()}>;{ana}"


def test_security_descriptor_parts(admin: Any, low: Any) -> None:
    from emulators.directory.core.security_descriptor import parse

    dn = admin.user("Ana")
    whole = parse(admin.read(dn, "nTSecurityDescriptor")["nTSecurityDescriptor"][0])
    assert whole.owner
    assert whole.dacl
    owner = parse(admin.read(dn, "nTSecurityDescriptor", sd_flags=1)["nTSecurityDescriptor"][0])
    assert owner.owner == whole.owner
    assert owner.dacl is None
    assert low.read(dn, "nTSecurityDescriptor") == {}
    assert low.read(dn, "nTSecurityDescriptor", sd_flags=4) != {}
