"""Control values one by one: read, refused when damaged, refused when not emulated; response controls as octets."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.directory.core.requests import Controls, DirSyncControl, SortKey
from emulators.directory.core.results import DirectoryError, Result, ResultCode
from emulators.directory.front import ber, controls
from emulators.directory.front.ber import Malformed
from emulators.directory.front.controls import NO_CONTROLS, read_controls, response_controls

AD = "1.2.840.113556.1.4."


def control(name: str, value: bytes | None = None, critical: bool | None = None) -> bytes:
    parts = [ber.octets(name.encode())]
    if critical is not None:
        parts.append(ber.boolean(critical))
    if value is not None:
        parts.append(ber.octets(value))
    return ber.sequence(*parts)


def read(*written: bytes) -> Controls:
    data = b"".join(written)
    return read_controls(data, 0, len(data))


def hexed(text: str) -> bytes:
    return bytes.fromhex(text)


VALUES: list[tuple[str, bytes | None, dict[str, Any]]] = [
    (AD + "319", hexed("3008 020203e8 04026162"), {"page_size": 1000, "page_cookie": b"ab"}),
    (AD + "417", None, {"show_deleted": True}),
    (AD + "2064", None, {"show_recycled": True}),
    (AD + "2065", None, {"show_deactivated_link": True}),
    (AD + "473", hexed("3006 3004 0402736e"), {"sort": (SortKey("sn"),), "sort_critical": True}),
    (
        AD + "473",
        hexed("300c 300a 0402736e 8001 78 8101ff"),
        {"sort": (SortKey("sn", "x", True),), "sort_critical": True},
    ),
    (AD + "529", None, {"extended_dn": 0}),
    (AD + "529", hexed("3003 020101"), {"extended_dn": 1}),
    (AD + "801", hexed("3003 020107"), {"sd_flags": 7}),
    (AD + "805", None, {"tree_delete": True}),
    (AD + "841", hexed("300c 0204 80000000 020100 0401 63"), {"dirsync": DirSyncControl(0x80000000, 0, b"c")}),
    (AD + "841", hexed("300c 0205 0080000800 020100 0400"), {"dirsync": DirSyncControl(0x80000800, 0, b"")}),
    (AD + "1339", None, {"domain_scope": True}),
    (AD + "1340", hexed("3003 020102"), {"search_options": 2}),
    (AD + "1413", None, {"permissive_modify": True}),
    (AD + "1504", hexed("3008 0406 6d656d626572"), {"attribute_scoped": "member"}),
    (AD + "1948", None, {"range_without_error": True}),
    (AD + "2239", hexed("3003 020101"), {"policy_hints": True}),
    (AD + "521", b"dc2.contoso.com", {"cross_domain_target": "dc2.contoso.com"}),
]


@pytest.mark.parametrize(("name", "value", "expected"), VALUES, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(VALUES)])
def test_control_values(name: str, value: bytes | None, expected: dict[str, Any]) -> None:
    assert read(control(name, value, True)) == Controls(**expected)


def test_a_sort_control_is_critical_or_not() -> None:
    value = hexed("3006 3004 0402736e")
    assert [read(control(AD + "473", value, critical)).sort_critical for critical in (None, False, True)] == [
        False,
        False,
        True,
    ]


WITH_VALUE = [(name, value) for name, value, _ in VALUES if value is not None and name != AD + "521"]


@pytest.mark.parametrize(("name", "value"), WITH_VALUE)
@pytest.mark.parametrize("critical", [True, False])
def test_damaged_control_values_are_a_protocol_error(name: str, value: bytes, critical: bool) -> None:
    for damaged in (value[:-1], value + b"\0", b"\x30\x80", b"x"):
        with pytest.raises(DirectoryError) as caught:
            read(control(name, damaged, critical))
        assert caught.value.code == ResultCode.PROTOCOL_ERROR
        assert caught.value.text == controls.BAD_VALUE


@pytest.mark.parametrize("name", [AD + "319", AD + "841", AD + "801", AD + "473", AD + "1504"])
def test_a_missing_value_is_a_protocol_error(name: str) -> None:
    with pytest.raises(DirectoryError) as caught:
        read(control(name, None, True))
    assert caught.value.code == ResultCode.PROTOCOL_ERROR


def test_dirsync_must_be_critical() -> None:
    with pytest.raises(DirectoryError) as caught:
        read(control(AD + "841", hexed("3008 020100 020100 0400"), False))
    assert caught.value.code == ResultCode.PROTOCOL_ERROR


def test_unknown_controls() -> None:
    assert read(control("1.2.3.4")) is NO_CONTROLS
    with pytest.raises(DirectoryError) as caught:
        read(control("1.2.3.4", None, True))
    assert caught.value.code == ResultCode.UNAVAILABLE_CRITICAL_EXTENSION
    assert caught.value.text.startswith("00000057: LdapErr: ")


@pytest.mark.parametrize("name", sorted(controls.WITHOUT_EFFECT))
def test_controls_without_effect_are_accepted(name: str) -> None:
    assert read(control(name, None, True)) is NO_CONTROLS


@pytest.mark.parametrize("name", sorted(controls.NOT_EMULATED))
@pytest.mark.parametrize("critical", [True, False])
def test_controls_that_are_not_emulated_are_refused(name: str, critical: bool) -> None:
    with pytest.raises(DirectoryError) as caught:
        read(control(name, b"", critical))
    assert caught.value.code == ResultCode.UNWILLING_TO_PERFORM
    assert "is not emulated" in caught.value.text


@pytest.mark.parametrize("data", ["0400", "3000", "3003 020101", "3008 0401 61 0401 61 87 00", "30050401610500"])
def test_damaged_controls_are_malformed(data: str) -> None:
    with pytest.raises(Malformed):
        read(hexed(data))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Result(), ""),
        (Result(page_cookie=b"ab"), "a025 3023 0416" + (AD + "319").encode().hex() + "0409 3007 020100 0402 6162"),
        (
            Result(dirsync_more=True, dirsync_cookie=b"c"),
            "a027 3025 0416" + (AD + "841").encode().hex() + "040b 3009 020101 020100 0401 63",
        ),
        (Result(sort_result=53), "a021 301f 0416" + (AD + "474").encode().hex() + "0405 3003 0a0135"),
    ],
)
def test_response_controls(result: Result, expected: str) -> None:
    assert response_controls(result).hex() == expected.replace(" ", "")
