"""The difference of two rule sets for a person to read, line by line, and as plain data for a program.

The sides are called as the reader asks: before and after, active and staging. Source: facts "install" CFG-09; decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.rules.rule import AttributeFlow, FlowType, SyncRule
from engine.rules.rule_diff import FieldChange, RuleChange, RuleSetDiff, line_diff

_LONG = 100
_AROUND = 30


def as_lines(diff: RuleSetDiff, names: tuple[str, str] = ("before", "after")) -> list[str]:
    """The whole difference to read; a line that begins with "- " or "+ " after its indent belongs to one side."""
    lines = [f"the connector {one} of {names[0]} is {other} of {names[1]}" for one, other in diff.connectors]
    for side, mark, rules in ((names[0], "-", diff.only_before), (names[1], "+", diff.only_after)):
        if rules:
            lines += [f"only in {side}:", *(f"  {mark} {_title(rule)}" for rule in rules)]
    moved = [change for change in diff.changed if change.moved_only]
    for change in diff.changed:
        if not change.moved_only:
            lines += [f"changed: {_title(change.before)}", *(f"  {line}" for line in _change_lines(change))]
    if moved:
        lines.append("only the precedence differs:")
        lines += [f"  {one.before.precedence:>4} -> {one.after.precedence:<4}  {one.before.name}" for one in moved]
    lines.append(
        f"{diff.same} the same, {len(diff.changed)} changed, "
        f"{len(diff.only_before)} only in {names[0]}, {len(diff.only_after)} only in {names[1]}"
    )
    return lines


def _title(rule: SyncRule) -> str:
    return f"{rule.precedence:>4}  {rule.direction:<8}  {rule.name}{'  (disabled)' if rule.disabled else ''}"


def _change_lines(change: RuleChange) -> Iterator[str]:
    for field in change.fields:
        yield from _field_lines(field)
    for word, lines in (("scope", change.scope), ("joins", change.joins)):
        if lines:
            yield f"{word}:"
            yield from (f"  {line}" for line in lines)
    for flow in change.flows:
        if flow.after is None and flow.before is not None:
            yield f"- flow to {_flow_line(flow.before)}"
        elif flow.before is None and flow.after is not None:
            yield f"+ flow to {_flow_line(flow.after)}"
        else:
            yield f"flow to {flow.target}:"
            for field in flow.fields:
                yield from (f"  {line}" for line in _field_lines(field))


def _flow_line(flow: AttributeFlow) -> str:
    match flow.type:
        case FlowType.DIRECT:
            value = ", ".join(flow.sources)
        case FlowType.CONSTANT:
            value = repr(flow.constant)
        case FlowType.EXPRESSION:
            value = shortened(flow.expression or "")
    extras = [f"merge {flow.merge}"] if flow.merge != "Update" else []
    extras += ["applied once"] if flow.execute_once else []
    return f"{flow.target} <- {flow.type} {value}" + (f"  ({', '.join(extras)})" if extras else "")


def _field_lines(change: FieldChange) -> Iterator[str]:
    name = change.field.replace("_", " ")
    if "\n" in change.before + change.after and max(len(change.before), len(change.after)) > _LONG:
        yield f"{name}:"
        yield from (f"  {line}" for line in line_diff(change.before.split("\n"), change.after.split("\n")))
        return
    one, other = excerpts(change.before, change.after)
    if max(len(one), len(other)) <= _LONG // 3:
        yield f"{name}: {one or '(none)'} -> {other or '(none)'}"
    else:
        yield f"{name}:"
        yield f"  - {one}"
        yield f"  + {other}"


def shortened(text: str) -> str:
    """A text on one line, its middle left out when it is long."""
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONG else f"{plain[: _LONG - _AROUND]} … {plain[-_AROUND:]}"


def excerpts(before: str, after: str) -> tuple[str, str]:
    """Two texts on a line each; what long ones share at both ends is left out but for a few characters."""
    one, other = (text.replace("\n", "⏎") for text in (before, after))
    if max(len(one), len(other)) <= _LONG:
        return one, other
    limit = min(len(one), len(other))
    head = next((at for at in range(limit) if one[at] != other[at]), limit)
    tail = next((at for at in range(limit - head) if one[-1 - at] != other[-1 - at]), limit - head)
    start, end = max(0, head - _AROUND), max(0, tail - _AROUND)

    def cut(text: str) -> str:
        return ("… " if start else "") + text[start : len(text) - end] + (" …" if end else "")

    return cut(one), cut(other)


def as_document(diff: RuleSetDiff, names: tuple[str, str] = ("before", "after")) -> dict[str, Any]:
    """The whole difference as plain data, nothing shortened; its shape does not depend on the names of the sides."""

    def rule(one: SyncRule) -> dict[str, Any]:
        return {"identifier": one.identifier, "name": one.name, "precedence": one.precedence}

    def fields(changes: Iterable[FieldChange]) -> dict[str, dict[str, str]]:
        return {change.field: {"before": change.before, "after": change.after} for change in changes}

    def flow(one: AttributeFlow | None) -> dict[str, Any] | None:
        if one is None:
            return None
        return {name: getattr(one, name) for name in ("type", "sources", "constant", "expression", "merge")} | {
            "execute_once": one.execute_once
        }

    return {
        "names": {"before": names[0], "after": names[1]},
        "same": diff.same,
        "connectors": [{"before": one, "after": other} for one, other in diff.connectors],
        "only_before": [rule(one) for one in diff.only_before],
        "only_after": [rule(one) for one in diff.only_after],
        "changed": [
            {
                "before": rule(change.before),
                "after": rule(change.after),
                "fields": fields(change.fields),
                "flows": [
                    {
                        "target": one.target,
                        "before": flow(one.before),
                        "after": flow(one.after),
                        "fields": fields(one.fields),
                    }
                    for one in change.flows
                ],
                "scope": list(change.scope),
                "joins": list(change.joins),
            }
            for change in diff.changed
        ],
    }
