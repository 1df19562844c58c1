"""Why an attribute has the value it has: for the metaverse and for every connected directory, from the database alone.

Everything is worked out anew from all linked objects; nothing is kept during runs. Works on a live or stopped database
and changes nothing. Source: facts "engine" 3.2, 6, 8; design document, section 2 (``anchorage explain``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from engine.model.configuration import ConnectorType
from engine.model.cs_object import CSObject
from engine.model.identity import cs_number, mv_number
from engine.model.layers import layers
from engine.model.mv_object import MVObject
from engine.model.schema import AttributeDefinition, Schema
from engine.model.values import Value, as_list, text_of
from engine.rules.candidates import Explanation, ScopeOutcome, Side, applying, candidates, scope_outcomes
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.plans import CompiledRules
from engine.rules.rule import Direction, LinkType, SyncRule
from engine.run.group_filter import GroupMembership
from engine.store.configuration import StoredConfiguration
from engine.store.database import Database
from engine.store.objects import CS_COLUMNS, read_cs, read_mv
from engine.store.search import Search, find
from engine.sync.passage import SyncSetting

#: By these a person names an object.
NAMING = ("displayName", "userPrincipalName", "accountName", "mail", "cn", "sourceAnchor", "cloudAnchor")
#: The same, for an object that only its connector space knows.
OWN_NAMING = ("displayName", "userPrincipalName", "sAMAccountName", "mail", "cn")


@dataclass(frozen=True, slots=True)
class TargetExplanation:
    """One attribute of one connector-space object that outbound rules write.

    states: layer -> what it holds, from the oldest to the newest. because: the metaverse attributes the winning flow
    reads, explained in turn.
    """

    connector: str
    dn: str
    number: int
    explanation: Explanation
    states: tuple[tuple[str, Value | None], ...] = ()
    because: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectExplanation:
    """One attribute wherever it stands. metaverse: None when the metaverse has no such attribute or no such object.

    scopes: for an object outside the metaverse, what each inbound rule says about it.
    """

    mv: MVObject | None
    links: tuple[CSObject, ...]
    metaverse: Explanation | None = None
    targets: tuple[TargetExplanation, ...] = ()
    scopes: tuple[ScopeOutcome, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)


class Explainer:
    """Explains the objects of one database. setting: of the server, else it is made from what the database holds."""

    def __init__(self, database: Database, setting: SyncSetting | None = None) -> None:
        self.database = database
        self.connection = database.connection
        stored = StoredConfiguration(database)
        self.connectors = stored.connectors()
        self.rules: dict[int, SyncRule] = stored.rules()
        self.metaverse_schema: Schema = stored.metaverse_schema() or METAVERSE_SCHEMA
        directories = [o for o, c in self.connectors.items() if c.type is ConnectorType.ACTIVE_DIRECTORY]
        self.membership = GroupMembership(database, directories)
        self.setting = setting or self._setting()

    def _setting(self) -> SyncSetting:
        from engine.run.perform import parameters_by_partition

        compiled = CompiledRules(
            self.rules.items(),
            connectors={c.identifier: ordinal for ordinal, c in self.connectors.items()},
            metaverse=self.metaverse_schema,
            schemas={ordinal: c.schema for ordinal, c in self.connectors.items()},
            parameters={ordinal: c.parameters for ordinal, c in self.connectors.items()},
            member_of=self.membership,
        )
        return SyncSetting(
            compiled,
            parameters_by_partition(self.connectors),
            self._last_moment(),
            Random("explanation"),  # what draws by chance cannot be told again; the value itself is read, not drawn
            {ordinal: c.name for ordinal, c in self.connectors.items()},
            None,
            self.dn_of,
        )

    def _last_moment(self) -> datetime:
        """The rules see the time of the last run: what they gave then is what is to be explained."""
        row = self.connection.execute("SELECT max(started) FROM run").fetchone()
        if row is None or row[0] is None:
            return datetime(2000, 1, 1, tzinfo=UTC)
        return datetime.fromisoformat(row[0])

    # ---- which object ------------------------------------------------------------------------------------------------
    def named(self, text: str) -> list[tuple[MVObject | None, CSObject | None]]:
        """Every object that the text names: by GUID, DN, anchor, or a value by which people name it."""
        identity = self.database.identity
        number = mv_number(identity, text)
        if number is not None and (mv := self.mv(number)) is not None:
            return [(mv, None)]
        number = cs_number(identity, text)
        searches = [Search(number=number)] if number is not None else [Search(dn=text), Search(anchor=text)]
        for search in searches:
            found = [cs for part in find(self.connection, search) for cs in part]
            if found:
                return _without_repeats([(self.mv(cs.mv) if cs.mv else None, cs) for cs in found])
        folded = text.casefold()
        known: list[tuple[MVObject | None, CSObject | None]]
        known = [(mv, None) for mv in self._metaverse() if folded in _names_of(mv)]
        return known or [(None, cs) for cs in self._outside() if folded in {each.casefold() for each in _own_names(cs)}]

    def names(self) -> Iterator[str]:
        """What an object may be called, for a hint when nothing was found."""
        for mv in self._metaverse():
            for name in ("displayName", "userPrincipalName", "accountName"):
                value = mv.values.get(name)
                if isinstance(value, str):
                    yield value
        for cs in self._outside():
            yield from _own_names(cs)

    def _outside(self) -> Iterator[CSObject]:
        """The objects that no rule brought into the metaverse: about these people ask most."""
        for part in find(self.connection, Search(states=("disconnector",))):
            yield from part

    def _metaverse(self) -> Iterator[MVObject]:
        last = 0
        while rows := self.connection.execute(
            "SELECT * FROM metaverse WHERE number > ? ORDER BY number LIMIT 500", (last,)
        ).fetchall():
            yield from map(read_mv, rows)
            last = rows[-1][0]

    def mv(self, number: int) -> MVObject | None:
        row = self.connection.execute("SELECT * FROM metaverse WHERE number = ?", (number,)).fetchone()
        return read_mv(row) if row else None

    def linked(self, mv: int) -> list[CSObject]:
        rows = self.connection.execute(
            f"SELECT {CS_COLUMNS} FROM cs WHERE mv != 0 AND mv = ? ORDER BY connector, number",  # noqa: S608
            (mv,),
        )
        return [read_cs(row) for row in rows.fetchall()]

    def dn_of(self, number: int) -> str | None:
        row = self.connection.execute("SELECT dn FROM cs WHERE number = ?", (number,)).fetchone()
        return row[0] if row else None

    def attributes(self, mv: MVObject | None, links: Sequence[CSObject]) -> set[str]:
        """Every attribute that could be asked for: those that rules write for these objects."""
        found = set(mv.values) if mv is not None else set()
        for rule in self.rules.values():
            if mv is not None and rule.direction is Direction.OUTBOUND and rule.source_object_type != mv.object_type:
                continue
            found.update(flow.target for flow in rule.flows)
        return found | {name for cs in links for name in cs.newest()}

    def shown(self, attribute: str, value: Value | None, connector: int | None = None) -> object:
        """A value for a person: references as DNs. connector: whose attribute it is; None = the metaverse's."""
        schema = self.metaverse_schema if connector is None else self.connectors[connector].schema
        if attribute not in schema.reference_attributes():
            return value
        texts = [self.dn_of(one) or f"#{one}" if isinstance(one, int) else one for one in as_list(value)]
        return texts if isinstance(value, list) else next(iter(texts), None)

    # ---- sides -------------------------------------------------------------------------------------------------------
    def source(self, cs: CSObject, *, deleted: bool = False) -> Side:
        """A connector-space object as inbound rules see it."""
        context = self.setting.inbound_context(cs)
        configuration = self.connectors[cs.connector]
        group = self.setting.rules.inbound(cs.connector, cs.object_type)
        looking = applying(self.rules, Direction.INBOUND, configuration.identifier, cs.object_type)
        scopes = scope_outcomes(
            looking, group, context.attributes, context.parameters, configuration.schema,
            deleted=deleted, member_of=self.membership,
        )  # fmt: skip
        compiled = {rule.number: rule.flows for rule in group.rules}
        return Side(f"{configuration.name}: {cs.dn}", context, configuration.schema, scopes, compiled)

    def outward(self, mv: MVObject, connector: int) -> Side:
        """A metaverse object as the outbound rules of a connector see it."""
        context = self.setting.outbound_context(mv, connector)
        group = self.setting.rules.outbound(mv.object_type).get(connector)
        looking = applying(self.rules, Direction.OUTBOUND, self.connectors[connector].identifier, mv.object_type)
        if group is None:
            from engine.rules.plans import RuleGroup

            group = RuleGroup((), (), 0)
        scopes = scope_outcomes(looking, group, mv.values, context.parameters, self.metaverse_schema)
        compiled = {rule.number: rule.flows for rule in group.rules}
        return Side("metaverse", context, self.metaverse_schema, scopes, compiled)

    # ---- explanations ------------------------------------------------------------------------------------------------
    def inbound(self, mv: MVObject, attribute: str, sides: Sequence[Side], *, creating: bool = False) -> Explanation:
        """One metaverse attribute from the objects linked to it."""
        definition = self.metaverse_schema.attributes.get(attribute) or AttributeDefinition(attribute)
        found = candidates(definition, sides, target_type=mv.object_type, creating=creating)
        return Explanation(attribute, mv.values.get(attribute), found, tuple(side.name for side in sides))

    def outbound(self, cs: CSObject, attribute: str, side: Side, *, creating: bool = False) -> Explanation:
        """One attribute of a connector-space object from its metaverse object."""
        definition = self.connectors[cs.connector].schema.attributes.get(attribute) or AttributeDefinition(attribute)
        found = candidates(definition, [side], target_type=cs.object_type, creating=creating)
        return Explanation(attribute, cs.newest().get(attribute), found, (side.name,))

    def explain(
        self, mv: MVObject | None, cs: CSObject | None, attribute: str, connector: int | None = None
    ) -> ObjectExplanation:
        """One attribute of one object. connector: only there; else the metaverse and every directory it is sent to."""
        if mv is None:
            scopes = self.source(cs).scopes if cs is not None else ()
            return ObjectExplanation(None, (cs,) if cs is not None else (), scopes=scopes)
        links = self.linked(mv.number)
        sides = [self.source(each) for each in links]
        metaverse = None
        if connector is None and self._in_metaverse(mv, attribute):
            metaverse = self.inbound(mv, attribute, sides)
        targets = [
            self._target(mv, each, attribute, sides)
            for each in links
            if connector in (None, each.connector) and self._written(mv, each, attribute)
        ]
        return ObjectExplanation(mv, tuple(links), metaverse, tuple(targets))

    def _in_metaverse(self, mv: MVObject, attribute: str) -> bool:
        return attribute in mv.values or attribute in self.metaverse_schema.attributes

    def _written(self, mv: MVObject, cs: CSObject, attribute: str) -> bool:
        looking = applying(self.rules, Direction.OUTBOUND, self.connectors[cs.connector].identifier, mv.object_type)
        return any(
            flow.target == attribute
            for _, rule in looking
            if rule.target_object_type in (cs.object_type, "*")
            for flow in rule.flows
        )

    def _target(self, mv: MVObject, cs: CSObject, attribute: str, sides: Sequence[Side]) -> TargetExplanation:
        side = self.outward(mv, cs.connector)
        explanation = self.outbound(cs, attribute, side)
        winner = explanation.winner
        because: tuple[Explanation, ...] = ()
        if winner is not None:
            compiled = side.compiled.get(winner.number, ())
            read = {name for flow in compiled if flow.target == attribute for name in flow.sources}
            because = tuple(self.inbound(mv, name, sides) for name in sorted(read))
        states = tuple((layer.name, (layer.image or {}).get(attribute)) for layer in layers(cs))
        name = self.connectors[cs.connector].name
        return TargetExplanation(name, cs.dn, cs.number, explanation, states, because)

    def provisioning(self, mv: MVObject) -> dict[int, tuple[ScopeOutcome, ...]]:
        """For every connector: what its provisioning rules say about the object."""
        return {
            ordinal: tuple(
                scope for scope in self.outward(mv, ordinal).scopes if scope.rule.link_type is LinkType.PROVISION
            )
            for ordinal in self.connectors
        }


def _names_of(mv: MVObject) -> set[str]:
    return {text_of(value).casefold() for name in NAMING for value in as_list(mv.values.get(name))}


def _own_names(cs: CSObject) -> set[str]:
    newest = cs.newest()
    return {text_of(value) for name in OWN_NAMING for value in as_list(newest.get(name))}


def _without_repeats(
    found: Sequence[tuple[MVObject | None, CSObject]],
) -> list[tuple[MVObject | None, CSObject | None]]:
    kept: dict[object, tuple[MVObject | None, CSObject | None]] = {}
    for mv, cs in found:
        kept.setdefault(("mv", mv.number) if mv is not None else ("cs", cs.number), (mv, cs))
    return list(kept.values())
