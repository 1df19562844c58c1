"""Read-back pages and export batches, as conversations with a scripted tenant."""

from __future__ import annotations

from typing import Any

import pytest

from engine.connectors.connector import ExportChange, ExportOperation, ImportKind, ValueChanges
from engine.connectors.entra.connector import EntraConnector
from engine.connectors.entra.entity_mapping import entity_dn
from engine.connectors.entra.tenant_client import TenantClient
from engine.errors import ConnectorError
from engine.model.configuration import Partition

PARTITION = Partition("p", "default", "default", object_types=("user", "group", "contact", "device"))
COMPANY = {"MaxLinksSupportedAcrossBatchInProvision2": 3}


def entity(number: int, kind: str = "User", operation: str = "Set") -> dict[str, Any]:
    cloud = f"{kind}_00000000-0000-0000-0000-{number:012d}"
    return {
        "SyncObjectType": kind,
        "SyncOperation": operation,
        "PropertyValues": {"cloudAnchor": cloud, "sourceAnchor": f"anchor{number}", "displayName": f"N{number}"},
    }


def change(number: int, **settings: Any) -> ExportChange:
    made = {
        "number": number,
        "operation": ExportOperation.ADD,
        "object_type": "user",
        "dn": entity_dn(f"anchor{number}", ""),
        "anchor": None,
        "attributes": {"sourceAnchor": f"anchor{number}", "displayName": f"N{number}"},
    }
    return ExportChange(**{**made, **settings})


def success(number: int) -> dict[str, str]:
    return {"ResultCode": "Success", "CloudAnchor": f"User_{number}"}


@pytest.fixture
def connector(client: TenantClient) -> EntraConnector:
    return EntraConnector(client)


def test_full_import_reads_all_pages(tenant: Any, connector: EntraConnector) -> None:
    tenant.signed_in()
    operation = "ReadBackAzureADSyncObjects2"
    tenant.expect(operation, {"ResultObjects": [entity(1)], "Cookie": "c1", "MoreResults": True})
    tenant.expect(operation, {"ResultObjects": [entity(2, "PublicFolder")], "Cookie": "c2", "MoreResults": False})
    tenant.expect("FinalizeImport")
    first, second = list(connector.read_full(PARTITION, ("displayName", "sourceAnchor"), 500))
    assert [o.dn for o in first.objects] == [entity_dn("anchor1", "")]
    assert first.objects[0].attributes == {"displayName": "N1", "sourceAnchor": "anchor1"}
    assert second.objects == [], "public folders are not selected"
    assert second.watermark == b"c2"
    assert [call.body for call in tenant.calls[1:3]] == [
        {"IsFullSync": True, "InputCookie": None, "PageSize": 500},
        {"IsFullSync": True, "InputCookie": "c1", "PageSize": 500},
    ]


def test_delta_import_goes_on_from_the_watermark(tenant: Any, connector: EntraConnector) -> None:
    tenant.signed_in().expect(
        "ReadBackAzureADSyncObjects2",
        {"ResultObjects": [entity(1, operation="Delete")], "Cookie": "c3", "MoreResults": False},
    ).expect("FinalizeImport")
    (page,) = list(connector.read_delta(PARTITION, (), b"c2", 50))
    assert (page.objects[0].kind, page.watermark) == (ImportKind.DELETE, b"c3")
    assert tenant.calls[1].body == {"IsFullSync": False, "InputCookie": "c2", "PageSize": 50}


def test_a_cookie_that_is_too_old_asks_for_a_full_import(tenant: Any, connector: EntraConnector) -> None:
    tenant.signed_in().expect(
        "ReadBackAzureADSyncObjects2", {"ErrorCode": "READBACK_COOKIE_REFUSED", "ErrorDescription": "too old"}, 500
    )
    with pytest.raises(ConnectorError) as caught:
        list(connector.read_delta(PARTITION, (), b"c2", 50))
    assert caught.value.run_result == "no-start-full-import-required"


def test_export_answers_every_change_in_order(tenant: Any, connector: EntraConnector) -> None:
    tenant.signed_in().expect("GetCompanyConfiguration", COMPANY)
    failure = {"ResultCode": "Failure", "ResultErrorCode": "InvalidSoftMatch", "ResultErrorDescription": "d"}
    tenant.expect("ProvisionAzureADSyncObjects2", {"SyncObjectResults": [success(1), failure]})
    bad = change(2, operation=ExportOperation.UPDATE, value_changes={"proxyAddresses": ValueChanges(("a",))})
    results = connector.export([change(1), bad, change(3)])
    assert [(r.number, r.error_type) for r in results] == [(1, None), (2, "unexpected-error"), (3, "InvalidSoftMatch")]
    assert results[0].anchor == "User_1"
    assert [o["SourceAnchor"] for o in tenant.calls[2].body["SyncObjects"]] == ["anchor1", "anchor3"]


def test_a_large_group_succeeds_only_as_a_whole(tenant: Any, connector: EntraConnector) -> None:
    members = tuple(f"m{i}" for i in range(7))
    large = change(1, object_type="group", value_changes={"member": ValueChanges(members)})
    tenant.signed_in().expect("GetCompanyConfiguration", COMPANY)
    failure = {"ResultCode": "Failure", "ResultErrorCode": "LargeObject", "ResultErrorDescription": "too large"}
    tenant.expect("ProvisionAzureADSyncObjects2", {"SyncObjectResults": [success(1)]})
    tenant.expect("ProvisionAzureADSyncObjects2", {"SyncObjectResults": [failure]})
    (result,) = connector.export([large])
    assert result.error_type == "LargeObject"
    assert len(tenant.calls) == 4, "what follows a failed part is not sent"


def test_a_lost_answer_ends_the_step(tenant: Any, connector: EntraConnector) -> None:
    tenant.signed_in().expect("GetCompanyConfiguration", COMPANY).cut("ProvisionAzureADSyncObjects2")
    with pytest.raises(ConnectorError) as caught:
        connector.export([change(1)])
    assert caught.value.code == "dropped-connection"


def test_the_end_of_an_export_is_told(tenant: Any, connector: EntraConnector) -> None:
    connector.connector_space_objects = 40
    tenant.signed_in().expect("FinalizeExport")
    connector.finish_export(3, 2)
    assert tenant.calls[1].body == {
        "TotalExported": 3,
        "SuccessfulExportCount": 2,
        "TotalConnectorSpaceObjects": 40,
    }


def test_a_single_object_cannot_be_read(connector: EntraConnector) -> None:
    with pytest.raises(ConnectorError) as caught:
        connector.read_object(PARTITION, (), "User_1")
    assert caught.value.code == "not-offered"
    assert "displayName" in connector.schema().attributes
