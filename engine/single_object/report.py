"""What Invoke-ADSyncSingleObjectSync answers: its result as JSON, its steps, its reasons and what it recommends.

Names, order and texts are those of the product's diagnostic module (facts "engine" section 21, DIAG).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.model.change import Operation
from engine.model.hologram_xml import attribute_delta
from engine.model.layers import Layer
from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.model.values import Attributes, Scalar, Value, as_list, text_of
from engine.rules.candidates import Explanation, ScopeOutcome, Verdict

_HELP = "To learn more on how to do this, please see: https://aka.ms/aadc-"
DOMAIN_HELP = _HELP + "filtering-domain"
OU_HELP = _HELP + "filtering-organizational-unit"
GROUP_HELP = _HELP + "filtering-group"
ATTRIBUTE_HELP = "To learn more about attribute based filtering, please see: https://aka.ms/aadc-filtering-attribute"
RULE_HELP = "https://aka.ms/aadc-custom-sync-rule"
SCHEDULER_HELP = "https://aka.ms/aadc-scheduler-disable"
GENERIC = (
    "Please ensure Azure AD Connect sync engine is not running any operation and disable the scheduler temporarily"
    ' while using "Invoke-ADSyncSingleObjectSync". To learn more on how to disable the scheduler, please see: '
    + SCHEDULER_HELP
)
#: Export errors that have a page of their own.
_EXPORT_HELP = {
    "attributevaluemustbeunique": "AttributeValueMustBeUnique",
    "datavalidationfailed": "DataValidationFailed",
    "federateddomainchangeerror": "FederatedDomainChangeError",
    "invalidsoftmatch": "InvalidSoftMatch",
    "largeobject": "LargeObject",
    "objecttypemismatch": "ObjectTypeMismatch",
}
_ACTIONS = {Operation.ADD: "Create", Operation.UPDATE: "Update", Operation.DELETE: "Delete"}


def moment(time: datetime) -> str:
    """A time as the module prints it: UTC, the invariant culture's form."""
    return time.strftime("%m/%d/%Y %H:%M:%S")


@dataclass
class StatusInfo:
    """status: None until something is decided, then Success, Failure or Skipped."""

    status: str | None = None
    error_code: str = ""
    reason: str = ""
    additional_details: str = ""
    error_category: str = ""
    recommended_action: str = ""

    def document(self) -> dict[str, object]:
        return {
            "Status": self.status,
            "ErrorCode": self.error_code,
            "Reason": self.reason,
            "AdditionalDetails": self.additional_details,
            "ErrorCategory": self.error_category,
            "RecommendedAction": self.recommended_action,
        }


@dataclass
class Identity:
    """The object on one side. id: objectGUID there, object id here."""

    id: str = ""
    type: str = ""
    name: str = ""

    def document(self) -> dict[str, object]:
        return {"Id": self.id, "Type": self.type, "Name": self.name}


@dataclass
class ProvisioningStep:
    """One of the ten steps. details: in the order in which they were found."""

    type: str
    name: str
    description: str
    timestamp: str
    status: str = "Failure"
    details: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        return {
            "Status": self.status,
            "Type": self.type,
            "Name": self.name,
            "Description": self.description,
            "Timestamp": self.timestamp,
            "Details": self.details,
        }


@dataclass
class SingleObjectSyncResult:
    """action: what was staged for the tenant: Create, Update, Delete or Other. modified: (name, old, new)."""

    started: str
    action: str = "Other"
    ended: str = ""
    source_system: str | None = None
    target_system: str | None = None
    source: Identity = field(default_factory=Identity)
    target: Identity = field(default_factory=Identity)
    status: StatusInfo = field(default_factory=StatusInfo)
    modified: list[tuple[str, str, str]] = field(default_factory=list)
    steps: list[ProvisioningStep] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        return self.status.status == "Success"

    def document(self) -> dict[str, object]:
        """The result with the names and the order of the product."""
        return {
            "Action": self.action,
            "StartTime": self.started,
            "EndTime": self.ended,
            "SourceSystem": {"Name": self.source_system},
            "TargetSystem": {"Name": self.target_system},
            "SourceIdentity": self.source.document(),
            "TargetIdentity": self.target.document(),
            "StatusInfo": self.status.document(),
            "ModifiedProperties": [{"Name": n, "OldValue": old, "NewValue": new} for n, old, new in self.modified],
            "ProvisioningSteps": [step.document() for step in self.steps],
        }

    def json(self) -> str:
        return json.dumps(self.document(), separators=(",", ":"), ensure_ascii=False)


class Stopped(Exception):
    """A step failed; the reason is in the result."""


