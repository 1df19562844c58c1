"""Connectors, rules, settings and secrets in the database, as JSON.

A connector's schema stands in a column of its own, written only when the schema is another one: flags of a connector
change with every full run, and a schema is a thousand times their size. What was read is remembered by its text, since
every value here is immutable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from engine.model.configuration import (
    ConnectorConfiguration,
    ConnectorType,
    Partition,
    RunProfile,
    RunStep,
    StepType,
)
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.rule import AttributeFlow, Direction, FlowType, JoinClause, LinkType, MergeType, ScopeClause, SyncRule
from engine.store.database import Database


class StoredConfiguration:
    """Reads and writes what a server is configured to do. Ordinals of connectors and numbers of rules never change."""

    def __init__(self, database: Database) -> None:
        self.connection = database.connection
        self._schemas: dict[int, Schema] = {}  # as last read or written, by ordinal

    # ---- connectors --------------------------------------------------------------------------------------------------
    def connectors(self) -> dict[int, ConnectorConfiguration]:
        rows = self.connection.execute("SELECT ordinal, body, schema FROM connector ORDER BY ordinal").fetchall()
        self._schemas = {ordinal: _schema(schema) for ordinal, _, schema in rows}
        return {ordinal: _connector(orjson.loads(body), self._schemas[ordinal]) for ordinal, body, _ in rows}

    def save_connector(self, connector: ConnectorConfiguration) -> int:
        """Insert or update; returns the ordinal."""
        body = orjson.dumps(connector.with_(schema=Schema()), default=sorted)
        row = self.connection.execute(
            "SELECT ordinal FROM connector WHERE identifier = ?", (connector.identifier,)
        ).fetchone()
        if row:
            ordinal = int(row[0])
            self.connection.execute("UPDATE connector SET body = ? WHERE ordinal = ?", (body, ordinal))
        else:
            cursor = self.connection.execute(
                "INSERT INTO connector (identifier, body, schema) VALUES (?, ?, '')", (connector.identifier, body)
            )
            ordinal = int(cursor.lastrowid or 0)
        if self._schemas.get(ordinal) is not connector.schema:
            schema = orjson.dumps(connector.schema, default=sorted)
            self.connection.execute("UPDATE connector SET schema = ? WHERE ordinal = ?", (schema, ordinal))
            self._schemas[ordinal] = connector.schema
        return ordinal

    def delete_connector(self, identifier: str) -> None:
        """Forget a connector and its password; its space must be empty, for its ordinal may be given to another one."""
        self.connection.execute("DELETE FROM secret WHERE connector = ?", (identifier,))
        self.connection.execute("DELETE FROM connector WHERE identifier = ?", (identifier,))

    # ---- rules -------------------------------------------------------------------------------------------------------
    def rules(self) -> dict[int, SyncRule]:
        rows = self.connection.execute("SELECT number, body FROM rule ORDER BY number").fetchall()
        return {number: _rule(body) for number, body in rows}

    def save_rules(self, rules: Iterable[SyncRule]) -> None:
        """Make these the server's rules: known identifiers keep their number, the others go."""
        wanted = {rule.identifier: orjson.dumps(rule) for rule in rules}
        held = dict(self.connection.execute("SELECT identifier, number FROM rule").fetchall())
        gone = [(number,) for identifier, number in held.items() if identifier not in wanted]
        self.connection.executemany("DELETE FROM rule WHERE number = ?", gone)
        for identifier, body in wanted.items():
            if identifier in held:
                self.connection.execute("UPDATE rule SET body = ? WHERE number = ?", (body, held[identifier]))
            else:
                self.connection.execute("INSERT INTO rule (identifier, body) VALUES (?, ?)", (identifier, body))

    # ---- settings, secrets, watermarks -------------------------------------------------------------------------------
    def settings(self) -> dict[str, str]:
        return dict(self.connection.execute("SELECT name, value FROM setting").fetchall())

    def save_settings(self, settings: Mapping[str, str]) -> None:
        self.connection.executemany("INSERT OR REPLACE INTO setting VALUES (?, ?)", list(settings.items()))

    def secret(self, connector: str) -> str:
        row = self.connection.execute("SELECT value FROM secret WHERE connector = ?", (connector,)).fetchone()
        return bytes(row[0]).decode() if row else ""

    def save_secret(self, connector: str, value: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO secret VALUES (?, ?)", (connector, value.encode()))

    def forget_secrets(self) -> None:
        """Every credential goes: whoever could decrypt them is gone."""
        self.connection.execute("DELETE FROM secret")

    def metaverse_schema(self) -> Schema | None:
        row = self.connection.execute("SELECT value FROM fact WHERE name = 'metaverse-schema'").fetchone()
        return _schema(row[0]) if row else None

    def save_metaverse_schema(self, schema: Schema) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO fact VALUES ('metaverse-schema', ?)",
            (orjson.dumps(schema, default=sorted).decode(),),
        )

    def watermark(self, connector: int, partition: str) -> bytes | None:
        row = self.connection.execute(
            "SELECT value FROM watermark WHERE connector = ? AND partition = ?", (connector, partition)
        ).fetchone()
        return bytes(row[0]) if row else None

    def watermark_taken(self, connector: int, partition: str) -> str:
        """When the watermark was taken, in the form of run_history.TIME; empty when there is none."""
        row = self.connection.execute(
            "SELECT taken FROM watermark WHERE connector = ? AND partition = ?", (connector, partition)
        ).fetchone()
        return str(row[0]) if row else ""

    def refresh_watermarks(self, taken: str) -> None:
        """Every watermark is as good as taken now: nothing has changed since."""
        self.connection.execute("UPDATE watermark SET taken = ?", (taken,))

    def save_watermark(self, connector: int, partition: str, value: bytes, taken: str) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO watermark VALUES (?,?,?,?)", (connector, partition, value, taken)
        )


