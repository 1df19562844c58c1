"""Worlds lie in memory where there is room, and where TMPDIR says when it says so."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from harness.lab import place as placing


@pytest.fixture(autouse=True)
def _nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)


def test_memory_with_room_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "FREE_OCTETS_MIN", 0)
    assert placing.place(tmp_path) == str(tmp_path)


def test_small_memory_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "FREE_OCTETS_MIN", 1 << 60)
    assert placing.place(tmp_path) == tempfile.gettempdir()


def test_a_machine_without_it_uses_the_temporary_folder(tmp_path: Path) -> None:
    assert placing.place(tmp_path / "absent") == tempfile.gettempdir()


def test_who_sets_tmpdir_has_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "FREE_OCTETS_MIN", 0)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert placing.place(tmp_path / "memory") == tempfile.gettempdir()
