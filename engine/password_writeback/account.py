"""Whose password it is: from the cloud anchor over the metaverse to the one enabled account in a directory.

Source: how password write-back works, step 7: Entra connector space, link to the metaverse, link to the directory on
which the rule In from AD - User AccountEnabled stands; several such links are not supported.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.cs_object import CSObject
from engine.run.perform import parameters_by_partition
from engine.store.objects import CS_COLUMNS, anchor_key, read_cs

if TYPE_CHECKING:
    from engine.server import SyncServer

_ENABLED_TAG = "Microsoft.InfromADUserAccountEnabled"


@dataclass(frozen=True, slots=True)
class OnPremisesAccount:
    """The account as the connector space knows it."""

    dn: str
    connector: ConnectorConfiguration


class AccountNotFoundError(LookupError):
    """No account, or more than one, stands behind a cloud user. word: what the tenant is told."""

    def __init__(self, word: str, text: str) -> None:
        super().__init__(text)
        self.word = word


def find_account(server: SyncServer, connection: sqlite3.Connection, cloud_anchor: str) -> OnPremisesAccount:
    """Raises AccountNotFoundError."""
    ordinal, _ = server.entra_connector
    rows = connection.execute(
        f"SELECT {CS_COLUMNS} FROM cs WHERE anchor_hash = ?",  # noqa: S608
        (anchor_key(ordinal, cloud_anchor),),
    )
    cloud = next((cs for cs in map(read_cs, rows) if cs.connector == ordinal and cs.anchor == cloud_anchor), None)
    if cloud is None or not cloud.mv:
        raise AccountNotFoundError("not-found", "Object could not be found.")
    found = [cs for cs in _linked(connection, cloud.mv) if _enabled_here(server, cs)]
    if not found:
        raise AccountNotFoundError("not-found", "Object could not be found.")
    if len(found) > 1:
        raise AccountNotFoundError("several", "Multiple matches found.")
    return OnPremisesAccount(found[0].dn, server.connectors[found[0].connector])


def _linked(connection: sqlite3.Connection, mv: int) -> list[CSObject]:
    rows = connection.execute(f"SELECT {CS_COLUMNS} FROM cs WHERE mv != 0 AND mv = ?", (mv,))  # noqa: S608
    return [read_cs(row) for row in rows]


def _enabled_here(server: SyncServer, cs: CSObject) -> bool:
    """Whether the rule for enabled accounts holds the link."""
    connector = server.connectors.get(cs.connector)
    if connector is None or connector.type is not ConnectorType.ACTIVE_DIRECTORY:
        return False
    group = server.compiled.inbound(cs.connector, cs.object_type)
    parameters = parameters_by_partition(server.connectors).get((cs.connector, cs.partition), {})
    held = group.chosen(group.in_scope({**cs.newest(), "dn": cs.dn}, parameters))
    return any(rule.rule.immutable_tag.startswith(_ENABLED_TAG) or rule.rule.enable_password_sync for rule in held)


__all__ = ["AccountNotFoundError", "OnPremisesAccount", "find_account"]
