"""The Tenant Schema Extension App: registration, exported values, the service principal's end."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import schema_extensions
from emulators.tenant.core.refusals import GraphError, ServiceFault
from emulators.tenant.store.snapshot import freeze, thaw

BADGE = {"Name": "contosoBadge", "DataType": "String", "IsMultiValued": False, "TargetObjects": ["User"]}


def register(bench: Any, *attributes: dict[str, Any]) -> str:
    return schema_extensions.register(bench.tenant, attributes or (BADGE,))


def export(bench: Any, **values: Any) -> dict[str, Any]:
    change = {
        "SyncObjectType": "User", "SyncOperation": "Add", "SourceAnchor": "A", "CloudAnchor": None,
        "PropertyValues": {"userPrincipalName": "ana@contoso.com", **values},
    }  # fmt: skip
    found = bench.call("ProvisionAzureADSyncObjects2", {"SyncObjects": [change]})
    return dict(found["SyncObjectResults"][0])


def test_the_application_is_made_once(bench: Any) -> None:
    first = register(bench)
    assert register(bench, {**BADGE, "TargetObjects": ["Group"]}) == first
    name = schema_extensions.property_name(first, "contosoBadge")
    assert schema_extensions.NAME.fullmatch(name)
    (shown,) = schema_extensions.extension_properties(bench.tenant)
    assert (shown["name"], shown["targetObjects"]) == (name, ["Group", "User"])


@pytest.mark.parametrize(
    "changes",
    [
        {"Name": "has space"},
        {"Name": None},
        {"DataType": "Reference"},
        {"IsMultiValued": "yes"},
        {"IsMultiValued": True, "DataType": "Boolean"},
        {"TargetObjects": []},
        {"TargetObjects": ["Device"]},
    ],
)
def test_what_cannot_be_one(bench: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(ServiceFault) as refused:
        register(bench, BADGE, {**BADGE, **changes})
    assert refused.value.code == "EXTENSION_INVALID"
    assert not bench.tenant.schema_extensions.registered


def test_a_type_stays(bench: Any) -> None:
    register(bench)
    with pytest.raises(ServiceFault):
        register(bench, {**BADGE, "DataType": "Binary"})


def test_values_of_registered_attributes_only(bench: Any) -> None:
    name = schema_extensions.property_name(register(bench), "contosoBadge")
    assert export(bench, **{name.replace("Badge", "Other"): "x"})["ResultErrorCode"] == "DataValidationFailed"
    many = {f"{name}{number}": "x" for number in range(101)}
    for extra in many:
        bench.tenant.schema_extensions.properties[extra] = {}
    assert export(bench, **many)["ResultErrorCode"] == "DataValidationFailed"
    assert export(bench, **{name: "B-1"})["ResultCode"] == "Success"


def test_without_its_principal_values_are_refused(bench: Any) -> None:
    client = register(bench)
    name = schema_extensions.property_name(client, "contosoBadge")
    schema_extensions.delete_principal(bench.tenant)
    assert schema_extensions.principal(bench.tenant) is None
    assert export(bench, **{name: "B-1"})["ResultErrorCode"] == "ExtensionPropertyUnavailable"
    assert export(bench)["ResultCode"] == "Success"
    with pytest.raises(GraphError):
        schema_extensions.create_principal(bench.tenant, "other")
    schema_extensions.create_principal(bench.tenant, client)
    with pytest.raises(GraphError):
        schema_extensions.create_principal(bench.tenant, client)
    assert schema_extensions.refused(bench.tenant, {name: "B-1"}) is None


def test_a_snapshot_carries_it(bench: Any) -> None:
    packed = freeze(bench.tenant)
    register(bench)
    with_app = freeze(bench.tenant)
    thaw(bench.tenant, packed)
    assert not bench.tenant.schema_extensions.registered
    thaw(bench.tenant, with_app)
    assert len(bench.tenant.schema_extensions.properties) == 1
