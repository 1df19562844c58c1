"""What a tenant says of itself: versions it accepts, domains, features, the settings its sync servers share.

Source: facts "tenant" sections 1.5, 7, 17; decisions D6 (scheduler settings live in the tenant).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Capabilities:
    """``blocked_versions`` counts only while the black list is enabled."""

    latest_version: str
    minimum_version: str
    blocked_versions: tuple[str, ...] = ()
    auto_upgrade_version: str = ""  # the newest release that servers may upgrade to by themselves; a field of ours

    def accepts(self, version: str) -> bool:
        """Whether a product of this version may talk to the service."""
        return version not in self.blocked_versions and _numbers(version) >= _numbers(self.minimum_version)


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """The part of Get-ADSyncScheduler that the tenant keeps."""

    sync_cycle_enabled: bool = True
    customized_interval: str | None = None
    next_policy_type: str | None = None
    maintenance_enabled: bool = False
    purge_run_history_interval: str | None = None


@dataclass(frozen=True, slots=True)
class CompanyConfiguration:
    """The answer of GetCompanyConfiguration. ``raw``: all of it, as the tenant sent it."""

    tenant_id: str
    display_name: str
    initial_domain: str
    verified_domains: tuple[str, ...]
    dirsync_enabled: bool
    password_sync: bool
    dirsync_features: int
    allowed_features: tuple[str, ...]
    synchronization_interval: str
    links_max: int
    anchor_attribute: str | None
    deletion_threshold: int
    deletion_prevention: str
    tracking_changes: bool
    export_server: str | None
    exported_objects: int
    scheduler: SchedulerSettings | None
    service_accounts: tuple[str, ...]
    last_dirsync_time: str | None
    last_password_sync_time: str | None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def read_capabilities(answer: Mapping[str, Any]) -> Capabilities:
    """Read the answer of Capabilities."""
    black_list = _mapping(answer.get("BlackList"))
    blocked = black_list.get("ClientVersion") or [] if black_list.get("Enabled") else []
    return Capabilities(
        str(answer.get("LatestProductVersion", "")),
        str(answer.get("MinimumProductVersion", "")),
        tuple(blocked),
        str(answer.get("AutoUpgradeVersion") or ""),
    )


def read_company(answer: Mapping[str, Any]) -> CompanyConfiguration:
    """Read the answer of GetCompanyConfiguration."""
    settings = _mapping(answer.get("DirSyncConfiguration"))
    export = _mapping(settings.get("CurrentExport"))
    guard = _mapping(settings.get("PreventAccidentalDeletion"))
    scheduler = settings.get("Scheduler") or answer.get("Scheduler")
    return CompanyConfiguration(
        tenant_id=str(answer.get("TenantId", "")),
        display_name=str(answer.get("DisplayName", "")),
        initial_domain=str(answer.get("InitialDomain", "")),
        verified_domains=tuple(answer.get("VerifiedDomains") or ()),
        dirsync_enabled=bool(answer.get("IsDirSyncing")),
        password_sync=bool(answer.get("IsPasswordSyncing")),
        dirsync_features=int(answer.get("DirSyncFeatures") or 0),
        allowed_features=tuple(answer.get("AllowedFeatures") or ()),
        synchronization_interval=str(answer.get("SynchronizationInterval") or "PT30M"),
        links_max=int(answer.get("MaxLinksSupportedAcrossBatchInProvision2") or 15000),
        anchor_attribute=settings.get("AnchorAttribute"),
        deletion_threshold=int(guard.get("ThresholdCount") or 0),
        deletion_prevention=str(guard.get("DeletionPrevention") or ""),
        tracking_changes=bool(settings.get("IsTrackingChanges")),
        export_server=export.get("DirSyncClientMachineName"),
        exported_objects=int(export.get("TotalConnectorSpaceObjects") or 0),
        scheduler=_scheduler(_mapping(scheduler)) if scheduler else None,
        service_accounts=tuple(answer.get("DirSyncServiceAccounts") or ()),
        last_dirsync_time=answer.get("LastDirSyncTime"),
        last_password_sync_time=answer.get("LastPasswordSyncTime"),
        raw=answer,
    )


def _scheduler(settings: Mapping[str, Any]) -> SchedulerSettings:
    return SchedulerSettings(
        sync_cycle_enabled=bool(settings.get("SyncCycleEnabled", True)),
        customized_interval=settings.get("CustomizedSyncCycleInterval"),
        next_policy_type=settings.get("NextSyncCyclePolicyType"),
        maintenance_enabled=bool(settings.get("MaintenanceEnabled", False)),
        purge_run_history_interval=settings.get("PurgeRunHistoryInterval"),
    )
