"""Read-only windows on a server's database: connector-space and metaverse search, pending exports, lineage.

Works on a live or a stopped database and changes nothing. References are shown as DNs. Source: facts "engine" 1.3,
18.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.change import Operation
from engine.model.configuration import ConnectorConfiguration
from engine.model.cs_object import CSObject, Kind, LinkedBy
from engine.model.mv_object import MVObject
from engine.model.values import Attributes, Value, as_list
from engine.store.configuration import StoredConfiguration
from engine.store.database import Database
from engine.store.objects import CS_COLUMNS, chunks, dn_key, marks, read_cs, read_mv

#: What the connector-space search can ask for (facts "engine" section 21, search scopes).
STATES = {
    "pending-import": "pending_import != 0",
    "pending-import-add": "pending_import = 1",
    "pending-import-update": "pending_import = 2",
    "pending-import-delete": "pending_import = 3",
    "pending-export": "pending_export != 0",
    "pending-export-add": "pending_export = 1",
    "pending-export-update": "pending_export = 2",
    "pending-export-delete": "pending_export = 3",
    "connector": "mv != 0",
    "disconnector": "mv = 0 AND kind = 0",
    "placeholder": "kind = 1",
    "transient": "kind = 2",
    "error": "number IN (SELECT cs FROM object_error)",
}


@dataclass(frozen=True)
class ConnectorSpaceView:
    """One connector-space object. attributes: the newest layer; imported: what the directory last said; changes: what
    is staged for export, None removes."""

    number: int
    connector: str
    dn: str
    object_type: str
    anchor: str | None
    metaverse: int | None
    linked_by: str
    owned: bool
    pending_import: str
    pending_export: str
    awaiting_confirmation: bool
    attributes: dict[str, object] = field(default_factory=dict)
    imported: dict[str, object] = field(default_factory=dict)
    changes: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class MetaverseView:
    """One metaverse object: values with the rule and connector that gave each, and everything linked to it."""

    number: int
    object_type: str
    attributes: dict[str, object]
    contributors: dict[str, tuple[str, str]]
    connectors: tuple[tuple[str, str], ...]


class Windows:
    """Views of one database."""

    def __init__(self, database: Database) -> None:
        self.connection = database.connection
        self.configuration = StoredConfiguration(database)
        self._connectors = self.configuration.connectors()
        self._rule_names: dict[int, str] | None = None

    # ---- connector space ---------------------------------------------------------------------------------------------
    def connector_space(self, connector: str | None = None, state: str | None = None) -> Iterator[ConnectorSpaceView]:
        """Every object of a connector (name or identifier) in a state of STATES, by number.

        Raises LookupError for an unknown connector or state.
        """
        conditions, arguments = ["1"], []
        if connector is not None:
            conditions.append("connector = ?")
            arguments.append(self._ordinal(connector))
        if state is not None:
            if state not in STATES:
                raise LookupError(f"no connector-space state is called {state!r}; there are {', '.join(STATES)}")
            conditions.append(f"({STATES[state]})")
        rows = self.connection.execute(
            f"SELECT {CS_COLUMNS} FROM cs WHERE {' AND '.join(conditions)} ORDER BY number",  # noqa: S608
            arguments,
        ).fetchall()
        for part in _parts([read_cs(row) for row in rows]):
            names = self._names(part)
            for cs in part:
                yield self._view(cs, names)

    def by_dn(self, connector: str, dn: str) -> ConnectorSpaceView | None:
        """The object of a connector space that holds a DN."""
        ordinal = self._ordinal(connector)
        rows = self.connection.execute(
            f"SELECT {CS_COLUMNS} FROM cs WHERE dn_hash = ?",  # noqa: S608
            (dn_key(ordinal, dn),),
        ).fetchall()
        for cs in map(read_cs, rows):
            if cs.connector == ordinal:
                return self._view(cs, self._names([cs]))
        return None

    def _view(self, cs: CSObject, names: Mapping[int, str]) -> ConnectorSpaceView:
        configuration = self._connectors[cs.connector]
        references = configuration.schema.reference_attributes()
        return ConnectorSpaceView(
            cs.number,
            configuration.name,
            cs.dn,
            cs.object_type if cs.kind is not Kind.PLACEHOLDER else "",
            cs.anchor.hex() if isinstance(cs.anchor, bytes) else cs.anchor,
            cs.mv or None,
            "" if cs.linked_by is LinkedBy.NOTHING else cs.linked_by.name.lower().replace("_", "-"),
            cs.owned,
            cs.pending_import.label,
            cs.pending_export.label,
            cs.unconfirmed_operation is not Operation.NONE,
            _shown(cs.newest(), references, names),
            _shown(cs.imported(), references, names),
            _shown(cs.unapplied or {}, references, names),
        )

    def _names(self, objects: Sequence[CSObject]) -> dict[int, str]:
        """DNs of everything the objects refer to."""
        wanted: set[int] = set()
        for cs in objects:
            references = self._connectors[cs.connector].schema.reference_attributes()
            for layer in (cs.newest(), cs.imported(), cs.unapplied or {}):
                for name in references & layer.keys():
                    wanted.update(n for n in as_list(layer[name]) if isinstance(n, int))
        return self._dns(wanted)

    def _dns(self, numbers: Iterable[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for part in chunks(sorted(numbers)):
            rows = self.connection.execute(f"SELECT number, dn FROM cs WHERE number IN ({marks(len(part))})", part)  # noqa: S608
            found.update(rows.fetchall())
        return found

    def _ordinal(self, connector: str) -> int:
        wanted = connector.lower().strip("{}")
        for ordinal, configuration in self._connectors.items():
            if wanted in (configuration.name.lower(), configuration.identifier):
                return ordinal
        names = ", ".join(c.name for c in self._connectors.values())
        raise LookupError(f"there is no connector {connector!r}; there are {names}")

    def connectors(self) -> list[ConnectorConfiguration]:
        return list(self._connectors.values())

    # ---- metaverse ---------------------------------------------------------------------------------------------------
    def metaverse(self, object_type: str | None = None) -> Iterator[MetaverseView]:
        """Every metaverse object, by number."""
        condition = "WHERE object_type = ?" if object_type else ""
        arguments = (object_type,) if object_type else ()
        rows = self.connection.execute(f"SELECT * FROM metaverse {condition} ORDER BY number", arguments).fetchall()  # noqa: S608
        for mv in map(read_mv, rows):
            yield self._metaverse_view(mv)

    def metaverse_object(self, number: int) -> MetaverseView | None:
        row = self.connection.execute("SELECT * FROM metaverse WHERE number = ?", (number,)).fetchone()
        return self._metaverse_view(read_mv(row)) if row else None

    def _metaverse_view(self, mv: MVObject) -> MetaverseView:
        schema = self.configuration.metaverse_schema()
        references = schema.reference_attributes() if schema else frozenset()
        referred = {n for name in references & mv.values.keys() for n in as_list(mv.values[name]) if isinstance(n, int)}
        if self._rule_names is None:
            self._rule_names = {number: rule.name for number, rule in self.configuration.rules().items()}
        links = self.connection.execute(
            "SELECT number, connector, dn FROM cs WHERE mv != 0 AND mv = ? ORDER BY connector, number", (mv.number,)
        ).fetchall()
        owners = {number: self._connectors[connector].name for number, connector, _ in links}
        return MetaverseView(
            mv.number,
            mv.object_type,
            _shown(mv.values, references, self._dns(referred)),
            {
                name: (self._rule_names.get(rule, f"rule {rule}"), owners.get(source, ""))
                for name, (rule, source) in sorted(mv.contributors.items())
            },
            tuple((self._connectors[connector].name, dn) for _, connector, dn in links),
        )


def _shown(
    attributes: Attributes | Mapping[str, Value | None], references: frozenset[str], names: Mapping[int, str]
) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name in sorted(attributes):
        value = attributes[name]
        if name in references and value is not None:
            texts = [names.get(n, f"#{n}") if isinstance(n, int) else n for n in as_list(value)]
            shown[name] = texts if isinstance(value, list) else texts[0]
        else:
            shown[name] = value
    return shown


def _parts(objects: Sequence[CSObject]) -> Iterator[Sequence[CSObject]]:
    for start in range(0, len(objects), 500):
        yield objects[start : start + 500]
