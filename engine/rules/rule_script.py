"""Rules as the PowerShell the rules editor exports: read without running anything, written so that it reads back.

The editor's script cannot say a rule's version and internal identifier, nor elements nobody knows; writing notes them
in a comment. Source: facts "engine" section 18.2; exported scripts published with the product's own guides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from engine.errors import ConfigurationError
from engine.rules.place import ReadRule
from engine.rules.rule import ZERO_GUID, AttributeFlow, FlowType, SyncRule
from engine.rules.script_cmdlets import JOIN_CONDITION, SCOPE_CONDITION
from engine.rules.script_session import Session
from engine.rules.script_syntax import ScriptFault, quoted, statements

_FAULTS_TOLD = 20


def read_script(source: bytes | str | Path, name: str = "") -> list[SyncRule]:
    """Rules in the order a script adds them; raises ConfigurationError with a line for each statement at fault."""
    found, problems = examine_script(source, name)
    if problems:
        told = problems[:_FAULTS_TOLD]
        if len(problems) > _FAULTS_TOLD:
            label = name or (source.name if isinstance(source, Path) else "script")
            told.append(f"{label}: and {len(problems) - _FAULTS_TOLD} more.")
        raise ConfigurationError("script-invalid", "\n".join(told))
    return [one.rule for one in found]


def examine_script(source: bytes | str | Path, name: str = "") -> tuple[list[ReadRule], list[str]]:
    """Read what can be read, and say what cannot; raises ConfigurationError for what is no script at all."""
    if isinstance(source, Path):
        label = name or source.name
        try:
            content: bytes | str = source.read_bytes()
        except OSError as error:
            raise ConfigurationError("file-unreadable", f"{label}: cannot be read: {error.strerror}.") from None
    else:
        label, content = name or "script", source
    text = _decoded(content, label) if isinstance(content, bytes) else content
    session = Session()
    try:
        for statement in statements(text):
            session.perform(statement)
    except ScriptFault as fault:
        session.faults.append(fault)
    session.finish()
    faults = sorted(session.faults, key=lambda fault: fault.place)
    lines = [f"{label}:{fault.place.line}:{fault.place.column}: {fault.message}" for fault in faults]
    return [rule.read(label) for rule in session.rules], lines


def _decoded(content: bytes, label: str) -> str:
    """Notepad and PowerShell save UTF-8 or UTF-16, with a byte order mark or without."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            "script-invalid", f"{label}:{line}: this is no {encoding.upper()[:6].rstrip('-')} text; save it as UTF-8."
        ) from None


def write_script(rules: Iterable[SyncRule]) -> str:
    """Write rules one after the other, each as the editor exports it."""
    return "".join("\n".join(_rule_lines(rule)) + "\n" for rule in rules)


def unsaid(rule: SyncRule) -> list[str]:
    """What of a rule its script does not carry."""
    found = []
    if rule.version != 1:
        found.append(f"version {rule.version}")
    if rule.internal_identifier not in ("", rule.identifier):
        found.append(f"internal-id {{{rule.internal_identifier}}}")
    found += [re.sub(r"\W", "_", name) for name in rule.unknown]
    found += [
        f"the constant beside the expression of {re.sub(r'[^ -~]', '_', flow.target)}"
        for flow in rule.flows
        if flow.type is FlowType.EXPRESSION and flow.constant is not None
    ]
    return found


def _rule_lines(rule: SyncRule) -> Iterator[str]:
    left_out = unsaid(rule)
    if left_out:
        yield f"# not carried by New-ADSyncRule: {', '.join(left_out)}"
    expiry = rule.soft_delete_expiry
    yield from _call(
        "New-ADSyncRule",
        f"-Name {quoted(rule.name)}",
        f"-Identifier {quoted(rule.identifier)}",
        f"-Description {quoted(rule.description)}",
        f"-Direction {quoted(rule.direction.value)}",
        f"-Precedence {rule.precedence}",
        f"-PrecedenceAfter {quoted(rule.precedence_after or ZERO_GUID)}",
        f"-PrecedenceBefore {quoted(rule.precedence_before or ZERO_GUID)}",
        f"-SourceObjectType {quoted(rule.source_object_type)}",
        f"-TargetObjectType {quoted(rule.target_object_type)}",
        f"-Connector {quoted(rule.connector)}",
        f"-LinkType {quoted(rule.link_type.value)}",
        f"-SoftDeleteExpiryInterval {0 if expiry == '00:00:00' else quoted(expiry)}",
        f"-ImmutableTag {quoted(rule.immutable_tag)}",
        *(["-EnablePasswordSync"] if rule.enable_password_sync else []),
        *(["-Disabled"] if rule.disabled else []),
        "-OutVariable syncRule",
    )
    for flow in rule.flows:
        yield from _flow_lines(flow)
    for scope in rule.scope:
        yield from _group_lines(
            "Scope", SCOPE_CONDITION, [_list(clause.attribute, clause.value, clause.operator) for clause in scope]
        )
    for join in rule.joins:
        conditions = [
            f"{_list(clause.cs_attribute, clause.mv_attribute)},${str(clause.case_sensitive).lower()}"
            for clause in join
        ]
        yield from _group_lines("Join", JOIN_CONDITION, conditions)
    yield from _call("Add-ADSyncRule", "-SynchronizationRule $syncRule[0]")
    yield from _call("Get-ADSyncRule", f"-Identifier {quoted(rule.identifier)}")


def _flow_lines(flow: AttributeFlow) -> Iterator[str]:
    sources = (flow.constant or "",) if flow.type is FlowType.CONSTANT else flow.sources
    yield from _call(
        "Add-ADSyncAttributeFlowMapping",
        "-SynchronizationRule $syncRule[0]",
        *([f"-Source @({_list(*sources)})"] if sources else []),
        f"-Destination {quoted(flow.target)}",
        f"-FlowType {quoted(flow.type.value)}",
        f"-ValueMergeType {quoted(flow.merge.value)}",
        *(["-ExecuteOnce"] if flow.execute_once else []),
        *([f"-Expression {quoted(flow.expression or '')}"] if flow.type is FlowType.EXPRESSION else []),
        "-OutVariable syncRule",
    )


def _group_lines(word: str, type_name: str, conditions: Sequence[str]) -> Iterator[str]:
    for number, arguments in enumerate(conditions):
        yield from _call(
            "New-Object",
            f"-TypeName {quoted(type_name)}",
            f"-ArgumentList {arguments}",
            f"-OutVariable condition{number}",
        )
    held = ",".join(f"$condition{number}[0]" for number in range(len(conditions)))
    yield from _call(
        f"Add-ADSync{word}ConditionGroup",
        "-SynchronizationRule $syncRule[0]",
        f"-{word}Conditions @({held})",
        "-OutVariable syncRule",
    )


def _call(cmdlet: str, *arguments: str) -> Iterator[str]:
    """A call in the editor's form: a parameter a line, two blanks before the first backtick, two empty lines after."""
    yield f"{cmdlet}  `"
    yield from (f"{argument} `" for argument in arguments[:-1])
    yield from (arguments[-1], "", "")


def _list(*texts: str) -> str:
    return ",".join(quoted(text) for text in texts)
