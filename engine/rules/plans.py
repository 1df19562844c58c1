"""Which rules are in scope for an object, and the flow plans that follow: everything compiled once per rule set.

Source: pipeline of declarative provisioning, facts "engine" 3.2 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.schema import AttributeDefinition, Schema
from engine.model.values import Value
from engine.rules.flow_plan import METAVERSE_STRING_MAX, CompiledFlow, Plan, compile_flow, make_plan
from engine.rules.rule import Direction, LinkType, SyncRule
from engine.rules.scoping import InScope, MemberOf, Parameters, compile_scope


@dataclass(slots=True)
class CompiledRule:
    """A rule with its number in the server's rule table, the bit that stands for it, and its flows ready to run."""

    rule: SyncRule
    number: int
    bit: int
    flows: tuple[CompiledFlow, ...]

    @property
    def links(self) -> bool:
        """Whether the rule can link: it carries join criteria or provisions."""
        return bool(self.rule.joins) or self.rule.link_type is LinkType.PROVISION


_KEEPS_ALIVE = (LinkType.PROVISION, LinkType.STICKY_JOIN)


@dataclass(frozen=True, slots=True)
class RulesInScope:
    """What follows from which rules of a group are in scope; worked out once for each set of them.

    linking: those that can link, by precedence. joining: the one of them that decides; conflicting: names of rules that
    carry different criteria, so that none can decide. provisioning: the first that provisions. keeps_alive: whether an
    object in their scope keeps its metaverse object. linked_types: target types to which they link, and so may write;
    silenced_types: those to which they would, did not a rule that joins without flows silence them.
    """

    rules: tuple[CompiledRule, ...]
    linking: tuple[CompiledRule, ...]
    joining: CompiledRule | None
    conflicting: tuple[str, ...]
    provisioning: CompiledRule | None
    keeps_alive: bool
    linked_types: frozenset[str]
    silenced_types: frozenset[str] = frozenset()

    @staticmethod
    def of(rules: tuple[CompiledRule, ...]) -> RulesInScope:
        linking = tuple(rule for rule in rules if rule.links)
        provisioning = next((rule for rule in rules if rule.rule.link_type is LinkType.PROVISION), None)
        conflict = len({rule.rule.joins for rule in linking}) > 1
        muted = any(rule.rule.link_type is LinkType.JOIN_NO_FLOW for rule in rules)
        types = frozenset(rule.rule.target_object_type for rule in linking)
        return RulesInScope(
            rules,
            linking,
            provisioning or next(iter(linking), None),
            tuple(rule.rule.name for rule in linking) if conflict else (),
            provisioning,
            any(rule.rule.link_type in _KEEPS_ALIVE for rule in rules),
            frozenset() if muted else types,
            types if muted else frozenset(),
        )


@dataclass(slots=True)
class RuleGroup:
    """All enabled rules of one direction for one connector and one source type, by precedence.

    tests: (scope test, bits of the rules that share that scope); always: bits of rules without a scope. reads: every
    attribute that a scope or a flow of the group looks at.
    """

    rules: tuple[CompiledRule, ...]
    tests: tuple[tuple[InScope, int], ...]
    always: int
    reads: frozenset[str] = frozenset()
    scope_reads: frozenset[str] = frozenset()
    _reads: dict[int, frozenset[str]] = field(default_factory=dict)
    _held: dict[int, RulesInScope] = field(default_factory=dict)

    def in_scope(self, attributes: Mapping[str, Value], parameters: Parameters) -> int:
        """The bits of the rules whose scope holds."""
        mask = self.always
        for test, bits in self.tests:
            if test(attributes, parameters):
                mask |= bits
        return mask

    def reads_of(self, mask: int) -> frozenset[str]:
        """Every attribute that can change what the rules of the mask give, or which rules are in scope."""
        held = self._reads.get(mask)
        if held is None:
            sources = {source for rule in self.chosen(mask) for flow in rule.flows for source in flow.sources}
            held = self._reads[mask] = self.scope_reads | sources
        return held

    def held(self, mask: int) -> RulesInScope:
        """The rules of the mask and what follows from them."""
        held = self._held.get(mask)
        if held is None:
            held = self._held[mask] = RulesInScope.of(tuple(r for r in self.rules if r.bit & mask))
        return held

    def chosen(self, mask: int) -> tuple[CompiledRule, ...]:
        """The rules of the mask, by precedence."""
        return self.held(mask).rules


NONE_IN_SCOPE = RulesInScope.of(())
_NO_RULES = RuleGroup((), (), 0)
#: key of a linked object in a metaverse plan: connector, object type, rules in scope
LinkKey = tuple[int, str, int]


