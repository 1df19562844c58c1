"""Names inside certificates as the product's runtime writes them."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from engine.rules.expression.functions.x500_name import common_name, user_principal_name, written_name

UNKNOWN = ObjectIdentifier("1.2.3.4")
UPN = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ([(NameOID.COUNTRY_NAME, "US"), (NameOID.COMMON_NAME, "Ana")], "CN=Ana, C=US"),
        ([(NameOID.ORGANIZATION_NAME, "A, B")], 'O="A, B"'),
        ([(NameOID.COMMON_NAME, 'say "a"')], 'CN="say ""a"""'),
        ([(NameOID.COMMON_NAME, " a")], 'CN=" a"'),
        ([(NameOID.STATE_OR_PROVINCE_NAME, "WA")], "S=WA"),
        ([(UNKNOWN, "x")], "OID.1.2.3.4=x"),
    ],
)
def test_written_name(parts, written):
    assert written_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])) == written


def test_parts_of_one_rdn_are_joined_by_plus():
    both = x509.RelativeDistinguishedName(
        [x509.NameAttribute(NameOID.COMMON_NAME, "Ana"), x509.NameAttribute(NameOID.SURNAME, "Lopez")]
    )
    assert " + " in written_name(x509.Name([both]))


def test_simple_name_falls_back_to_the_organization():
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Contoso")])
    assert common_name(name) == "Contoso"
    assert common_name(x509.Name([])) == ""


def test_user_principal_name_with_a_long_length():
    value = "a" * 130
    other = x509.OtherName(UPN, b"\x0c\x81\x82" + value.encode())
    assert user_principal_name([x509.OtherName(UNKNOWN, b"\x0c\x01a"), other]) == value
    assert user_principal_name([]) == ""
