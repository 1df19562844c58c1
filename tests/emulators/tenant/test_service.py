"""TenantService as the harness uses it: construct, start, tick, freeze, stop; same seed, same world."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from emulators.tenant.core.founding import WrongDescription
from emulators.tenant.core.settings import UnknownSetting


def test_seed_decides_everything(start_listener: Any) -> None:
    first, second = start_listener(), start_listener()
    assert (first.service.tenant_id, first.service.client_id, first.service.client_secret) == (
        second.service.tenant_id,
        second.service.client_id,
        second.service.client_secret,
    )
    assert first.service.endpoints != second.service.endpoints
    told = []
    for listener in (first, second):
        token = listener.sync_token()
        given = {
            "SyncObjectType": "User",
            "SyncOperation": "Add",
            "SourceAnchor": "A",
            "PropertyValues": {"userPrincipalName": "a@contoso.com"},
        }
        listener.operation(token, "ProvisionAzureADSyncObjects2", {"SyncObjects": [given]})
        listener.graph("GET", "/v1.0/users", listener.app_token())
        told.append(json.dumps(listener.records, sort_keys=True))
    assert told[0] == told[1]


def test_ticks_by_the_worlds_clock(listener: Any) -> None:
    service = listener.service
    assert service.next_due() is None
    token = listener.sync_token()
    objects = [{"SyncObjectType": "User", "SyncOperation": word, "SourceAnchor": "A", "PropertyValues": {"userPrincipalName": "a@contoso.com"}}  # noqa: E501 - one row of a table
               for word in ("Add", "Delete")]  # fmt: skip
    listener.operation(token, "ProvisionAzureADSyncObjects2", {"SyncObjects": objects})
    due = service.next_due()
    assert due == listener.clock.now() + timedelta(days=30)
    listener.clock.moment = due
    listener.in_reactor(service.tick, due)
    assert service.next_due() is None
    assert service.tenant.recycled == {}


def test_reset_forgets(listener: Any) -> None:
    token = listener.sync_token()
    listener.in_reactor(listener.service.restore, listener.initial)
    assert listener.operation(token, "ProvisionAzureADSyncObjects2", {"SyncObjects": []})[0] == 500
    assert listener.service.tenant.sync.enabled is None


def test_cloud_facts(listener: Any) -> None:
    service = listener.service
    user = next(iter(service.tenant.objects))
    listener.in_reactor(service.set_cloud_fact, user, "cloudMSExchArchiveStatus", 1)
    assert service.tenant.objects[user].own["cloudMSExchArchiveStatus"] == 1
    with pytest.raises(ValueError, match="cloud fact"):
        service.set_cloud_fact(user, "displayName", "x")
    assert service.licence_orphans() == []


def test_wrong_descriptions(start_listener: Any) -> None:
    with pytest.raises(UnknownSetting, match="matching"):
        start_listener(matchin="legacy")


def test_initial_domain_is_checked(world_ca: Any) -> None:
    from emulators.faults import FaultPlan
    from emulators.journal import Journal
    from emulators.tenant.service import TenantDescription, TenantService

    class Still:
        def now(self) -> Any:
            from datetime import UTC, datetime

            return datetime(2026, 1, 1, tzinfo=UTC)

    for description in (TenantDescription("contoso.com"), TenantDescription("contoso.onmicrosoft.com", ("no domain",))):
        with pytest.raises(WrongDescription):
            TenantService(description, clock=Still(), seed=1, journal=Journal("t", Still()), faults=FaultPlan(), tls=world_ca[0],  # noqa: E501 - one row of a table
                          admin_password="x")  # fmt: skip


def test_stop_without_start(world_ca: Any, listener: Any) -> None:
    from emulators.tenant.service import TenantService

    service = TenantService(listener.service.description, clock=listener.clock, seed=1, journal=listener.service.journal,  # noqa: E501 - one row of a table
                            faults=listener.faults, tls=world_ca[0], admin_password="Adm1n-pass!")  # fmt: skip
    assert service.stop() is None
