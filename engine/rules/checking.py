"""Is the rule set sound? Every complaint at once, each naming rule, attribute, text and column.

Source: facts "engine" sections 6-8, "expressions" sections 1 and 8; decision D2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.errors import ConfigurationError
from engine.model.schema import AttributeType, Schema
from engine.rules.expression import ExpressionError, compile_expression
from engine.rules.rule import ZERO_GUID, AttributeFlow, Direction, FlowType, MergeType, ScopeClause, SyncRule
from engine.rules.ruleset import canonical_name, expression_count
from engine.rules.scoping import MEMBER_OPERATORS, OPERATORS, compile_clause, parameter_names

#: What the engine itself supplies to expressions and scope clauses (facts "expressions" section 8).
SUPPLIED_PARAMETERS = frozenset(
    {
        "Connector.ID",
        "Connector.GroupFilteringGroupDn",
        "Domain.FQDN",
        "Domain.LDAP",
        "Domain.Netbios",
        "Forest.FQDN",
        "Forest.LDAP",
        "Forest.Netbios",
        "ADS_UF_ACCOUNTDISABLE",
        "ADS_GROUP_TYPE_GLOBAL_GROUP",
        "ADS_GROUP_TYPE_DOMAIN_LOCAL_GROUP",
        "ADS_GROUP_TYPE_LOCAL_GROUP",
        "ADS_GROUP_TYPE_UNIVERSAL_GROUP",
        "ADS_GROUP_TYPE_SECURITY_ENABLED",
    }
)
_NAME = "dn"  # the distinguished name can be read and, outbound, written like an attribute


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint. text and column point into the expression or clause; column counts from 1, 0 = none."""

    rule: str
    kind: str
    message: str
    attribute: str = ""
    text: str = ""
    column: int = 0

    def __str__(self) -> str:
        where = f"{self.rule}: {self.attribute}: " if self.attribute else f"{self.rule}: "
        if not self.text:
            return f"{where}{self.message}"
        shown = " ".join(self.text.split())
        return f"{where}{self.message}{f' (column {self.column})' if self.column else ''} in {shown}"


@dataclass(frozen=True)
class Surroundings:
    """What the rules are checked against; whatever is None or empty is not checked.

    connectors: identifier to its schema (None = connector exists, schema unknown).
    """

    connectors: Mapping[str, Schema | None] = field(default_factory=dict)
    metaverse: Schema | None = None
    parameters: frozenset[str] = SUPPLIED_PARAMETERS


def check_rules(rules: Iterable[SyncRule], surroundings: Surroundings | None = None) -> tuple[Problem, ...]:
    """Find everything that is wrong with the rules, in precedence order, set-wide complaints last."""
    surroundings = surroundings or Surroundings()
    ordered = sorted(rules, key=lambda rule: rule.precedence)
    problems: list[Problem] = []
    for rule in ordered:
        problems.extend(_check_rule(rule, surroundings))
    problems.extend(_check_uniqueness(ordered))
    problems.extend(_check_merges(ordered))
    problems.extend(_check_places(ordered))
    return tuple(problems)


def counts_line(rules: Iterable[SyncRule], problems: Iterable[Problem]) -> str:
    """The last line of ``rules check``."""
    rules, found = tuple(rules), len(tuple(problems))
    expressions = expression_count(rules)

    def number(count: int, word: str) -> str:
        return f"{count} {word}{'' if count == 1 else 's'}"

    return f"{number(len(rules), 'rule')}, {number(expressions, 'expression')}, {number(found, 'problem')}"


def _check_rule(rule: SyncRule, surroundings: Surroundings) -> Iterator[Problem]:
    space: Schema | None = None
    if surroundings.connectors:
        if rule.connector not in surroundings.connectors:
            yield Problem(rule.name, "unknown-connector", f"The connector {{{rule.connector}}} does not exist.")
        space = surroundings.connectors.get(rule.connector)
    inbound = rule.direction is Direction.INBOUND
    source, target = (space, surroundings.metaverse) if inbound else (surroundings.metaverse, space)
    yield from _check_type(rule, rule.source_object_type, source)
    yield from _check_type(rule, rule.target_object_type, target)
    for group in rule.scope:
        for clause in group:
            yield from _unknown(rule, clause.attribute, source, rule.source_object_type, "scope")
            yield from _check_clause(rule, clause.attribute, clause.operator, clause.value, source, surroundings)
    for joins in rule.joins:
        for join in joins:
            cs_type, mv_type = rule.source_object_type, rule.target_object_type
            if not inbound:
                cs_type, mv_type = mv_type, cs_type
            yield from _unknown(rule, join.cs_attribute, space, cs_type, "join")
            yield from _unknown(rule, join.mv_attribute, surroundings.metaverse, mv_type, "join")
            yield from _single_valued(rule, join.cs_attribute, space)
    for flow in rule.flows:
        yield from _unknown(rule, flow.target, target, rule.target_object_type, "target")
        yield from _check_flow(rule, flow, source, target, surroundings)


