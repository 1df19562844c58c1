"""What a server's settings say about group and device write-back, and what the standard rules follow from it. Pure.

Names are those of an exported server configuration (facts "engine" 16.2); the one that is ours begins with Anchorage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.rules.rule import SyncRule
from engine.rules.standard import device_writeback, group_writeback
from engine.setup.answers import Feature, SetupAnswers

HYBRID = "Microsoft.OptionalFeature.HybridExchange"
GROUPS = "Microsoft.OptionalFeature.GroupWriteBack"
GROUP_FOREST = "Microsoft.GroupWriteBack.Forest"
GROUP_CONTAINER = "Microsoft.GroupWriteBack.Container"
#: which of the two names written-back groups get; the product's own name for it is not known
GROUP_DISPLAY_NAMES = "Anchorage.GroupWriteBack.DisplayNames"
DEVICES = "Microsoft.OptionalFeature.DeviceWriteBack"
DEVICE_FOREST = "Microsoft.DeviceWriteBack.Forest"
DEVICE_CONTAINER = "Microsoft.DeviceWriteBack.Container"

#: computers go to the tenant: set by Configure device options; the product ships these rules with every installation
DEVICE_RULES = "Anchorage.DeviceOptions.Computers"

#: Bits of the tenant's features (facts "tenant" section 7).
FEATURE_GROUPS = 1024
FEATURE_DEVICES = 4096


@dataclass(frozen=True, slots=True)
class WriteBack:
    """Forests that get groups and devices, empty where the feature is off."""

    group_forest: str = ""
    group_display_names: bool = False
    device_forest: str = ""


def write_back(settings: Mapping[str, str]) -> WriteBack:
    """Read a server's settings."""
    return WriteBack(
        settings.get(GROUP_FOREST, "") if settings.get(GROUPS) == "True" else "",
        settings.get(GROUP_DISPLAY_NAMES) == "True",
        settings.get(DEVICE_FOREST, "") if settings.get(DEVICES) == "True" else "",
    )


def group_settings(forest: str, container: str, *, display_names: bool) -> dict[str, str]:
    """The settings with group write-back on; an empty forest turns it off."""
    found = {GROUPS: str(bool(forest)), GROUP_FOREST: forest, GROUP_CONTAINER: container}
    return {**found, GROUP_DISPLAY_NAMES: str(display_names)} if forest else found


def device_settings(forest: str, container: str) -> dict[str, str]:
    """The settings with device write-back on; an empty forest turns it off."""
    return {DEVICES: str(bool(forest)), DEVICE_FOREST: forest, DEVICE_CONTAINER: container}


def chosen_settings(answers: SetupAnswers) -> dict[str, str]:
    """What the wizard's answers say about group write-back; devices are a task of their own."""
    choice = answers.group_writeback
    if choice is None or Feature.GROUP_WRITEBACK not in answers.features:
        return group_settings("", "", display_names=False)
    forest = choice.forest or answers.directories[0].forest
    return group_settings(forest, choice.container, display_names=choice.display_names)


def tenant_write_back(settings: Mapping[str, str]) -> tuple[int, dict[str, object]]:
    """What the tenant is told of a feature that is on: its bits, and where groups go."""
    if settings.get(GROUPS) != "True":
        return 0, {}
    return FEATURE_GROUPS, {"WriteBack": {"UnifiedGroupContainer": settings[GROUP_CONTAINER]}}


def with_containers(connector: ConnectorConfiguration, settings: Mapping[str, str]) -> ConnectorConfiguration:
    """The connector of a forest that gets groups or devices knows where they go, for its rules to build DNs with."""
    if connector.type is not ConnectorType.ACTIVE_DIRECTORY:
        return connector
    forest, parameters = connector.parameters.get("forest-name", "").lower(), dict(connector.parameters)
    for parameter, holder, container in (
        (group_writeback.CONTAINER_PARAMETER, GROUP_FOREST, GROUP_CONTAINER),
        (device_writeback.CONTAINER_PARAMETER, DEVICE_FOREST, DEVICE_CONTAINER),
    ):
        if forest and settings.get(holder, "").lower() == forest:
            parameters[parameter] = settings[container]
        else:
            parameters.pop(parameter, None)
    return connector if parameters == connector.parameters else connector.with_(parameters=parameters)


class RuledServer(Protocol):
    """A server with settings and rules."""

    global_settings: dict[str, str]

    def rules(self) -> Mapping[int, SyncRule]: ...


def device_rules_held(server: RuledServer) -> bool:
    """Whether computers and devices have rules: the task said so, or an imported configuration brought them."""
    if server.global_settings.get(DEVICE_RULES) == "True":
        return True
    return any(rule.is_standard and rule.name == "In from AD - Computer Join" for rule in server.rules().values())
