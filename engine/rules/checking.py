"""Is the rule set sound? Every complaint at once, each naming file, rule, attribute, text and column.

Source: facts "engine" sections 6-8, "expressions" sections 1 and 8; decision D2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from engine.errors import ConfigurationError
from engine.model.schema import AttributeType, Schema
from engine.rules.expression.errors import locate
from engine.rules.expression_checking import examine_expression
from engine.rules.nearest import hint
from engine.rules.place import ReadRule, RulePlace
from engine.rules.rule import AttributeFlow, Direction, FlowType, JoinClause, ScopeClause, SyncRule
from engine.rules.ruleset import expression_count
from engine.rules.scoping import MEMBER_OPERATORS, OPERATORS, compile_clause, parameter_names
from engine.rules.set_checking import Complaint, complaints_of_set

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
_SHOWN = 80  # characters of a long text shown on either side of the fault
_NAME = "dn"  # the distinguished name can be read and, outbound, written like an attribute
_EXTENSION = "extension_"  # begins the names of directory extensions, which the wizard adds to the schemas


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint. text and column point into the expression or clause; column counts from 1, 0 = none.

    offset: the same place in the whole text. place: ``FILE:LINE:COLUMN`` where the rule was read from a file.
    """

    rule: str
    kind: str
    message: str
    attribute: str = ""
    text: str = ""
    column: int = 0
    place: str = ""
    offset: int = 0

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        where += f"{self.rule}: {self.attribute}: " if self.attribute else f"{self.rule}: "
        if not self.text:
            return f"{where}{self.message}"
        start, end = max(0, self.offset - _SHOWN), self.offset + _SHOWN
        if len(self.text) <= 2 * _SHOWN:
            start, end = 0, len(self.text)
        cut = f"{'… ' if start else ''}{self.text[start:end]}{' …' if end < len(self.text) else ''}"
        shown = " ".join(cut.split())
        return f"{where}{self.message}{f' (column {self.column})' if self.column else ''} in {shown}"


@dataclass(frozen=True)
class Surroundings:
    """What the rules are checked against; whatever is None or empty is not checked.

    connectors: identifier to its schema (None = connector exists, schema unknown). new_installation: the schemas are
    those a server is installed with, so beside them other connectors and directory extensions may exist. rules:
    identifiers of rules the server has already.
    """

    connectors: Mapping[str, Schema | None] = field(default_factory=dict)
    metaverse: Schema | None = None
    parameters: frozenset[str] = SUPPLIED_PARAMETERS
    new_installation: bool = False
    rules: frozenset[str] = frozenset()


def check_rules(
    rules: Iterable[SyncRule | ReadRule], surroundings: Surroundings | None = None, *, complete: bool = True
) -> tuple[Problem, ...]:
    """Find everything that is wrong with the rules, in precedence order, set-wide complaints last.

    A rule its file does not say in full is looked at by itself only. complete: False when the server has rules that
    are not here, so that a neighbour may be among those.
    """
    surroundings = surroundings or Surroundings()
    read = [rule if isinstance(rule, ReadRule) else ReadRule(rule) for rule in rules]
    ordered = sorted(read, key=lambda one: one.rule.precedence)
    problems: list[Problem] = []
    for one in ordered:
        problems.extend(_RuleCheck(one, surroundings).problems())
    whole = [one for one in ordered if one.whole]
    complete = complete and len(whole) == len(ordered)
    found = complaints_of_set([one.rule for one in whole], complete=complete, beside=surroundings.rules)
    problems.extend(_of_set(whole, complaint) for complaint in found)
    return tuple(problems)


@cache
def shipped_sources() -> frozenset[str]:
    """Every attribute the standard rules read from a forest that has all there is to have."""
    from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules

    forest = DirectoryConnector("forest", "contoso.com")
    rules = standard_rules(StandardRuleOptions(ad_connectors=(forest,), device_rules=True))
    found: set[str] = set()
    for flow in (flow for rule in rules if rule.connector == forest.identifier for flow in rule.flows):
        found.update(flow.sources)
        expression = examine_expression(flow.expression, None)[0] if flow.expression else None
        if expression is not None:
            found.update(expression.attributes | expression.imported)
    return frozenset(found)


