"""Two connectors, a handful of rules and one sync database: single objects synchronized step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from engine.model.change import Operation
from engine.model.cs_object import CSObject
from engine.model.mv_object import MVObject
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.rules.plans import CompiledRules
from engine.rules.rule import AttributeFlow, Direction, FlowType, JoinClause, LinkType, ScopeClause, SyncRule
from engine.store.database import Database
from engine.store.objects import CS_COLUMNS, read_cs, read_mv, write_cs
from engine.store.workspace import StoredWorkspace
from engine.sync.passage import SyncSetting
from engine.sync.synchronize import SyncResult, synchronize

SOURCE, TARGET = "11111111-0000-0000-0000-000000000000", "22222222-0000-0000-0000-000000000000"
SCHEMA = Schema(
    {
        **{name: AttributeDefinition(name) for name in ("mail", "cn", "title", "displayName", "department", "dn")},
        "manager": AttributeDefinition("manager", AttributeType.REFERENCE),
    }
)


def rule(number: int, connector: str, source: str, target: str, **changes: object) -> SyncRule:
    """flows: target=expression or attribute; scope: ('a EQUAL b', ...), all must hold; joins: by that attribute."""
    direction = Direction.INBOUND if target == "person" else Direction.OUTBOUND
    flows = tuple(
        AttributeFlow(name, FlowType.DIRECT, (text,)) if text.isalpha()
        else AttributeFlow(name, FlowType.EXPRESSION, expression=text.removeprefix("once:"),
                           execute_once=text.startswith("once:"))
        for name, text in changes.pop("flows", {}).items()  # type: ignore[attr-defined]
    )  # fmt: skip
    scope = tuple(ScopeClause(*(f"{clause} ".split(" ")[:3])) for clause in changes.pop("scope", ()))  # type: ignore[attr-defined]
    joins = tuple((JoinClause(name, name),) for name in changes.pop("joins", ()))  # type: ignore[attr-defined]
    kind = LinkType(str(changes.pop("link", "Join")))
    identifier = f"00000000-0000-0000-0000-{number:012d}"
    return SyncRule(
        identifier, f"Rule {number}", direction, connector, source, target, kind, number, flows,
        scope=(scope,) if scope else (), joins=joins,
    )  # fmt: skip


class SmallServer:
    """Connector 1 is the source, 2 the target. ``sync`` takes one object and saves."""

    def __init__(self, path: Path, rules: Sequence[SyncRule]) -> None:
        self.database = Database(path / "ADSync.db", create=True)
        compiled = CompiledRules(
            enumerate(rules, 1), connectors={SOURCE: 1, TARGET: 2}, metaverse=SCHEMA,
            schemas={1: SCHEMA, 2: SCHEMA}, parameters={},
        )  # fmt: skip
        self.join_attributes = compiled.join_attributes
        self.next_step()
        self.setting = SyncSetting(compiled, {}, datetime(2026, 1, 5, tzinfo=UTC), Random(0))

    def next_step(self) -> None:
        """A step begins with what the database holds."""
        self.workspace = StoredWorkspace(
            self.database, join_attributes=self.join_attributes, entra_connectors=frozenset()
        )

    def imported(self, connector: int, name: str, object_type: str = "user", **attributes: object) -> int:
        """An object its directory has just told of."""
        number = 100 * connector + len(self.space(connector)) + 1
        cs = CSObject(number, connector, object_type, f"CN={name}", f"{connector}/{name}".encode(), partition=1)
        cs.base, cs.pending_import = {"cn": name, **attributes}, Operation.ADD  # type: ignore[dict-item]
        self.write(cs)
        self.workspace._next_cs = 900 + number  # numbers of what is provisioned stay clear of these
        self.workspace._spaces_stored.add(connector)
        return number

    def write(self, *objects: CSObject) -> None:
        with self.database.transaction() as connection:
            write_cs(connection, objects)

    def changed(self, number: int, **attributes: object) -> SyncResult:
        """Its directory tells of a change, and it is synchronized."""
        cs = self.cs(number)
        cs.pending, cs.pending_import = {**(cs.pending or {}), **attributes}, Operation.UPDATE  # type: ignore[dict-item]
        self.write(cs)
        return self.sync(number)

    def exported(self, number: int) -> None:
        """What is staged was sent, and the next import has seen it."""
        cs = self.cs(number)
        cs.base = {**cs.base, **{n: v for n, v in (cs.unapplied or {}).items() if v is not None}}
        cs.anchor, cs.unapplied, cs.pending_export = b"made", None, Operation.NONE
        self.write(cs)

    def sync(self, number: int) -> SyncResult:
        with self.database.transaction():
            (cs,) = self.workspace.load_batch([number])
            outcome = synchronize(cs, self.workspace, self.setting)
            self.workspace.flush()
        self.workspace.links_stored = True
        return outcome

    def space(self, connector: int) -> list[CSObject]:
        rows = self.database.connection.execute(
            f"SELECT {CS_COLUMNS} FROM cs WHERE connector = ? ORDER BY number", (connector,)
        )
        return [read_cs(row) for row in rows]

    def cs(self, number: int) -> CSObject:
        return next(cs for cs in (*self.space(1), *self.space(2)) if cs.number == number)

    def metaverse(self) -> list[MVObject]:
        rows = self.database.connection.execute("SELECT * FROM metaverse ORDER BY number")
        return [read_mv(row) for row in rows]

    def person(self) -> MVObject:
        (only,) = self.metaverse()
        return only


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Callable[..., SmallServer]]:
    """Make such servers: small(rule, rule, ...)."""
    made: list[SmallServer] = []

    def build(*rules: SyncRule) -> SmallServer:
        made.append(SmallServer(tmp_path, rules))
        return made[-1]

    yield build
    for each in made:
        each.database.close()


@pytest.fixture
def rules() -> SimpleNamespace:
    """inward and outward make rules of the source and the target; ``back`` one from the target inwards."""
    return SimpleNamespace(
        inward=lambda number, **c: rule(number, SOURCE, "user", "person", **c),
        back=lambda number, **c: rule(number, TARGET, "user", "person", **c),
        outward=lambda number, target="user", **c: rule(number, TARGET, "person", target, **c),
    )
