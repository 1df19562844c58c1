"""The accidental-delete guard: count the pending deletes of an Entra export before anything is sent.

Source: prevent accidental deletes, facts "engine" section 13; decision D4: above the
threshold nothing is exported at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.eventlog import Event, event

DEFAULT_THRESHOLD = 500
STOPPED = "stopped-deletion-threshold-exceeded"

ENABLED_SETTING = "Microsoft.OptionalFeature.ExportDeletionThreshold"
VALUE_SETTING = "Microsoft.OptionalFeature.ExportDeletionThresholdValue"


@dataclass(frozen=True, slots=True)
class DeletionThreshold:
    """The setting as stored in the tenant and in the global settings."""

    enabled: bool = True
    threshold: int = DEFAULT_THRESHOLD


@dataclass(frozen=True, slots=True)
class ThresholdCheck:
    """exceeded: the step ends with ``result`` and sends nothing, and ``event`` (116) is written to the log."""

    exceeded: bool
    pending: int
    threshold: int
    event: Event | None = None

    @property
    def result(self) -> str | None:
        return STOPPED if self.exceeded else None


def check_delete_threshold(pending_deletes: int, setting: DeletionThreshold) -> ThresholdCheck:
    """More pending deletes than the threshold stop the export; exactly as many pass."""
    if not setting.enabled or pending_deletes <= setting.threshold:
        return ThresholdCheck(False, pending_deletes, setting.threshold)
    warning = event(116, pending=pending_deletes, threshold=setting.threshold)
    return ThresholdCheck(True, pending_deletes, setting.threshold, warning)


def threshold_from_tenant(document: Mapping[str, object] | None) -> DeletionThreshold:
    """Read the tenant's ``PreventAccidentalDeletion`` document; an absent one is the default."""
    record = document or {}
    kind = str(record.get("DeletionPrevention", "EnabledForCount"))
    count = record.get("ThresholdCount")
    return DeletionThreshold(
        enabled=kind != "Disabled", threshold=DEFAULT_THRESHOLD if count is None else int(str(count))
    )


def threshold_for_tenant(setting: DeletionThreshold) -> dict[str, object]:
    """Write the setting as the tenant keeps it; percentages are not used by the product's cmdlets."""
    return {
        "DeletionPrevention": "EnabledForCount" if setting.enabled else "Disabled",
        "ThresholdCount": setting.threshold,
        "ThresholdPercentage": 0,
    }