class CompiledRules:
    """The rule set of a server, compiled.

    rules: (number, rule) pairs. connectors: identifier -> ordinal. schemas: ordinal -> schema. parameters: ordinal ->
    the connector's %Parameters%.
    """

    def __init__(
        self,
        rules: Iterable[tuple[int, SyncRule]],
        *,
        connectors: Mapping[str, int],
        metaverse: Schema,
        schemas: Mapping[int, Schema],
        parameters: Mapping[int, Parameters],
        member_of: MemberOf | None = None,
    ) -> None:
        self.metaverse = metaverse
        self.schemas = schemas
        self.parameters = parameters
        self.names: dict[int, str] = {}
        self.mv_references = metaverse.reference_attributes()
        inbound: dict[tuple[int, str], list[CompiledRule]] = {}
        outbound: dict[tuple[str, int], list[CompiledRule]] = {}
        joins: set[str] = set()
        for number, rule in sorted(rules, key=lambda item: item[1].precedence):
            self.names[number] = rule.name
            ordinal = connectors.get(rule.connector)
            if rule.disabled or ordinal is None:
                continue
            if rule.direction is Direction.INBOUND:
                group = inbound.setdefault((ordinal, rule.source_object_type), [])
                group.append(self._compile(rule, number, len(group), metaverse, schemas[ordinal]))
                joins.update(clause.mv_attribute for criteria in rule.joins for clause in criteria)
            else:
                group = outbound.setdefault((rule.source_object_type, ordinal), [])
                group.append(self._compile(rule, number, len(group), schemas[ordinal], metaverse))
                if rule.link_type is LinkType.JOIN:
                    joins.update(clause.mv_attribute for criteria in rule.joins for clause in criteria)
        self.join_attributes = frozenset(joins)
        self._inbound = {key: self._group(rules_, schemas[key[0]], member_of) for key, rules_ in inbound.items()}
        self._outbound: dict[str, dict[int, RuleGroup]] = {}
        for (mv_type, ordinal), rules_ in outbound.items():
            self._outbound.setdefault(mv_type, {})[ordinal] = self._group(rules_, metaverse, None)
        self._claims: dict[tuple[int, str], tuple[tuple[CompiledRule, RuleGroup], ...]] = {}
        self._mv_plans: dict[tuple[LinkKey, ...], Plan] = {}
        self._out_plans: dict[tuple[str, int, int], tuple[Plan, Plan | None]] = {}

    def _compile(self, rule: SyncRule, number: int, position: int, target: Schema, source: Schema) -> CompiledRule:
        flows = []
        for flow in rule.flows:
            definition = target.attributes.get(flow.target) or AttributeDefinition(flow.target)
            flows.append(compile_flow(rule, number, flow, definition, source))
        return CompiledRule(rule, number, 1 << position, tuple(flows))

    @staticmethod
    def _group(rules: Sequence[CompiledRule], source: Schema, member_of: MemberOf | None) -> RuleGroup:
        shared: dict[object, tuple[CompiledRule, int]] = {}
        always = 0
        for rule in rules:
            if rule.rule.scope:
                first, bits = shared.get(rule.rule.scope, (rule, 0))
                shared[rule.rule.scope] = (first, bits | rule.bit)
            else:
                always |= rule.bit
        tests = tuple((compile_scope(rule.rule, source, member_of), bits) for rule, bits in shared.values())
        scope_reads = frozenset(clause.attribute for rule in rules for group in rule.rule.scope for clause in group)
        flow_reads = frozenset(source for rule in rules for flow in rule.flows for source in flow.sources)
        return RuleGroup(tuple(rules), tests, always, scope_reads | flow_reads, scope_reads)

    # ---- inbound -----------------------------------------------------------------------------------------------------
    def inbound(self, connector: int, object_type: str) -> RuleGroup:
        return self._inbound.get((connector, object_type), _NO_RULES)

    def has_inbound(self, connector: int, object_type: str) -> bool:
        return (connector, object_type) in self._inbound

    def metaverse_plan(self, links: tuple[LinkKey, ...]) -> Plan:
        """The plan of all inbound flows of the linked objects, in the order of ``links``."""
        plan = self._mv_plans.get(links)
        if plan is None:
            flows = [
                (position, flow)
                for position, (connector, object_type, mask) in enumerate(links)
                for rule in self.inbound(connector, object_type).chosen(mask)
                for flow in rule.flows
            ]
            plan = make_plan(
                flows, self.metaverse, [self.schemas[key[0]] for key in links], string_max=METAVERSE_STRING_MAX
            )
            self._mv_plans[links] = plan
        return plan

    def claims(self, connector: int, object_type: str) -> tuple[tuple[CompiledRule, RuleGroup], ...]:
        """Outbound rules that join, and nothing more, to objects of that type, each with the group it belongs to."""
        held = self._claims.get((connector, object_type))
        if held is None:
            held = self._claims[connector, object_type] = tuple(
                (rule, group)
                for groups in self._outbound.values()
                for ordinal, group in groups.items()
                if ordinal == connector
                for rule in group.rules
                if rule.rule.link_type is LinkType.JOIN
                and rule.rule.joins
                and rule.rule.target_object_type == object_type
            )
        return held

    # ---- outbound ----------------------------------------------------------------------------------------------------
    def outbound(self, mv_type: str) -> Mapping[int, RuleGroup]:
        """Rule groups by target connector."""
        return self._outbound.get(mv_type, {})

    def outbound_plans(self, mv_type: str, connector: int, mask: int, object_type: str) -> tuple[Plan, Plan | None]:
        """The plan of plain attributes and, when there are any, the plan of reference attributes.

        Only rules whose target type is that of the connector-space object flow to it.
        """
        key = (mv_type + "\0" + object_type, connector, mask)
        plans = self._out_plans.get(key)
        if plans is None:
            references = self.schemas[connector].reference_attributes()
            flows = [
                (0, flow)
                for rule in self._outbound[mv_type][connector].chosen(mask)
                if rule.rule.target_object_type == object_type
                for flow in rule.flows
            ]
            plain = [f for f in flows if f[1].target not in references and f[1].target != "dn"]
            linked = [f for f in flows if f[1].target in references]
            schema = self.schemas[connector]
            plans = (
                make_plan(plain, schema, (self.metaverse,), string_max=None),
                make_plan(linked, schema, (self.metaverse,), string_max=None) if linked else None,
            )
            self._out_plans[key] = plans
        return plans
