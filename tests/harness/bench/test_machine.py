"""What the figures were taken on."""

from __future__ import annotations

import json

import pytest

from harness.bench import machine, slapd


def test_everything_is_named_and_plain() -> None:
    found = machine.describe()
    assert json.loads(json.dumps(found)) == found
    assert {"cores", "python", "twisted", "ldap3", "slapd"} <= found.keys()


def test_what_is_not_installed_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slapd, "executable", lambda: None)
    monkeypatch.setattr(machine, "PACKAGES", ("no-such-package-anywhere",))
    found = machine.describe()
    assert (found["slapd"], found["no-such-package-anywhere"]) == ("absent", "absent")
