"""``anchorage rules``: look into the shipped rule set, or the rules of an exported server configuration."""

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


@click.group("rules")
def command() -> None:
    """Look into rule sets. SOURCE is shipped, an exported rule, or a folder of them."""


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


def load(source: str) -> tuple[list[SyncRule], list[str]]:
    """Return the rules of a source in precedence order, and the files that could not be read."""
    if source == SHIPPED:
        return shipped(), []
    from engine.errors import ConfigurationError
    from engine.rules.rule_xml import read_rule

    path = Path(source)
    if not path.exists():
        raise click.UsageError(f"there is no file or folder {source}; write {SHIPPED} for the shipped rules")
    if path.suffix.lower() == ".ps1":
        raise CommandFailedError(
            ExitCode.USAGE, "scripts of the rules editor are not read yet; export the rules as XML"
        )
    rules: list[SyncRule] = []
    complaints: list[str] = []
    files = [path] if path.is_file() else rule_files(path)
    if not files:
        raise CommandFailedError(ExitCode.NOTHING_SELECTED, f"{source} holds no exported rules")
    for file in files:
        try:
            rules.append(read_rule(file))
        except (ConfigurationError, OSError) as error:
            complaints.append(f"{file.name}: {error}")
    return sorted(rules, key=lambda rule: rule.precedence), complaints


def rule_files(folder: Path) -> list[Path]:
    """Return the rule files of an exported configuration, or of a folder of rules."""
    inside = folder / RULE_FOLDER
    return sorted((inside if inside.is_dir() else folder).glob("*.xml"))


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
