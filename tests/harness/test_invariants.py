"""Each invariant breaks when it should, holds when it should, and is told once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from harness.invariants import Invariants
from harness.lab.clock import VirtualClock
from harness.timeline import Timeline

TENANT = "contoso.onmicrosoft.com"


@dataclass
class Run:
    number: int
    deletes: int
    connector: str = "entra"

    def counter(self, name: str) -> int:
        return self.deletes if name == "ExportDelete" else 0


@dataclass
class FakeServer:
    staging: bool = False
    tenant: str = TENANT
    runs: list[Run] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def engine(self) -> Any:
        return SimpleNamespace(
            history=SimpleNamespace(runs=lambda: list(reversed(self.runs))),
            global_settings=self.settings,
            entra_connector=(1, SimpleNamespace(identifier="entra")),
        )


@dataclass
class FakeTenant:
    name: str = TENANT
    users: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[dict[str, Any]] = field(default_factory=list)

    def graph(self) -> Any:
        return SimpleNamespace(collection=lambda path, fields: self.deleted if "deleted" in path else self.users)


class FakeLab:
    def __init__(self) -> None:
        self.clock = VirtualClock(datetime(2026, 3, 2, tzinfo=UTC))
        self.timeline = Timeline(self.clock)
        self.servers: dict[str, FakeServer] = {}
        self.tenants = {TENANT: FakeTenant()}
        self.forests = {"contoso.com": None}

    @property
    def tenant(self) -> FakeTenant:
        return self.tenants[TENANT]

    def exported(self, server: str, connector: str = f"{TENANT} - AAD") -> None:
        fields = {"server": server, "connector": connector, "profile": "Export", "counters": {"ExportUpdate": 1}}
        self.timeline.observer(server)("engine.run", fields)

    def written(self) -> None:
        self.timeline.sink({"actor": TENANT, "kind": "tenant.user.changed", "at": "t"})


@pytest.fixture
def lab() -> FakeLab:
    return FakeLab()


def names(watch: Invariants) -> list[str]:
    return [one.name for one in watch.check()]


def watch_of(lab: FakeLab) -> Invariants:
    return Invariants(lab)  # type: ignore[arg-type]


def test_staging_silent(lab: FakeLab) -> None:
    lab.servers = {"A": FakeServer(staging=True), "B": FakeServer()}
    watch = watch_of(lab)
    lab.exported("B")
    assert names(watch) == []
    lab.exported("A", "contoso.com")
    assert names(watch) == ["staging-silent"]


def test_one_exporter(lab: FakeLab) -> None:
    lab.servers = {"A": FakeServer(), "B": FakeServer(staging=True)}
    watch = watch_of(lab)
    lab.exported("A")
    assert names(watch) == []
    lab.servers["A"].staging, lab.servers["B"].staging = True, False
    lab.exported("B")
    assert names(watch) == [], "a clean failover"
    lab.servers["A"].staging = False
    assert names(watch) == [], "both active, but only one has exported since"
    lab.exported("A")
    assert names(watch) == ["one-exporter"]
    lab.exported("A")
    assert names(watch) == [], "told once"


def warnings(lab: FakeLab) -> list[tuple[str, object, str]]:
    found = [record for record in lab.timeline.records if record["kind"] == "stage.warning"]
    return [(record["code"], record["seconds"], record["message"]) for record in found]


def test_both_active_is_a_warning_with_the_time_it_lasted(lab: FakeLab) -> None:
    lab.servers = {"A": FakeServer(), "B": FakeServer(staging=True), "C": FakeServer(tenant="fabrikam")}
    watch = watch_of(lab)
    assert names(watch) == []
    assert warnings(lab) == []
    lab.servers["B"].staging = False
    assert names(watch) == [], "new active first is a warning only"
    lab.clock.set(lab.clock.now() + timedelta(minutes=30))
    names(watch)
    lab.servers["A"].staging = True
    names(watch)
    assert warnings(lab) == [
        ("BOTH_ACTIVE", None, "A and B are both active"),
        ("BOTH_ACTIVE", 1800, "A and B were both active for 30m"),
    ]


def test_the_right_order_warns_of_nothing(lab: FakeLab) -> None:
    lab.servers = {"A": FakeServer(), "B": FakeServer(staging=True)}
    watch = watch_of(lab)
    for name, staging in (("A", True), ("B", False)):
        lab.servers[name].staging = staging
        names(watch)
    assert warnings(lab) == []


def test_a_run_that_wrote_nothing_is_no_export(lab: FakeLab) -> None:
    lab.servers = {"A": FakeServer(staging=True)}
    watch = watch_of(lab)
    fields = {"server": "A", "connector": "contoso.com", "profile": "Export", "counters": {}}
    lab.timeline.observer("A")("engine.run", fields)
    assert names(watch) == []


def test_one_exporter_of_each_tenant(lab: FakeLab) -> None:
    lab.servers = {"A": FakeServer(), "B": FakeServer(tenant="fabrikam.onmicrosoft.com")}
    watch = watch_of(lab)
    lab.exported("A")
    lab.exported("B")
    assert names(watch) == []


@pytest.mark.parametrize(
    ("deletes", "settings", "broken"),
    [
        (500, {}, []),
        (501, {}, ["delete-guard"]),
        (501, {"Microsoft.OptionalFeature.ExportDeletionThreshold": "False"}, []),
        (11, {"Microsoft.OptionalFeature.ExportDeletionThresholdValue": "10"}, ["delete-guard"]),
    ],
)
def test_delete_guard(lab: FakeLab, deletes: int, settings: dict[str, str], broken: list[str]) -> None:
    lab.servers = {"A": FakeServer(settings=settings)}
    watch = watch_of(lab)
    lab.servers["A"].runs = [Run(1, deletes), Run(2, 9999, "contoso.com")]
    assert names(watch) == broken
    assert names(watch) == []


def test_anchor_constant(lab: FakeLab) -> None:
    watch = watch_of(lab)
    lab.tenant.users = [{"id": "1", "userPrincipalName": "ana@x", "onPremisesImmutableId": None}]
    lab.written()
    assert names(watch) == []
    lab.tenant.users[0]["onPremisesImmutableId"] = "one"
    lab.written()
    assert names(watch) == [], "the first anchor"
    lab.tenant.users[0]["onPremisesImmutableId"] = "two"
    assert names(watch) == [], "nothing was written, nothing is read"
    lab.written()
    assert names(watch) == ["anchor-constant"]


def person(identifier: str, upn: str, **more: Any) -> dict[str, Any]:
    return {"id": identifier, "userPrincipalName": upn, **more}


def withheld(property_: str, value: str) -> dict[str, Any]:
    """Return a second object from which a value is withheld."""
    errors = [{"propertyCausingError": property_, "value": value}]
    return person("2", "t@i", onPremisesProvisioningErrors=errors)


@pytest.mark.parametrize(
    ("second", "broken"),
    [
        (person("2", "ben@x"), []),
        (person("2", "ben@x", onPremisesSecurityIdentifier="S-1"), ["one-person-one-object"]),
        (withheld("UserPrincipalName", "ana@x"), ["one-person-one-object"]),
        (withheld("ProxyAddresses", "SMTP:ANA@x"), ["one-person-one-object"]),
        (withheld("ProxyAddresses", "smtp:ana@x"), []),
        (withheld("UserPrincipalName", "gone@x"), []),
    ],
)  # fmt: skip
def test_one_person_one_object(lab: FakeLab, second: dict[str, Any], broken: list[str]) -> None:
    first = person("1", "ana@x", onPremisesSecurityIdentifier="S-1", proxyAddresses=["SMTP:ana@x"])
    lab.tenant.users = [first, second]
    watch = watch_of(lab)
    lab.written()
    assert names(watch) == broken


@pytest.mark.parametrize(
    ("licences", "live", "broken"),
    [
        ([{"skuId": "1"}], [person("2", "ana@x")], ["licence-kept"]),
        ([{"skuId": "1"}], [person("2", "t@i", onPremisesUserPrincipalName="ana@x")], ["licence-kept"]),
        ([], [person("2", "ana@x")], []),
        ([{"skuId": "1"}], [person("2", "ben@x")], []),
    ],
)
def test_licence_kept(lab: FakeLab, licences: list[Any], live: list[dict[str, Any]], broken: list[str]) -> None:
    lab.tenant.deleted = [person("1", "1ana@x", onPremisesUserPrincipalName="ana@x", assignedLicenses=licences)]
    lab.tenant.users = live
    watch = watch_of(lab)
    lab.written()
    assert names(watch) == broken
