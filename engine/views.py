"""Read-only windows on a server's database: connector-space and metaverse search, pending exports, lineage.

Works on a live or a stopped database and changes nothing. References are shown as DNs. Source: facts "engine" 1.3,
18.3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.model.change import Operation
from engine.model.configuration import ConnectorConfiguration
from engine.model.cs_object import CSObject, Kind, LinkedBy
from engine.model.identity import cs_identifier, cs_number, mv_identifier, mv_number
from engine.model.layers import layers, without_rename
from engine.model.mv_object import MVObject
from engine.model.values import Attributes, Value, as_list
from engine.store.configuration import StoredConfiguration
from engine.store.database import Database
from engine.store.objects import chunks, marks, read_mv
from engine.store.search import STATES, Search, find

__all__ = ["STATES", "ConnectorSpaceView", "LayerView", "MetaverseView", "StandingError", "Windows"]


@dataclass(frozen=True)
class LayerView:
    """One layer of a connector-space object. operation, changes: the delta to the layer below; None removes. image: the
    whole object as this layer knows it; None where there is none. new_dn: what the delta renames the object to."""

    name: str
    operation: str
    changes: dict[str, object]
    image: dict[str, object] | None
    new_dn: str | None = None


@dataclass(frozen=True)
class StandingError:
    """An error that has not been cleared. detail: as the step left it; ``delta`` holds, for an export that did not come
    back, each attribute with what was exported and what was imported."""

    phase: str
    error_type: str
    text: str
    detail: dict[str, object]
    first_occurred: str
    last_occurred: str
    retry_count: int


@dataclass(frozen=True)
class ConnectorSpaceView:
    """One connector-space object. attributes: the newest layer; imported: what the directory last said; changes: what
    is staged for export, None removes. linking_rule: name of the rule that made the link."""

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
    identifier: str = ""
    metaverse_identifier: str = ""
    kind: str = "staging"
    linking_rule: str = ""
    unconfirmed: str = "none"
    layers: tuple[LayerView, ...] = ()
    errors: tuple[StandingError, ...] = ()

    @property
    def states(self) -> tuple[str, ...]:
        """What the operator's search finds the object by, as names of STATES."""
        if self.kind != "staging":
            found = [self.kind]
        else:
            found = ["disconnector" if self.metaverse is None else "connector"]
        for what, operation in (("import", self.pending_import), ("export", self.pending_export)):
            if operation != "none":
                found.append(f"pending-{what}-{'modify' if operation == 'update' else operation}")
        if self.awaiting_confirmation:
            found.append("unconfirmed-export")
        return (*found, *(f"{error.phase}-error" for error in self.errors))


@dataclass(frozen=True)
class MetaverseView:
    """One metaverse object: values with the rule and connector that gave each, and everything linked to it."""

    number: int
    object_type: str
    attributes: dict[str, object]
    contributors: dict[str, tuple[str, str]]
    connectors: tuple[tuple[str, str], ...]
    identifier: str = ""


