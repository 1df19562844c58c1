"""What a difference between two servers would do: the staging server's pending exports, each by the rule that made it.

A pending export is put down to a finding of the drift report when the rule that gave the value, or one that is missing
and used to give it, is what differs; an object that comes or goes also to a differing selection. Source: seed004 (a
drifted server rolls attribute flows back); facts "install" 24, CFG-09.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.explanation import Explainer
from engine.model.change import Operation
from engine.model.cs_object import CSObject
from engine.model.mv_object import MVObject
from engine.rules.rule import LinkType, SyncRule
from engine.rules.ruleset import canonical_name
from engine.setup.drift_report import Configured, Drift, Finding
from engine.store.database import Database
from engine.store.search import Search, find

#: Findings that decide which objects there are, not what they hold.
_SELECTING = (
    Drift.OU_LIST,
    Drift.SELECTION,
    Drift.SCOPE,
    Drift.FEATURE,
    Drift.EXTRA_CONNECTOR,
    Drift.MISSING_CONNECTOR,
)
_OF_RULES = (
    Drift.MISSING_RULE, Drift.EXTRA_RULE, Drift.RULE_DISABLED, Drift.RULE_ENABLED, Drift.PRECEDENCE, Drift.FLOW,
    Drift.SCOPE, Drift.RULE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effect:
    """One change that would be exported. attribute "" = the object itself comes or goes. rules: who gave the value, the
    outbound rule first. cause: the finding it is put down to; "" = no difference explains it."""

    connector: str
    dn: str
    name: str
    operation: str
    attribute: str = ""
    before: object = None
    after: object = None
    rules: tuple[str, ...] = ()
    cause: str = ""


def effects(database: Database, first: Configured, findings: Iterable[Finding]) -> tuple[Effect, ...]:
    """Everything the server of this database would export now. first: the server it is compared with."""
    looking = _Looking(database, first, tuple(findings))
    return tuple(effect for cs in looking.pending() for effect in looking.of(cs))


class _Looking:
    def __init__(self, database: Database, first: Configured, findings: tuple[Finding, ...]) -> None:
        self.explainer = Explainer(database)
        self.findings = findings
        self.names = {one.identifier: one.name for one in first.connectors}
        self.first_rules = first.rules

    def pending(self) -> Iterator[CSObject]:
        for part in find(self.explainer.connection, Search(states=("pending-export",))):
            yield from part

    def of(self, cs: CSObject) -> Iterator[Effect]:
        explainer = self.explainer
        connector = explainer.connectors[cs.connector]
        mv = explainer.mv(cs.mv) if cs.mv else None
        links = explainer.linked(mv.number) if mv is not None else [cs]
        operation = cs.pending_export
        head = (connector.name, cs.dn, _name(cs, mv), operation.label)
        if operation is not Operation.UPDATE:
            rules = self._deciding(mv, cs)
            yield Effect(*head, rules=rules, cause=self._cause_of_coming(rules, links, operation))
            return
        held = cs.imported()
        for attribute, after in sorted((cs.unapplied or {}).items()):
            rules, read = self._giving(mv, cs, attribute)
            cause = self._cause_of_value(rules, {attribute, *read})
            before, then = (explainer.shown(attribute, value, cs.connector) for value in (held.get(attribute), after))
            yield Effect(*head, attribute, before, then, rules, cause)

    # ---- who gave it -------------------------------------------------------------------------------------------------
    def _giving(self, mv: MVObject | None, cs: CSObject, attribute: str) -> tuple[tuple[str, ...], set[str]]:
        """The winning outbound rule, the winning inbound rules of what it reads; and what it reads."""
        if mv is None:
            return (), set()
        found = self.explainer.explain(mv, cs, attribute, cs.connector)
        target = next((one for one in found.targets if one.number == cs.number), None)
        if target is None:
            return (), set()
        winners = (target.explanation.winner, *(one.winner for one in target.because))
        names = dict.fromkeys(one.rule.name for one in winners if one is not None)
        flows = (flow for rule in self.first_rules for flow in rule.flows if flow.target == attribute)
        read = {one.attribute for one in target.because} | {name for flow in flows for name in flow.sources}
        return tuple(names), read

    def _deciding(self, mv: MVObject | None, cs: CSObject) -> tuple[str, ...]:
        """The provisioning rules of the connector that hold, and the inbound rules that brought the object in."""
        if mv is None:
            return ()
        outward = self.explainer.outward(mv, cs.connector).scopes
        inward = (scope for one in self.explainer.linked(mv.number) for scope in self.explainer.source(one).scopes)
        held = [s.rule.name for s in (*outward, *inward) if s.in_scope and s.rule.link_type is LinkType.PROVISION]
        return tuple(dict.fromkeys(held))

    # ---- what difference it comes from -------------------------------------------------------------------------------
    def _cause_of_value(self, rules: tuple[str, ...], attributes: set[str]) -> str:
        """A rule that gives the value and differs in what matters for it, else one that would have given it."""
        given = {canonical_name(name) for name in rules}
        of_rules = [one for one in self.findings if one.drift in _OF_RULES and self._touches(one, attributes)]
        giving = [one for one in of_rules if canonical_name(one.about) in given and one.drift is not Drift.MISSING_RULE]
        silenced = [one for one in of_rules if one.drift not in (Drift.EXTRA_RULE, Drift.RULE_ENABLED)]
        return next((str(one) for one in (*giving, *silenced)), "")

    def _touches(self, finding: Finding, attributes: set[str]) -> bool:
        """Whether the difference is about one of these: its changed flows, or any flow of a rule that differs whole."""
        if finding.drift is Drift.FLOW:
            return bool(attributes & {name.strip() for name in finding.after.split(",")})
        targets = {flow.target for rule in self._rules_of(finding) for flow in rule.flows}
        return not targets or bool(attributes & targets)

    def _rules_of(self, finding: Finding) -> Iterator[SyncRule]:
        """The rule as the first server has it."""
        wanted = canonical_name(finding.about)
        for rule in self.first_rules:
            connector = self.names.get(rule.connector, rule.connector)
            if canonical_name(rule.name) == wanted and finding.connector.casefold() in ("", connector.casefold()):
                yield rule

    def _cause_of_coming(self, rules: tuple[str, ...], links: Iterable[CSObject], operation: Operation) -> str:
        given = {canonical_name(name) for name in rules}
        connectors = {self.explainer.connectors[one.connector].name.casefold() for one in links}
        of_rule = [one for one in self.findings if one.drift in _OF_RULES and canonical_name(one.about) in given]
        selecting = [
            one for one in self.findings if one.drift in _SELECTING and one.connector.casefold() in ("", *connectors)
        ]
        joining = [one for one in self.findings if one.drift in _OF_RULES and self._selects(one)]
        found = next(iter([*of_rule, *selecting, *joining]), None)
        if found is None and operation is Operation.DELETE:  # what it came from may have left the metaverse with it
            found = next((one for one in self.findings if one.drift in _SELECTING), None)
        return str(found) if found is not None else ""

    def _selects(self, finding: Finding) -> bool:
        """Whether the rule keeps objects out or lets them in."""
        return any(flow.target == "cloudFiltered" for rule in self._rules_of(finding) for flow in rule.flows)


def _name(cs: CSObject, mv: MVObject | None) -> str:
    values: Mapping[str, object] = mv.values if mv is not None else cs.newest()
    return str(next((values[name] for name in ("displayName", "userPrincipalName", "cn") if name in values), cs.dn))


__all__ = ["Effect", "effects"]
