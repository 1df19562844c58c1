"""SIDs and GUIDs as the wire writes them, and the names both sides give an attribute."""

from __future__ import annotations

import pytest

from emulators.tenant.core.attributes import as_list, guid_text, sid_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUAQAAA==", "S-1-5-21-1-2-3-1104"),
        ("AQEAAAAAAAUSAAAA", "S-1-5-18"),
        ("", None),
        ("AQUAAAAA", None),
        ("%%%", None),
    ],
)
def test_sid(raw: str, text: str | None) -> None:
    assert sid_text(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [("bxFP8oBuXUKCNgmAPaffvg==", "f24f116f-6e80-425d-8236-09803da7dfbe"), ("MyIRAFVEd2aImaq7zN3u/w==", "00112233-4455-6677-8899-aabbccddeeff"), ("AAAA", None), ("é", None)],  # noqa: E501 - one row of a table
)  # fmt: skip
def test_guid(raw: str, text: str | None) -> None:
    assert guid_text(raw) == text


@pytest.mark.parametrize(("value", "found"), [(None, []), ("a", ["a"]), (["a", 1, "b"], ["a", "b"]), (7, [])])
def test_lists(value: object, found: list[str]) -> None:
    assert as_list(value) == found
