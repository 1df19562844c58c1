"""``anchorage rules``: look into rule sets, write them out, tell what differs between two: the shipped one, those of an
exported server configuration, scripts of the rules editor, policy files of the wizard.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.exit_codes import CommandFailedError, ExitCode
from harness.scenario.source import suggestion

if TYPE_CHECKING:
    from engine.rules.rule import SyncRule
    from engine.setup.configuration.rule_source import RuleSource

SHIPPED = "shipped"
FORMATS = ("script", "xml", "json")


@click.group("rules")
def command() -> None:
    """Look into rule sets. SOURCE is shipped, a rule (.xml), a script (.ps1), a policy (.json), or a folder of them."""


@command.command("list")
@click.argument("source", default=SHIPPED)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_rules(source: str, as_json: bool) -> int:
    """List rules in the order of their precedence."""
    found, complaints = load(source)
    rows = [row(rule) for rule in found]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        for one in rows:
            types = f"{one['source_type']} -> {one['target_type']}"
            off = "  (disabled)" if one["disabled"] else ""
            click.echo(f"{one['precedence']:>4}  {one['direction']:<8}  {types:<28}  {one['name']}{off}")
    return _end(complaints)


@command.command("show")
@click.argument("source")
@click.argument("name", required=False)
def show_rule(source: str, name: str | None) -> int:
    """Show a rule in the product's export form; NAME alone looks in the shipped set."""
    from engine.rules.rule_xml import write_rule

    where, wanted = (source, name) if name is not None else (SHIPPED, source)
    found, _ = load(where)
    rules = [rule for rule in found if rule.name.lower() == wanted.lower()]
    if not rules:
        hint = suggestion(wanted, (rule.name for rule in found))
        raise CommandFailedError(ExitCode.USAGE, f"there is no rule {wanted}; {hint}".rstrip("; "))
    for rule in rules:
        click.echo(write_rule(rule))
    return int(ExitCode.PASS)


@command.command("check", short_help="Check every rule and count the problems.")
@click.argument("source", default=SHIPPED)
@click.option(
    "--against", default=None, metavar="FOLDER", help="An exported configuration: whose schemas and connectors."
)
def check(source: str, against: str | None) -> int:
    """Check every rule; the last line counts rules, expressions and problems."""
    from engine.rules.checking import check_rules, counts_line

    found = examine(source, settings=True)
    surroundings = (found if against is None else _settings_of(against)).surroundings()
    complete = not found.complaints and (found.complete or against is not None)
    problems = [*found.complaints, *check_rules(found.read, surroundings, complete=complete)]
    for problem in problems:
        click.echo(str(problem))
    click.echo(counts_line((one.rule for one in found.read), problems))
    return int(ExitCode.ASSERTION_FAILED if problems else ExitCode.PASS)


def _settings_of(folder: str) -> RuleSource:
    found = examine(folder, settings=True)
    if found.configuration is None:
        raise click.UsageError(f"{folder} is no exported server configuration: it has no folder Connectors")
    return found


@command.command("export", short_help="Write rules as script, policy or XML.")
@click.argument("source", default=SHIPPED)
@click.option("--format", "form", type=click.Choice(FORMATS), default="script", show_default=True)
@click.option("--to", "target", type=click.Path(path_type=Path), default=None, metavar="PATH", help="File, or folder.")
def export(source: str, form: str, target: Path | None) -> int:
    """Write rules as an editor's script or a policy (to the screen, or --to FILE), or as XML (--to FOLDER)."""
    from engine.errors import ConfigurationError

    found = whole(source, settings=form == "json")
    if form == "xml" and target is None:
        raise click.UsageError("--format xml writes a file a rule: give the folder with --to")
    try:
        written = dict(_written(found, form))
    except ConfigurationError as error:
        raise CommandFailedError(ExitCode.USAGE, error.message) from None
    for name, text in written.items():
        if target is None:
            click.echo(text, nl=False)
        else:
            # Windows PowerShell takes a script without the mark for ANSI
            _write(target / name, ("\ufeff" if form == "script" else "") + text)
    if target is not None:
        click.echo(f"{len(found.rules)} rule{'s' * (len(found.rules) != 1)} in {target}", err=True)
    return int(ExitCode.PASS)


