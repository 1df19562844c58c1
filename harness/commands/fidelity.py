"""``anchorage fidelity``: what is emulated, on whose word, how surely, and which test holds it (harness/ledger)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from harness.exit_codes import CommandFailedError, ExitCode
from harness.fidelity import CONFIDENCES, Entry, LedgerError, read_ledger


@click.command("fidelity")
@click.argument("words", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--confidence", type=click.Choice(CONFIDENCES), default=None, help="Only entries of this confidence.")
def command(words: tuple[str, ...], as_json: bool, confidence: str | None) -> int:
    """Print the fidelity ledger; with WORDS only entries whose id or statement has one of them."""
    try:
        entries = read_ledger(Path(__file__).parent.parent / "ledger")
    except LedgerError as error:
        raise CommandFailedError(ExitCode.FAULT, str(error)) from None
    chosen = [one for one in entries if _fits(one, words) and confidence in (None, one.confidence)]
    if not chosen:
        raise CommandFailedError(ExitCode.NOTHING_SELECTED, "no entry of the ledger fits")
    click.echo(json.dumps([one.plain() for one in chosen], indent=2) if as_json else show(chosen))
    return 0


def _fits(entry: Entry, words: Sequence[str]) -> bool:
    text = f"{entry.id} {entry.statement}".lower()
    return not words or any(word.lower() in text for word in words)


def show(entries: Sequence[Entry]) -> str:
    """Return the table as text, and the counts."""
    lines = []
    for one in entries:
        lines.append(f"{one.confidence:<10} {one.id}")
        lines.append(f"           {one.statement}")
        lines.append(f"           source: {one.source}" + (f"; test: {one.test}" if one.test else ""))
    counts = ", ".join(f"{sum(one.confidence == kind for one in entries)} {kind}" for kind in CONFIDENCES)
    return "\n".join([*lines, "", f"{len(entries)} entries: {counts}"])
