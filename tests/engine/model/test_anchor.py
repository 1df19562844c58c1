"""The sourceAnchor of facts "install" section 19: which attributes are offered, and the Entra DN."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.model.anchor import entra_dn, may_be_anchor
from engine.model.schema import AttributeDefinition, AttributeType

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/anchors/values.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("anchor", "dn"), CASES["dns"])
def test_the_entra_dn_is_the_hex_of_the_anchor(anchor, dn):
    assert entra_dn(anchor) == dn


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
