"""``anchorage drift``: how two servers are configured differently and what the second would therefore export.

Each is a folder of Get-ADSyncServerConfiguration, as the configuration documenter takes them for Production and Pilot,
or a server's database; only a database can say what would be exported.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.exit_codes import CommandFailedError, ExitCode

if TYPE_CHECKING:
    from engine.setup.drift_report import Configured
    from harness.reports.drift import DriftReport


@click.command("drift")
@click.argument("production", type=click.Path(path_type=Path))
@click.argument("pilot", type=click.Path(path_type=Path))
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), default=None, metavar="F", help="Write an HTML page too."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def command(production: Path, pilot: Path, html: Path | None, as_json: bool) -> int:
    """Compare the server PRODUCTION with the server PILOT that is to take over. Each is an exported configuration (a
    folder with Connectors, GlobalSettings and SynchronizationRules) or a sync database, live or stopped; of a database
    as PILOT the pending exports are told too, by the difference that causes them. Exit code 1 when they differ.
    """
    from harness.reports.drift import as_html, as_text

    report = compare(production, pilot)
    if html is not None:
        _write(html, as_html(report))
    if as_json:
        click.echo(json.dumps(_document(report), indent=2, ensure_ascii=False))
    else:
        click.echo(as_text(report), nl=False)
    return int(ExitCode.ASSERTION_FAILED if report.findings else ExitCode.PASS)


def compare(production: Path, pilot: Path) -> DriftReport:
    """The drift report of two configurations; what is wrong with one of them ends the command."""
    from engine.errors import EngineError
    from engine.setup.drift_effect import effects
    from engine.setup.drift_report import drift_report
    from engine.setup.promotion import effects_shown, findings_shown
    from harness.reports.drift import DriftReport

    try:
        with _opened(production) as (first, _), _opened(pilot) as (second, database):
            findings = drift_report(first, second)
            told = effects_shown(effects(database, first, findings)) if database is not None else None
            return DriftReport(_title(production), _title(pilot), findings_shown(findings), told)
    except EngineError as unusable:
        raise CommandFailedError(ExitCode.FAULT, unusable.message) from None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Configured, Any]]:
    """A configuration, and the database when it comes from one."""
    from engine.setup.configuration.server_configuration import read_server_configuration
    from engine.setup.promotion import configured_in, of_export
    from engine.views import Windows

    if not path.exists():
        raise click.UsageError(f"there is nothing called {path}")
    if path.is_dir():
        yield of_export(read_server_configuration(path)), None
        return
    with Windows.of_file(path) as windows:
        yield configured_in(windows.configuration), windows.database


def _title(path: Path) -> str:
    return path.resolve().stem


def _document(report: DriftReport) -> dict[str, Any]:
    return {
        "first": report.first,
        "second": report.second,
        "findings": list(report.findings),
        "effects": None if report.effects is None else list(report.effects),
    }


def _write(target: Path, text: str) -> None:
    from harness.whole_file import write_whole

    try:
        write_whole(target, [text.encode()])
    except OSError as error:
        raise CommandFailedError(ExitCode.FAULT, f"{target} cannot be written: {error.strerror or error}") from None
