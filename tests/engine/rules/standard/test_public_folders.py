"""The rules of mail-enabled public folders."""

from __future__ import annotations

from engine.connectors.entra.entra_schema import ENTRA_SCHEMA
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.rule import Direction, LinkType
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.rules.standard.public_folders import METAVERSE_ATTRIBUTES, TYPE

CONTOSO = DirectoryConnector("c", "contoso.com")
PLAIN = DirectoryConnector("p", "plain.com", has_exchange=False)


def rules(*, on=True):
    made = standard_rules(StandardRuleOptions((CONTOSO, PLAIN), mail_public_folders=on))
    return [rule for rule in made if "PublicFolder" in rule.name]


def test_they_come_with_the_feature_and_the_exchange_schema():
    assert rules(on=False) == []
    assert [(rule.name, rule.connector[:1], rule.link_type) for rule in rules()] == [
        ("In from AD - PublicFolder Join", "c", LinkType.PROVISION),
        ("In from AAD - PublicFolder Join", "b", LinkType.JOIN),
        ("Out to AAD - PublicFolder Join", "b", LinkType.PROVISION),
    ]


def test_what_flows_is_in_the_schemas():
    known = set(METAVERSE_ATTRIBUTES.split())
    assert known <= METAVERSE_SCHEMA.attributes.keys()
    for rule in rules():
        targets = {flow.target for flow in rule.flows} - {"dn"}
        wanted = known if rule.direction is Direction.INBOUND else ENTRA_SCHEMA.object_types[TYPE]
        assert targets <= wanted, rule.name
