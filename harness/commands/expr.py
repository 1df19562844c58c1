"""``anchorage expr``: evaluate one expression of the rule language over attributes given on the command line or
in a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import click

from harness.exit_codes import ExitCode


@click.command("expr")
@click.argument("expression")
@click.option("--set", "assignments", multiple=True, metavar="ATTR=VALUE", help="An attribute; twice for two values.")
@click.option(
    "--attrs-json", type=click.Path(dir_okay=False), default=None, metavar="F", help="attrs, params, imported."
)
@click.option("--json", "as_json", is_flag=True, help="Print kind, type and value as JSON.")
@click.option("--seed", default="1", metavar="S", help="What functions that make things up start from.")
@click.option(
    "--now", default=None, metavar="TIME", help="The time, such as 2026-03-02T08:00:00Z; the machine's without it."
)
def command(
    expression: str, assignments: tuple[str, ...], attrs_json: str | None, as_json: bool, seed: str, now: str | None
) -> int:
    """Evaluate EXPRESSION; attributes stand in brackets, parameters between percent signs."""
    from engine.rules.expression.evaluation import evaluate_text
    from harness.lab.clock import machine_now
    from harness.scenario.world_reader import read_start

    given = read_document(attrs_json)
    attributes = {**given["attrs"], **read_assignments(assignments)}
    try:
        moment = read_start(now) if now is not None else machine_now()
        found = evaluate_text(expression, attributes, given["params"], given["imported"], moment, Random(seed))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else show(found))
    return int(ExitCode.ASSERTION_FAILED if found["kind"] == "error" else ExitCode.PASS)


def read_assignments(assignments: tuple[str, ...]) -> dict[str, Any]:
    """Return attributes by name; one that is given twice has two values."""
    values: dict[str, list[str]] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"--set takes ATTR=VALUE, not {text}")
        values.setdefault(name.strip(), []).append(value)
    return {name: found if len(found) > 1 else found[0] for name, found in values.items()}


def read_document(path: str | None) -> dict[str, Any]:
    """Return attrs, params and imported of a file; raises a usage error for another form."""
    empty: dict[str, Any] = {"attrs": {}, "params": {}, "imported": {}}
    if path is None:
        return empty
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} cannot be read: {error}") from None
    unknown = sorted(set(found) - set(empty)) if isinstance(found, dict) else ["a value that is no object"]
    if unknown or not all(isinstance(part, dict) for part in found.values()):
        raise click.UsageError(f"{path} holds attrs, params and imported, each an object; found {', '.join(unknown)}")
    return {**empty, **found}


def show(found: Mapping[str, Any]) -> str:
    """Return an outcome for a person."""
    match found["kind"]:
        case "value":
            return (
                json.dumps(found["value"], ensure_ascii=False)
                if not isinstance(found["value"], str)
                else found["value"]
            )
        case "error":
            return str(found.get("explanation") or found.get("message"))
        case kind:
            return str(kind)