def _check_type(rule: SyncRule, object_type: str, schema: Schema | None) -> Iterator[Problem]:
    if schema is not None and object_type != "*" and object_type not in schema.object_types:
        yield Problem(rule.name, "unknown-object-type", f"The object type {object_type} does not exist.")


def _unknown(rule: SyncRule, attribute: str, schema: Schema | None, object_type: str, where: str) -> Iterator[Problem]:
    if schema is None or attribute == _NAME:
        return
    if attribute not in schema.attributes:
        near = next((name for name in schema.attributes if name.lower() == attribute.lower()), None)
        hint = f" Did you mean {near}?" if near else ""
        message = f"The {where} attribute {attribute} does not exist.{hint}"
        yield Problem(rule.name, "unknown-attribute", message, attribute)
    elif attribute not in schema.object_types.get(object_type, schema.attributes):
        message = f"The {where} attribute {attribute} does not belong to {object_type}."
        yield Problem(rule.name, "unknown-attribute", message, attribute)


def _single_valued(rule: SyncRule, attribute: str, space: Schema | None) -> Iterator[Problem]:
    definition = space.attributes.get(attribute) if space else None
    if definition is not None and definition.multivalued:
        message = f"The join attribute {attribute} holds several values; a join needs one."
        yield Problem(rule.name, "join-object-id-must-be-single-valued", message, attribute)


def _check_clause(
    rule: SyncRule, attribute: str, operator: str, value: str, source: Schema | None, surroundings: Surroundings
) -> Iterator[Problem]:
    text = f"{attribute} {operator} {value}".strip()
    for name in parameter_names(value):
        if name not in surroundings.parameters:
            yield Problem(rule.name, "unknown-parameter", f"The parameter %{name}% is not defined.", attribute, text)
    if operator.upper() in OPERATORS and (OPERATORS[operator.upper()].needs_value and not value):
        yield Problem(rule.name, "scope-value-missing", f"{operator} needs a value.", attribute, text)
        return
    if operator.upper() in MEMBER_OPERATORS or parameter_names(value):
        return
    try:
        compile_clause(ScopeClause(attribute, operator, value), source, reference_text=str)
    except ConfigurationError as error:
        yield Problem(rule.name, error.code, error.message, attribute, text)


def _check_flow(
    rule: SyncRule, flow: AttributeFlow, source: Schema | None, target: Schema | None, surroundings: Surroundings
) -> Iterator[Problem]:
    if flow.type is FlowType.DIRECT:
        if len(flow.sources) != 1:
            message = f"A direct flow has one source attribute, not {len(flow.sources)}."
            yield Problem(rule.name, "flow-source-invalid", message, flow.target)
        for name in flow.sources:
            yield from _unknown(rule, name, source, rule.source_object_type, "source")
    elif flow.type is FlowType.CONSTANT:
        yield from _check_constant(rule, flow, target)
    else:
        yield from _check_expression(rule, flow, source, surroundings)


def _check_constant(rule: SyncRule, flow: AttributeFlow, target: Schema | None) -> Iterator[Problem]:
    definition = target.attributes.get(flow.target) if target else None
    constant = (flow.constant or "").strip()
    if not constant:
        yield Problem(rule.name, "flow-source-invalid", "A constant flow needs a value.", flow.target)
    if definition is None:
        return
    digits = constant.removeprefix("-").isdigit()
    if definition.type is AttributeType.BOOLEAN and constant.lower() not in ("true", "false"):
        wrong = "True or False"
    elif definition.type is AttributeType.INTEGER and not digits:
        wrong = "a number"
    elif definition.type in (AttributeType.REFERENCE, AttributeType.BINARY):
        wrong = f"a {definition.type.value} value, which no constant is"
    else:
        return
    yield Problem(rule.name, "flow-constant-invalid", f"{flow.target} takes {wrong}.", flow.target, constant)


