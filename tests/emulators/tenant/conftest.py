"""Fixtures of the tenant's tests: a tenant without a wire, and a running service behind real TLS."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import trustme
import urllib3

from emulators.faults import FaultPlan
from emulators.journal import Journal
from emulators.tenant.core import roles, sync_service
from emulators.tenant.core.clients import Client
from emulators.tenant.core.founding import found
from emulators.tenant.core.tenant import Tenant
from harness.lab.reactor import the_reactor

BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ADMIN_PASSWORD = "Adm1n-pass!"
SYNC_CLIENT = "1651564e-7ce4-4d99-88be-0a65050d8dc3"
WIZARD = "cb1056e2-e479-49de-ae31-7812af012ed8"


class Clock:
    """Time that moves when told to."""

    def __init__(self) -> None:
        self.moment = BEGIN

    def now(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


class Bench:
    """A tenant, its clock, and what it told."""

    def __init__(self, settings: dict[str, Any], verified: tuple[str, ...], seed: int = 7) -> None:
        self.clock = Clock()
        self.records: list[dict[str, Any]] = []
        self.tenant, self.keys = found(
            initial_domain="contoso.onmicrosoft.com",
            verified_domains=verified,
            display_name="Contoso",
            settings=settings,
            seed=seed,
            admin_password=ADMIN_PASSWORD,
            now=self.clock.now,
            recorder=Journal("tenant", self.clock, self.records.append),
        )
        self.tenant.sync.enabled = True

    def call(self, operation: str, request: dict[str, Any] | None = None, *, admin: bool = True) -> Any:
        return sync_service.OPERATION_TABLE[operation](self.tenant, request or {}, Client("SYNC1", "2.5.79.0", admin))

    def export(self, *objects: dict[str, Any]) -> list[dict[str, Any]]:
        return self.call("ProvisionAzureADSyncObjects2", {"SyncObjects": list(objects)})["SyncObjectResults"]

    def add(self, anchor: str, *, kind: str = "User", **values: Any) -> dict[str, Any]:
        return self.export(change(anchor, "Add", kind=kind, **values))[0]

    def set(self, anchor: str, *, kind: str = "User", **values: Any) -> dict[str, Any]:
        return self.export(change(anchor, "Set", kind=kind, **values))[0]

    def delete(self, anchor: str, *, kind: str = "User") -> dict[str, Any]:
        return self.export(change(anchor, "Delete", kind=kind))[0]

    def by_anchor(self, anchor: str) -> Any:
        return self.tenant.by_anchor.get(anchor) or self.tenant.recycled_by_anchor.get(anchor)

    def kinds(self) -> list[str]:
        return [record["kind"] for record in self.records]

    def give_role(self, obj: Any, role: str) -> str:
        return roles.assign(self.tenant, role, obj)


def change(anchor: str, operation: str, *, kind: str = "User", **values: Any) -> dict[str, Any]:
    return {
        "SyncObjectType": kind,
        "SyncOperation": operation,
        "SourceAnchor": anchor,
        "CloudAnchor": None,
        "PropertyValues": values,
    }


@pytest.fixture
def make_bench() -> Callable[..., Bench]:
    def make(
        settings: dict[str, Any] | None = None, verified: tuple[str, ...] = ("contoso.com",), seed: int = 7
    ) -> Bench:
        return Bench(settings or {}, verified, seed)

    return make


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


@pytest.fixture
def tenant(bench: Bench) -> Tenant:
    return bench.tenant


@pytest.fixture
def draw() -> random.Random:
    return random.Random("tests")


# -- the running service ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def reactor() -> Any:
    """The one reactor of this process: whatever tests share a worker share it too."""
    return the_reactor()


@pytest.fixture(scope="session")
def world_ca(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, str]:
    from emulators.tenant.service import TlsMaterial

    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1", "localhost")
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    chain = b"".join(part.bytes() for part in leaf.cert_chain_pems)
    return TlsMaterial(chain, leaf.private_key_pem.bytes()), str(path)


class Listener:
    """A running tenant and a client that trusts it."""

    def __init__(self, reactor: Any, ca: tuple[Any, str], settings: dict[str, Any]) -> None:
        from emulators.tenant.service import TenantDescription, TenantService

        self.reactor = reactor
        self.clock = Clock()
        self.faults = FaultPlan()
        self.records: list[dict[str, Any]] = []
        self.service = TenantService(
            TenantDescription("contoso.onmicrosoft.com", ("contoso.com",), "Contoso", settings),
            clock=self.clock,
            seed=7,
            journal=Journal("tenant:contoso.onmicrosoft.com", self.clock, self.records.append),
            faults=self.faults,
            tls=ca[0],
            admin_password=ADMIN_PASSWORD,
        )
        self.in_reactor(self.service.start, reactor)
        self.port = self.service.endpoints["https"]
        self.base = f"https://127.0.0.1:{self.port}"
        self.http = urllib3.PoolManager(ca_certs=ca[1], retries=False, timeout=20)
        self.initial = self.in_reactor(self.service.snapshot)

    def in_reactor(self, function: Callable[..., Any], *arguments: Any) -> Any:
        from twisted.internet.threads import blockingCallFromThread

        return blockingCallFromThread(self.reactor, function, *arguments)

    def reset(self) -> None:
        self.faults.armed.clear()
        self.clock.moment = BEGIN
        self.in_reactor(self.service.restore, self.initial)
        self.records.clear()

    def stop(self) -> None:
        self.http.clear()
        self.in_reactor(self.service.stop)

    def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        data = body if isinstance(body, bytes | str | None) else json.dumps(body)
        url = path if path.startswith("https:") else self.base + path
        return self.http.request(method, url, body=data, headers=headers or {})

    def token(self, *, version: int = 2, segment: str | None = None, **form: str) -> tuple[int, dict[str, Any]]:
        path = f"/{segment or self.service.tenant_id}/oauth2/{'v2.0/' if version == 2 else ''}token"
        answer = self.send("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        return answer.status, json.loads(answer.data)

    def app_token(self) -> str:
        status, body = self.token(
            grant_type="client_credentials",
            client_id=self.service.client_id,
            client_secret=self.service.client_secret,
            scope="https://graph.microsoft.com/.default",
        )
        assert status == 200, body
        return body["access_token"]

    def user_token(self, name: str, password: str, *, client: str = WIZARD, version: int = 1) -> str:
        form = {"grant_type": "password", "client_id": client, "username": name, "password": password}
        form |= (
            {"resource": "https://graph.windows.net"}
            if version == 1
            else {"scope": "https://graph.microsoft.com/.default"}
        )
        status, body = self.token(version=version, **form)
        assert status == 200, body
        return body["access_token"]

    def admin_token(self) -> str:
        return self.user_token(self.service.admin_upn, ADMIN_PASSWORD)

    def sync_token(self) -> str:
        admin = self.admin_token()
        assert self.operation(admin, "SetCompanyDirSyncEnabled", {"enabled": True})[0] == 200
        _, account = self.operation(admin, "GetServiceAccount", {"identifier": "SYNC1_0123456789ab"})
        return self.user_token(account["UserName"], account["Password"], client=SYNC_CLIENT)

    def operation(self, token: str, name: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = {
            "Authorization": f"Bearer {token}",
            "x-anchorage-server": "SYNC1",
            "x-ms-aadmsods-dirsyncbuildnumber": "2.5.79.0",
            **headers,
        }
        answer = self.send("POST", f"/provisioningservice/{name}", body if body is not None else {}, sent)
        return answer.status, json.loads(answer.data) if answer.data else None

    def graph(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {token}", **headers}
        if body is not None:
            sent["Content-Type"] = "application/json"
        return self.send(method, path, body, sent)


@pytest.fixture(scope="session")
def _running(reactor: Any, world_ca: tuple[Any, str]) -> Iterator[Listener]:
    listener = Listener(reactor, world_ca, {})
    yield listener
    listener.stop()


@pytest.fixture
def listener(_running: Listener) -> Listener:
    """The running tenant, set back to its first state."""
    _running.reset()
    return _running


@pytest.fixture
def start_listener(reactor: Any, world_ca: tuple[Any, str]) -> Iterator[Callable[..., Listener]]:
    """Start a tenant with settings of one's own."""
    started: list[Listener] = []

    def start(**settings: Any) -> Listener:
        started.append(Listener(reactor, world_ca, settings))
        return started[-1]

    yield start
    for listener in started:
        listener.stop()
