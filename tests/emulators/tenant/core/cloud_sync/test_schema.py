"""What a schema may say: scope, mappings, functions; the anchor stays what it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from emulators.tenant.core.cloud_sync.schema import carries_passwords, checked_schema, scope_of, work_mappings
from emulators.tenant.core.cloud_sync.template import default_schema, mapping, source_of
from emulators.tenant.core.refusals import GraphError

OU = "OU=Staff,DC=contoso,DC=com"


def schema() -> dict[str, Any]:
    return copy.deepcopy(default_schema("J", "v1"))


def rule(found: dict[str, Any]) -> dict[str, Any]:
    one: dict[str, Any] = found["synchronizationRules"][0]
    return one


def refusal(found: dict[str, Any]) -> str:
    with pytest.raises(GraphError) as refused:
        checked_schema(found)
    return refused.value.code


def test_the_default_schema_is_sound_and_covers_four_types():
    found = checked_schema(schema())
    assert [one["Source"] for one in work_mappings(found)] == ["user", "inetOrgPerson", "group", "contact"]
    users = {one["Target"]: one["Source"] for one in work_mappings(found)[0]["Mappings"]}
    assert users["extensionAttribute3"] == "Trim([extensionAttribute3])"
    assert (users["commonName"], users["countryCode"], "sourceAnchorBinary" in users) == (
        "[cn]",
        "[countryCode]",
        False,
    )
    assert carries_passwords(found) is False


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ('IIF([a], "b", "c")', "FunctionNotOffered"),
        ("SelectUniqueValue([a], [b])", "FunctionNotOffered"),
        ('Trim([a]) & "b"', "OperatorNotOffered"),
        ("CBool([a] = [b])", "OperatorNotOffered"),
        ("Trim([a]", "MappingInvalid"),
        ("[a]", "MappingInvalid"),
    ],
)
def test_expressions_that_are_not_offered(expression, code):
    found = schema()
    made = mapping("department", expression)
    made["source"]["type"] = "Function"
    rule(found)["objectMappings"][0]["attributeMappings"].append(made)
    assert refusal(found) == code


def test_an_ampersand_of_a_number_and_text_inside_quotes_are_no_operators():
    found = schema()
    rule(found)["objectMappings"][0]["attributeMappings"].append(mapping("x", 'Append("a & IIF(b)", BitAnd(&HF, 3))'))
    checked_schema(found)


@pytest.mark.parametrize("change", ["gone", "other", "sourceAnchor"])
def test_the_anchor_cannot_be_changed(change):
    found = schema()
    attributes = rule(found)["objectMappings"][0]["attributeMappings"]
    anchor = next(one for one in attributes if one["targetAttributeName"] == "sourceAnchorBinary")
    if change == "gone":
        attributes.remove(anchor)
    elif change == "other":
        anchor["source"] = source_of("[employeeID]")
    else:
        attributes.append(mapping("sourceAnchor", "[employeeID]"))
    assert refusal(found) == "AnchorFixed"


@pytest.mark.parametrize(
    ("ous", "groups", "code"),
    [
        ([OU], [OU], "ScopeInvalid"),
        ([f"OU={n},DC=contoso,DC=com" for n in range(60)], [], "ScopeTooLarge"),
        ([], [f"CN={n},DC=contoso,DC=com" for n in range(60)], "ScopeTooLarge"),
        (["Staff"], [], "ScopeInvalid"),
    ],
)
def test_scopes_that_are_refused(ous, groups, code):
    found = schema()
    rule(found)["containerFilter"] = {"includedContainers": ous} if ous else None
    rule(found)["groupFilter"] = {"includedGroups": groups} if groups else None
    assert refusal(found) == code


def test_59_units_are_taken():
    units = [f"OU={n},DC=contoso,DC=com" for n in range(59)]
    assert scope_of({"containerFilter": {"includedContainers": units}})["OrganizationalUnits"] == units


@pytest.mark.parametrize("wrong", [{}, {"synchronizationRules": []}, {"synchronizationRules": [{"objectMappings": 3}]}])
def test_what_is_no_schema(wrong):
    assert refusal(wrong) == "SchemaInvalid"


def test_a_filter_by_attribute_values_is_refused_loudly():
    found = schema()
    rule(found)["objectMappings"][0]["scope"] = {"groups": [{"clauses": []}]}
    assert refusal(found) == "AttributeScopeNotOffered"


@pytest.mark.parametrize("wrong", [None, 5, "x", [1]], ids=str)
def test_a_mapping_of_another_kind(wrong: Any) -> None:
    one = schema()
    rule(one)["objectMappings"][0]["attributeMappings"].append(wrong)
    assert refusal(one) == "MappingInvalid"
    other = schema()
    rule(other)["objectMappings"][0]["sourceObjectName"] = [wrong]
    assert refusal(other) == "SchemaInvalid"
