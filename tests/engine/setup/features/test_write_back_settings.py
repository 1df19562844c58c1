"""The settings of group and device write-back: written, read, and what connectors and the tenant follow from them."""

from __future__ import annotations

import pytest

from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.setup.answers import Credential, DirectoryAnswers, Feature, GroupWriteBackChoice, SetupAnswers
from engine.setup.features import write_back_settings as back

OU = "OU=Back,DC=contoso,DC=com"


def answers(**changes):
    directory = DirectoryAnswers("contoso.com", Credential("a", "b"))
    return SetupAnswers(Credential("admin@contoso.com", "x"), (directory,), **changes)


def ticked(**choice):
    return answers(features=frozenset({Feature.GROUP_WRITEBACK}), group_writeback=GroupWriteBackChoice(OU, **choice))


@pytest.mark.parametrize(
    ("chosen", "forest", "display_names"),
    [
        (answers(), "", False),
        (answers(group_writeback=GroupWriteBackChoice(OU)), "", False),
        (ticked(), "contoso.com", False),
        (ticked(forest="fabrikam.com", display_names=True), "fabrikam.com", True),
    ],
)
def test_what_is_chosen_is_read_again(chosen, forest, display_names):
    assert back.write_back(back.chosen_settings(chosen)) == back.WriteBack(forest, display_names)


def test_a_forest_of_a_feature_that_is_off_gets_nothing():
    settings = {**back.group_settings("contoso.com", OU, display_names=True), back.GROUPS: "False"}
    assert back.write_back(settings).group_forest == ""
    assert back.write_back(back.device_settings("", "")).device_forest == ""


def test_the_tenant_is_told_of_a_feature_that_is_on():
    assert back.tenant_write_back(back.chosen_settings(answers())) == (0, {})
    bits, changes = back.tenant_write_back(back.chosen_settings(ticked()))
    assert (bits, changes) == (1024, {"WriteBack": {"UnifiedGroupContainer": OU}})


def test_the_container_is_a_parameter_of_the_forests_connector_alone():
    def connector(forest, kind=ConnectorType.ACTIVE_DIRECTORY):
        return ConnectorConfiguration("i", forest, kind, parameters={"forest-name": forest})

    on = {**back.group_settings("contoso.com", OU, display_names=False), **back.device_settings("contoso.com", "CN=D")}
    found = back.with_containers(connector("contoso.com"), on)
    assert found.parameters["Connector.GroupWriteBackContainerDn"] == OU
    assert found.parameters["Connector.DeviceWriteBackContainerDn"] == "CN=D"
    assert back.with_containers(connector("fabrikam.com"), on) == connector("fabrikam.com")
    entra = connector("contoso.com", ConnectorType.ENTRA)
    assert back.with_containers(entra, on) is entra
    off = {**back.group_settings("", "", display_names=False), **back.device_settings("", "")}
    assert back.with_containers(found, off) == connector("contoso.com")
