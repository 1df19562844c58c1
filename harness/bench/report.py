"""The table of measurements as text, Markdown and plain values; colours only on a terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TextIO

from harness.bench.measuring import Calibration, Line, Series

COLUMNS = ("row", "measure", "ours", "peer", "ratio", "goal", "verdict", "runs", "machine")
_STYLES = {"met": "green", "missed": "red"}


def number(value: float) -> str:
    """Return a figure with three digits that mean something."""
    size = abs(value)
    places = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{places}f}"


def series_text(series: Series, unit: str) -> str:
    """Return "median unit (min-max)"."""
    spread = f" ({number(series.low)}-{number(series.high)})" if series.count > 1 else ""
    return f"{number(series.median)} {unit}{spread}"


def calibration_text(found: Calibration | None) -> str:
    """Return how fast the machine was: million loops per CPU second, and the share of a core it gave."""
    return f"{found.speed.median:.0f} M/s at {found.share.median:.0%}" if found is not None else "-"


def cells(line: Line) -> tuple[str, ...]:
    peer = "-"
    if line.peer is not None:
        figure = series_text(line.peer.series, line.unit) if line.peer.series is not None else "absent"
        peer = f"{line.peer.name}: {figure}"
    return (
        line.row,
        line.measure,
        series_text(line.ours, line.unit),
        peer,
        f"{number(line.ratio)}x" if line.ratio is not None else "-",
        line.goal.text if line.goal is not None else "-",
        line.verdict,
        str(line.ours.count),
        calibration_text(line.calibration),
    )


def part_lines(line: Line) -> list[str]:
    """Return a text for each part; "import AD, CPU of ..." stands on the line of "import AD"."""
    found: dict[str, str] = {}
    for name, series in line.parts.items():
        text = series_text(series, line.units.get(name, line.unit))
        whole, _, detail = name.partition(", ")
        if detail and whole in found:
            found[whole] += f"; {detail} {text}"
        else:
            found[name] = f"{name}: {text}"
    return list(found.values())


# ---- the forms -------------------------------------------------------------------------------------------------------
def write_table(lines: Sequence[Line], out: TextIO) -> None:
    """Write the table, then what each line is made of."""
    coloured = out.isatty() and "NO_COLOR" not in os.environ
    if coloured:
        _rich_table(lines, out)
    else:
        rows = [COLUMNS, *map(cells, lines)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
        for row in rows:
            shown = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            out.write(shown.rstrip() + "\n")
    for line in lines:
        if line.parts:
            out.write(f"\nrow {line.row}, {line.measure}\n")
            out.writelines(f"  {text}\n" for text in part_lines(line))
    out.flush()


def _rich_table(lines: Sequence[Line], out: TextIO) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column)
    for line in lines:
        texts = [escape(cell) for cell in cells(line)]
        style = _STYLES.get(line.verdict.split(maxsplit=1)[0])
        verdict = COLUMNS.index("verdict")
        texts[verdict] = f"[{style}]{texts[verdict]}[/]" if style else texts[verdict]
        table.add_row(*texts)
    Console(file=out).print(table)


def markdown(lines: Sequence[Line], machine: Mapping[str, object], command: str) -> str:
    """Return the table for a README, with the command that made it and the machine below."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *map(cells, lines)]
    text = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    facts = ", ".join(f"{name} {_plain_fact(value)}" for name, value in machine.items())
    text += ["", f"Made by `{command}`: medians (min-max) of one run on {facts}.", ""]
    for line in lines:
        if line.parts:
            text.append(f"- row {line.row}, {line.measure}: {'; '.join(part_lines(line))}")
    return "\n".join(text) + "\n"


def _plain_fact(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)


def plain(lines: Sequence[Line], machine: Mapping[str, object]) -> dict[str, object]:
    """Return everything as values for a JSON file."""
    return {"machine": dict(machine), "lines": [_plain_line(line) for line in lines]}


def _plain_line(line: Line) -> dict[str, object]:
    peer = line.peer
    return {
        "row": line.row,
        "measure": line.measure,
        "unit": line.unit,
        "ours": _plain_series(line.ours),
        "peer": None
        if peer is None
        else {
            "name": peer.name,
            "absence": peer.absence,
            "series": _plain_series(peer.series) if peer.series else None,
        },
        "ratio": line.ratio,
        "goal": line.goal.text if line.goal is not None else None,
        "verdict": line.verdict,
        "runs": line.ours.count,
        "parts": {name: _plain_series(series) for name, series in line.parts.items()},
        "calibration": None
        if line.calibration is None
        else {
            "million loops per CPU second": _plain_series(line.calibration.speed),
            "share of a core": _plain_series(line.calibration.share),
        },
    }


def _plain_series(series: Series) -> dict[str, object]:
    return {"median": series.median, "min": series.low, "max": series.high, "runs": list(series.values)}
