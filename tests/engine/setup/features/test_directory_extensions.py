"""Directory extensions as values: candidates, names, schemas, settings."""

from __future__ import annotations

import pytest

from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.standard.options import DirectoryExtension
from engine.setup.features.directory_extensions import (
    OBJECT_TYPES,
    candidates,
    kept_in,
    named,
    settings_of,
    wire_form,
    with_extensions,
)

T = AttributeType


def schema(*attributes: AttributeDefinition, **classes: str) -> Schema:
    types = {name: frozenset(listed.split()) for name, listed in classes.items()}
    return Schema({one.name: one for one in attributes}, types)


@pytest.mark.parametrize(
    ("kind", "many", "offered"),
    [
        (T.STRING, False, True),
        (T.STRING, True, True),
        (T.BINARY, False, True),
        (T.BINARY, True, True),
        (T.BOOLEAN, False, True),
        (T.BOOLEAN, True, False),
        (T.INTEGER, False, True),
        (T.INTEGER, True, False),
        (T.REFERENCE, False, False),
        (T.REFERENCE, True, False),
    ],
)
def test_types(kind, many, offered) -> None:
    found = candidates([schema(AttributeDefinition("badge", kind, many), user="badge")])
    assert ("badge" in found) is offered


def test_classes_of_all_forests_count_and_others_do_not() -> None:
    badge, door = AttributeDefinition("badge"), AttributeDefinition("door")
    found = candidates([schema(badge, door, user="badge", computer="door"), schema(badge, group="badge")])
    assert {name: one.object_types for name, one in found.items()} == {"badge": ("user", "group")}


def test_what_is_never_seen_is_not_offered() -> None:
    assert candidates([schema(AttributeDefinition("badPwdCount"), user="badPwdCount")], ["BADPWDCOUNT"]) == {}


def test_names_and_wire() -> None:
    badge = DirectoryExtension("badge", "", T.INTEGER, object_types=("user", "group"))
    (one,) = named([badge], "aa-bb")
    assert one.target == "extension_aabb_badge"
    assert wire_form([one]) == [
        {"Name": "badge", "DataType": "LargeInteger", "IsMultiValued": False, "TargetObjects": ["User", "Group"]}
    ]


def test_settings_say_it_all() -> None:
    extensions = (
        DirectoryExtension("badge", "extension_a_badge"),
        DirectoryExtension("keys", "extension_a_keys", T.BINARY, True, ("user", "group")),
    )
    settings = settings_of(extensions)
    assert settings["Microsoft.OptionalFeature.DirectoryExtensionAttributes"] == "badge,keys"
    assert kept_in(settings) == extensions
    assert kept_in(settings_of(())) == kept_in({}) == ()


def test_a_schema_that_knows_them() -> None:
    keys = DirectoryExtension("keys", "extension_a_keys", T.BINARY, True, ("user", "group"))
    found = with_extensions(schema(AttributeDefinition("cn"), person="cn"), [keys], OBJECT_TYPES)
    assert found.attributes["extension_a_keys"].multivalued
    assert found.object_types == {"person": {"cn", "extension_a_keys"}, "group": {"extension_a_keys"}}
