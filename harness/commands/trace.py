"""``anchorage trace``: run one scenario and print its timeline, hop by hop, in virtual time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click

from harness.commands.one_case import one_case
from harness.exit_codes import ExitCode

#: kinds that say little about a change: how a client gets in, asks and beats; --all shows them
_QUIET = (
    "ldap.search",
    "ldap.bind",
    "ldap.extended",
    "tenant.sign-in.token",
    "tenant.sync-service.call",
    "tenant.graph.get",
)


@click.command("trace")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--seed", default=None, metavar="S", help="Run with this seed.")
@click.option("--profile", type=click.Choice(["guide", "vendor"]), default=None, help="Behaviour profile.")
@click.option("--case", default=None, help="Which case of the file; the first without it.")
@click.option("--about", default=None, metavar="TEXT", help="Only hops that mention the text, such as a name.")
@click.option("--step", "step_number", type=int, default=None, help="Only hops of this step.")
@click.option("--all", "everything", is_flag=True, help="Searches, binds, tokens and idle beats too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON record a line.")
def command(
    file: str,
    seed: str | None,
    profile: str | None,
    case: str | None,
    about: str | None,
    step_number: int | None,
    everything: bool,
    as_json: bool,
) -> int:
    """Print every hop of a run in order."""
    from harness.lab.reactor import stop_reactor
    from harness.runner import Runner
    from harness.vocabulary import actions, checks

    scenario, chosen = one_case(file, case)
    if step_number is not None and not 1 <= step_number <= len(scenario.steps):
        steps = len(scenario.steps)
        raise click.UsageError(f"there is no step {step_number}; the file has {steps} step{'' if steps == 1 else 's'}")
    try:
        runner = Runner(scenario, chosen, actions=actions(), checks=checks(), seed=seed, profile=profile)
        outcome = runner.run()
    finally:
        stop_reactor()
    for record in chosen_records(outcome.records, about, step_number, everything=everything):
        click.echo(json.dumps(record) if as_json else show(record))
    if outcome.status != "passed":
        click.echo(outcome.render(), err=True)
    return int({"passed": ExitCode.PASS, "failed": ExitCode.ASSERTION_FAILED}.get(outcome.status, ExitCode.FAULT))


def chosen_records(
    records: Iterable[dict[str, Any]], about: str | None, step: int | None, *, everything: bool
) -> Iterable[dict[str, Any]]:
    """Yield the records asked for; the marks of the steps always."""
    current = 0
    for record in records:
        if record["kind"] == "stage.step":
            current = record["step"]
        if step is not None and current != step:
            continue
        if record["kind"] == "stage.step" or (
            (everything or record["kind"] not in _QUIET)
            and (about is None or about.lower() in json.dumps(record).lower())
        ):
            yield record


def show(record: dict[str, Any]) -> str:
    """Return one hop on one line."""
    if record["kind"] == "stage.step":
        return f"\n-- step {record['step']}: {record['title']}"
    known = ("n", "at", "actor", "kind", "server")
    fields = "  ".join(f"{key}={_value(value)}" for key, value in record.items() if key not in known)
    return f"{record['n']:>5}  {record['at'][11:23]}  {record['actor']:<24} {record['kind']:<24} {fields}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 100 else text[:97] + "..."
