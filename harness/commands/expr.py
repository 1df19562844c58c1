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
from harness.scenario.source import suggestion


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
    except ValueError:
        raise click.UsageError(f"--now takes a time such as 2026-03-02T08:00:00Z, not {now}") from None
    try:
        found = evaluate_text(expression, attributes, given["params"], given["imported"], moment, Random(seed))
    except ValueError as error:
        raise click.UsageError(f"{attrs_json}: {error}") from None
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
    """Return attrs, params and imported of a file; raises a usage error with the place of what is none of them."""
    from engine.errors import ConfigurationError
    from engine.rules.json_document import read_json

    parts: dict[str, Any] = {"attrs": {}, "params": {}, "imported": {}}
    if path is None:
        return parts
    try:
        root = read_json(Path(path).read_bytes(), path)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ConfigurationError as error:
        raise click.UsageError(error.message) from None
    if not isinstance(root.value, dict):
        raise click.UsageError(f'{path} holds an object such as {{"attrs": {{"mail": "ana@contoso.com"}}}}')
    for name, part in root.value.items():
        place = f"{path}:{part.line}:{part.column}"
        if name not in parts:
            raise click.UsageError(f"{place}: there is no part {name}; {suggestion(name, parts)}")
        if not isinstance(part.value, dict):
            raise click.UsageError(f"{place}: {name} holds values by their names, not {part.kind}")
        for key, one in part.value.items():
            if name == "params" and not isinstance(one.value, str):
                raise click.UsageError(f"{path}:{one.line}:{one.column}: the parameter {key} is a text, not {one.kind}")
    return {**parts, **root.plain()}


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
