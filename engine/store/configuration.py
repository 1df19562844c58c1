"""Connectors, rules, settings and secrets in the database. Configuration travels as JSON, rules in their own
dataclass."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

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

    # ---- connectors --------------------------------------------------------------------------------------------------
    def connectors(self) -> dict[int, ConnectorConfiguration]:
        rows = self.connection.execute("SELECT ordinal, body FROM connector ORDER BY ordinal").fetchall()
        return {ordinal: _connector(json.loads(body)) for ordinal, body in rows}

    def save_connector(self, connector: ConnectorConfiguration) -> int:
        """Insert or update; returns the ordinal."""
        body = json.dumps(asdict(connector), default=sorted)
        row = self.connection.execute(
            "SELECT ordinal FROM connector WHERE identifier = ?", (connector.identifier,)
        ).fetchone()
        if row:
            self.connection.execute("UPDATE connector SET body = ? WHERE ordinal = ?", (body, row[0]))
            return int(row[0])
        cursor = self.connection.execute(
            "INSERT INTO connector (identifier, body) VALUES (?, ?)", (connector.identifier, body)
        )
        return int(cursor.lastrowid or 0)

    # ---- rules -------------------------------------------------------------------------------------------------------
    def rules(self) -> dict[int, SyncRule]:
        rows = self.connection.execute("SELECT number, body FROM rule ORDER BY number").fetchall()
        return {number: _rule(json.loads(body)) for number, body in rows}

    def save_rules(self, rules: Iterable[SyncRule]) -> None:
        """Make these the server's rules: known identifiers keep their number, the others go."""
        wanted = {rule.identifier: json.dumps(asdict(rule)) for rule in rules}
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

    def metaverse_schema(self) -> Schema | None:
        row = self.connection.execute("SELECT value FROM fact WHERE name = 'metaverse-schema'").fetchone()
        return _schema(json.loads(row[0])) if row else None

    def save_metaverse_schema(self, schema: Schema) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO fact VALUES ('metaverse-schema', ?)", (json.dumps(asdict(schema), default=sorted),)
        )

    def watermark(self, connector: int, partition: str) -> bytes | None:
        row = self.connection.execute(
            "SELECT value FROM watermark WHERE connector = ? AND partition = ?", (connector, partition)
        ).fetchone()
        return bytes(row[0]) if row else None

    def save_watermark(self, connector: int, partition: str, value: bytes, taken: str) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO watermark VALUES (?,?,?,?)", (connector, partition, value, taken)
        )


def _schema(body: Mapping[str, Any]) -> Schema:
    return Schema(
        {
            name: AttributeDefinition(a["name"], AttributeType(a["type"]), a["multivalued"], a["indexable"])
            for name, a in body["attributes"].items()
        },
        {name: frozenset(attributes) for name, attributes in body["object_types"].items()},
    )


def _connector(body: dict[str, Any]) -> ConnectorConfiguration:
    return ConnectorConfiguration(
        **{
            **body,
            "type": ConnectorType(body["type"]),
            "schema": _schema(body["schema"]),
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


def _rule(body: dict[str, Any]) -> SyncRule:
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
