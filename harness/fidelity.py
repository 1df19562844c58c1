"""The fidelity ledger: every emulated behaviour an assertion may lean on, with its source, confidence and test."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

CONFIDENCES = ("documented", "observed", "inferred", "decided", "refused")


class LedgerError(Exception):
    """The ledger cannot be read; the message names file and entry."""


@dataclass(frozen=True)
class Entry:
    """confidence refused: deliberately not emulated, and ``statement`` says how it refuses."""

    id: str
    statement: str
    source: str
    confidence: str
    test: str = ""
    part: str = ""

    def plain(self) -> dict[str, str]:
        return asdict(self)


def read_ledger(folder: Path) -> list[Entry]:
    """Return all entries, by part and in the order of their files; ids are unique."""
    entries: list[Entry] = []
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        for index, raw in enumerate(_load(path)):
            entry = _entry(path, index, raw)
            if entry.id in seen:
                raise LedgerError(f"{path.name}: {entry.id} stands in {seen[entry.id]} too")
            seen[entry.id] = path.name
            entries.append(entry)
    return entries


def _load(path: Path) -> list[Any]:
    try:
        plain = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise LedgerError(f"{path.name} cannot be read: {error}") from None
    if plain is None:
        return []
    if not isinstance(plain, list):
        raise LedgerError(f"{path.name} is no list of entries")
    return plain


def _entry(path: Path, index: int, raw: Any) -> Entry:
    where = f"{path.name}, entry {index + 1}"
    if not isinstance(raw, dict):
        raise LedgerError(f"{where} is no mapping")
    missing = [key for key in ("id", "statement", "source", "confidence") if not raw.get(key)]
    unknown = [key for key in raw if key not in ("id", "statement", "source", "confidence", "test")]
    if missing or unknown:
        raise LedgerError(f"{where} ({raw.get('id', '?')}): missing {missing}, unknown {unknown}")
    if raw["confidence"] not in CONFIDENCES:
        raise LedgerError(f"{where} ({raw['id']}): confidence is one of {', '.join(CONFIDENCES)}")
    return Entry(
        str(raw["id"]),
        str(raw["statement"]),
        str(raw["source"]),
        raw["confidence"],
        str(raw.get("test") or ""),
        path.stem,
    )
