"""What the review of a server names, feature by feature. Source: seed004 "Should I migrate", comparison table."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from engine.cloud_sync.migration import review_migration
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.rules.rule import AttributeFlow, Direction, FlowType, JoinClause, LinkType, ScopeClause, SyncRule

CONNECTOR = "00000001-0000-0000-0000-000000000000"
FEATURE = "Microsoft.OptionalFeature."


def rule(*flows: AttributeFlow, **changes: Any) -> SyncRule:
    held = {"link_type": LinkType.JOIN, "precedence": 50, "flows": flows}
    return SyncRule("r", "Custom", Direction.INBOUND, CONNECTOR, "user", "person", **{**held, **changes})


def review(*rules: SyncRule, method: str = "password-hash-sync", group: str = "", **settings: str) -> list[tuple]:
    parameters = {"Connector.GroupFilteringGroupDn": group} if group else {}
    connector = ConnectorConfiguration(CONNECTOR, "contoso.com", ConnectorType.ACTIVE_DIRECTORY, parameters=parameters)
    server = SimpleNamespace(
        connectors={1: connector},
        requests=SimpleNamespace(memory=SimpleNamespace(method=method)),
        global_settings={f"{FEATURE}{name}": value for name, value in settings.items()},
        rules=lambda: dict(enumerate(rules, 1)),
    )
    return [(one.code, one.blocking) for one in review_migration(server)]


def flow(kind: FlowType, **said: Any) -> AttributeFlow:
    return AttributeFlow("department", kind, **said)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, []),
        ({"DeviceWriteBack": "True"}, [("DEVICE_WRITEBACK", True)]),
        ({"DeviceWriteUp": "True"}, [("DEVICE_SYNC", False)]),
        ({"GroupWriteBack": "True"}, [("GROUP_WRITEBACK", False)]),
        ({"HybridExchange": "True"}, [("EXCHANGE_HYBRID", False)]),
        ({"DirectoryExtension": "True"}, [("DIRECTORY_EXTENSIONS", False)]),
        ({"DeviceWriteBack": "False", "HybridExchange": "False"}, []),
        ({"method": "pass-through"}, [("PASS_THROUGH_AUTHENTICATION", True)]),
        ({"group": "CN=Pilot,DC=contoso,DC=com"}, [("GROUP_FILTER", False)]),
    ],
)
def test_features(given, found):
    assert review(**given) == found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (rule(flow(FlowType.EXPRESSION, expression='IIF([a]="b","c","d")')), [("CUSTOM_RULE_EXPRESSION", True)]),
        (rule(flow(FlowType.EXPRESSION, expression='[a] & "b"')), [("CUSTOM_RULE_EXPRESSION", True)]),
        (rule(flow(FlowType.EXPRESSION, expression="Trim([a])")), [("CUSTOM_MAPPING", False)]),
        (rule(flow(FlowType.CONSTANT, constant="x")), [("CUSTOM_MAPPING", False)]),
        (rule(scope=((ScopeClause("a", "EQUAL", "b"),),)), [("CUSTOM_RULE_SCOPE", True)]),
        (rule(joins=((JoinClause("mail", "mail"),),), link_type=LinkType.PROVISION), [("CUSTOM_RULE_JOIN", True)]),
        (rule(flow(FlowType.EXPRESSION, expression="IIF()"), disabled=True), []),
        (rule(flow(FlowType.EXPRESSION, expression="IIF()"), immutable_tag="Microsoft.InfromADUserCommon"), []),
        (rule(AttributeFlow("cloudNoFlow", FlowType.CONSTANT, constant="True")), []),
        (rule(link_type=LinkType.JOIN_NO_FLOW), []),
    ],
)
def test_rules(given, found):
    assert review(given) == found
