"""``anchorage explain``: why an attribute of an object has the value it has.

Who won, with rule, object and flow; who lost, with what each would have given and why; and, after a scenario, the
messages that brought the value and took it on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.commands.connector_space import connector_name, opened, shown
from harness.commands.one_case import one_case
from harness.exit_codes import CommandFailedError, ExitCode

if TYPE_CHECKING:
    from engine.explanation import Explainer, ObjectExplanation, TargetExplanation
    from engine.rules.candidates import Candidate, Explanation, ScopeOutcome

Records = Sequence[dict[str, Any]]


@click.command("explain")
@click.argument("object_name", metavar="OBJECT")
@click.argument("attribute")
@click.option("--database", type=click.Path(path_type=Path), default=None, metavar="FILE", help="A server's database.")
@click.option("--after", type=click.Path(dir_okay=False), default=None, metavar="FILE", help="Run this scenario first.")
@click.option("--server", default=None, help="With --after: which server of the world; the only one without it.")
@click.option("--connector", default=None, help="Only the object's attribute in this connector space.")
@click.option("--case", default=None, help="With --after: which case of the file; the first without it.")
@click.option("--seed", default=None, metavar="S", help="With --after: run with this seed.")
@click.option(
    "--profile", type=click.Choice(["guide", "vendor"]), default=None, help="With --after: behaviour profile."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    object_name: str,
    attribute: str,
    database: Path | None,
    after: str | None,
    server: str | None,
    connector: str | None,
    case: str | None,
    seed: str | None,
    profile: str | None,
    as_json: bool,
) -> int:
    """Explain ATTRIBUTE of OBJECT: a name, UPN, DN, anchor or identifier. The metaverse's value comes first, then that
    of every connected directory it is sent to.
    """
    if (database is None) == (after is None):
        raise click.UsageError("say where to look: --database FILE, or --after SCENARIO to run one first")
    if database is not None and (server or case or seed or profile):
        raise click.UsageError("--server, --case, --seed and --profile go with --after")

    def look(file: Path, records: Records) -> None:
        found = look_into(file, object_name, attribute, connector, records)
        if as_json:
            click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        else:
            for line in text(found):
                click.echo(line)

    if database is not None:
        look(database, ())
        return int(ExitCode.PASS)
    assert after is not None
    return run_and_look(after, server, case, seed, profile, look)


def run_and_look(
    file: str,
    server: str | None,
    case: str | None,
    seed: str | None,
    profile: str | None,
    look: Callable[[Path, Records], None],
) -> int:
    """Run a scenario and look into a server before its world goes; the exit code is that of the run."""
    from harness.lab.reactor import stop_reactor
    from harness.runner import Runner, build_lab
    from harness.vocabulary import actions, checks

    scenario, chosen = one_case(file, case)
    refused: list[click.ClickException | CommandFailedError] = []

    def stage(*given: Any, **named: Any) -> Any:
        lab = build_lab(*given, **named)
        close = lab.close

        def look_and_close() -> None:
            try:
                look(database_of(lab, server), list(lab.timeline.numbered()))
            except (click.ClickException, CommandFailedError) as error:
                refused.append(error)
            finally:
                close()

        lab.close = look_and_close
        return lab

    try:
        runner = Runner(scenario, chosen, actions=actions(), checks=checks(), seed=seed, profile=profile, stage=stage)
        outcome = runner.run()
    finally:
        stop_reactor()
    if outcome.status != "passed":
        click.echo(outcome.render(), err=True)
    for error in refused:
        raise error
    return int({"passed": ExitCode.PASS, "failed": ExitCode.ASSERTION_FAILED}.get(outcome.status, ExitCode.FAULT))


def database_of(lab: Any, server: str | None) -> Path:
    """The database of a server of the world; raises a usage error when it cannot be told which."""
    names = list(lab.servers)
    if server is None and len(names) == 1:
        server = names[0]
    if server not in lab.servers:
        known = f"the world has {', '.join(names)}" if names else "no server was installed"
        raise click.UsageError(f"there is no server {server}; {known}" if server else f"name a --server: {known}")
    return Path(lab.servers[server].paths()["database"])


# ---- looking ---------------------------------------------------------------------------------------------------------
def look_into(file: Path, name: str, attribute: str, connector: str | None, records: Records) -> dict[str, Any]:
    """Explain from a database; the answer as JSON holds it."""
    from engine.explanation import Explainer
    from harness.scenario.source import suggestion

    with opened(file) as windows:
        wanted = connector_name(windows, connector)
        explainer = Explainer(windows.database)
        found = explainer.named(name)
        if not found:
            raise click.UsageError(f"there is no object {name}; {suggestion(name, explainer.names())}".rstrip("; "))
        if len(found) > 1:
            several = ", ".join(called(mv, cs) for mv, cs in found[:10])
            raise click.UsageError(f"{len(found)} objects are called {name}: {several}; give a DN or an identifier")
        mv, cs = found[0]
        ordinal = None if wanted is None else windows.ordinal(wanted)
        names = explainer.attributes(mv, explainer.linked(mv.number)) if mv is not None else set()
        if attribute not in names:
            attribute = next((one for one in sorted(names) if one.lower() == attribute.lower()), attribute)
        told = explainer.explain(mv, cs, attribute, ordinal)
        if mv is not None and told.metaverse is None and not told.targets:
            where, hint = f" in {wanted}" if wanted else "", suggestion(attribute, names)
            if attribute in names:
                hint = "without --connector the metaverse's value is explained"
            raise click.UsageError(f"no rule writes the attribute {attribute} of {name}{where}; {hint}".rstrip("; "))
        return document(explainer, told, attribute, records)


def called(mv: Any, cs: Any) -> str:
    if cs is not None:
        return str(cs.dn)
    return str(mv.values.get("userPrincipalName") or mv.values.get("displayName") or mv.number)


def document(explainer: Explainer, told: ObjectExplanation, attribute: str, records: Records) -> dict[str, Any]:
    """Everything that was found, as JSON holds it."""
    links = [
        {"connector": explainer.connectors[cs.connector].name, "dn": cs.dn, "object_type": cs.object_type}
        for cs in told.links
    ]
    found: dict[str, Any] = {"attribute": attribute, "objects": links, "metaverse": None, "targets": []}
    if told.mv is None:
        found["rules"] = [_scope(scope) for scope in told.scopes]
        return found
    if told.metaverse is not None:
        found["metaverse"] = {"object_type": told.mv.object_type, **_explanation(explainer, told.metaverse)}
        found["metaverse"]["brought"] = brought(told, told.metaverse, records)
    found["targets"] = [_target(explainer, told, target, records) for target in told.targets]
    return found


def _target(
    explainer: Explainer, told: ObjectExplanation, target: TargetExplanation, records: Records
) -> dict[str, Any]:
    ordinal = next(cs.connector for cs in told.links if cs.number == target.number)
    name = target.explanation.attribute
    return {
        "connector": target.connector,
        "dn": target.dn,
        **_explanation(explainer, target.explanation, ordinal),
        "layers": {layer: _plain(explainer.shown(name, value, ordinal)) for layer, value in target.states},
        "because": [_explanation(explainer, one) for one in target.because],
        "taken": taken(target, records),
    }


def _explanation(explainer: Explainer, told: Explanation, connector: int | None = None) -> dict[str, Any]:
    return {
        "attribute": told.attribute,
        "value": _plain(explainer.shown(told.attribute, told.value, connector)),
        "kept": told.kept,
        "candidates": [_candidate(explainer, told, one, connector) for one in told.candidates],
    }


def _candidate(explainer: Explainer, told: Explanation, one: Candidate, connector: int | None) -> dict[str, Any]:
    return {
        "verdict": str(one.verdict),
        "rule": one.rule.name,
        "precedence": one.rule.precedence,
        "source": told.sides[one.side],
        "flow": one.text,
        "type": one.flow.type.value,
        "value": _plain(explainer.shown(told.attribute, one.value, connector)),
        "failed": [_clause(outcome) for outcome in one.failed],
        "error": one.error or None,
    }


def _scope(scope: ScopeOutcome) -> dict[str, Any]:
    return {
        "rule": scope.rule.name,
        "precedence": scope.rule.precedence,
        "link": str(scope.rule.link_type),
        "verdict": str(scope.reason) or "in-scope",
        "failed": [_clause(outcome) for outcome in scope.failed],
    }


def _clause(outcome: Any) -> dict[str, Any]:
    clause = outcome.clause
    return {
        "attribute": clause.attribute,
        "operator": clause.operator,
        "value": clause.value,
        "found": list(outcome.found),
    }


def _plain(value: object) -> Any:
    from harness.timeline import plain

    return plain(value)


# ---- the timeline ----------------------------------------------------------------------------------------------------
def brought(told: ObjectExplanation, explanation: Explanation, records: Records) -> list[dict[str, Any]]:
    """The last message that wrote the winning flow's sources in the directory, and the import that brought them."""
    winner = explanation.winner
    if winner is None:
        return []
    dn = explanation.sides[winner.side].partition(": ")[2]
    names = {name.lower() for name in winner.flow.sources}
    written = [r for r in records if r["kind"].startswith("ldap.") and r.get("object") == dn and names & _touched(r)]
    read = [
        r
        for r in records
        if r["kind"] == "engine.import" and r["dn"] == dn and names & {str(n).lower() for n in r["attributes"]}
    ]
    return [*written[-1:], *read[-1:]]


