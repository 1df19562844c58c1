"""A whole server without a wire: two directories in memory that behave like connectors, one real sync database."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.connectors.connector import (
    ExportChange,
    ExportOperation,
    ExportResult,
    ImportedObject,
    ImportKind,
    ImportPage,
    ValueChanges,
)
from engine.connectors.entra.entra_schema import ENTRA_SCHEMA
from engine.model.configuration import (
    ENTRA_CONNECTOR_ID,
    ConnectorConfiguration,
    ConnectorType,
    Partition,
    RunProfile,
    RunStep,
    StepType,
)
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.network import Network
from engine.rules.rule import SyncRule
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.run.delete_threshold import DeletionThreshold
from engine.server import SyncServer
from engine.setup.plan import ServerBlueprint
from harness.pytest_plugin import lab  # noqa: F401 - a fixture: whole worlds for what needs both sides at once

PROFILES = {
    "Full Import": StepType.FULL_IMPORT,
    "Delta Import": StepType.DELTA_IMPORT,
    "Full Synchronization": StepType.FULL_SYNCHRONIZATION,
    "Delta Synchronization": StepType.DELTA_SYNCHRONIZATION,
    "Export": StepType.EXPORT,
    "Specific Object Import": StepType.SPECIFIC_OBJECT_IMPORT,
    "Specific Object Export": StepType.SPECIFIC_OBJECT_EXPORT,
}
HIERARCHY = ("container", "organizationalUnit", "domainDNS")
AD_TYPES = ("user", "inetOrgPerson", "group", "contact", "foreignSecurityPrincipal", *HIERARCHY)


def ad_schema() -> Schema:
    binary, integer, boolean = AttributeType.BINARY, AttributeType.INTEGER, AttributeType.BOOLEAN
    typed = {
        "objectGUID": binary, "objectSid": binary, "mS-DS-ConsistencyGuid": binary, "userAccountControl": integer,
        "groupType": integer, "pwdLastSet": integer, "msExchRecipientTypeDetails": integer, "countryCode": integer,
        "isCriticalSystemObject": boolean, "msExchMasterAccountSid": binary,
    }  # fmt: skip
    definitions = {name: AttributeDefinition(name, kind) for name, kind in typed.items()}
    for name in ("proxyAddresses", "description"):
        definitions[name] = AttributeDefinition(name, multivalued=True)
    definitions["member"] = AttributeDefinition("member", AttributeType.REFERENCE, multivalued=True)
    for name in ("manager", "managedBy", "assistant"):
        definitions[name] = AttributeDefinition(name, AttributeType.REFERENCE)
    for name in (
        "sAMAccountName", "userPrincipalName", "cn", "sn", "givenName", "displayName", "mail", "mailNickname",
        "department", "title", "company", "info", "adminDescription", "extensionAttribute15",
    ):  # fmt: skip
        definitions[name] = AttributeDefinition(name)
    return Schema(definitions, {name: frozenset(definitions) for name in AD_TYPES})


class ManualClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, **duration: int) -> None:
        self.moment += timedelta(**duration)


def _renamed(entry: ImportedObject, old: str, new: str) -> ImportedObject:
    def value(held: object) -> object:
        if isinstance(held, ValueChanges):
            return ValueChanges(tuple(map(value, held.added)), tuple(map(value, held.removed)))  # type: ignore[arg-type]
        if isinstance(held, list):
            return [value(one) for one in held]
        return new if held == old else held

    attributes = {name: value(held) for name, held in entry.attributes.items()}
    return replace(entry, dn=new if entry.dn == old else entry.dn, attributes=attributes)  # type: ignore[arg-type]


class MemoryDirectory:
    """A forest as a connector sees it: objects by GUID, a change log, DirSync-like deltas."""

    def __init__(self, forest: str) -> None:
        self.forest = forest
        self.base = ",".join(f"DC={label}" for label in forest.split("."))
        self.objects: dict[bytes, dict[str, object]] = {}
        self.places: dict[bytes, tuple[str, str]] = {}  # guid -> (dn, object type)
        self.log: list[ImportedObject] = []
        self.random = random.Random(forest)
        self.refused: dict[str, str] = {}  # dn -> error type on export
        self.schema_ = ad_schema()

    # what an administrator does
    def add(self, name: str, object_type: str = "user", ou: str = "OU=Staff", **attributes: object) -> bytes:
        guid = self.random.randbytes(16)
        dn = f"CN={name},{ou},{self.base}"
        body: dict[str, object] = {"objectGUID": guid, "cn": name, "displayName": name}
        sam = name.replace(" ", "").lower()
        if object_type == "user":
            body |= {"sAMAccountName": sam, "userPrincipalName": f"{sam}@{self.forest}", "userAccountControl": 512}
            body["objectSid"] = b"\x01\x05" + self.random.randbytes(26)
        if object_type == "group":
            body |= {"sAMAccountName": sam, "groupType": -2147483646}
            body["objectSid"] = b"\x01\x05" + self.random.randbytes(26)
        body |= {k.replace("__", "-"): v for k, v in attributes.items()}
        self.objects[guid] = {k: v for k, v in body.items() if v is not None}
        self.places[guid] = (dn, object_type)
        self.log.append(self._whole(guid))
        return guid

    def change(self, guid: bytes, **attributes: object) -> None:
        changed: dict[str, object] = {}
        for key, value in attributes.items():
            name = key.replace("__", "-")
            changed[name] = value
            if isinstance(value, ValueChanges):
                held = [v for v in self.objects[guid].get(name, []) if v not in value.removed]  # type: ignore[attr-defined]
                self.objects[guid][name] = held + list(value.added)
            elif value is None:
                self.objects[guid].pop(name, None)
            else:
                self.objects[guid][name] = value
        dn, object_type = self.places[guid]
        self.log.append(ImportedObject(ImportKind.CHANGE, dn, guid, object_type, changed))  # type: ignore[arg-type]

    def move(self, guid: bytes, dn: str) -> None:
        """Rename an object. DirSync names an object, and whoever refers to it, as it is called when it is asked."""
        old, object_type = self.places[guid]
        self.places[guid] = (dn, object_type)
        self.log = [_renamed(entry, old, dn) for entry in self.log]
        self.log.append(ImportedObject(ImportKind.CHANGE, dn, guid, object_type, {}))

    def delete(self, guid: bytes) -> None:
        dn, object_type = self.places.pop(guid)
        del self.objects[guid]
        self.log.append(ImportedObject(ImportKind.DELETE, f"{dn}\\0ADEL:{guid.hex()}", guid, object_type))

    def dn(self, guid: bytes) -> str:
        return self.places[guid][0]

    def _whole(self, guid: bytes) -> ImportedObject:
        dn, object_type = self.places[guid]
        return ImportedObject(ImportKind.FULL, dn, guid, object_type, dict(self.objects[guid]))  # type: ignore[arg-type]

    # what a connector offers
    def schema(self) -> Schema:
        return self.schema_

    def read_full(self, partition: Partition, attributes: Sequence[str], page_size: int) -> Iterator[ImportPage]:
        objects = [self._whole(guid) for guid in self.objects]
        yield ImportPage(objects, str(len(self.log)).encode())

    def read_delta(
        self, partition: Partition, attributes: Sequence[str], watermark: bytes, page_size: int
    ) -> Iterator[ImportPage]:
        fresh = [
            ImportedObject(o.kind, o.dn, o.anchor, o.object_type, dict(o.attributes), o.error)
            for o in self.log[int(watermark) :]
        ]
        yield ImportPage(fresh, str(len(self.log)).encode())

    def read_object(
        self, partition: Partition, attributes: Sequence[str], anchor: bytes | str
    ) -> ImportedObject | None:
        assert isinstance(anchor, bytes)
        return self._whole(anchor) if anchor in self.objects else None

    def read_at(self, partition: Partition, attributes: Sequence[str], dn: str) -> ImportedObject | None:
        found = next((guid for guid, (where, _) in self.places.items() if where.lower() == dn.lower()), None)
        return self._whole(found) if found is not None else None

    def object_class(self, dn: str) -> str | None:
        return next((kind for where, kind in self.places.values() if where.lower() == dn.lower()), None)

    def has_member(self, group: str, dn: str) -> bool | None:
        found = next((guid for guid, (where, _) in self.places.items() if where.lower() == group.lower()), None)
        return None if found is None else dn in self.objects[found].get("member", [])  # type: ignore[operator]

    def export(self, changes: Sequence[ExportChange]) -> list[ExportResult]:
        results = []
        for change in changes:
            if change.dn in self.refused:
                results.append(ExportResult(change.number, error_type=self.refused[change.dn], error_text="refused"))
                continue
            if change.operation is ExportOperation.ADD:
                results.append(ExportResult(change.number, self._put(change)))
                continue
            assert isinstance(change.anchor, bytes)
            if change.operation is ExportOperation.DELETE:
                self.delete(change.anchor)
                results.append(ExportResult(change.number))
                continue
            if change.new_dn is not None:
                self.move(change.anchor, change.new_dn)
            self.change(change.anchor, **{k.replace("-", "__"): v for k, v in change.attributes.items()})
            results.append(ExportResult(change.number))
        return results

    def _put(self, change: ExportChange) -> bytes:
        guid = self.random.randbytes(16)
        self.objects[guid] = {"objectGUID": guid, **change.attributes}
        self.places[guid] = (change.dn, change.object_type)
        self.log.append(self._whole(guid))
        return guid

    def finish_export(self, total: int, succeeded: int) -> None:
        pass

    def close(self) -> None:
        pass


class MemoryTenant:
    """A tenant as a connector sees it: objects by source anchor, read back whole."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, object]] = {}
        self.log: list[tuple[str, str]] = []  # (what, source anchor)
        self.types: dict[str, str] = {}
        self.gone: dict[str, str] = {}
        self.batches: list[list[ExportChange]] = []
        self.refused: dict[str, str] = {}
        self.forget: set[str] = set()  # attributes that are accepted and not kept

    def schema(self) -> Schema:
        return ENTRA_SCHEMA

    def _imported(self, anchor: str) -> ImportedObject:
        body = self.objects[anchor]
        dn = "CN={" + anchor.encode().hex().upper() + "}"
        return ImportedObject(ImportKind.FULL, dn, str(body["cloudAnchor"]), self.types[anchor], dict(body))  # type: ignore[arg-type]

    def read_full(self, partition: Partition, attributes: Sequence[str], page_size: int) -> Iterator[ImportPage]:
        yield ImportPage([self._imported(a) for a in self.objects], str(len(self.log)).encode())

    def read_delta(
        self, partition: Partition, attributes: Sequence[str], watermark: bytes, page_size: int
    ) -> Iterator[ImportPage]:
        objects = []
        for anchor in dict.fromkeys(anchor for _, anchor in self.log[int(watermark) :]):
            if anchor in self.objects:
                objects.append(self._imported(anchor))
            else:
                dn = "CN={" + anchor.encode().hex().upper() + "}"
                objects.append(ImportedObject(ImportKind.DELETE, dn, self.gone[anchor], None))
        yield ImportPage(objects, str(len(self.log)).encode())

    def read_object(self, partition: Partition, attributes: Sequence[str], anchor: bytes | str) -> None:
        raise AssertionError("the sync service cannot read a single object")

    def export(self, changes: Sequence[ExportChange]) -> list[ExportResult]:
        self.batches.append(list(changes))
        return [self._take(change) for change in changes]

    def _take(self, change: ExportChange) -> ExportResult:
        anchor = bytes.fromhex(change.dn[4:-1]).decode()
        if anchor in self.refused:
            return ExportResult(change.number, error_type=self.refused[anchor], error_text="refused")
        self.log.append((change.operation.value, anchor))
        if change.operation is ExportOperation.DELETE:
            self.gone[anchor] = str(self.objects.pop(anchor)["cloudAnchor"])
            return ExportResult(change.number)
        held = self.objects.setdefault(anchor, {"cloudAnchor": f"{change.object_type.title()}_{len(self.log)}"})
        self.types[anchor] = change.object_type
        for name, value in change.attributes.items():
            if name in self.forget:
                continue
            if value is None:
                held.pop(name, None)
            else:
                held[name] = value
        for name, values in change.value_changes.items():
            kept = [v for v in held.get(name, []) if v not in values.removed]  # type: ignore[attr-defined]
            held[name] = kept + list(values.added)
            if not held[name]:
                del held[name]
        held["cloudMastered"] = False
        return ExportResult(change.number, anchor=str(held["cloudAnchor"]))

    def finish_export(self, total: int, succeeded: int) -> None:
        pass

    def close(self) -> None:
        pass

    def by_name(self, display_name: str) -> dict[str, object]:
        return next(o for o in self.objects.values() if o.get("displayName") == display_name)


