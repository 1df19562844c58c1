"""The drift report of two servers as plain text and as one HTML page without anything to load.

Source: facts "install" CFG-08 (the configuration documenter writes such a page), seed004 (staging mode pitfalls).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Any

UNEXPLAINED = "no difference of the configurations explains"
_STYLE = (
    "body{font:14px sans-serif;margin:2em}table{border-collapse:collapse;margin:.5em 0 1.5em}"
    "td,th{border:1px solid #bbb;padding:.25em .6em;text-align:left;vertical-align:top}"
    "th{background:#eee}.hard{color:#a00;font-weight:bold}del{color:#a00}ins{color:#070}"
)


@dataclass(frozen=True)
class DriftReport:
    """first, second: what the two are called. findings: class, about, connector, before, after, hard. effects: what
    the second would export: object, operation, attribute, before, after, rules, cause; None = nobody could look."""

    first: str
    second: str
    findings: Sequence[Mapping[str, Any]]
    effects: Sequence[Mapping[str, Any]] | None = None
    moment: str = ""

    @property
    def hard(self) -> bool:
        """Whether a finding forbids a promotion whatever is done."""
        return any(one.get("hard") for one in self.findings)


@dataclass(frozen=True)
class _Group:
    cause: str
    effects: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def head(self) -> str:
        objects = len({(one["connector"], one["dn"]) for one in self.effects})
        return f"{self.cause or UNEXPLAINED}: {objects} object{'' if objects == 1 else 's'}"


def _groups(effects: Iterable[Mapping[str, Any]]) -> list[_Group]:
    ordered = sorted(effects, key=lambda one: (not one["cause"], one["cause"]))
    return [_Group(cause, list(part)) for cause, part in groupby(ordered, key=lambda one: str(one["cause"]))]


# ---- text ----------------------------------------------------------------------------------------------------------
def as_text(report: DriftReport) -> str:
    """The report for a terminal or a ticket."""
    count = len(report.findings)
    lines = [f"{report.first} -> {report.second}: {count} difference{'' if count == 1 else 's'}"]
    lines += [f"  {'!' if one.get('hard') else '-'} {_finding(one)}" for one in report.findings]
    if report.effects is not None:
        lines += ["", f"What {report.second} would export now: {len(report.effects)} changes"]
        for group in _groups(report.effects):
            lines.append(f"  {group.head}")
            lines += [f"    {_effect(one)}" for one in group.effects]
    return "\n".join(lines) + "\n"


def _finding(one: Mapping[str, Any]) -> str:
    place = f" of {one['connector']}" if one.get("connector") and one["connector"] != one["about"] else ""
    sides = f": {one['before'] or '(none)'} -> {one['after'] or '(none)'}" if one["before"] or one["after"] else ""
    return f"{one['class']}: {one['about']}{place}{sides}"


def _effect(one: Mapping[str, Any]) -> str:
    by = f" by {', '.join(one['rules'])}" if one["rules"] else ""
    if not one["attribute"]:
        return f"{one['operation']} {one['object']} in {one['connector']}{by}"
    return f"{one['object']}: {one['attribute']} {_value(one['before'])} -> {_value(one['after'])}{by}"


def _value(value: Any) -> str:
    if value is None or value == "":
        return "(nothing)"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


# ---- HTML ----------------------------------------------------------------------------------------------------------
def as_html(report: DriftReport) -> str:
    """The report as one page; every value is escaped."""
    title = escape(f"Drift: {report.first} and {report.second}")
    parts = [
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>",
        f"<p>{escape(report.moment)}</p>" if report.moment else "",
        _findings_table(report),
    ]
    if report.effects is not None:
        parts.append(f"<h2>What {escape(report.second)} would export now</h2>")
        parts += [_effects_table(group) for group in _groups(report.effects)] or ["<p>Nothing.</p>"]
    return "\n".join(part for part in parts if part) + "\n</body></html>\n"


def _findings_table(report: DriftReport) -> str:
    if not report.findings:
        return "<p>The two are configured alike.</p>"
    heads = ("class", "about", "connector", report.first, report.second)
    rows = []
    for one in report.findings:
        mark = ' class="hard"' if one.get("hard") else ""
        cells = (one["class"], one["about"], one["connector"])
        plain = "".join(f"<td{mark if n == 0 else ''}>{escape(str(cell))}</td>" for n, cell in enumerate(cells))
        sides = f"<td><del>{escape(str(one['before']))}</del></td><td><ins>{escape(str(one['after']))}</ins></td>"
        rows.append(f"<tr>{plain}{sides}</tr>")
    return _table(heads, rows)


def _effects_table(group: _Group) -> str:
    rows = []
    for one in group.effects:
        cells = (one["object"], one["connector"], one["operation"], one["attribute"])
        plain = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
        sides = f"<td><del>{escape(_value(one['before']))}</del></td><td><ins>{escape(_value(one['after']))}</ins></td>"
        rows.append(f"<tr>{plain}{sides}<td>{escape(', '.join(one['rules']))}</td></tr>")
    heads = ("object", "connector", "operation", "attribute", "now", "then", "rules")
    return f"<h3>{escape(group.head)}</h3>\n" + _table(heads, rows)


def _table(heads: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    return f"<table><tr>{head}</tr>\n" + "\n".join(rows) + "\n</table>"
