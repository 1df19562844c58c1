"""``anchorage rules``: look into rule sets, write them out, tell what differs between two: the shipped one, those of an
exported server configuration, scripts of the rules editor.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.exit_codes import CommandFailedError, ExitCode
from harness.scenario.source import suggestion

if TYPE_CHECKING:
    from engine.rules.rule import SyncRule

SHIPPED = "shipped"
RULE_FOLDER = "SynchronizationRules"
SCRIPT = ".ps1"


@click.group("rules")
def command() -> None:
    """Look into rule sets. SOURCE is shipped, an exported rule (.xml), a script of the editor (.ps1), or a folder."""


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
            click.echo(f"{one['precedence']:>4}  {one['direction']:<8}  {types:<28}  {one['name']}")
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
        raise CommandFailedError(
            ExitCode.USAGE, f"there is no rule {wanted}; {suggestion(wanted, (rule.name for rule in found))}"
        )
    for rule in rules:
        click.echo(write_rule(rule))
    return int(ExitCode.PASS)


@command.command("check")
@click.argument("source", default=SHIPPED)
def check(source: str) -> int:
    """Check every rule; the last line counts rules, expressions and problems."""
    from engine.rules.checking import check_rules, counts_line

    found, complaints = load(source)
    problems = [*complaints, *check_rules(found)]
    for problem in problems:
        click.echo(str(problem))
    click.echo(counts_line(found, problems))  # type: ignore[arg-type]
    return int(ExitCode.ASSERTION_FAILED if problems else ExitCode.PASS)


@command.command("export")
@click.argument("source", default=SHIPPED)
@click.option("--format", "form", type=click.Choice(["script", "xml"]), default="script", show_default=True)
@click.option("--to", "target", type=click.Path(path_type=Path), default=None, metavar="PATH", help="File, or folder.")
def export(source: str, form: str, target: Path | None) -> int:
    """Write rules as a script of the rules editor (to the screen, or --to FILE) or as XML (--to FOLDER)."""
    from engine.rules.rule_script import write_script
    from engine.rules.rule_xml import write_rule

    found = whole(source)
    if form == "script" and target is None:
        click.echo(write_script(found), nl=False)
    elif target is None:
        raise click.UsageError("--format xml writes a file a rule: give the folder with --to")
    elif form == "script":
        _write(target, "\ufeff" + write_script(found))  # Windows PowerShell takes a file without the mark for ANSI
    else:
        for rule in found:
            _write(target / f"SynchronizationRule_{{{rule.identifier}}}.xml", write_rule(rule))
    if target is not None:
        click.echo(f"{len(found)} rules in {target}", err=True)
    return int(ExitCode.PASS)


@command.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--names", default="before,after", metavar="B,A", help="What to call the two sides: active,staging.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(before: str, after: str, names: str, as_json: bool) -> int:
    """Tell what differs between two SOURCES; exit code 0 when nothing does, 1 when something does."""
    from engine.rules.rule_diff import as_document, as_lines, compare

    first, _, second = (part.strip() for part in names.partition(","))
    if not (first and second) or "," in second:
        raise click.UsageError(f"--names takes two words with a comma between them, not {names}")
    found = compare(whole(before), whole(after))
    if as_json:
        click.echo(json.dumps(as_document(found, (first, second)), indent=2, ensure_ascii=False))
    else:
        for line in as_lines(found, (first, second)):
            click.secho(line, fg={"-": "red", "+": "green"}.get(line.lstrip()[:1] if line.startswith(" ") else ""))
    return int(ExitCode.PASS if found.empty else ExitCode.ASSERTION_FAILED)


def whole(source: str) -> list[SyncRule]:
    """Return the rules of a source of which every file can be read."""
    found, complaints = load(source)
    if complaints:
        raise CommandFailedError(ExitCode.USAGE, "\n".join(complaints))
    return found


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    except OSError as error:
        raise CommandFailedError(ExitCode.FAULT, f"{path} cannot be written: {error.strerror}") from None


def load(source: str) -> tuple[list[SyncRule], list[str]]:
    """Return the rules of a source in precedence order, and the files that could not be read."""
    if source == SHIPPED:
        return shipped(), []
    from engine.errors import ConfigurationError
    from engine.rules.rule_script import read_script
    from engine.rules.rule_xml import read_rule

    path = Path(source)
    if not path.exists():
        raise click.UsageError(f"there is no file or folder {source}; write {SHIPPED} for the shipped rules")
    rules: list[SyncRule] = []
    complaints: list[str] = []
    files = [path] if path.is_file() else rule_files(path)
    if not files:
        raise CommandFailedError(ExitCode.NOTHING_SELECTED, f"{source} holds no exported rules")
    for file in files:
        try:
            rules += read_script(file) if file.suffix.lower() == SCRIPT else [read_rule(file)]
        except ConfigurationError as error:
            complaints.append(str(error))
    return sorted(rules, key=lambda rule: rule.precedence), complaints


def rule_files(folder: Path) -> list[Path]:
    """Return the rule files of an exported configuration, or of a folder of rules and scripts."""
    inside = folder / RULE_FOLDER
    files = (inside if inside.is_dir() else folder).iterdir()
    return sorted(file for file in files if file.suffix.lower() in (".xml", SCRIPT))


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