class Windows:
    """Views of one database."""

    @classmethod
    @contextmanager
    def of_file(cls, path: Path) -> Iterator[Windows]:
        """Look into a database file, of a live server or a stopped one, without touching it. Raises ConfigurationError
        for a file that is no sync database, or turns out to be damaged on the way."""
        database = Database.read_only(path)
        try:
            with database.writing():
                yield cls(database)
        finally:
            database.close()

    def __init__(self, database: Database) -> None:
        self.database = database
        self.connection = database.connection
        self.identity = database.identity
        self.configuration = StoredConfiguration(database)
        self._connectors = self.configuration.connectors()
        self._rule_names: dict[int, str] | None = None
        self._linking_rules: dict[str, str] | None = None

    # ---- connector space ---------------------------------------------------------------------------------------------
    def connector_space(
        self,
        connector: str | None = None,
        state: str | Sequence[str] | None = None,
        *,
        dn: str | None = None,
        rdn: str | None = None,
        anchor: str | None = None,
        subtree: str | None = None,
        object_type: str | None = None,
        layered: bool = False,
    ) -> Iterator[ConnectorSpaceView]:
        """Every object of a connector (name or identifier) in a state of STATES (or in any of several), by number.

        layered: with all its layers. Raises LookupError for an unknown connector or state.
        """
        for part in self.objects(
            connector, state, dn=dn, rdn=rdn, anchor=anchor, subtree=subtree, object_type=object_type
        ):
            yield from self.views(part, layered=layered)

    def objects(
        self, connector: str | None = None, state: str | Sequence[str] | None = None, **scope: str | None
    ) -> Iterator[list[CSObject]]:
        """What ``connector_space`` finds, as the objects themselves, in portions."""
        states = () if state is None else (state,) if isinstance(state, str) else tuple(state)
        for one in states:
            if one not in STATES:
                raise LookupError(f"no connector-space state is called {one!r}; there are {', '.join(STATES)}")
        ordinal = None if connector is None else self.ordinal(connector)
        yield from find(self.connection, Search(ordinal, states, **scope))

    def views(self, part: Sequence[CSObject], *, layered: bool = False) -> Iterator[ConnectorSpaceView]:
        """The views of these objects."""
        names, errors = self._names(part), self.standing_errors(part)
        for cs in part:
            yield self._view(cs, names, errors.get(cs.number, ()), layered=layered)

    def by_dn(self, connector: str, dn: str) -> ConnectorSpaceView | None:
        """The object of a connector space that holds a DN."""
        return next(self.connector_space(connector, dn=dn, layered=True), None)

    def by_identifier(self, identifier: str) -> ConnectorSpaceView | None:
        """The connector-space object of that GUID."""
        number = cs_number(self.identity, identifier)
        if number is None:
            return None
        found = find(self.connection, Search(number=number))
        return next((view for part in found for view in self.views(part, layered=True)), None)

    def _view(
        self, cs: CSObject, names: Mapping[int, str], errors: tuple[StandingError, ...], *, layered: bool
    ) -> ConnectorSpaceView:
        configuration = self._connectors[cs.connector]
        references = configuration.schema.reference_attributes()
        shown_layers = tuple(
            LayerView(
                layer.name,
                layer.operation.label,
                _shown(layer.changes, references, names),
                None if layer.image is None else _shown(layer.image, references, names),
                layer.new_dn,
            )
            for layer in (layers(cs) if layered else ())
        )
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
            _shown(without_rename(cs.newest())[0], references, names),  # type: ignore[arg-type]
            _shown(cs.imported(), references, names),
            _shown(cs.unapplied or {}, references, names),
            cs_identifier(self.identity, cs.number),
            mv_identifier(self.identity, cs.mv),
            cs.kind.name.lower(),
            self._linking_rule(cs.linking_rule),
            cs.unconfirmed_operation.label,
            shown_layers,
            errors,
        )

    def _linking_rule(self, identifier: str) -> str:
        if not identifier:
            return ""
        if self._linking_rules is None:
            self._linking_rules = {rule.identifier: rule.name for rule in self.configuration.rules().values()}
        return self._linking_rules.get(identifier, identifier)

    def standing_errors(self, objects: Sequence[CSObject]) -> dict[int, tuple[StandingError, ...]]:
        """The errors of these objects that have not been cleared, by object number."""
        found: dict[int, tuple[StandingError, ...]] = {}
        for part in chunks([cs.number for cs in objects]):
            rows = self.connection.execute(
                "SELECT cs, phase, error_type, text, detail, first_occurred, last_occurred, retry_count "  # noqa: S608
                f"FROM object_error WHERE cs IN ({marks(len(part))}) ORDER BY cs, phase",
                part,
            ).fetchall()
            for number, phase, kind, text, detail, *rest in rows:
                told = json.loads(detail)
                if isinstance(told.get("delta"), str):
                    told["delta"] = json.loads(told["delta"])
                error = StandingError(phase, kind, text, told, *rest)
                found[number] = (*found.get(number, ()), error)
        return found

    def _names(self, objects: Sequence[CSObject]) -> dict[int, str]:
        """DNs of everything the objects refer to."""
        wanted: set[int] = set()
        for cs in objects:
            references = self._connectors[cs.connector].schema.reference_attributes()
            for layer in (cs.base, cs.pending, cs.unconfirmed, cs.unapplied):
                for name in references & layer.keys() if layer else ():
                    wanted.update(n for n in as_list(layer[name]) if isinstance(n, int))
        return self._dns(wanted)

    def _dns(self, numbers: Iterable[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for part in chunks(sorted(numbers)):
            rows = self.connection.execute(f"SELECT number, dn FROM cs WHERE number IN ({marks(len(part))})", part)  # noqa: S608
            found.update(rows.fetchall())
        return found

    def ordinal(self, connector: str) -> int:
        """The number of a connector by name or identifier; raises LookupError for an unknown one."""
        wanted = connector.lower().strip("{}")
        for ordinal, configuration in self._connectors.items():
            if wanted in (configuration.name.lower(), configuration.identifier):
                return ordinal
        names = ", ".join(c.name for c in self._connectors.values())
        raise LookupError(f"there is no connector {connector!r}; there are {names}")

    @property
    def by_ordinal(self) -> Mapping[int, ConnectorConfiguration]:
        return self._connectors

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

    def metaverse_by_identifier(self, identifier: str) -> MetaverseView | None:
        """The metaverse object of that GUID."""
        number = mv_number(self.identity, identifier)
        return None if number is None else self.metaverse_object(number)

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
            mv_identifier(self.identity, mv.number),
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
