"""The ledger: whole, unique, every entry readable, every test it names there."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.fidelity import LedgerError, read_ledger

ROOT = Path(__file__).parents[2]
LEDGER = ROOT / "harness" / "ledger"


def test_the_shipped_ledger_is_read() -> None:
    assert read_ledger(LEDGER)


def test_every_test_it_names_exists() -> None:
    missing = []
    for entry in read_ledger(LEDGER):
        for named in entry.test.replace(",", " ").split():
            path, _, name = named.partition("::")
            file = ROOT / path
            if not file.exists() or (name and f"def {name.split('::')[-1].split('[')[0]}" not in file.read_text()):
                missing.append(f"{entry.id}: {named}")
    assert missing == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {id: a, statement: s, source: x, confidence: sure}", "confidence is one of"),
        ("- {id: a, statement: s}", "missing"),
        ("a: b", "no list"),
        ("- x", "no mapping"),
        ("- [", "cannot be read"),
        (
            "- {id: a, statement: s, source: x, confidence: decided}\n"
            "- {id: a, statement: s, source: x, confidence: decided}",
            "stands in",
        ),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "part.yaml").write_text(text)
    with pytest.raises(LedgerError, match=message):
        read_ledger(tmp_path)
