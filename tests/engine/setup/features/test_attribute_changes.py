"""Services, attributes and directory extensions chosen anew on a server of plain objects."""

from __future__ import annotations

import pytest

from engine.model.schema import AttributeDefinition, Schema
from engine.setup.answers import Credential
from engine.setup.features.attribute_changes import AttributeChange, change_attributes, offered_extensions

ADMIN = Credential("admin@contoso.onmicrosoft.com", "x")
BADGE = "extension_11112222333344445555666677778888_employeeID"


@pytest.fixture
def server(stage):
    of_users = frozenset(stage.forest.schema_found.attributes)
    stage.forest.schema_found = Schema(stage.forest.schema_found.attributes, {"user": of_users})
    return stage.installed(stage.custom())


def change(server, stage, **wanted):
    return change_attributes(server, ADMIN, AttributeChange(**wanted), stage, stage.state().clock)


def test_an_extension_comes_and_goes(server, stage) -> None:
    found = change(server, stage, extensions=("employeeID",))
    assert found.changes["extensions"] == [BADGE]
    assert stage.tenant.writes == [("extensions", ["employeeID"]), ("features", 41016 | 4)]
    assert BADGE in server.metaverse.object_types["person"]
    assert BADGE in next(c for c in server.connectors.values() if "AAD" in c.name).schema.object_types["user"]
    assert {"In from AD - User DirectoryExtension", "Out to AAD - User DirectoryExtension"} <= set(server.names())
    assert server.flagged() == {"contoso.com": (False, True), "contoso.onmicrosoft.com - AAD": (True, True)}
    assert change(server, stage, extensions=()).changes["extensions"] == []
    assert not [name for name in server.names() if "DirectoryExtension" in name]


def test_what_nobody_touches_stays(server, stage) -> None:
    change(server, stage, filtering=True, applications=("Intune",), without=("alias",))
    change(server, stage, extensions=("employeeID",))
    assert server.global_settings["Microsoft.AADFilter.ApplicationList"] == "Intune"
    assert server.global_settings["Microsoft.AADFilter.AttributeExclusionList"] == "alias"
    change(server, stage, without=())
    assert server.global_settings["Microsoft.OptionalFeature.DirectoryExtensionAttributes"] == "employeeID"
    assert "Out to AAD - User ExchangeOnline" not in server.names()
    change(server, stage, filtering=False)
    assert "Out to AAD - User ExchangeOnline" in server.names()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"filtering": True, "applications": ("Word",)}, "APPLICATION_UNKNOWN"),
        ({"filtering": True, "applications": ("Intune",), "without": ("department",)}, "ATTRIBUTE_NOT_LISTED"),
        ({"extensions": ("manager",)}, "EXTENSION_NOT_AVAILABLE"),
    ],
)
def test_a_refusal_writes_nothing(server, stage, wanted, code) -> None:
    settings, rules = dict(server.global_settings), dict(server.stored_rules)
    found = change(server, stage, **wanted)
    assert found.pages[-1].code == code
    assert (server.global_settings, server.stored_rules, server.metaverse) == (settings, rules, None)
    assert stage.tenant.writes == []
    assert server.held == ["suspend", "resume"]
    assert not change(server, stage, extensions=("employeeID",)).refused


def test_not_while_a_cycle_runs(server, stage) -> None:
    server.running = True
    assert change(server, stage, extensions=("employeeID",)).pages[-1].code == "SYNC_IN_PROGRESS"


def test_the_list_is_the_schema_the_server_knows(server, stage) -> None:
    stage.forest.never = ("employeeID",)
    more = {**stage.forest.schema_found.attributes, "badge": AttributeDefinition("badge")}
    stage.forest.schema_found = Schema(more, {"user": frozenset(more)})
    offered = offered_extensions(server, stage)
    assert "extensionAttribute1" in offered
    assert "badge" not in offered
    assert "employeeID" not in offered
    assert change(server, stage, extensions=("badge",)).pages[-1].code == "EXTENSION_NOT_AVAILABLE"