class Deployment:
    """A server with its directories; ``cycle`` runs the profiles in the built-in order."""

    def __init__(self, path: Path, forests: Sequence[str], rules: Sequence[SyncRule] | None, **options: object) -> None:
        self.clock = ManualClock()
        self.directories = {forest: MemoryDirectory(forest) for forest in forests}
        self.tenant = MemoryTenant()
        self.hops: list[tuple[str, dict[str, object]]] = []
        connectors = [self._directory_connector(forest, order) for order, forest in enumerate(forests)]
        connectors.append(self._entra_connector(len(forests)))
        if rules is None:
            wanted = StandardRuleOptions(
                tuple(DirectoryConnector(c.identifier, c.name, False, False) for c in connectors[:-1]),
                **options,  # type: ignore[arg-type]
            )
            rules = standard_rules(wanted)
        blueprint = ServerBlueprint(
            "SYNC1", "2.5.79.0", "contoso.onmicrosoft.com", tuple(connectors), tuple(rules), {}, {}
        )
        self.server = SyncServer.create(
            path / "ADSync.db", name="SYNC1", blueprint=blueprint, network=Network(), clock=self.clock, seed="7",
            observer=lambda kind, fields: self.hops.append((kind, fields)),
        )  # fmt: skip
        self.threshold = DeletionThreshold()
        self.server.systems.deletion_threshold = lambda _connector: self.threshold  # type: ignore[method-assign]
        held = self.server.systems._connectors
        held[ENTRA_CONNECTOR_ID] = self.tenant
        for connector in connectors[:-1]:
            held[connector.identifier] = self.directories[connector.name]

    @staticmethod
    def _profiles(partition: str) -> tuple[RunProfile, ...]:
        return tuple(
            RunProfile(f"{partition}/{name}", name, (RunStep(kind, partition, 30 if kind is StepType.EXPORT else 50),))
            for name, kind in PROFILES.items()
        )

    def _directory_connector(self, forest: str, order: int) -> ConnectorConfiguration:
        base = self.directories[forest].base
        return ConnectorConfiguration(
            f"{order + 1:08d}-0000-0000-0000-000000000000", forest, ConnectorType.ACTIVE_DIRECTORY,
            (Partition(f"part-{forest}", base, forest, object_types=AD_TYPES),), self._profiles(f"part-{forest}"),
            schema=ad_schema(), parameters={"forest-name": forest}, order=order,
        )  # fmt: skip

    def _entra_connector(self, order: int) -> ConnectorConfiguration:
        return ConnectorConfiguration(
            ENTRA_CONNECTOR_ID, "contoso.onmicrosoft.com - AAD", ConnectorType.ENTRA,
            (Partition("part-default", "default", "default", object_types=("user", "group", "contact")),),
            self._profiles("part-default"), schema=ENTRA_SCHEMA, order=order,
        )  # fmt: skip

    def run(self, connector: str, profile: str):  # type: ignore[no-untyped-def]
        return self.server.run_profile(connector, profile)

    def cycle(self, initial: bool = False, export: bool = True):  # type: ignore[no-untyped-def]
        """Returns the runs as {(connector name, profile): RunResult}."""
        kind = "Full" if initial else "Delta"
        names = [c.name for c in self.server.connectors.values()]
        runs = {}
        for profile in (f"{kind} Import", f"{kind} Synchronization", "Export"):
            if profile == "Export" and not export:
                continue
            for name in names:
                runs[name, profile] = self.run(name, profile)
        return runs

    @property
    def contoso(self) -> MemoryDirectory:
        return self.directories["contoso.com"]

    def pending_exports(self) -> int:
        counted = "SELECT count(*) FROM cs WHERE pending_export != 0"
        return self.server.database.connection.execute(counted).fetchone()[0]


@pytest.fixture
def deploy(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Make deployments: deploy() for contoso.com alone, deploy("contoso.com", "fabrikam.com", anchor=...)."""
    made: list[Deployment] = []

    def build(*forests: str, rules: Sequence[SyncRule] | None = None, **options: object) -> Deployment:
        folder = tmp_path / f"server{len(made)}"
        folder.mkdir()
        made.append(Deployment(folder, forests or ("contoso.com",), rules, **options))
        return made[-1]

    yield build
    for each in made:
        each.server.close()


@pytest.fixture(scope="session")
def deployment_class() -> type[Deployment]:
    """For property tests, which make many deployments within one test."""
    return Deployment
