"""A scenario, parsed once: from here on there are no dictionaries to search, only these records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from harness.scenario.federation_shape import FederationDocument
from harness.scenario.source import Position

DEFAULT_PROFILE = "guide"


@dataclass(frozen=True)
class Person:
    """A user a scenario names. attributes: LDAP name to value, as written."""

    name: str
    container: str = ""
    login: str = ""
    upn: str = ""
    mail: str = ""
    enabled: bool = True
    password: str = ""
    guid: str = ""
    consistency_guid: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "user"  # user, inetOrgPerson, contact


@dataclass(frozen=True)
class GroupDocument:
    name: str
    container: str = ""
    members: tuple[str, ...] = ()
    mail: str = ""
    security: bool = True
    scope: str = "global"
    guid: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    links: int = 0


@dataclass(frozen=True)
class Population:
    """Generated people: how many of each, and where they live."""

    users: int = 0
    groups: int = 0
    contacts: int = 0
    container: str = ""
    mail: bool = True
    consistency_guid: bool = False
    members_each: int = 5


@dataclass(frozen=True)
class ForestDocument:
    name: str
    netbios: str
    controllers: tuple[str, ...] = ("DC1",)
    functional_level: int = 7
    exchange: bool = False
    recycle_bin: bool = True
    upn_suffixes: tuple[str, ...] = ()
    ldif: str = ""
    ous: tuple[str, ...] = ()
    populations: tuple[Population, ...] = ()
    people: tuple[Person, ...] = ()
    groups: tuple[GroupDocument, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    domains: tuple[ForestDocument, ...] = ()  # beside the root, each with what is its own


@dataclass(frozen=True)
class CloudUser:
    """A user that exists in the tenant before anything is synchronised."""

    upn: str
    display_name: str = ""
    immutable_id: str = ""
    mail_nickname: str = ""
    licence: str = ""
    role: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    administrator: Mapping[str, Any] = field(default_factory=dict)  # as in cloud_administrator_shape.py


@dataclass(frozen=True)
class TenantDocument:
    name: str
    display_name: str = ""
    verified_domains: tuple[str, ...] = ()
    anchor_policy: str = ""
    sync_accounts: int = 0
    users: tuple[CloudUser, ...] = ()
    features: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DatabaseDocument:
    """A database that stands on a SQL instance before any server uses it."""

    instance: str
    name: str
    state: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """Everything that exists before the first step."""

    seed: str
    start: datetime
    clock: str = "virtual"
    forests: tuple[ForestDocument, ...] = ()
    tenants: tuple[TenantDocument, ...] = ()
    databases: tuple[DatabaseDocument, ...] = ()
    sql_instances: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # what is said of each
    faults: Mapping[str, int] = field(default_factory=dict)
    dns: Mapping[str, str] = field(default_factory=dict)  # answers of the name service that are not the truth
    proxy: Mapping[str, Any] | None = None
    federation: FederationDocument | None = None
    firewall: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # closed ports by domain
    folder: str = "."  # where relative file names of the world start


@dataclass(frozen=True)
class Retry:
    """Try again in virtual time: at most ``times``, ``every`` so long, until the expectations hold."""

    times: int
    every: timedelta
    until: tuple[Expectation, ...] = ()


@dataclass(frozen=True)
class Expectation:
    """What a query should find. subject and expected may still hold variables."""

    subject: str
    expected: Any
    position: Position
    line_text: str = ""


@dataclass(frozen=True)
class Step:
    """One step. arguments is the verb's own form, checked;
    refused: how the step must be refused, None = must succeed.
    """

    verb: str
    arguments: Any
    position: Position
    name: str = ""
    line_text: str = ""
    refused: Mapping[str, Any] | None = None
    retry: Retry | None = None
    expectations: tuple[Expectation, ...] = ()
    violations: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return self.name or self.verb


@dataclass(frozen=True)
class Case:
    """One run of a scenario: its variables, the world they make, and the profile its expectations were written for
    ("" = whichever is asked for).
    """

    name: str
    world: World
    variables: Mapping[str, Any] = field(default_factory=dict)
    profile: str = ""

    def profile_of(self, asked: str | None) -> str:
        """Return the profile to run with: the one the file or the case names, else the one asked for."""
        return self.profile or asked or DEFAULT_PROFILE


@dataclass(frozen=True)
class Scenario:
    file: str
    title: str
    steps: tuple[Step, ...]
    cases: tuple[Case, ...]
    source: str = ""
    tags: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    position: Position = field(default_factory=Position)
