"""A tenant and a forest as plain objects: what the wizard's pages reach when no wire is wanted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.connectors.active_directory.partitions import (
    AccountFacts,
    ConnectorAccount,
    Container,
    DomainFacts,
    ForestFacts,
)
from engine.connectors.entra.administrator_sign_in import GLOBAL_ADMINISTRATOR, AdministratorFacts
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.profile import behaviour
from engine.rules.rule import SyncRule
from engine.setup.answers import Credential, DirectoryAnswers, HostMachine, Mode, SetupAnswers
from engine.setup.page import WizardState
from engine.setup.surroundings import CompanyFacts
from engine.setup.wizard_run import run_wizard

BASE = "DC=contoso,DC=com"
SCHEMA = Schema(
    attributes={
        a.name: a
        for a in (
            AttributeDefinition("objectGUID", AttributeType.BINARY),
            AttributeDefinition("mS-DS-ConsistencyGuid", AttributeType.BINARY),
            AttributeDefinition("objectSid", AttributeType.BINARY),
            AttributeDefinition("employeeID"),
            AttributeDefinition("extensionAttribute1"),
            AttributeDefinition("mail"),
            AttributeDefinition("targetAddress"),
            AttributeDefinition("userPrincipalName"),
            AttributeDefinition("sAMAccountName"),
            AttributeDefinition("otherMailbox", multivalued=True),
            AttributeDefinition("manager", AttributeType.REFERENCE),
        )
    }
)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass
class FakeTenant:
    company_facts: CompanyFacts = field(
        default_factory=lambda: CompanyFacts(
            "tid", "contoso.onmicrosoft.com", ("contoso.onmicrosoft.com", "contoso.com"), False, 41016, None
        )
    )
    writes: list[tuple[str, object]] = field(default_factory=list)
    refuses: dict[str, EngineError] = field(default_factory=dict)

    who: AdministratorFacts = field(
        default_factory=lambda: AdministratorFacts("oid", synced=False, roles=frozenset({GLOBAL_ADMINISTRATOR}))
    )
    runs_as: list[str] = field(default_factory=list)

    def administrator(self) -> AdministratorFacts:
        return self.who

    def organization(self) -> str:
        return self._said("organization", "Contoso")

    def domains(self) -> tuple[str, ...]:
        return self._said("domains", ("contoso.com",))

    def _said(self, what: str, answer: object) -> object:
        if what in self.refuses:
            raise self.refuses[what]
        return answer

    def run_as(self, account: str) -> None:
        self.runs_as.append(account)

    def company(self) -> CompanyFacts:
        return self.company_facts

    def enable_dirsync(self) -> None:
        self.writes.append(("dirsync", True))

    def set_features(self, features: int) -> None:
        self.writes.append(("features", features))

    def set_configuration(self, changes: Mapping[str, object]) -> None:
        self.writes.append(("configuration", dict(changes)))

    def service_account(self, identifier: str) -> Credential:
        if "service_account" in self.refuses:
            raise self.refuses["service_account"]
        self.writes.append(("service_account", identifier))
        return Credential(f"Sync_{identifier}@contoso.onmicrosoft.com", "tenant secret")

    def register_extensions(self, attributes: Sequence[Mapping[str, object]]) -> str:
        self.writes.append(("extensions", [one["Name"] for one in attributes]))
        return "11112222-3333-4444-5555-666677778888"

    def schema(self) -> Schema:
        return Schema()

    def close(self) -> None: ...


@dataclass
class FakeForest:
    facts: ForestFacts = field(
        default_factory=lambda: ForestFacts(
            "contoso.com", BASE, BASE, f"CN=Configuration,{BASE}", f"CN=Schema,CN=Configuration,{BASE}", 7,
            "DC1.contoso.com", (DomainFacts(BASE, "contoso.com", "CONTOSO"),), ("contoso.com",), False,
        )
    )  # fmt: skip
    administrator: AccountFacts | None = field(
        default_factory=lambda: AccountFacts(f"CN=Administrator,CN=Users,{BASE}", "S-1", True, True)
    )
    in_use: bool = False
    unreachable: set[str] = field(default_factory=set)
    tree: tuple[Container, ...] = (Container(f"OU=Staff,{BASE}", "Staff", "organizationalUnit"),)
    groups: dict[str, str] = field(default_factory=dict)
    schema_found: Schema = SCHEMA
    never: tuple[str, ...] = ()
    writes: list[tuple[str, object]] = field(default_factory=list)
    scans: int = 0
    closed: bool = False

    def account(self, name: str) -> AccountFacts | None:
        logon = name.rpartition("\\")[2]
        if logon.startswith("MSOL_"):
            made = any(kind == "account" and one[0] == logon for kind, one in self.writes)
            return AccountFacts(f"CN={logon}", "S-2", False, False) if made else None
        return self.administrator

    def reachable(self, domain_dn: str) -> bool:
        return domain_dn not in self.unreachable

    def consistency_guid_in_use(self, domain_dn: str) -> bool:
        del domain_dn
        self.scans += 1
        return self.in_use

    def containers(self, domain_dn: str) -> tuple[Container, ...]:
        del domain_dn
        return self.tree

    def group_dn(self, domain_dn: str, name: str) -> str | None:
        del domain_dn
        return self.groups.get(name)

    def unsynchronizable(self) -> tuple[str, ...]:
        return self.never

    def schema(self) -> Schema:
        return self.schema_found

    def create_account(self, name: str, password: str, description: str) -> ConnectorAccount:
        self.writes.append(("account", (name, password, description)))
        return ConnectorAccount(f"CN={name},CN=Users,{BASE}", name, b"\1\1\0\0\0\0\0\5\1\0\0\0")

    def grant_rights(self, domain_dn: str, sid: bytes, *, password_hash_sync: bool) -> None:
        self.writes.append(("rights", (domain_dn, sid, password_hash_sync)))

    def close(self) -> None:
        self.closed = True


@dataclass
class Server:
    """A configured server as a task of the wizard sees it. running: a cycle runs; held: who suspended and resumed."""

    connectors: dict
    global_settings: dict
    stored_rules: dict
    metaverse: Schema | None = None
    version: str = "2.5.79.0"
    running: bool = False
    held: list[str] = field(default_factory=list)

    @property
    def configuration(self) -> Server:
        return self

    def secret(self, connector: str) -> str:
        return f"secret of {connector}"

    def metaverse_schema(self) -> Schema | None:
        return self.metaverse

    def save_metaverse_schema(self, schema: Schema) -> None:
        self.metaverse = schema

    def rules(self) -> dict:
        return self.stored_rules

    def suspend(self) -> None:
        if self.running:
            raise EngineError("SYNC_IN_PROGRESS", "a cycle runs")
        self.held.append("suspend")

    def resume(self) -> None:
        self.held.append("resume")

    def save_connector(self, connector: ConnectorConfiguration) -> None:
        ordinal = next(n for n, c in self.connectors.items() if c.identifier == connector.identifier)
        self.connectors[ordinal] = connector

    def save_rules(self, rules: Iterable[SyncRule]) -> None:
        self.stored_rules = dict(enumerate(rules))

    def save_setting(self, name: str, value: str) -> None:
        self.global_settings[name] = value

    def flagged(self) -> dict[str, tuple[bool, bool]]:
        return {c.name: (c.full_import_required, c.full_sync_required) for c in self.connectors.values()}

    def names(self) -> list[str]:
        return [rule.name for rule in self.stored_rules.values()]


@dataclass
class Stage:
    """The systems of one test; ``state`` starts a wizard, ``answers`` are an express installation."""

    folder: Path
    tenant: FakeTenant = field(default_factory=FakeTenant)
    forests: dict[str, FakeForest] = field(default_factory=lambda: {"contoso.com": FakeForest()})
    sign_in_refusal: EngineError | None = None
    connect_refusal: EngineError | None = None
    host_changes: dict[str, object] = field(default_factory=dict)
    tenants_asked: list[str] = field(default_factory=list)

    def sign_in(self, tenant: str, credential: Credential, window: object = None) -> FakeTenant:
        del credential, window
        self.tenants_asked.append(tenant)
        if self.sign_in_refusal is not None:
            raise self.sign_in_refusal
        return self.tenant

    def connect_forest(self, forest: str, credential: Credential) -> FakeForest:
        del credential
        if self.connect_refusal is not None:
            raise self.connect_refusal
        return self.forests[forest.lower()]

    @property
    def forest(self) -> FakeForest:
        return self.forests["contoso.com"]

    def host(self) -> HostMachine:
        return replace(HostMachine("SYNC1", self.folder), **self.host_changes)

    def state(self) -> WizardState:
        return WizardState(self.host(), self, FixedClock(), random.Random("1/setup/SYNC1"), behaviour())

    def answers(self, **changes: object) -> SetupAnswers:
        given = SetupAnswers(
            entra_admin=Credential("admin@contoso.onmicrosoft.com", "cloud secret"),
            directories=(DirectoryAnswers("contoso.com", Credential("CONTOSO\\Administrator", "forest secret")),),
        )
        return replace(given, **changes)

    def custom(self, **changes: object) -> SetupAnswers:
        return self.answers(mode=Mode.CUSTOM, **changes)

    def installed(self, answers: SetupAnswers) -> Server:
        """The server the wizard makes of these answers, its first full runs done; the tenant's writes are forgotten."""
        _, blueprint = run_wizard(answers, self.state())
        connectors = {
            n: c.with_(full_import_required=False, full_sync_required=False) for n, c in enumerate(blueprint.connectors)
        }
        self.tenant.writes.clear()
        return Server(connectors, dict(blueprint.global_settings), dict(enumerate(blueprint.rules)))

    def change_company(self, **changes: object) -> None:
        self.tenant.company_facts = replace(self.tenant.company_facts, **changes)

    def change_forest(self, **changes: object) -> None:
        self.forest.facts = replace(self.forest.facts, **changes)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "machine")


@pytest.fixture
def walk(stage: Stage) -> Callable[..., WizardState]:
    """A wizard that stands after the sign-in and the directories, ready for one of the later pages."""
    from engine.setup.pages.connect_directories import connect_directories
    from engine.setup.pages.connect_to_entra_id import connect_to_entra_id

    def go(answers: SetupAnswers) -> WizardState:
        state = stage.state()
        for page in (connect_to_entra_id, connect_directories):
            outcome = page(answers, state)
            assert not outcome.refused, outcome
        return state

    return go
