"""What a server is configured to do: connectors with partitions and run profiles, and global settings. Plain values.

Names of settings and run profiles are the product's (facts "engine" sections 5.1, 16.2, 19.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.model.schema import Schema

#: The Entra connector has the same identifier on every installation.
ENTRA_CONNECTOR_ID = "b891884f-051e-4a83-95af-2544101c9083"


class ConnectorType(StrEnum):
    ACTIVE_DIRECTORY = "AD"
    ENTRA = "Extensible2"


class StepType(StrEnum):
    FULL_IMPORT = "full-import"
    DELTA_IMPORT = "delta-import"
    FULL_SYNCHRONIZATION = "full-sync"
    DELTA_SYNCHRONIZATION = "delta-sync"
    EXPORT = "export"
    SPECIFIC_OBJECT_IMPORT = "specific-object-import"
    SPECIFIC_OBJECT_EXPORT = "specific-object-export"


@dataclass(frozen=True, slots=True)
class RunStep:
    """object_limit: how many objects the step may process before it is stopped; 0 = any number."""

    type: StepType
    partition: str  # Partition.identifier
    batch_size: int = 50
    page_size: int = 500
    object_limit: int = 0


@dataclass(frozen=True, slots=True)
class RunProfile:
    identifier: str
    name: str  # "Full Import", "Full Synchronization", "Delta Import", "Delta Synchronization", "Export"
    steps: tuple[RunStep, ...]


@dataclass(frozen=True, slots=True)
class Partition:
    """A domain of a forest, or ``default`` of the tenant.

    included, excluded: container DNs; the longest matching suffix decides, neither = in. new_containers: False = only
    what stands in a container named in included is in, so a container made later is out whatever it stands in.
    """

    identifier: str
    dn: str
    name: str
    selected: bool = True
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    object_types: tuple[str, ...] = ()
    new_containers: bool = True


@dataclass(frozen=True)
class ConnectorConfiguration:
    """One connector. ``parameters``: non-secret connectivity facts and %Parameters% for expressions.

    For Active Directory: forest-name, forest-login-domain, forest-login-user, Connector.GroupFilteringGroupDn.
    For Entra: UserName. The secret lives beside, in the database's own table, never here.
    """

    identifier: str
    name: str
    type: ConnectorType
    partitions: tuple[Partition, ...] = ()
    run_profiles: tuple[RunProfile, ...] = ()
    attributes: tuple[str, ...] = ()  # attribute inclusion list; empty = all of the schema
    schema: Schema = field(default_factory=Schema)
    parameters: dict[str, str] = field(default_factory=dict)
    created: str = ""  # creation order decides ties between forests
    order: int = 0
    full_import_required: bool = False
    full_sync_required: bool = False
    password_hash_sync: bool = False

    def profile(self, name: str) -> RunProfile | None:
        return next((p for p in self.run_profiles if p.name == name), None)

    def with_(self, **changes: object) -> ConnectorConfiguration:
        return replace(self, **changes)  # type: ignore[arg-type]