def taken(target: TargetExplanation, records: Records) -> list[dict[str, Any]]:
    """The last message that carried the attribute to the other side, and the export it belonged to."""
    name, anchor = target.explanation.attribute, _anchor(target.dn)
    sent = [
        r
        for r in records
        if (r["kind"].startswith("tenant.provisioning.") and r.get("anchor") == anchor and name in r.get("changed", ()))
        or (r["kind"] in ("ldap.modify", "ldap.add") and r.get("object") == target.dn and name.lower() in _touched(r))
    ]
    exported = [r for r in records if r["kind"] == "engine.export" and r["dn"] == target.dn and name in r["attributes"]]
    return [*sent[-1:], *exported[-1:]]


def _touched(record: dict[str, Any]) -> set[str]:
    parts = [*(record.get("changes") or ()), *(record.get("attributes") or ())]
    return {str(part["attribute"]).lower() for part in parts if isinstance(part, dict) and "attribute" in part}


def _anchor(dn: str) -> str | None:
    """The source anchor that the DN of a tenant's object spells."""
    try:
        return bytes.fromhex(dn.removeprefix("CN={").removesuffix("}")).decode()
    except ValueError:
        return None


# ---- text ------------------------------------------------------------------------------------------------------------
def text(found: dict[str, Any]) -> Iterator[str]:
    """The document for a person."""
    for link in found["objects"]:
        yield f"{link['connector']}  {link['dn']}  ({link['object_type']})"
    yield ""
    if "rules" in found:
        yield "not in the metaverse; what the inbound rules say:"
        for rule in found["rules"]:
            told = f"{rule['precedence']:>4}  {rule['link']:<10} {rule['rule']}"
            yield f"  {rule['verdict']:<16} {told}{_failed_text(rule['failed'])}"
        if not any(rule["verdict"] == "in-scope" and rule["link"] == "Provision" for rule in found["rules"]):
            yield "  no rule in scope has the link type Provision, and none joined it"
        return
    if found["metaverse"] is not None:
        told = found["metaverse"]
        yield f"metaverse {told['attribute']} = {shown(told['value'])}"
        yield from _candidate_lines(told)
        yield from _hop_lines("brought by", told["brought"])
        yield ""
    for target in found["targets"]:
        yield f"{target['connector']} {target['attribute']} = {shown(target['value'])}"
        yield "  " + _layers_text(target["layers"])
        yield from _candidate_lines(target)
        for one in target["because"]:
            winner = next((c for c in one["candidates"] if c["verdict"] in ("wins", "merged")), None)
            given = f": {winner['rule']} from {winner['source']}" if winner is not None else ""
            yield f"  because metaverse {one['attribute']} = {shown(one['value'])}{given}"
        yield from _hop_lines("taken by", target["taken"])
        yield ""


