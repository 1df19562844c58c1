"""The rules of device write-back: whose devices, under which name, with what."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime

from engine.rules.expression import Context, compile_expression
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.rules.standard.device_writeback import CONTAINER_PARAMETER

CONTOSO = DirectoryConnector("c", "contoso.com")
DEVICE = uuid.UUID("f24f116f-6e80-425d-8236-09803da7dfbe")


def rules():
    return standard_rules(StandardRuleOptions((CONTOSO,), device_rules=True, device_writeback="contoso.com"))


def named(name):
    return next(rule for rule in rules() if rule.name == name)


def test_a_device_that_came_from_a_computer_is_not_projected_from_the_cloud():
    scope = named("In from AAD - Device Join SOAInAAD").scope
    assert [(clause.attribute, clause.operator) for clause in scope[0]] == [
        ("deviceId", "ISNOTNULL"),
        ("sourceAnchor", "ISNULL"),
    ]


def test_a_device_is_called_by_its_id_and_wants_a_key():
    rule = named("Out to AD - Device Join SOAInAAD")
    flow = next(one for one in rule.flows if one.target == "dn")
    values = {"deviceId": DEVICE.bytes_le}
    parameters = {CONTAINER_PARAMETER: "CN=RegisteredDevices,DC=contoso,DC=com"}
    context = Context(values, values, parameters, datetime(2026, 1, 5, tzinfo=UTC), random.Random(0))
    found = compile_expression(flow.expression).evaluate(context)
    assert found == f"CN={DEVICE},CN=RegisteredDevices,DC=contoso,DC=com"
    assert {clause.attribute for clause in rule.scope[0]} == {"cloudAnchor", "alternativeSecurityId"}


def test_every_device_object_gets_what_its_class_demands():
    targets = {flow.target for flow in named("Out to AD - Device Join SOAInAAD").flows}
    assert {"msDS-DeviceID", "msDS-IsEnabled", "altSecurityIdentities", "displayName"} <= targets


def test_only_the_two_rules_are_added():
    assert [rule.name for rule in rules() if "SOAInAAD" in rule.name] == [
        "In from AAD - Device Join SOAInAAD",
        "Out to AD - Device Join SOAInAAD",
    ]