class Progress:
    """Takes the steps down as they come. ``stop`` gives what is to be raised where one fails."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.result = SingleObjectSyncResult(moment(now()))

    def step(self, kind: str, name: str, description: str) -> ProvisioningStep:
        made = ProvisioningStep(kind, name, description, moment(self._now()))
        self.result.steps.append(made)
        return made

    def stop(self, reason: str = "", action: str = "", *, code: str = "", details: str = "") -> Stopped:
        advice = action or export_advice(code)
        self.result.status = StatusInfo("Failure", code, reason, details, recommended_action=advice)
        return Stopped()

    def end(self) -> None:
        self.result.ended = moment(self._now())


def action_of(operation: Operation) -> str:
    return _ACTIONS.get(operation, "Other")


def export_advice(error_code: str) -> str:
    """What the module recommends for an error code; empty when it has nothing to say."""
    name = _EXPORT_HELP.get(error_code.lower())
    if name is None:
        return ""
    return f"To learn how to fix {name} Export Error, please see: https://aka.ms/aadc-exporterror-{name.lower()}"


def out_of_scope_text(scopes: Iterable[ScopeOutcome]) -> str:
    """The rules that do not apply, each with its reason."""
    found = []
    for scope in scopes:
        if scope.in_scope:
            continue
        if scope.reason == Verdict.SOURCE_DELETED:
            why = "Source object marked for deletion"
        elif scope.reason == Verdict.DISABLED:
            why = "Sync rule disabled"
        else:
            clauses = [outcome.clause for outcome in scope.failed] or [c for group in scope.rule.scope for c in group]
            told = ", ".join(f"[{c.attribute} {c.operator} {c.value}]" for c in clauses)
            why = f"Scope conditions not satisfied: {told}"
        found.append(f"{scope.rule.name} ({why})")
    return ", ".join(found)


def modified_properties(
    before: Attributes, after: Attributes, schema: Schema, shown: Mapping[int, str]
) -> list[tuple[str, str, str]]:
    """What differs on the target: values of single-valued attributes, counts of the others."""
    found = []
    for name in dict.fromkeys([*sorted(before), *sorted(after)]):
        old, new = _texts(schema, name, before.get(name), shown), _texts(schema, name, after.get(name), shown)
        if _definition(schema, name, before.get(name), after.get(name)).multivalued:
            if sorted(old) != sorted(new):
                found.append((f"{name} - Count", str(len(old)), str(len(new))))
        elif old[:1] != new[:1]:
            found.append((name, "".join(old[:1]), "".join(new[:1])))
    return found


def attribute_info(
    schema: Schema,
    layer: Layer,
    below: Attributes | None,
    shown: Mapping[int, str],
    flows: Iterable[Explanation] = (),
) -> str:
    """AttributeInfoJson: every attribute of a layer with its change and the rule that gives it."""
    rows: dict[str, dict[str, object]] = {}
    for name, value in sorted((layer.image or {}).items()):
        row = rows.setdefault(name, _row(schema, name, value))
        row["Value"] = ", ".join(_texts(schema, name, value, shown))
        row["Operation"] = "none"
    if layer.operation not in (Operation.NONE, Operation.DELETE):
        for name, wanted in sorted(layer.changes.items()):
            row = rows.setdefault(name, _row(schema, name, wanted))
            if layer.operation is Operation.UPDATE:
                kind, values = attribute_delta(schema, name, wanted, (below or {}).get(name))
            else:
                kind, values = "add", [(one, "") for one in as_list(wanted)]
            row["Operation"] = kind
            for key, told in (("Add", ("", "add")), ("Delete", ("delete",))):
                chosen: list[Scalar] = [one for one, operation in values if operation in told]
                row[key] = ", ".join(_texts(schema, name, chosen or None, shown))
    for explanation in flows:
        winner = explanation.winner
        if winner is None or winner.verdict is Verdict.FAILS:
            continue
        row = rows.setdefault(explanation.attribute, _row(schema, explanation.attribute, None))
        row["SyncRule"] = winner.rule.name
        row["MappingType"] = f"{winner.flow.type.value.lower()}-mapping"
        row["DataSource"] = " ".join(winner.flow.sources)
    return json.dumps(list(rows.values()), separators=(",", ":"), ensure_ascii=False)


def _row(schema: Schema, name: str, value: Value | None) -> dict[str, object]:
    definition = _definition(schema, name, value)
    empty = dict.fromkeys(("Value", "Add", "Delete", "Operation", "SyncRule", "MappingType", "DataSource"))
    return {"Name": name, "IsMultiValued": definition.multivalued, "Type": definition.type.value, **empty}


def _definition(schema: Schema, name: str, *values: Value | None) -> AttributeDefinition:
    known = schema.attributes.get(name)
    return known or AttributeDefinition(name, multivalued=any(isinstance(value, list) for value in values))


def _texts(schema: Schema, name: str, value: Value | None, shown: Mapping[int, str]) -> list[str]:
    reference = _definition(schema, name, value).type is AttributeType.REFERENCE
    return [shown.get(one, f"#{one}") if reference and isinstance(one, int) else text_of(one) for one in as_list(value)]
