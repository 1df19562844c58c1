"""What the pages decided, ready to be written down: each forest as it will be connected, the server as it will be
filled.

Plain values; apply.py turns a plan into a blueprint. Source: facts "install" section 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.connectors.active_directory.partitions import DomainFacts, ForestFacts
from engine.model.configuration import ConnectorConfiguration
from engine.model.schema import Schema
from engine.rules.rule import SyncRule
from engine.rules.standard.options import DirectoryExtension
from engine.run.delete_threshold import DeletionThreshold
from engine.scheduler import SchedulerSettings
from engine.setup.answers import Credential, OuSelection, SetupAnswers


@dataclass(frozen=True)
class ServerBlueprint:
    """Everything a new database is filled with.

    global_settings: the product's names (facts "engine" 16.2) to text. secrets: connector identifier to the password of
    that connector's own account; they are the only secrets of a server and go into the database's own table.
    """

    server_name: str
    product_version: str
    tenant: str  # the initial domain of the tenant
    connectors: tuple[ConnectorConfiguration, ...]
    rules: tuple[SyncRule, ...]
    global_settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    metaverse: Schema | None = None  # None = the shipped metaverse schema


@dataclass(frozen=True)
class DirectoryPlan:
    """One forest as it will be connected. account: the connector account with its password."""

    facts: ForestFacts
    selected: tuple[DomainFacts, ...]
    schema: Schema
    account: Credential
    ou_selection: Mapping[str, OuSelection] = field(default_factory=dict)
    group_dn: str | None = None


@dataclass(frozen=True)
class InstallPlan:
    """Everything the pages decided, ready to be written down."""

    answers: SetupAnswers
    server_name: str
    product_version: str
    tenant: str
    directories: tuple[DirectoryPlan, ...]
    anchor: str
    entra_account: Credential
    entra_schema: Schema
    scheduler: SchedulerSettings
    deletion_threshold: DeletionThreshold
    now: datetime
    extensions: tuple[DirectoryExtension, ...] = ()
