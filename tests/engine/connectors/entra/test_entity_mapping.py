"""Entities to objects and changes to sync objects."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.connector import ExportChange, ExportOperation, ImportKind, ValueChanges
from engine.connectors.entra.entity_mapping import (
    EntityReader,
    anchor_in_dn,
    entity_dn,
    is_cloud_anchor,
    read_value,
    sync_object,
)
from engine.model.schema import AttributeDefinition, AttributeType, Schema

T = AttributeType
SCHEMA = Schema(
    {
        name: AttributeDefinition(name, kind, many)
        for name, kind, many in (
            ("cloudAnchor", T.STRING, False),
            ("sourceAnchor", T.STRING, False),
            ("displayName", T.STRING, False),
            ("accountEnabled", T.BOOLEAN, False),
            ("countryCode", T.INTEGER, False),
            ("onPremiseSecurityIdentifier", T.BINARY, False),
            ("userCertificate", T.BINARY, True),
            ("proxyAddresses", T.STRING, True),
            ("manager", T.REFERENCE, False),
            ("member", T.REFERENCE, True),
        )
    }
)
#: the documented example, facts "tenant" section 11
ANCHOR = "x4V0iaeB60KXxjftcwd7Hw=="
DN = "CN={783456306961654236304B58786A66746377643748773D3D}"
CLOUD = "User_0f8fad5b-d9cb-469f-a165-70867728950e"


def test_the_documented_dn() -> None:
    assert entity_dn(ANCHOR, CLOUD) == DN
    assert anchor_in_dn(DN) == ANCHOR
    assert anchor_in_dn(entity_dn(None, CLOUD)) == CLOUD


@pytest.mark.parametrize("dn", ["", "CN=Ana", "CN={zz}", "CN={ff}", "CN={41"])
def test_other_dns_hold_no_anchor(dn: str) -> None:
    assert anchor_in_dn(dn) == ""


@pytest.mark.parametrize(
    ("text", "is_one"), [(CLOUD, True), ("Group_" + CLOUD[5:], True), (ANCHOR, False), ("User_x", False)]
)
def test_cloud_anchors(text: str, is_one: bool) -> None:
    assert is_cloud_anchor(text) is is_one


def entity(operation: str = "Set", **properties: Any) -> dict[str, Any]:
    return {
        "SyncObjectType": "User",
        "SyncOperation": operation,
        "PropertyValues": {"cloudAnchor": CLOUD, "sourceAnchor": ANCHOR, **properties},
    }


def test_every_type_is_read() -> None:
    found = EntityReader(SCHEMA).read(
        entity(
            displayName="Ana",
            accountEnabled=True,
            countryCode=724,
            onPremiseSecurityIdentifier="AQEAAAAAAAEAAAAA",
            userCertificate=["AAE="],
            proxyAddresses=["SMTP:a@x", "smtp:b@x", "SMTP:a@x"],
            manager=ANCHOR,
            unknownProperty="x",
        )
    )
    assert (found.kind, found.dn, found.anchor, found.object_type) == (ImportKind.FULL, DN, CLOUD, "user")
    assert found.error is None
    assert found.attributes == {
        "cloudAnchor": CLOUD,
        "sourceAnchor": ANCHOR,
        "displayName": "Ana",
        "accountEnabled": True,
        "countryCode": 724,
        "onPremiseSecurityIdentifier": bytes.fromhex("010100000000000100000000"),
        "userCertificate": [b"\0\1"],
        "proxyAddresses": ["SMTP:a@x", "smtp:b@x"],
        "manager": ANCHOR,
    }


def test_absent_is_absent_and_spelling_is_the_schemas() -> None:
    found = EntityReader(SCHEMA).read(entity(displayName="", manager=None, member=[], ACCOUNTENABLED=False))
    assert found.attributes == {"cloudAnchor": CLOUD, "sourceAnchor": ANCHOR, "accountEnabled": False}


def test_only_selected_attributes() -> None:
    found = EntityReader(SCHEMA, ("displayName",)).read(entity(displayName="Ana", countryCode=1))
    assert found.attributes == {"displayName": "Ana"}


def test_deletes_and_objects_without_anchors() -> None:
    reader = EntityReader(SCHEMA)
    gone = reader.read(entity("Delete"))
    assert (gone.kind, gone.dn, gone.anchor, gone.attributes) == (ImportKind.DELETE, DN, CLOUD, {})
    cloud_born = reader.read(entity(sourceAnchor=None))
    assert cloud_born.dn == entity_dn(None, CLOUD)
    assert reader.read(entity(cloudAnchor=None)).error == "missing-anchor-component"


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("displayName", ["a", "b"], "multi-single-mismatch"),
        ("displayName", 5, "invalid-attribute-value"),
        ("countryCode", "5", "invalid-attribute-value"),
        ("countryCode", True, "invalid-attribute-value"),
        ("accountEnabled", "true", "invalid-attribute-value"),
        ("onPremiseSecurityIdentifier", "***", "invalid-attribute-value"),
        ("onPremiseSecurityIdentifier", "\u00e4", "invalid-attribute-value"),
        ("proxyAddresses", [1], "invalid-attribute-value"),
    ],
)
def test_values_that_do_not_fit(name: str, value: Any, error: str) -> None:
    assert EntityReader(SCHEMA).read(entity(**{name: value})).error == error
    with pytest.raises(ValueError, match=error):
        read_value(SCHEMA.attributes[name], value)


def test_single_values_where_lists_are_expected_and_the_other_way_round() -> None:
    assert read_value(SCHEMA.attributes["proxyAddresses"], "a") == ["a"]
    assert read_value(SCHEMA.attributes["displayName"], ["a"]) == "a"


def change(operation: ExportOperation, **settings: Any) -> ExportChange:
    return ExportChange(
        **{"number": 1, "operation": operation, "object_type": "user", "dn": DN, "anchor": CLOUD, **settings}
    )


def test_an_added_user() -> None:
    added = change(
        ExportOperation.ADD,
        anchor=None,
        attributes={"sourceAnchor": ANCHOR, "accountEnabled": False, "userCertificate": [b"\0\1"], "countryCode": 1},
    )
    assert sync_object(added, SCHEMA) == {
        "SyncObjectType": "User",
        "SyncOperation": "Add",
        "SourceAnchor": ANCHOR,
        "CloudAnchor": None,
        "PropertyValues": {
            "sourceAnchor": ANCHOR,
            "accountEnabled": False,
            "userCertificate": ["AAE="],
            "countryCode": 1,
        },
    }


def test_an_update_takes_its_anchor_from_the_dn_and_clears_with_null() -> None:
    found = sync_object(change(ExportOperation.UPDATE, attributes={"displayName": None}), SCHEMA)
    assert (found["SyncOperation"], found["SourceAnchor"], found["CloudAnchor"]) == ("Set", ANCHOR, CLOUD)
    assert found["PropertyValues"] == {"displayName": None}
    assert "ReferenceChanges" not in found


def test_a_cloud_born_object_has_no_source_anchor() -> None:
    found = sync_object(change(ExportOperation.DELETE, dn=entity_dn(None, CLOUD)), SCHEMA)
    assert (found["SyncOperation"], found["SourceAnchor"], found["CloudAnchor"]) == ("Delete", None, CLOUD)


def test_members_leave_as_differences_removals_first() -> None:
    group = change(
        ExportOperation.UPDATE, object_type="group", value_changes={"member": ValueChanges((ANCHOR,), (CLOUD,))}
    )
    assert sync_object(group, SCHEMA)["ReferenceChanges"] == {
        "member": [
            {"Anchor": CLOUD, "ReferenceType": "CloudAnchor", "Operation": "Remove"},
            {"Anchor": ANCHOR, "ReferenceType": "SourceAnchor", "Operation": "Add"},
        ]
    }


def test_members_of_a_new_group_are_a_list() -> None:
    group = change(ExportOperation.ADD, object_type="group", value_changes={"member": ValueChanges((ANCHOR,))})
    found = sync_object(group, SCHEMA)
    assert found["PropertyValues"] == {"member": [ANCHOR]}
    assert "ReferenceChanges" not in found


def test_differences_of_other_attributes_are_refused() -> None:
    with pytest.raises(ValueError, match="proxyAddresses"):
        sync_object(change(ExportOperation.UPDATE, value_changes={"proxyAddresses": ValueChanges(("a",))}), SCHEMA)
