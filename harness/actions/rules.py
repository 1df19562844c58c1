"""What an administrator does in the Synchronization Rules Editor of a server: add, change, disable, remove rules.

Each is checked as ``anchorage rules check`` does. Source: facts "engine" sections 6, 8, 18.2.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from harness.actions.registry import Actions, ServerName
from harness.lab.rule_description import CHANGES, RULE, RuleEditor
from harness.refusal import ScenarioError
from harness.scenario.shapes import ListOf

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

RuleName = Annotated[str, "name of the rule"]
ConnectorName = Annotated[str, "name of the connector, a forest or tenant; needed when several rules share the name"]
_SCRIPT = "a .ps1 file from the scenario file on, or the editor's script itself with $$ for each dollar sign"


@action(
    "rules.add",
    "rules.add: {server: SYNC1, connector: contoso.com, rules: {name: In from AD - User NoSync, precedence: 50,"
    " scope: department EQUAL Sales, flows: {cloudFiltered: {constant: true}}}}",
)
def add(
    lab: Lab,
    server: ServerName,
    connector: Annotated[str, "name of the connector the rules belong to, a forest or tenant"] | None = None,
    rules: Annotated[list[Any], ListOf(RULE), "the rules, each with its place, scope, joins and flows"] | None = None,
    script: Annotated[str, _SCRIPT] | None = None,
) -> None:
    """Add synchronization rules to a server, described here or as a script of the rules editor. Objects that are
    synchronized already keep their values until a full synchronization runs; none is run by this.
    """
    if (rules is None) == (script is None):
        raise ScenarioError("rules.add needs either rules or script")
    editor = RuleEditor(lab.server(server), connector)
    if script is not None:
        editor.add_script(script, Path(lab.world.folder))
    else:
        editor.add(rules or ())


@action(
    "rules.change",
    "rules.change: {server: SYNC1, rule: Out to AAD - User Join, set: {disabled: true}}",
)
def change(
    lab: Lab,
    server: ServerName,
    rule: RuleName,
    set_: Annotated[dict[str, Any], CHANGES, "the parts to replace"],
    connector: ConnectorName | None = None,
) -> None:
    """Replace parts of a rule: its place, scope, joins, flows, link type."""
    RuleEditor(lab.server(server), connector).change(rule, set_)


@action("rules.disable", "rules.disable: {server: SYNC1, rule: In from AD - User Lync}")
def disable(lab: Lab, server: ServerName, rule: RuleName, connector: ConnectorName | None = None) -> None:
    """Tick the box Disabled of a rule."""
    RuleEditor(lab.server(server), connector).disable(rule, disabled=True)


@action("rules.enable", "rules.enable: {server: SYNC1, rule: In from AD - User Lync}")
def enable(lab: Lab, server: ServerName, rule: RuleName, connector: ConnectorName | None = None) -> None:
    """Clear the box Disabled of a rule."""
    RuleEditor(lab.server(server), connector).disable(rule, disabled=False)


@action("rules.remove", "rules.remove: {server: SYNC1, rule: In from AD - User NoSync}")
def remove(lab: Lab, server: ServerName, rule: RuleName, connector: ConnectorName | None = None) -> None:
    """Delete a rule."""
    RuleEditor(lab.server(server), connector).remove(rule)