def _check_expression(
    rule: SyncRule, flow: AttributeFlow, source: Schema | None, surroundings: Surroundings
) -> Iterator[Problem]:
    text = flow.expression or ""
    try:
        compiled = compile_expression(text)
    except ExpressionError as error:
        message = f"{error.message} (line {error.line})" if error.line > 1 else error.message
        yield Problem(rule.name, "expression-unparsable", message, flow.target, text, error.column)
        return
    for name in sorted(compiled.attributes | compiled.imported):
        for problem in _unknown(rule, name, source, rule.source_object_type, "source"):
            column = text.find(name) + 1
            yield Problem(rule.name, problem.kind, problem.message, flow.target, text, column)
    for name in sorted(compiled.parameters):
        if name not in surroundings.parameters:
            message = f"The parameter %{name}% is not defined."
            yield Problem(rule.name, "unknown-parameter", message, flow.target, text, text.find(f"%{name}%") + 1)


def _check_uniqueness(ordered: list[SyncRule]) -> Iterator[Problem]:
    names: dict[tuple[str, str], SyncRule] = {}
    identifiers: dict[str, SyncRule] = {}
    numbers: dict[int, SyncRule] = {}
    for rule in ordered:
        twin = names.setdefault((canonical_name(rule.name), rule.connector), rule)
        if twin is not rule:
            message = f'Another rule of the same connector is called "{twin.name}".'
            yield Problem(rule.name, "name-not-unique", message)
        twin = identifiers.setdefault(rule.identifier, rule)
        if twin is not rule:
            message = f'The identifier {{{rule.identifier}}} belongs to "{twin.name}".'
            yield Problem(rule.name, "identifier-not-unique", message)
        twin = numbers.setdefault(rule.precedence, rule)
        if twin is not rule:
            message = f'The precedence {rule.precedence} belongs to "{twin.name}".'
            yield Problem(rule.name, "precedence-not-unique", message)


def _check_merges(ordered: list[SyncRule]) -> Iterator[Problem]:
    """All flows into one attribute of one object type must merge alike (facts "engine" 7)."""
    first: dict[tuple[str, str, str], tuple[SyncRule, MergeType]] = {}
    for rule in ordered:
        if rule.disabled:
            continue
        side = "metaverse" if rule.direction is Direction.INBOUND else rule.connector
        for flow in rule.flows:
            merge = MergeType.UPDATE if flow.merge is MergeType.REPLACE else flow.merge
            other, wanted = first.setdefault((side, rule.target_object_type, flow.target), (rule, merge))
            if merge is not wanted:
                message = f'The merge type {flow.merge.value} differs from {wanted.value} in "{other.name}".'
                yield Problem(rule.name, "merge-type-conflict", message, flow.target)


def _check_places(ordered: list[SyncRule]) -> Iterator[Problem]:
    """PrecedenceBefore and PrecedenceAfter must name rules and must not go round in a circle."""
    names = {rule.identifier: rule.name for rule in ordered}
    later: dict[str, set[str]] = {rule.identifier: set() for rule in ordered}
    for rule in ordered:
        for neighbour, before in ((rule.precedence_before, True), (rule.precedence_after, False)):
            if neighbour == ZERO_GUID:
                continue
            if neighbour not in names:
                message = f"Its place is given beside the rule {{{neighbour}}}, which does not exist."
                yield Problem(rule.name, "precedence-neighbour-unknown", message)
            elif before:
                later[rule.identifier].add(neighbour)
            else:
                later[neighbour].add(rule.identifier)
    for circle in _circles(later):
        path = " -> ".join(f'"{names[identifier]}"' for identifier in circle)
        yield Problem(names[circle[0]], "precedence-circle", f"Before and after go round in a circle: {path}.")


def _circles(edges: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """One path per circle, by depth-first search without recursion."""
    done: set[str] = set()
    for start in edges:
        if start in done:
            continue
        path, on_path = [start], {start}
        stack = [(start, iter(sorted(edges[start])))]
        while stack:
            node, following = stack[-1]
            step = next(following, None)
            if step is None:
                stack.pop()
                path.pop()
                on_path.discard(node)
                done.add(node)
            elif step in on_path:
                yield [*path[path.index(step) :], step]
            elif step not in done:
                stack.append((step, iter(sorted(edges[step]))))
                path.append(step)
                on_path.add(step)