def _written(found: RuleSource, form: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of a form by the names of their files; one file alone has the name that is asked for."""
    from engine.rules.rule_script import write_script
    from engine.rules.rule_xml import write_rule
    from engine.setup.settings.policy_writing import write_policy

    if form == "script":
        yield "", write_script(found.rules)
    elif form == "json":
        yield "", write_policy(found.as_policy())
    else:
        for rule in found.rules:
            yield f"SynchronizationRule_{{{rule.identifier}}}.xml", write_rule(rule)


@command.command("diff", short_help="Tell what differs between two SOURCES.")
@click.argument("before")
@click.argument("after")
@click.option("--names", default="before,after", metavar="B,A", help="What to call the two sides: active,staging.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(before: str, after: str, names: str, as_json: bool) -> int:
    """Tell what differs between two SOURCES; exit code 0 when nothing does, 1 when something does."""
    from engine.rules.rule_diff import compare
    from engine.rules.rule_diff_report import as_document, as_lines

    first, _, second = (part.strip() for part in names.partition(","))
    if not (first and second) or "," in second:
        raise click.UsageError(f"--names takes two words with a comma between them, not {names}")
    found = compare(whole(before).rules, whole(after).rules)
    if as_json:
        click.echo(json.dumps(as_document(found, (first, second)), indent=2, ensure_ascii=False))
    else:
        for line in as_lines(found, (first, second)):
            click.secho(line, fg={"-": "red", "+": "green"}.get(line.lstrip()[:1] if line.startswith(" ") else ""))
    return int(ExitCode.PASS if found.empty else ExitCode.ASSERTION_FAILED)


def whole(source: str, *, settings: bool = False) -> RuleSource:
    """Return the rules of a source of which every file can be read."""
    found = examine(source, settings=settings)
    if found.complaints:
        raise CommandFailedError(ExitCode.USAGE, "\n".join(found.complaints))
    return found


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    except OSError as error:
        raise CommandFailedError(ExitCode.FAULT, f"{path} cannot be written: {error.strerror}") from None


def load(source: str) -> tuple[list[SyncRule], list[str]]:
    """Return the rules of a source in precedence order, and what could not be read."""
    found = examine(source)
    return found.rules, found.complaints


def examine(source: str, *, settings: bool = False) -> RuleSource:
    """Return what a source holds, places and complaints included."""
    from engine.rules.place import ReadRule
    from engine.setup.configuration.rule_source import RuleSource, examine_source

    if source == SHIPPED:
        return RuleSource([ReadRule(rule) for rule in shipped()])
    path = Path(source)
    if not path.exists():
        raise click.UsageError(f"there is no file or folder {source}; write {SHIPPED} for the shipped rules")
    try:
        found = examine_source(path, settings=settings)
    except OSError as error:
        raise CommandFailedError(ExitCode.FAULT, f"{source} cannot be read: {error.strerror}") from None
    if not found.read and not found.complaints:
        raise CommandFailedError(ExitCode.NOTHING_SELECTED, f"{source} holds no exported rules")
    return found


def shipped() -> list[SyncRule]:
    """Return the standard rules of one forest with the default source anchor."""
    from engine.rules.standard import standard_rules
    from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions

    connector = DirectoryConnector("00000000-0000-4000-8000-000000000001", "contoso.com")
    rules = standard_rules(StandardRuleOptions(ad_connectors=(connector,)))
    return sorted(rules, key=lambda rule: rule.precedence)


def row(rule: SyncRule) -> dict[str, Any]:
    return {
        "precedence": rule.precedence,
        "name": rule.name,
        "direction": str(rule.direction),
        "source_type": rule.source_object_type,
        "target_type": rule.target_object_type,
        "link": str(rule.link_type),
        "flows": len(rule.flows),
        "disabled": rule.disabled,
    }


def _end(complaints: list[str]) -> int:
    for one in complaints:
        click.echo(one, err=True)
    return int(ExitCode.ASSERTION_FAILED if complaints else ExitCode.PASS)
