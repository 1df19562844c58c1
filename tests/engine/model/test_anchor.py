from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.model.anchor import (
    AnchorError,
    anchor_of_dn,
    anchor_of_guid,
    anchor_text,
    anchor_weight,
    check_anchor,
    entra_dn,
    guid_of_anchor,
    may_be_anchor,
)
from engine.model.schema import AttributeDefinition, AttributeType

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/anchors/values.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "code"), CASES["texts"])
def test_string_values(text, code):
    if code is None:
        assert anchor_text(text) == text
        return
    with pytest.raises(AnchorError) as raised:
        anchor_text(text)
    assert raised.value.code == code


@pytest.mark.parametrize("case", CASES["weights"])
def test_everything_but_letters_and_digits_counts_three(case):
    text = "a" * case["letters"] + "-" * case["others"]
    assert anchor_weight(text) == case["weight"]
    if case["legal"]:
        check_anchor(text)
    else:
        with pytest.raises(AnchorError, match=f"counts {case['weight']}"):
            check_anchor(text)


def test_a_letter_outside_ascii_counts_three():
    assert anchor_weight("é") == 3


@pytest.mark.parametrize(("guid", "anchor"), CASES["guids"])
def test_guids_are_encoded_from_their_stored_bytes(guid, anchor):
    assert anchor_of_guid(guid) == anchor
    assert guid_of_anchor(anchor) == guid


@pytest.mark.parametrize(("guid", "anchor"), CASES["wrong_guids"])
def test_the_big_endian_reading_is_another_value(guid, anchor):
    assert anchor_of_guid(guid) != anchor


@pytest.mark.parametrize(("anchor", "dn"), CASES["dns"])
def test_the_entra_dn_is_the_hex_of_the_anchor(anchor, dn):
    assert entra_dn(anchor) == dn
    assert anchor_of_dn(dn) == anchor


def test_base64_of_binary_may_hold_what_text_may_not():
    assert anchor_text(b"\xff\xfe") == "//4="


def test_a_number_is_encoded_by_its_decimal_digits():
    assert anchor_text(4711) == "NDcxMQ=="
    assert anchor_text(0) == "MA=="


@pytest.mark.parametrize(
    ("value", "code"), [(["a", "b"], "anchor-multivalued"), (True, "anchor-type"), (b"", "anchor-empty")]
)
def test_what_can_never_be_an_anchor(value, code):
    with pytest.raises(AnchorError) as raised:
        check_anchor(value)
    assert raised.value.code == code


@pytest.mark.parametrize("dn", ["CN=Ana,DC=contoso,DC=com", "CN={4D7}", "CN={}", "CN={ZZ}", "CN={FF}"])
def test_any_other_dn_carries_no_anchor(dn):
    assert anchor_of_dn(dn) is None


@pytest.mark.parametrize("anchor", ["not base64!", "AAEC", ""])
def test_not_every_anchor_is_a_guid(anchor):
    assert guid_of_anchor(anchor) is None


@pytest.mark.parametrize(
    ("name", "kind", "many", "offered"),
    [
        ("objectGUID", AttributeType.BINARY, False, True),
        ("mS-DS-ConsistencyGuid", AttributeType.BINARY, False, True),
        ("employeeID", AttributeType.STRING, False, True),
        ("employeeNumber", AttributeType.INTEGER, False, True),
        ("mail", AttributeType.STRING, False, False),
        ("userPrincipalName", AttributeType.STRING, False, False),
        ("targetAddress", AttributeType.STRING, False, False),
        ("proxyAddresses", AttributeType.STRING, True, False),
        ("manager", AttributeType.REFERENCE, False, False),
        ("msExchHideFromAddressLists", AttributeType.BOOLEAN, False, False),
    ],
)
def test_which_attributes_the_wizard_offers(name, kind, many, offered):
    assert may_be_anchor(AttributeDefinition(name, kind, many)) is offered


@given(st.text(min_size=1))
def test_dn_and_anchor_go_both_ways(anchor):
    if any(0xD800 <= ord(c) <= 0xDFFF for c in anchor):
        return
    assert anchor_of_dn(entra_dn(anchor)) == anchor


@given(st.binary(min_size=16, max_size=16))
def test_every_guid_is_a_legal_anchor_of_24_characters(content):
    anchor = anchor_text(content)
    assert len(anchor) == 24
    assert anchor.endswith("==")
    assert guid_of_anchor(anchor) is not None
