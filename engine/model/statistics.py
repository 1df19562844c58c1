"""The counters the operations view shows, one set per step. Names: facts "engine" 5.3, step result object."""

from __future__ import annotations

from dataclasses import dataclass, field

IMPORT_COUNTERS = (
    "StageNoChange",
    "StageAdd",
    "StageUpdate",
    "StageRename",
    "StageDelete",
    "StageDeleteAdd",
    "StageFailure",
)
SYNC_COUNTERS = (
    "DisconnectorFiltered",
    "DisconnectorJoinedNoFlow",
    "DisconnectorJoinedFlow",
    "DisconnectorJoinedRemoveMv",
    "DisconnectorProjectedNoFlow",
    "DisconnectorProjectedFlow",
    "DisconnectorProjectedRemoveMv",
    "DisconnectorRemains",
    "ConnectorFilteredRemoveMv",
    "ConnectorFilteredLeaveMv",
    "ConnectorFlow",
    "ConnectorFlowRemoveMv",
    "ConnectorNoFlow",
    "ConnectorDeleteRemoveMv",
    "ConnectorDeleteLeaveMv",
    "ConnectorDeleteAddProcessed",
    "FlowFailure",
)
EXPORT_COUNTERS = (
    "ExportAdd",
    "ExportUpdate",
    "ExportRename",
    "ExportDelete",
    "ExportDeleteAdd",
    "ExportFailure",
    "CurrentExportBatchNumber",
    "LastSuccessfulExportBatchNumber",
)


@dataclass(slots=True)
class Statistics:
    """counters by name; outbound: target connector name -> counter -> count; filtered: changes outside the filter."""

    counters: dict[str, int] = field(default_factory=dict)
    outbound: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, name: str, by: int = 1) -> None:
        self.counters[name] = self.counters.get(name, 0) + by

    def count_outbound(self, connector: str, name: str, by: int = 1) -> None:
        held = self.outbound.setdefault(connector, {})
        held[name] = held.get(name, 0) + by

    def __getitem__(self, name: str) -> int:
        return self.counters.get(name, 0)