def _of_set(rules: Sequence[ReadRule], complaint: Complaint) -> Problem:
    read, message = rules[complaint.position], complaint.message
    if complaint.other is not None:
        place = rules[complaint.other].place
        message += f" ({place.of(*complaint.parts[:1])})." if place is not None else "."
    where = read.place.of(*complaint.parts) if read.place is not None else ""
    return Problem(read.rule.name, complaint.kind, message, complaint.attribute, place=where)


def counts_line(rules: Iterable[SyncRule], problems: Iterable[object]) -> str:
    """The last line of ``rules check``."""
    rules, found = tuple(rules), len(tuple(problems))
    expressions = expression_count(rules)

    def number(count: int, word: str) -> str:
        return f"{count} {word}{'' if count == 1 else 's'}"

    return f"{number(len(rules), 'rule')}, {number(expressions, 'expression')}, {number(found, 'problem')}"


class _RuleCheck:
    """One rule against its surroundings. space: the schema of its connector; source, target: as the rule flows."""

    def __init__(self, read: ReadRule, surroundings: Surroundings) -> None:
        self.rule: SyncRule = read.rule
        self.place: RulePlace | None = read.place
        self.surroundings = surroundings
        self.space = surroundings.connectors.get(self.rule.connector)
        self.inbound = self.rule.direction is Direction.INBOUND
        self.source, self.target = self.space, surroundings.metaverse
        if not self.inbound:
            self.source, self.target = self.target, self.source

    def problem(
        self, part: str, kind: str, message: str, attribute: str = "", text: str = "", offset: int | None = None
    ) -> Problem:
        place = self.place.of(part, part.rpartition(" ")[0], offset=offset or 0) if self.place is not None else ""
        column = 0 if offset is None else locate(text, offset)[1]
        return Problem(self.rule.name, kind, message, attribute, text, column, place, offset or 0)

    def problems(self) -> Iterator[Problem]:
        known = self.surroundings.connectors
        if known and self.rule.connector not in known and not self.surroundings.new_installation:
            message = f"The connector {{{self.rule.connector}}} does not exist."
            yield self.problem("connector", "unknown-connector", message)
        yield from self.object_type("sourceObjectType", self.rule.source_object_type, self.source)
        yield from self.object_type("targetObjectType", self.rule.target_object_type, self.target)
        for number, group in enumerate(self.rule.scope):
            for position, clause in enumerate(group):
                yield from self.clause(f"scope {number} {position}", clause)
        for number, joins in enumerate(self.rule.joins):
            for position, join in enumerate(joins):
                yield from self.join(f"join {number} {position}", join)
        for number, flow in enumerate(self.rule.flows):
            yield from self.flow(number, flow)

    def object_type(self, part: str, object_type: str, schema: Schema | None) -> Iterator[Problem]:
        if schema is not None and object_type not in ("", "*") and object_type not in schema.object_types:
            told = f"The object type {object_type} does not exist.{hint(object_type, schema.object_types)}"
            yield self.problem(part, "unknown-object-type", told)

    def attribute(self, part: str, name: str, schema: Schema | None, object_type: str, where: str) -> Iterator[Problem]:
        """Whether the attribute exists, and on objects of that type."""
        if schema is None or name == _NAME or (self.surroundings.new_installation and name.startswith(_EXTENSION)):
            return
        if name not in schema.attributes:
            if where == "source" and self.inbound and self.rule.is_standard and name in shipped_sources():
                return  # a forest without Exchange or Lync has no such attribute, and the rule finds nothing
            told = f"The {where} attribute {name} does not exist.{hint(name, schema.attributes)}"
        elif name not in schema.object_types.get(object_type, schema.attributes):
            told = f"The {where} attribute {name} does not belong to {object_type}."
        else:
            return
        yield self.problem(part, "unknown-attribute", told, name)

    def clause(self, part: str, clause: ScopeClause) -> Iterator[Problem]:
        name, value = clause.attribute, clause.value
        text = f"{name} {clause.operator} {value}".strip()
        yield from self.attribute(part, name, self.source, self.rule.source_object_type, "scope")
        for parameter in parameter_names(value):
            if parameter not in self.surroundings.parameters:
                told = f"The parameter %{parameter}% is not defined.{hint(parameter, self.surroundings.parameters)}"
                yield self.problem(part, "unknown-parameter", told, name, text)
        operator = OPERATORS.get(clause.operator.upper())
        if operator is None:
            told = f"The scope operator {clause.operator!r} does not exist.{hint(clause.operator, OPERATORS)}"
            yield self.problem(part, "scope-operator-unknown", told, name, text)
        elif operator.needs_value and not value:
            yield self.problem(part, "scope-value-missing", f"{clause.operator} needs a value.", name, text)
        elif clause.operator.upper() in MEMBER_OPERATORS:
            if not self.inbound:
                told = f"{clause.operator} asks for a group of a connector space; a metaverse object is in none."
                yield self.problem(part, "scope-membership-unavailable", told, name, text)
        elif not parameter_names(value):
            try:
                compile_clause(clause, self.source, reference_text=str)
            except ConfigurationError as error:
                yield self.problem(part, error.code, error.message, name, text)

    def join(self, part: str, join: JoinClause) -> Iterator[Problem]:
        cs_type, mv_type = self.rule.source_object_type, self.rule.target_object_type
        if not self.inbound:
            cs_type, mv_type = mv_type, cs_type
        metaverse = self.surroundings.metaverse
        yield from self.attribute(part, join.cs_attribute, self.space, cs_type, "join")
        yield from self.attribute(part, join.mv_attribute, metaverse, mv_type, "join")
        one = self.space.attributes.get(join.cs_attribute) if self.space else None
        other = metaverse.attributes.get(join.mv_attribute) if metaverse else None
        if one is not None and one.multivalued:
            told = f"The join attribute {one.name} holds several values; a join needs one."
            yield self.problem(part, "join-object-id-must-be-single-valued", told, one.name)
        if one is not None and other is not None and one.type is not other.type:
            told = f"{one.name} is of type {one.type.value} and {other.name} of type {other.type.value}."
            yield self.problem(part, "join-type-mismatch", f"A join compares like with like: {told}", one.name)

    def flow(self, number: int, flow: AttributeFlow) -> Iterator[Problem]:
        part = f"flow {number} dest"
        yield from self.attribute(part, flow.target, self.target, self.rule.target_object_type, "target")
        if flow.type is FlowType.DIRECT:
            yield from self.direct(number, flow)
        elif flow.type is FlowType.CONSTANT:
            yield from self.constant(number, flow)
        else:
            yield from self.expression(number, flow)

    def direct(self, number: int, flow: AttributeFlow) -> Iterator[Problem]:
        part = f"flow {number} src"
        if len(flow.sources) != 1:
            told = f"A direct flow has one source attribute, not {len(flow.sources)}."
            yield self.problem(part, "flow-source-invalid", told, flow.target)
        for name in flow.sources:
            yield from self.attribute(part, name, self.source, self.rule.source_object_type, "source")
            source = self.source.attributes.get(name) if self.source else None
            target = self.target.attributes.get(flow.target) if self.target else None
            if source is not None and target is not None and source.type is not target.type:
                told = f"{name} is of type {source.type.value}, {flow.target} takes {target.type.value}."
                yield self.problem(part, "flow-type-mismatch", told, flow.target)

    def constant(self, number: int, flow: AttributeFlow) -> Iterator[Problem]:
        part = f"flow {number} src"
        definition = self.target.attributes.get(flow.target) if self.target else None
        constant = (flow.constant or "").strip()
        if not constant:
            yield self.problem(part, "flow-source-invalid", "A constant flow needs a value.", flow.target)
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
        yield self.problem(part, "flow-constant-invalid", f"{flow.target} takes {wrong}.", flow.target, constant)

    def expression(self, number: int, flow: AttributeFlow) -> Iterator[Problem]:
        part, text = f"expression {number}", flow.expression or ""
        expression, faults = examine_expression(text, self.source.attributes if self.source else None)
        for fault in faults:
            line = locate(text, fault.offset)[0]
            told = f"{fault.message} (line {line})" if line > 1 else fault.message
            kind = f"expression-{fault.kind}"
            yield self.problem(part, kind, told, flow.target, text, fault.offset)
        if expression is None:
            return
        for name in sorted(expression.attributes | expression.imported):
            for one in self.attribute(part, name, self.source, self.rule.source_object_type, "source"):
                yield self.problem(part, one.kind, one.message, flow.target, text, max(0, text.find(name)))
        for name in sorted(expression.parameters - self.surroundings.parameters):
            told = f"The parameter %{name}% is not defined.{hint(name, self.surroundings.parameters)}"
            yield self.problem(part, "unknown-parameter", told, flow.target, text, max(0, text.find(f"%{name}%")))
