"""scenarios/README.md against the scenario files: every id in its tables is a story, every story is in a table, and a
story that stands for a statement of one of the mission's documents names that document.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
STORIES = {path.stem: path for path in (ROOT / "scenarios").rglob("*.yaml") if path.parent.name != "worlds"}
CATALOGUE = ROOT.parent / "shared" / "facts" / "scenarios.md"
_ID = re.compile(r"\b[A-Z]+-\d\d\b")


def seed_rows() -> list[tuple[str, str, str]]:
    """Seed, statement and scenario id of each row."""
    rows = []
    for part in re.split(r"^### ", README, flags=re.MULTILINE)[1:]:
        seed = re.match(r"seed\d{3}", part)
        for line in part.splitlines() if seed else ():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows += [(seed[0], cells[1], name) for name in re.findall(r"[A-Za-z]+[-_][\w]+", cells[-1])]
    return [row for row in rows if seed_is_known(row[0])]


def seed_is_known(seed: str) -> bool:
    return seed in {"seed000", "seed001", "seed002", "seed003", "seed004"}


ROWS = seed_rows()


def listed() -> set[str]:
    """The ids of the first table, ranges and shortened lists written out."""
    found: set[str] = set()
    for line in README.split("## The documents")[0].splitlines():
        cell = line.split("|")[1] if line.startswith("| ") else ""
        series = ""
        for item in re.split(r",\s*", cell.strip()):
            ends = [part.strip() for part in item.split(" to ")]
            numbers = []
            for end in ends:
                full = re.fullmatch(r"([A-Z]+)-(\d\d)", end)
                series = full[1] if full else series
                if full or re.fullmatch(r"\d\d", end):
                    numbers.append(int(end[-2:]))
            if len(numbers) == 2:
                found |= {f"{series}-{number:02}" for number in range(numbers[0], numbers[1] + 1)} & set(STORIES)
            else:
                found |= {f"{series}-{number:02}" for number in numbers}
    return found


def test_all_five_documents_have_rows() -> None:
    assert {seed for seed, _, _ in ROWS} == {f"seed00{number}" for number in range(5)}
    assert len(ROWS) > 120


@pytest.mark.parametrize(("seed", "statement", "name"), ROWS, ids=[f"{seed}-{name}" for seed, _, name in ROWS])
def test_a_story_names_the_document_it_stands_for(seed: str, statement: str, name: str) -> None:
    assert name in STORIES, f"{statement}: there is no scenario {name}"
    source = STORIES[name].read_text(encoding="utf-8").split("\ntags:")[0]
    assert seed in source, f"{name} asserts '{statement}' and does not name {seed}"


def test_every_story_is_in_the_first_table() -> None:
    numbered = {name for name in STORIES if _ID.fullmatch(name)}
    assert sorted(numbered - listed()) == []
    assert sorted(listed() - numbered) == []


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue lies beside the repository")
def test_every_scenario_of_the_catalogue_has_a_file() -> None:
    wanted = re.findall(r"^### (\S+)", CATALOGUE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(wanted) == 138
    assert [name for name in wanted if name not in STORIES] == []
