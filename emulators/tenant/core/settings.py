"""Which of the documented readings this tenant follows, and its sizes; fixed when the tenant is made.

Source: facts "tenant" 2.3, 2.6, 19; "decisions" D3, D11, D12, D13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from emulators.tenant.core.versions import unreadable

MATCHING_PROFILES = ("legacy", "resilient", "2025")
HARDENING = (False, True, "roles_2026_06", "remap_2026_07")
CHOICES: dict[str, tuple[object, ...]] = {
    "matching": MATCHING_PROFILES,
    "hard_match_hardening": HARDENING,
    "proxycalc": ("immediate", "queued"),
    "minimum_tls": ("1.0", "1.1", "1.2"),
    "invalid_upn": ("moera", "error"),
}


class UnknownSetting(ValueError):
    """A tenant setting has no such name or no such value."""


@dataclass(frozen=True)
class TenantSettings:
    """``matching`` picks the reading of rows 12 to 15; ``proxycalc: queued`` delays address calculation by a minute."""

    matching: str = "resilient"
    hard_match_hardening: bool | str = False
    proxycalc: str = "immediate"
    invalid_upn: str = "moera"
    group_member_limit: int = 250_000
    soft_delete_days: int = 30
    strict_soft_deleted_conflicts: bool = False
    dirsync_switch_hours: int = 0
    throttling: bool = False
    throttle_factor: float = 1.0
    service_account_limit: int = 20
    features: Mapping[str, bool] = field(default_factory=dict)
    licences: Mapping[str, int] = field(default_factory=dict)
    object_quota: int = 0
    minimum_tls: str = "1.2"
    minimum_client_version: str = "1.1.524.0"
    #: day (UTC) to the version below which nothing is served from then on (version release history; facts PRE-14)
    end_of_support: Mapping[str, str] = field(default_factory=lambda: {"2026-09-30": "2.5.79.0"})
    blocked_client_versions: Sequence[str] = ()
    auto_upgrade_version: str = ""  # the release that is made available for automatic upgrade; "" = none

    @property
    def hardens_roles(self) -> bool:
        return self.hard_match_hardening in (True, "roles_2026_06")

    @property
    def hardens_remapping(self) -> bool:
        return self.hard_match_hardening in (True, "remap_2026_07")


def read_settings(given: Mapping[str, object]) -> TenantSettings:
    """Check names and values of a tenant's settings; every mistake names the right spelling."""
    known = {f.name: f for f in fields(TenantSettings)}
    for name, value in given.items():
        if name not in known:
            raise UnknownSetting(f"a tenant has no setting called {name}; known are {', '.join(sorted(known))}")
        if name in CHOICES and value not in CHOICES[name]:
            allowed = ", ".join(str(choice) for choice in CHOICES[name])
            raise UnknownSetting(f"tenant setting {name} cannot be {value!r}; allowed are {allowed}")
        default = getattr(TenantSettings(), name)
        if name not in CHOICES and not isinstance(value, _accepted(default)):
            raise UnknownSetting(f"tenant setting {name} cannot be {value!r}; it is like {default!r}")
    made = TenantSettings(**given)  # type: ignore[arg-type]
    versions = (made.minimum_client_version, made.auto_upgrade_version or "0", *made.blocked_client_versions)
    wrong = unreadable(made.end_of_support, versions)
    if wrong is not None:
        raise UnknownSetting(f"{wrong!r} is neither a day such as 2026-09-30 nor a version such as 2.5.79.0")
    return made


def _accepted(default: object) -> tuple[type, ...]:
    if isinstance(default, bool):
        return (bool,)
    if isinstance(default, float):
        return (float, int)
    if isinstance(default, dict):
        return (Mapping,)
    if isinstance(default, tuple):
        return (list, tuple)
    return (type(default),)
