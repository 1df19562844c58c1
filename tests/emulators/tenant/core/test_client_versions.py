"""Which builds of the sync client a tenant serves: its own floor, the days of end of support, blocked versions."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from emulators.tenant.core.client_versions import capabilities, client_refused, minimum_version
from emulators.tenant.core.settings import UnknownSetting, read_settings
from emulators.tenant.core.versions import numbers


def tenant(day: str, **settings: object) -> Any:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return SimpleNamespace(now=lambda: moment, settings=read_settings(settings))


@pytest.mark.parametrize(
    ("day", "settings", "build", "served"),
    [
        ("2026-09-29T23:59", {}, "2.4.131.0", True),
        ("2026-09-30T00:00", {}, "2.4.131.0", False),
        ("2026-09-30T00:00", {}, "2.5.78.99", False),
        ("2026-09-30T00:00", {}, "2.5.79.0", True),
        ("2026-09-30T00:00", {}, "2.5.79", True),
        ("2027-01-01T00:00", {"end_of_support": {}}, "2.4.131.0", True),
        ("2026-01-01T00:00", {}, "1.1.524.0", True),
        ("2026-01-01T00:00", {}, "1.1.523.0", False),
        ("2026-01-01T00:00", {}, "1.0.7020.0", False),
        ("2026-01-01T00:00", {"minimum_client_version": "1.0.0.0"}, "1.0.7020.0", True),
        ("2026-10-01T00:00", {"minimum_client_version": "9.0"}, "2.5.79.0", False),
        ("2026-01-01T00:00", {"blocked_client_versions": ["2.5.76.0"]}, "2.5.76", False),
        ("2026-01-01T00:00", {"blocked_client_versions": ["2.5.76.0"]}, "2.5.79.0", True),
        ("2026-01-01T00:00", {}, "not a version", False),
        ("2026-01-01T00:00", {}, None, True),
    ],
)
def test_served(day, settings, build, served) -> None:
    assert (client_refused(tenant(day, **settings), build) is None) is served


def test_what_a_client_is_told() -> None:
    held = tenant("2026-10-01", blocked_client_versions=["2.5.76.0"], auto_upgrade_version="2.5.79.0")
    assert minimum_version(held) == "2.5.79.0"
    assert capabilities(held) == {
        "LatestProductVersion": "2.5.79.0",
        "MinimumProductVersion": "2.5.79.0",
        "BlackList": {"Enabled": True, "ClientVersion": ["2.5.76.0"]},
        "AutoUpgradeVersion": "2.5.79.0",
    }
    assert capabilities(tenant("2026-01-01"))["BlackList"] == {"Enabled": False, "ClientVersion": []}


@pytest.mark.parametrize(
    "settings",
    [
        {"end_of_support": {"soon": "2.5.79.0"}},
        {"end_of_support": {"2026-09-30": "newest"}},
        {"blocked_client_versions": ["two"]},
        {"blocked_client_versions": "2.5.79.0"},
        {"minimum_client_version": "v2"},
        {"auto_upgrade_version": "latest"},
    ],
)
def test_settings_that_cannot_be_read(settings) -> None:
    with pytest.raises(UnknownSetting):
        read_settings(settings)


def test_trailing_zeros_are_nothing() -> None:
    assert numbers("2.5.79.0") == numbers("2.5.79") != numbers("2.5.790")
