"""One command line: what is read, what refuses and where."""

from __future__ import annotations

import pytest

from engine.cmdlets.line import CommandLine, read_line
from engine.errors import EngineError

READ = [
    ("Get-ADSyncScheduler", CommandLine("Get-ADSyncScheduler")),
    ("  get-adsyncscheduler   # look", CommandLine("get-adsyncscheduler")),
    ("X -A $true -B:$false -C", CommandLine("X", {"A": True, "B": False, "C": True})),
    ("X -A 'it''s' -B \"two words\"", CommandLine("X", {"A": "it's", "B": "two words"})),
    ("X -A:'c d' Delta", CommandLine("X", {"A": "c d"}, ("Delta",))),
    ("X -Force -Name contoso.com", CommandLine("X", {"Force": True, "Name": "contoso.com"})),
    ("X -Interval 1.02:00:00", CommandLine("X", {"Interval": "1.02:00:00"})),
    ("X -A $null", CommandLine("X", {"A": None})),
    ("X -A '$true'", CommandLine("X", {"A": "$true"})),
    ("X -A '| ; ('", CommandLine("X", {"A": "| ; ("})),
    ("X -A ''", CommandLine("X", {"A": ""})),
    ("X -5", CommandLine("X", {}, ("-5",))),
]


@pytest.mark.parametrize(("text", "line"), READ)
def test_read(text: str, line: CommandLine) -> None:
    assert read_line(text) == line


@pytest.mark.parametrize("text", ["", "   ", "# only a comment"])
def test_nothing(text: str) -> None:
    assert read_line(text) is None


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("Get-ADSyncConnector | Select Name", 21, "Pipelines"),
        ("X; Y", 2, "One command"),
        ("X -A $x", 6, "variables"),
        ("X -A (Get-Date)", 6, "parentheses"),
        ("X -A @('a')", 6, "Arrays"),
        ("X -A 'open", 6, "does not end"),
        ('X -A "$name"', 6, "double quotes"),
        ("X -A 1 -a 2", 8, "twice"),
        ("-A 1", 1, "name of a cmdlet"),
        ("'X'", 1, "name of a cmdlet"),
    ],
)
def test_refused(text: str, column: int, word: str) -> None:
    with pytest.raises(EngineError) as refusal:
        read_line(text)
    assert refusal.value.code == "COMMAND_LINE"
    assert refusal.value.message.startswith(f"column {column}:")
    assert word in refusal.value.message
