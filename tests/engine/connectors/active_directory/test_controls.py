"""Controls on the wire. The octets are written by hand from the control definitions."""

from __future__ import annotations

import pytest

from engine.connectors.active_directory import controls

REQUESTS = [
    (controls.paged(500), "3006 020201f4 0400"),
    (controls.paged(1, b"\x01"), "3006 020101 040101"),
    (controls.sd_flags(4), "3003 020104"),
    (
        controls.dirsync(controls.INCREMENTAL_VALUES | controls.ANCESTORS_FIRST, 1 << 20, b"M"),
        "300e 020480000800 0203100000 04014d",
    ),
    (
        controls.dirsync(controls.INCREMENTAL_VALUES | controls.ANCESTORS_FIRST | controls.OBJECT_SECURITY, 1, b""),
        "300b 020480000801 020101 0400",
    ),
]


@pytest.mark.parametrize(("control", "octets"), REQUESTS)
def test_values(control: controls.Control, octets: str) -> None:
    assert control.value is not None
    assert control.value.hex() == octets.replace(" ", "")


def test_dirsync_and_paging_are_critical_permissive_modify_is_not() -> None:
    assert controls.paged(1).critical
    assert controls.dirsync(0, 0).critical
    assert not controls.permissive_modify().critical


def test_answers() -> None:
    page = {controls.PAGED: bytes.fromhex("3005020100040161".replace("3005", "3006"))}
    assert controls.page_cookie(page) == b"a"
    assert controls.page_cookie({}) == b""
    dirsync = {controls.DIRSYNC: bytes.fromhex("3009020101020100040161")}
    assert controls.dirsync_answer(dirsync) == (True, b"a")
    assert controls.dirsync_answer({}) is None