@lru_cache(maxsize=32)
def _schema(text: bytes | str) -> Schema:
    body = orjson.loads(text)
    return Schema(
        {
            name: AttributeDefinition(a["name"], AttributeType(a["type"]), a["multivalued"], a["indexable"])
            for name, a in body["attributes"].items()
        },
        {name: frozenset(attributes) for name, attributes in body["object_types"].items()},
    )


def _connector(body: dict[str, Any], schema: Schema) -> ConnectorConfiguration:
    return ConnectorConfiguration(
        **{
            **body,
            "type": ConnectorType(body["type"]),
            "schema": schema,
            "attributes": tuple(body["attributes"]),
            "partitions": tuple(
                Partition(
                    **{
                        **p,
                        "included": tuple(p["included"]),
                        "excluded": tuple(p["excluded"]),
                        "object_types": tuple(p["object_types"]),
                    }
                )
                for p in body["partitions"]
            ),
            "run_profiles": tuple(
                RunProfile(
                    p["identifier"],
                    p["name"],
                    tuple(RunStep(**{**s, "type": StepType(s["type"])}) for s in p["steps"]),
                )
                for p in body["run_profiles"]
            ),
        }
    )


@lru_cache(maxsize=4096)
def _rule(text: bytes | str) -> SyncRule:
    body = orjson.loads(text)
    return SyncRule(
        **{
            **body,
            "direction": Direction(body["direction"]),
            "link_type": LinkType(body["link_type"]),
            "flows": tuple(
                AttributeFlow(
                    **{
                        **f,
                        "type": FlowType(f["type"]),
                        "merge": MergeType(f["merge"]),
                        "sources": tuple(f["sources"]),
                    }
                )
                for f in body["flows"]
            ),
            "scope": tuple(tuple(ScopeClause(**c) for c in group) for group in body["scope"]),
            "joins": tuple(tuple(JoinClause(**c) for c in group) for group in body["joins"]),
        }
    )
