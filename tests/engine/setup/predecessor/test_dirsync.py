"""DirSync itself: its rules, and the settings its successor reads out of a database, without a wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from engine.rules import standard
from engine.rules.rule import Direction
from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions
from engine.setup.answers import OuSelection
from engine.setup.predecessor.dirsync import INTERVAL, as_dirsync
from engine.setup.predecessor.dirsync_settings import AttributeFilter, DirSyncForest, DirSyncSettings, filter_rules
from engine.setup.wizard_run import run_wizard

SETTINGS = DirSyncSettings("contoso.onmicrosoft.com", (DirSyncForest("contoso.com"),))


def blueprint(stage):
    _, found = run_wizard(stage.custom(), stage.state())
    assert found is not None
    return found


def test_a_linked_mailbox_is_like_any_other(stage) -> None:
    options = StandardRuleOptions((DirectoryConnector("c", "contoso.com"),), anchor="objectGUID")
    texts = [flow.expression for rule in standard.standard_rules(options) for flow in rule.flows]
    assert any("[msExchRecipientTypeDetails]=2" in (text or "") for text in texts)
    made = as_dirsync(blueprint(stage), SETTINGS, Random(1))
    held = [flow.expression or "" for rule in made.rules for flow in rule.flows]
    assert not any("[msExchRecipientTypeDetails]=2" in text for text in held)
    anchors = {text for text in held if "ConvertToBase64" in text}
    assert anchors  # the expression inside is what is left


def test_filters_become_rules_and_are_read(stage) -> None:
    settings = replace(SETTINGS, filters=(AttributeFilter("user", "extensionAttribute15", "NoSync"),))
    made = as_dirsync(blueprint(stage), settings, Random(1))
    [rule] = [rule for rule in made.rules if not rule.is_standard]
    assert (rule.direction, rule.precedence, rule.source_object_type) == (Direction.INBOUND, 50, "user")
    assert [(c.attribute, c.operator, c.value) for c in rule.scope[0]] == [("extensionAttribute15", "EQUAL", "NoSync")]
    directory = next(one for one in made.connectors if one.identifier == rule.connector)
    assert "extensionAttribute15" in directory.attributes


def test_a_removed_attribute_is_not_read(stage) -> None:
    settings = replace(SETTINGS, removed_attributes=("MAIL",))
    before = blueprint(stage)
    made = as_dirsync(before, settings, Random(1))
    read = [name for one in made.connectors for name in one.attributes]
    assert "mail" in [name for one in before.connectors for name in one.attributes]
    assert "mail" not in read
    assert replace(settings, extension_dll="Own.dll").customisations == (
        "the attribute MAIL was removed",
        "the rules extension Own.dll is not the shipped one",
    )


def test_of_every_type_one_rule() -> None:
    filters = (AttributeFilter("user", "a", "1"), AttributeFilter("group", "b", "2"))
    rules = filter_rules(filters, "c", ("r1", "r2"))
    assert [(one.target_object_type, one.precedence) for one in rules] == [("person", 50), ("group", 51)]


def test_every_three_hours() -> None:
    assert timedelta(hours=3) == INTERVAL
    assert OuSelection().new_containers
