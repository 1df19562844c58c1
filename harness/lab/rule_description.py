"""A synchronization rule as a scenario describes it, and as a script of the rules editor: both become engine rules.

A rule names its connector as people do, by forest or tenant; identifiers follow from the world's names, so that a
second server that gets the same rule has the same one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from harness.lab.server import Server
from harness.refusal import ScenarioError
from harness.scenario.shapes import Anything, Boolean, Choice, Integer, Key, ListOf, MapOf, Record, Text

if TYPE_CHECKING:
    from engine.rules.rule import AttributeFlow, JoinClause, ScopeClause, SyncRule

_CLAUSE = Text("ATTRIBUTE OPERATOR VALUE, such as department EQUAL Sales")
_PAIR = Text("ATTRIBUTE = METAVERSE ATTRIBUTE, such as mail = mail")
_MERGES = ("Update", "Replace", "Merge", "MergeCaseInsensitive")
_FLOW = Record(
    (
        Key("attribute", Text("source attribute"), doc="copy this attribute (Direct)"),
        Key("constant", Anything("text, number, true or false"), doc="always this value (Constant)"),
        Key("expression", Text("expression"), doc="what the expression gives (Expression)"),
        Key("merge", Choice(_MERGES), doc="Update without it"),
        Key("once", Boolean(), doc="apply once"),
    ),
    shorthand="attribute",
    what="a flow",
)
_PARTS = (
    Key("description", Text("description"), doc="what it is for"),
    Key("precedence", Integer(), doc="its number, lower wins; custom rules stand below 100"),
    Key("before", Text("name of a rule"), doc="take this rule's number; it and the later ones shift up"),
    Key("scope", ListOf(ListOf(_CLAUSE)), doc="groups, one must hold with all its clauses: [[A, B], [C]]"),
    Key("joins", ListOf(ListOf(_PAIR)), doc="groups of pairs that must be equal, tried in order"),
    Key("flows", MapOf(_FLOW, Text("target attribute")), doc="target attribute: where its value comes from"),
    Key("link", Choice(("Join", "Provision", "StickyJoin", "JoinNoFlow")), doc="Join without it"),
    Key("disabled", Boolean(), doc="the box Disabled"),
    Key("password_sync", Boolean(), doc="Enable Password Sync"),
)
RULE = Record(
    (
        Key("name", Text("name of the rule"), required=True, doc="as the editor lists it"),
        Key("direction", Choice(("Inbound", "Outbound")), doc="Inbound without it"),
        Key("from", Text("object type"), doc="source object type: user, or person for an outbound rule"),
        Key("to", Text("object type"), doc="target object type: person, or user for an outbound rule"),
        *_PARTS,
    ),
    what="a rule",
)
CHANGES = Record(_PARTS, what="changes of a rule")


class RuleEditor:
    """The rules editor of a server. connector: of the rules meant, by forest or tenant."""

    def __init__(self, server: Server, connector: str | None) -> None:
        self.server = server
        self.connector = connector
        self.identifier = None if connector is None else connector_identifier(server, connector)

    def add(self, rules: Iterable[Mapping[str, Any]]) -> None:
        from engine.rules.editing import add_rules

        if self.connector is None:
            raise ScenarioError("rules.add needs the connector its rules belong to")
        add_rules(self.server.engine, [described_rule(self.server, self.connector, one) for one in rules])

    def add_script(self, script: str, folder: Path) -> None:
        from engine.rules.editing import add_rules

        add_rules(self.server.engine, scripted_rules(self.server, script, folder))

    def change(self, name: str, plain: Mapping[str, Any]) -> None:
        from engine.rules.editing import change_rules

        change_rules(self.server.engine, name, lambda rule: changed_rule(self.server, rule, plain), self.identifier)

    def disable(self, name: str, *, disabled: bool) -> None:
        from engine.rules.editing import set_disabled

        set_disabled(self.server.engine, name, disabled=disabled, connector=self.identifier)

    def remove(self, name: str) -> None:
        from engine.rules.editing import remove_rules

        remove_rules(self.server.engine, name, self.identifier)


def described_rule(server: Server, connector: str, plain: Mapping[str, Any]) -> SyncRule:
    """Make the rule a scenario describes."""
    from engine.rules.rule import Direction, LinkType, SyncRule

    inbound = plain.get("direction", "Inbound") == "Inbound"
    if "precedence" not in plain and "before" not in plain:
        raise ScenarioError(f"the rule {plain['name']} needs a place: precedence or before")
    bare = SyncRule(
        identifier=str(uuid5(NAMESPACE_URL, f"{connector}/{plain['name']}")),
        name=plain["name"],
        direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
        connector=connector_identifier(server, connector),
        source_object_type=plain.get("from") or ("user" if inbound else "person"),
        target_object_type=plain.get("to") or ("person" if inbound else "user"),
        link_type=LinkType.JOIN,
        precedence=0,
    )
    rule = changed_rule(server, bare, plain)
    return replace(rule, internal_identifier=rule.identifier)


def changed_rule(server: Server, rule: SyncRule, plain: Mapping[str, Any]) -> SyncRule:
    """Return the rule with the parts that are told replaced."""
    from engine.rules.rule import LinkType

    said: dict[str, Any] = {name: plain[name] for name in ("description", "precedence", "disabled") if name in plain}
    if "password_sync" in plain:
        said["enable_password_sync"] = plain["password_sync"]
    if "link" in plain:
        said["link_type"] = LinkType(plain["link"])
    if "before" in plain:
        said["precedence_before"] = _neighbour(server, rule, plain["before"])
    if "scope" in plain:
        said["scope"] = tuple(tuple(_clause(text) for text in group) for group in plain["scope"])
    if "joins" in plain:
        said["joins"] = tuple(tuple(_pair(text) for text in group) for group in plain["joins"])
    if "flows" in plain:
        said["flows"] = tuple(_flow(target, flow) for target, flow in plain["flows"].items())
    return replace(rule, **said)


def scripted_rules(server: Server, script: str, folder: Path) -> list[SyncRule]:
    """Read a script of the rules editor; a text of one line names a file, from the scenario file on.

    ``-Connector`` may name a connector instead of giving the identifier this server happened to get.
    """
    from engine.rules.rule_script import read_script

    label = "script"
    if "\n" not in script.strip():
        label = Path(script.strip()).name
        path = folder / script.strip()
        if not path.is_file():
            raise ScenarioError(f"there is no file {script.strip()} beside the scenario")
        script = path.read_text(encoding="utf-8-sig")
    for one in server.engine.connectors.values():
        for name in {one.name, one.name.split(" ")[0]}:
            script = re.sub(rf"(?i)(-Connector\s+)(['\"]){re.escape(name)}\2", rf"\1'{one.identifier}'", script)
    return read_script(script, label)


def connector_identifier(server: Server, name: str) -> str:
    """Return the identifier of the connector that answers to this name."""
    _, configuration = server.engine.connector(server.connector_name(name))
    return configuration.identifier


def _neighbour(server: Server, rule: SyncRule, name: str) -> str:
    from engine.rules.editing import find_rules

    found = find_rules(server.engine, name)
    return next((one for one in found if one.connector == rule.connector), found[0]).identifier


def _clause(text: str) -> ScopeClause:
    from engine.rules.rule import ScopeClause

    attribute, _, rest = text.strip().partition(" ")
    operator, _, value = rest.strip().partition(" ")
    if not operator:
        raise ScenarioError(f"a clause reads ATTRIBUTE OPERATOR VALUE, not {text}")
    return ScopeClause(attribute, operator.upper(), value.strip())


def _pair(text: str) -> JoinClause:
    from engine.rules.rule import JoinClause

    first, _, second = text.partition("=")
    if not first.strip() or not second.strip():
        raise ScenarioError(f"a join reads ATTRIBUTE = METAVERSE ATTRIBUTE, not {text}")
    return JoinClause(first.strip(), second.strip())


def _flow(target: str, plain: Mapping[str, Any]) -> AttributeFlow:
    from engine.rules.rule import AttributeFlow, FlowType, MergeType

    kinds = [kind for kind in ("attribute", "constant", "expression") if kind in plain]
    if len(kinds) != 1:
        raise ScenarioError(f"the flow to {target} needs exactly one of attribute, constant, expression")
    made = AttributeFlow(
        target,
        {"attribute": FlowType.DIRECT, "constant": FlowType.CONSTANT, "expression": FlowType.EXPRESSION}[kinds[0]],
        merge=MergeType(plain.get("merge", "Update")),
        execute_once=bool(plain.get("once", False)),
    )
    if "attribute" in plain:
        return replace(made, sources=(plain["attribute"],))
    if "constant" in plain:
        return replace(made, constant=str(plain["constant"]))
    return replace(made, expression=plain["expression"])
