"""Names: one normal form for every way to write a DN."""

import pytest

from emulators.directory.core import names

SAME = [
    ("CN=Ana Lopez,DC=contoso,DC=com", "cn=ana lopez , dc=CONTOSO, dc=com"),
    (r"CN=Lopez\, Ana,DC=com", r"cn=Lopez\2C Ana,dc=com"),
    (r"CN=Lopez\, Ana,DC=com", 'CN="Lopez, Ana",DC=com'),
    (r"CN=\#1,DC=com", r"CN=\231,DC=com"),
    (r"CN=a\ ,DC=com", r"CN=a\20,DC=com"),
    (r"CN=x\0ADEL:1,DC=com", "CN=x\\0aDEL:1,DC=com"),
    (r"CN=J\C3\BCrgen,DC=com", "CN=Jürgen,DC=com"),
    ("2.5.4.3=x,DC=com", "CN=x,DC=com"),
    ("CN=a;DC=com", "CN=a,DC=com"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_ways_of_writing_are_one_name(left: str, right: str) -> None:
    assert names.key(left) == names.key(right)


@pytest.mark.parametrize(
    "dn", ["x", "cn=", "=x", "cn=a+ou=b,dc=com", 'cn=a"b', "cn=a\\", "cn=a\\zz", ",", "cn=a,,dc=b", "cn=<a"]
)
def test_bad_names_are_refused(dn: str) -> None:
    with pytest.raises(names.BadName):
        names.key(dn)


@pytest.mark.parametrize(
    "value", ["Lopez, Ana", "#1", " lead", "trail ", 'a"b\\c', "a=b;c<d>e+f", "x\nDEL:1", "Zoë", "a,b", " "]
)
def test_escape_is_undone_by_parse(value: str) -> None:
    dn = names.join("CN", value, "DC=contoso,DC=com")
    assert names.parse(dn)[0].value == value
    assert names.key(dn)[1:] == ("dc=contoso", "dc=com")
    assert names.parent(dn) == "DC=contoso,DC=com"


def test_case_of_the_stored_name_is_kept() -> None:
    assert [str(part) for part in names.parse("Cn=Ana,dc=Com")] == ["Cn=Ana", "dc=Com"]


def test_dns_and_dn_of_a_domain() -> None:
    assert names.domain_dn("corp.contoso.com") == "DC=corp,DC=contoso,DC=com"
    assert names.dns_name("CN=x,DC=corp,DC=contoso,DC=com") == "corp.contoso.com"


def test_is_below() -> None:
    assert names.is_below(names.key("CN=a,DC=b"), names.key("DC=b"))
    assert not names.is_below(names.key("DC=b"), names.key("CN=a,DC=b"))
    assert names.is_below(names.key("DC=b"), ())
