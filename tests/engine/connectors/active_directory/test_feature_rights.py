"""What each feature's cmdlet grants, and what is left of an account's own access list when it is restricted."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory import feature_rights as rights
from engine.connectors.active_directory.inheritance import DACL_PROTECTED
from engine.connectors.active_directory.partitions import CLASS_GUIDS, GET_CHANGES
from engine.connectors.active_directory.security_descriptor import (
    CONTAINER_INHERIT,
    CONTROL_ACCESS,
    CREATE_CHILD,
    DELETE,
    DELETE_CHILD,
    DELETE_TREE,
    READ_PROPERTY,
    WRITE_PROPERTY,
    Ace,
    SecurityDescriptor,
    allow,
    sid_text,
)

SID = rights.sid_of("S-1-5-21-1-2-3-1105")
DOMAIN, ROOT = rights.sid_of("S-1-5-21-1-2-3"), rights.sid_of("S-1-5-21-7-8-9")


def of_classes(noun: str, mask: int) -> set[str | None]:
    return {ace.inherited_object_type for ace in rights.BY_CMDLET[noun](SID) if ace.mask == mask}


def test_exchange_hybrid_reads_and_writes_the_four_classes() -> None:
    assert of_classes("ExchangeHybrid", READ_PROPERTY | WRITE_PROPERTY) == set(CLASS_GUIDS.values())


def test_group_writeback_makes_and_deletes_groups_and_nothing_else() -> None:
    aces = rights.BY_CMDLET["UnifiedGroupWriteback"](SID)
    assert {ace.object_type or ace.inherited_object_type for ace in aces} == {CLASS_GUIDS["group"]}
    assert aces[0].mask == CREATE_CHILD | DELETE_CHILD
    assert aces[0].flags == CONTAINER_INHERIT
    assert aces[2].mask == DELETE | DELETE_TREE


def test_basic_read_reads_devices_too_and_replicates() -> None:
    assert of_classes("BasicRead", READ_PROPERTY) >= {rights.DEVICE, *CLASS_GUIDS.values()}
    assert rights.BY_CMDLET["BasicRead"](SID)[0].object_type == GET_CHANGES


@pytest.mark.parametrize(
    ("noun", "objects"),
    [
        ("MsDsConsistencyGuid", [rights.CONSISTENCY_GUID]),
        ("ExchangeMailPublicFolder", [None]),
        ("PasswordHashSync", [rights.GET_CHANGES, rights.GET_CHANGES_ALL]),
        (
            "PasswordWriteback",
            [rights.RESET_PASSWORD, rights.LOCKOUT_TIME, rights.PASSWORD_LAST_SET, rights.UNEXPIRE_PASSWORD],
        ),
    ],
)
def test_what_the_others_name(noun: str, objects: list[str | None]) -> None:
    assert [ace.object_type for ace in rights.BY_CMDLET[noun](SID)] == objects


def test_a_restricted_account_is_left_to_administrators() -> None:
    own = allow(rights.SELF, READ_PROPERTY)
    before = SecurityDescriptor(0, DOMAIN, DOMAIN, None, (allow(SID, CONTROL_ACCESS), own))
    found = rights.restricted(before, DOMAIN, ROOT)
    assert found.control & DACL_PROTECTED
    assert found.dacl is not None
    assert [(sid_text(ace.sid), ace.mask) for ace in found.dacl] == [
        ("S-1-5-18", rights.FULL_CONTROL),
        ("S-1-5-21-7-8-9-519", rights.FULL_CONTROL),
        ("S-1-5-21-1-2-3-512", rights.FULL_CONTROL),
        ("S-1-5-32-544", rights.FULL_CONTROL),
        ("S-1-5-9", 0x20014),
        ("S-1-5-11", 0x20014),
        ("S-1-5-10", READ_PROPERTY),
    ]
    assert all(isinstance(ace, Ace) for ace in found.dacl)
