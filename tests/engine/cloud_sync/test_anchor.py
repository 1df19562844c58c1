"""The anchor of Cloud Sync. Source: facts "install" 27."""

from __future__ import annotations

import base64

from engine.cloud_sync.anchor import choose_anchor, guid_text

GUID, OTHER = bytes(range(16)), bytes(range(1, 17))


def test_consistency_guid_wins_when_it_is_present():
    assert choose_anchor({"mS-DS-ConsistencyGuid": OTHER}, GUID) == base64.b64encode(OTHER).decode()


def test_else_object_guid():
    assert choose_anchor({}, GUID) == base64.b64encode(GUID).decode()


def test_the_log_spells_a_guid_as_administrators_do():
    assert guid_text(GUID) == "03020100-0504-0706-0809-0a0b0c0d0e0f"
