"""The table of switches is the whole of a profile, and every switch is in the ledger."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from engine.profile import SWITCHES, Behaviour, behaviour

LEDGER = Path(__file__).parents[2] / "harness" / "ledger" / "setup.yaml"


def test_every_field_has_one_switch() -> None:
    assert sorted(s.field for s in SWITCHES) == sorted(f.name for f in fields(Behaviour) if f.name != "name")


def test_profiles_differ_in_every_switch() -> None:
    guide, vendor = behaviour("guide"), behaviour("vendor")
    assert all(getattr(guide, s.field) != getattr(vendor, s.field) for s in SWITCHES)


def test_unknown_profile() -> None:
    with pytest.raises(ValueError, match="guide"):
        behaviour("seller")


def test_every_switch_is_in_the_ledger() -> None:
    known = {entry["id"] for entry in yaml.safe_load(LEDGER.read_text(encoding="utf-8"))}
    assert {s.ledger for s in SWITCHES} <= known
