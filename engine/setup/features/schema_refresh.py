"""Refresh directory schema: read the schema of each forest again, make the standard rules anew for what it is now.

Standard rules that an administrator changed are set back, custom ones stay; a directory whose schema or rules are
others is flagged for full runs. Source: facts "install" 15.2, DEX-01; installation wizard page.
"""

from __future__ import annotations

from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration
from engine.rules.rule_diff import compare
from engine.setup.answers import Credential
from engine.setup.apply import attribute_inclusion
from engine.setup.configured_directories import connect_as_connector, directories_of
from engine.setup.lifecycle import ConfiguredServer, TaskOutcome, standard_rules_of, wizard_open
from engine.setup.page import PageOutcome, refuse
from engine.setup.surroundings import Surroundings
from engine.setup.upgrade import renewed_rules

TASK = "Refresh directory schema"


def refresh_schema(
    server: ConfiguredServer, entra_admin: Credential, surroundings: Surroundings, forest: str | None = None
) -> TaskOutcome:
    """Refresh all forests, or one; nothing is written unless each of them answers."""
    try:
        with wizard_open(server):
            surroundings.sign_in(entra_admin.username.rpartition("@")[2].lower(), entra_admin).close()
            wanted = [c for c in directories_of(server) if forest is None or c.name.lower() == forest.lower()]
            read = {connector.identifier: _read(server, connector, surroundings) for connector in wanted}
            changes = _write(server, read)
    except EngineError as refusal:
        return TaskOutcome((refuse(TASK, refusal.code, refusal.message),))
    return TaskOutcome((PageOutcome(TASK, facts=changes),), changes)


def _read(
    server: ConfiguredServer, connector: ConnectorConfiguration, surroundings: Surroundings
) -> ConnectorConfiguration:
    """The connector with the schema its forest has now, reached with the connector's own account."""
    session = connect_as_connector(server, connector, surroundings)
    try:
        return connector.with_(schema=session.schema())
    finally:
        session.close()


def _write(server: ConfiguredServer, read: dict[str, ConnectorConfiguration]) -> dict[str, object]:
    before = {connector.identifier: connector for connector in directories_of(server)}
    extended = [one.name for one in read.values() if one.schema != before[one.identifier].schema]
    for connector in read.values():
        server.save_connector(connector)
    present = tuple(server.rules().values())
    rules = renewed_rules(present, standard_rules_of(server))
    affected = compare(present, rules).affected_connectors
    server.save_rules(rules)
    flagged = []
    for connector in list(server.connectors.values()):
        if connector.name not in extended and connector.identifier not in affected:
            continue
        changed = connector.with_(full_import_required=True, full_sync_required=True)
        if connector.identifier in before:
            changed = changed.with_(attributes=attribute_inclusion(rules, connector.identifier, connector.schema))
        server.save_connector(changed)
        flagged.append(connector.name)
    return {"extended": extended, "flagged": flagged}
