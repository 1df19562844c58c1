"""What ``anchorage run`` prints: a line as each scenario ends, the failures in full, a table of all.

Plain without a terminal or with NO_COLOR.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TextIO

import pytest

from harness.run_spool import Spool, SpooledOutcome

_STYLES = {"passed": "green", "failed": "red", "error": "magenta", "invalid": "yellow"}
_WORDS = {"passed": "pass", "failed": "FAIL", "error": "ERROR", "invalid": "INVALID"}


class RunReporter:
    """A pytest plugin of the controlling process; replaces pytest's own terminal reporter."""

    def __init__(self, spool: Spool, out: TextIO | None = None) -> None:
        self.spool = spool
        self.out = out or sys.stdout
        self.total = 0
        self.done = 0
        self.coloured = self.out.isatty() and "NO_COLOR" not in os.environ
        self.trouble: list[str] = []

    # ---- pytest's hooks --------------------------------------------------------------------------------------------
    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        standard = config.pluginmanager.getplugin("terminalreporter")
        if standard is not None:
            config.pluginmanager.unregister(standard)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.total = max(self.total, len(session.items))

    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        self.total = max(self.total, len(ids))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble.append(str(report.longrepr))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        self.done += 1
        status = "passed" if report.passed else "failed"
        width = len(str(self.total))
        name = report.nodeid.rsplit("::", 1)[-1]
        self._line(f"[{self.done:>{width}}/{self.total}] {_WORDS[status]:<5} {name}  {report.duration:.2f}s", status)
        if report.when != "call" or (report.failed and "could not be kept in" in str(report.longrepr)[:400]):
            self.trouble.append(str(report.longrepr))

    def pytest_keyboard_interrupt(self) -> None:
        """End the workers at once: what they keep on disk goes away with the spool."""
        for path in self.spool.folder.glob("*.worker"):
            with suppress(ProcessLookupError):
                os.kill(int(path.stem), signal.SIGTERM)

    def pytest_internalerror(self, excrepr: Any) -> bool:
        self.trouble.append(str(excrepr))
        return True

    # ---- the end -----------------------------------------------------------------------------------------------------
    def summary(self, outcomes: Sequence[SpooledOutcome], *, interrupted: bool = False) -> None:
        """Print failures in full and the table."""
        for one in outcomes:
            if one.status != "passed":
                self._line("")
                self._line(f"{_WORDS[one.status]} {one.label} ({one.file})", one.status)
                self._line(one.text)
        for text in self.trouble:
            self._line("")
            self._line(text, "error")
        if outcomes:
            self._line("")
            self._table(outcomes)
        if interrupted:
            left = max(self.total - len(outcomes), 0)
            self._line(f"interrupted: {left} scenarios did not run or did not end", "failed")
        self._line(closing_line(outcomes), "passed" if all(one.status == "passed" for one in outcomes) else "failed")

    def _table(self, outcomes: Sequence[SpooledOutcome]) -> None:
        if self.coloured:
            _rich_table(outcomes, self.out)
            return
        rows = [("result", "scenario", "file", "steps", "virtual", "wall"), *map(_row, outcomes)]
        widths = [max(len(row[column]) for row in rows) for column in range(6)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            self._line("  ".join(cells).rstrip())

    def _line(self, text: str, status: str = "") -> None:
        if self.coloured and status in _STYLES:
            import click

            text = click.style(text, fg=_STYLES[status])
        print(text, file=self.out, flush=True)


def _row(one: SpooledOutcome) -> tuple[str, str, str, str, str, str]:
    steps = f"{one.steps_passed}/{one.steps}"
    return _WORDS[one.status], one.label, one.file, steps, one.virtual, f"{one.seconds:.2f}s"


def _rich_table(outcomes: Sequence[SpooledOutcome], out: TextIO) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column, justify in (("result", "left"), ("scenario", "left"), ("file", "left"), ("steps", "right")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    table.add_column("virtual", justify="right")
    table.add_column("wall", justify="right")
    for one in outcomes:
        cells = [escape(cell) for cell in _row(one)]
        table.add_row(f"[{_STYLES[one.status]}]{cells[0]}[/]", *cells[1:])
    Console(file=out).print(table)


def closing_line(outcomes: Sequence[SpooledOutcome]) -> str:
    """Return the counts in one line."""
    counts = {status: sum(one.status == status for one in outcomes) for status in _WORDS}
    words = [f"{counts['passed']} passed"]
    words += [f"{counts[status]} {status}" for status in ("failed", "error", "invalid") if counts[status]]
    seeds = sorted({one.seed for one in outcomes if one.seed}, key=lambda seed: (len(seed), seed))
    shown = f" (seed {seeds[0]})" if len(seeds) == 1 else ""
    return ", ".join(words) + f" of {len(outcomes)} scenarios{shown}"
