"""Cutting DNs where the text allows it."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory.distinguished_name import dns_name, guid_dn, rdn_and_parent, split_dn


@pytest.mark.parametrize(
    ("dn", "rdn", "parent"),
    [
        ("CN=Ana,OU=Staff,DC=contoso,DC=com", "CN=Ana", "OU=Staff,DC=contoso,DC=com"),
        (r"CN=Lopez\, Ana,OU=Staff,DC=contoso,DC=com", r"CN=Lopez\, Ana", "OU=Staff,DC=contoso,DC=com"),
        (r"CN=back\\,OU=Staff,DC=com", r"CN=back\\", "OU=Staff,DC=com"),
        ("CN=a , OU=b", "CN=a", "OU=b"),
        ("DC=com", "DC=com", ""),
    ],
)
def test_rdn_and_parent(dn: str, rdn: str, parent: str) -> None:
    assert rdn_and_parent(dn) == (rdn, parent)


def test_a_mangled_name_is_one_part() -> None:
    assert split_dn(r"CN=Ana\0ADEL:00112233-4455-6677-8899-aabbccddeeff,CN=Deleted Objects,DC=com")[1:] == [
        "CN=Deleted Objects",
        "DC=com",
    ]


def test_dns_name_and_guid_form() -> None:
    assert dns_name("DC=emea,DC=contoso,DC=com") == "emea.contoso.com"
    assert guid_dn(bytes.fromhex("33221100554477668899aabbccddeeff")) == "<GUID=00112233-4455-6677-8899-aabbccddeeff>"