def _layers_text(held: Mapping[str, Any]) -> str:
    """What the layers hold; neighbours that hold the same are named together."""
    parts: list[tuple[list[str], Any]] = []
    for layer, value in held.items():
        if parts and parts[-1][1] == value:
            parts[-1][0].append(layer)
        else:
            parts.append(([layer], value))
    if len(parts) == 1:
        return f"every layer: {shown(parts[0][1])}"
    return "; ".join(f"{', '.join(named)}: {shown(value)}" for named, value in parts)


def _candidate_lines(told: dict[str, Any]) -> Iterator[str]:
    if told["kept"]:
        yield "  kept: every flow leaves it alone now, an earlier value stays"
    if not told["candidates"]:
        yield "  no rule writes it"
    for one in told["candidates"]:
        yield f"  {one['verdict']:<16} {one['precedence']:>4}  {one['rule']}  from {one['source']}"
        value = f"error: {one['error']}" if one["error"] else f"gives {shown(one['value'])}"
        yield f"  {'':<16}       {one['type']}: {one['flow']}  {value}{_failed_text(one['failed'])}"


def _failed_text(failed: Iterable[dict[str, Any]]) -> str:
    clauses = [
        f"[{one['attribute']} {one['operator']} {one['value']}".rstrip()
        + f"] found {', '.join(one['found']) or 'nothing'}"
        for one in failed
    ]
    return f"  not in scope: {'; '.join(clauses)}" if clauses else ""


def _hop_lines(label: str, hops: Iterable[dict[str, Any]]) -> Iterator[str]:
    from harness.commands.trace import show

    for hop in hops:
        yield f"  {label}  {show(hop).strip()}"
