"""The directory synchronisation record of a tenant: switch, features, anchor policy, deletion guard, scheduler,
accounts.

Source: facts "tenant" 1.5, 7, 8.4, 17.2; "decisions" D6 (scheduler settings live here, shared by the tenant's
servers).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.tenant.core.refusals import ServiceFault, bad_request


@dataclass(frozen=True, slots=True)
class Feature:
    """One switch: its bit on the sync service's wire, its names there and in Graph, whether it can be turned off
    again.
    """

    bit: int
    wire: str
    graph: str | None
    default: bool = False
    one_way: bool = False


FEATURES: tuple[Feature, ...] = (
    Feature(1, "PasswordHashSync", "passwordSyncEnabled"),
    Feature(2, "PasswordWriteBack", "passwordWritebackEnabled"),
    Feature(4, "DirectoryExtensions", "directoryExtensionsEnabled"),
    Feature(8, "DuplicateUPNResiliency", None, default=True, one_way=True),
    Feature(16, "EnableSoftMatchOnUpn", "softMatchOnUpnEnabled", default=True, one_way=True),
    Feature(32, "DuplicateProxyAddressResiliency", None, default=True, one_way=True),
    Feature(
        512, "EnforceCloudPasswordPolicyForPasswordSyncedUsers", "cloudPasswordPolicyForPasswordSyncedUsersEnabled"
    ),
    Feature(1024, "UnifiedGroupWriteback", "unifiedGroupWritebackEnabled"),
    Feature(2048, "UserWriteback", "userWritebackEnabled"),
    Feature(4096, "DeviceWriteback", "deviceWritebackEnabled"),
    Feature(8192, "SynchronizeUpnForManagedUsers", "synchronizeUpnForManagedUsersEnabled", default=True, one_way=True),
    Feature(16384, "EnableUserForcePasswordChangeOnLogon", "userForcePasswordChangeOnLogonEnabled"),
    Feature(32768, "Unnamed32768", None, default=True, one_way=True),
    Feature(131072, "PassThroughAuthentication", None),
    Feature(524288, "BlockSoftMatch", "blockSoftMatchEnabled"),
    Feature(1048576, "BlockCloudObjectTakeoverThroughHardMatch", "blockCloudObjectTakeoverThroughHardMatchEnabled"),
)
BITS: dict[str, int] = {f.wire: f.bit for f in FEATURES}
GRAPH_BITS: dict[str, Feature] = {f.graph: f for f in FEATURES if f.graph}
#: switches that exist in Graph only, all off; the two quarantine flags read False although resiliency is on (facts 6)
GRAPH_ONLY: tuple[str, ...] = (
    "allowOnPremUpdateOfOnPremisesObjectIdentifierEnabled",
    "bypassDirSyncOverridesEnabled",
    "concurrentCredentialUpdateEnabled",
    "concurrentOrgIdProvisioningEnabled",
    "fopeConflictResolutionEnabled",
    "groupWriteBackEnabled",
    "quarantineUponProxyAddressesConflictEnabled",
    "quarantineUponUpnConflictEnabled",
)
#: of those, the ones an administrator can set
GRAPH_ONLY_SETTABLE = frozenset({"bypassDirSyncOverridesEnabled", "groupWriteBackEnabled"})
DEFAULT_FEATURES = sum(f.bit for f in FEATURES if f.default)
ONE_WAY = sum(f.bit for f in FEATURES if f.one_way)
KNOWN_BITS = sum(f.bit for f in FEATURES)

DELETION_PREVENTION = ("Disabled", "EnabledForCount", "EnabledForPercentage")


def _guard() -> dict[str, Any]:
    return {"DeletionPrevention": "EnabledForCount", "ThresholdCount": 500, "ThresholdPercentage": 0}


@dataclass
class SyncSettings:
    """Everything GetCompanyConfiguration answers that a sync client or an administrator can change."""

    enabled: bool | None = None
    switch_due: str | None = None
    switch_to: bool = False
    features: int = DEFAULT_FEATURES
    graph_only: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(GRAPH_ONLY, False))
    anchor_attribute: str | None = None
    client_version: str | None = None
    client_machine: str | None = None
    total_objects: int = 0
    tracking_changes: bool = False
    deletion_guard: dict[str, Any] = field(default_factory=_guard)
    group_container: str | None = None
    user_container: str | None = None
    scheduler: dict[str, Any] | None = None
    last_sync: str | None = None
    last_password_sync: str | None = None
    export_session: int = 1
    service_accounts: dict[str, str] = field(default_factory=dict)
    #: groups of the cloud that a client has read to write them on premises: id to name
    written_back: dict[str, str] = field(default_factory=dict)
    agents: dict[str, dict[str, Any]] = field(default_factory=dict)  # pass-through agents by id
    desktop_sso: dict[str, dict[str, Any]] = field(default_factory=dict)  # forests of seamless single sign-on
    desktop_sso_enabled: bool = False
    writeback: dict[str, Any] | None = None  # the relay of password write-back

    def has(self, wire_name: str) -> bool:
        return bool(self.features & BITS[wire_name])


def set_features(settings: SyncSettings, mask: int) -> None:
    """Replace the feature mask; unknown bits and the end of a one-way feature are refused."""
    if mask & ~KNOWN_BITS:
        raise ServiceFault("FEATURE_UNKNOWN", f"Unknown feature bits: {mask & ~KNOWN_BITS}.")
    lost = settings.features & ONE_WAY & ~mask
    if lost:
        names = ", ".join(f.wire for f in FEATURES if f.bit & lost)
        raise ServiceFault("FEATURE_ONE_WAY", f"These features cannot be disabled after they were enabled: {names}.")
    settings.features = mask


def graph_features(settings: SyncSettings) -> dict[str, bool]:
    """The features as ``onPremisesDirectorySynchronization.features`` shows them."""
    shown = dict(settings.graph_only)
    for name, feature in GRAPH_BITS.items():
        shown[name] = bool(settings.features & feature.bit)
    return dict(sorted(shown.items()))


def patch_graph_features(settings: SyncSettings, wanted: Mapping[str, Any]) -> None:
    """Merge a Graph PATCH of features; nothing is changed when one of them is refused."""
    mask, only = settings.features, dict(settings.graph_only)
    for name, value in wanted.items():
        if name.startswith("@"):
            continue
        if not isinstance(value, bool):
            raise bad_request(f"Invalid value specified for property '{name}' of resource 'features'.")
        if name in GRAPH_BITS:
            feature = GRAPH_BITS[name]
            if not value and feature.one_way and mask & feature.bit:
                raise bad_request(f"The feature '{name}' cannot be disabled after it has been enabled.")
            mask = mask | feature.bit if value else mask & ~feature.bit
        elif name in only:
            if name not in GRAPH_ONLY_SETTABLE and value != only[name]:
                raise bad_request(f"The feature '{name}' cannot be changed.")
            only[name] = value
        else:
            raise bad_request(f"Property '{name}' does not exist on type 'onPremisesDirectorySynchronizationFeature'.")
    settings.features, settings.graph_only = mask, only


def merge_configuration(settings: SyncSettings, wanted: Mapping[str, Any]) -> list[str]:
    """Merge a SetDirSyncConfiguration call; answer the names that were given. ``AnchorAttribute: null`` clears the
    policy.
    """
    for name in wanted:
        if name not in _MERGERS:
            raise ServiceFault("CONFIGURATION_UNKNOWN", f"DirSyncConfiguration has no field {name}.")
    for name, value in wanted.items():
        try:
            _MERGERS[name](settings, value)
        except (TypeError, KeyError, ValueError) as problem:
            raise ServiceFault("CONFIGURATION_INVALID", f"The value of {name} is not valid.") from problem
    return sorted(wanted)


def _merge_anchor(settings: SyncSettings, value: Any) -> None:
    settings.anchor_attribute = None if value is None else _text(value)


def _merge_guard(settings: SyncSettings, value: Any) -> None:
    merged = {**settings.deletion_guard, **_only(value, settings.deletion_guard)}
    if merged["DeletionPrevention"] not in DELETION_PREVENTION:
        raise ValueError
    for name in ("ThresholdCount", "ThresholdPercentage"):
        if isinstance(merged[name], bool) or not isinstance(merged[name], int) or merged[name] < 0:
            raise ValueError
    settings.deletion_guard = merged


SCHEDULER_FIELDS: dict[str, Any] = {
    "SyncCycleEnabled": True,
    "CustomizedSyncCycleInterval": None,
    "NextSyncCyclePolicyType": "Delta",
    "MaintenanceEnabled": False,
    "PurgeRunHistoryInterval": "7.00:00:00",
}


def _merge_scheduler(settings: SyncSettings, value: Any) -> None:
    if value is None:
        settings.scheduler = None
        return
    settings.scheduler = {**(settings.scheduler or SCHEDULER_FIELDS), **_only(value, SCHEDULER_FIELDS)}


def _merge_export(settings: SyncSettings, value: Any) -> None:
    known = _only(value, {"DirSyncClientMachineName": "", "TotalConnectorSpaceObjects": 0})
    settings.client_machine = known.get("DirSyncClientMachineName", settings.client_machine)
    settings.total_objects = int(known.get("TotalConnectorSpaceObjects", settings.total_objects))


def _merge_writeback(settings: SyncSettings, value: Any) -> None:
    known = _only(value, {"UnifiedGroupContainer": None, "UserContainer": None})
    settings.group_container = known.get("UnifiedGroupContainer", settings.group_container)
    settings.user_container = known.get("UserContainer", settings.user_container)


def _merge_version(settings: SyncSettings, value: Any) -> None:
    settings.client_version = _text(value)


def _merge_tracking(settings: SyncSettings, value: Any) -> None:
    if not isinstance(value, bool):
        raise TypeError
    settings.tracking_changes = value


_MERGERS = {
    "AnchorAttribute": _merge_anchor,
    "PreventAccidentalDeletion": _merge_guard,
    "Scheduler": _merge_scheduler,
    "CurrentExport": _merge_export,
    "WriteBack": _merge_writeback,
    "ClientVersion": _merge_version,
    "IsTrackingChanges": _merge_tracking,
}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _only(value: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(value)
    for name in given:
        if name not in known:
            raise KeyError(name)
    return given
