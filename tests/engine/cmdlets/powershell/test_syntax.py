"""Which lines are read, what stands where, and what is refused at which column."""

from __future__ import annotations

import pytest

from engine.cmdlets.powershell.syntax import (
    Assignment,
    Block,
    Command,
    CommandLineError,
    Expanded,
    Listing,
    Literal,
    Named,
    Pipeline,
    Table,
    Variable,
    read_statements,
)


def one(text: str) -> Command:
    (statement,) = read_statements(text)
    assert isinstance(statement, Pipeline)
    (stage,) = statement.stages
    assert isinstance(stage, Command)
    return stage


def told(command: Command) -> list[object]:
    """The elements of a command: ``-name``, ``-name:`` with its value, a plain value."""
    found: list[object] = []
    for element in command.elements:
        if isinstance(element, Named):
            found.append(f"-{element.name}" if element.value is None else f"-{element.name}:")
            found += [] if element.value is None else [value(element.value)]
        else:
            found.append(value(element))
    return found


def value(node: object) -> object:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Listing):
        return [value(item) for item in node.items]
    return f"${node.name}" if isinstance(node, Variable) else type(node).__name__


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("X -A $true -B:$false -C", ["-A", "$true", "-B:", "$false", "-C"]),
        ("X -A 'it''s' -B \"two words\"", ["-A", "it's", "-B", "two words"]),
        ("X -A:'c d' Delta", ["-A:", "c d", "Delta"]),
        ("X -Name contoso.com -Force", ["-Name", "contoso.com", "-Force"]),
        ("X -Interval 1.02:00:00", ["-Interval", "1.02:00:00"]),
        ("X -A '$true'", ["-A", "$true"]),
        ("X -A '| ; ('", ["-A", "| ; ("]),
        ("X -A ''", ["-A", ""]),
        ("X -5", ["-5"]),
        ("X a,b, 'c'", [["a", "b", "c"]]),
        ("X `\n  -A b", ["-A", "b"]),
        ("X –A b", ["-A", "b"]),  # a dash that a web page made longer
        ("X ‘a’ “b”", ["a", "b"]),
        ("X (Get-Y) @('a') @{b=1} { $_.C }", ["Group", "Array", "Table", "Block"]),
        ("X a@contoso.com *", ["a@contoso.com", "*"]),
        ("X $a -in $b", ["$a", "-in", "$b"]),
        ("X 'Count' -gt 1 -f y", ["Count", "-gt", "1", "-f", "y"]),
        ("X # a comment -A b", []),
        ('X "a`tb"', ["a\tb"]),
        ("X @'\na 'b'\n'@", ["a 'b'"]),
    ],
)
def test_arguments(text: str, elements: list[object]) -> None:
    assert told(one(text)) == elements


@pytest.mark.parametrize("text", ["", "   ", "# only a comment", "\n\n", "<# a\nb #>"])
def test_nothing(text: str) -> None:
    assert read_statements(text) == ()


def test_statements_pipelines_and_assignments() -> None:
    first, second = read_statements("$x = Get-X |\n  ? { $_.A } ; Get-Y")
    assert isinstance(first, Assignment)
    assert isinstance(first.target, Variable)
    assert [stage.name for stage in first.value.stages if isinstance(stage, Command)] == ["Get-X", "?"]
    assert isinstance(second, Pipeline)


def test_a_block_keeps_its_text_and_a_table_its_keys() -> None:
    (block,) = one("? {Name -eq 'Ana' -and Enabled -eq $true}").elements
    assert isinstance(block, Block)
    assert block.text == "Name -eq 'Ana' -and Enabled -eq $true"
    (table,) = one("X @{LogName='Application'; 'Id'=611,651\n  Level=2}").elements
    assert isinstance(table, Table)
    assert [key for key, _ in table.entries] == ["LogName", "Id", "Level"]


def test_values_inside_double_quotes() -> None:
    (text,) = one('X "a $b ${c} $($d.Name) `$e"').elements
    assert isinstance(text, Expanded)
    assert [part if isinstance(part, str) else type(part).__name__ for part in text.parts] == [
        "a ", "Variable", " ", "Variable", " ", "Array", " $e",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "where", "word"),
    [
        ("X & y", "column 3", "call operator"),
        ("X > y", "column 3", "redirection"),
        ("| X", "column 1", "begins no command"),
        ("X; | Y", "column 4", "begins no command"),
        ("X ) y", "column 3", "not expected"),
        ("if ($x) { }", "column 1", "if is not read here"),
        ("foreach ($c in Get-X) { $c.Name }", "column 1", "the nearest is ForEach-Object"),
        ("Get-X; while ($a in 3) { }", "column 8", "the nearest is ForEach-Object"),
        ("X\nfor ($i = 0; $i -lt 3; $i++) { }", "line 2, column 1", "the nearest is ForEach-Object"),
        ("X\nY\nfunction z { }", "line 3, column 1", "function is not read"),
        ("'a' = 1", "column 1", "assigned"),
        ('X "a $(b"', "column 3", "not closed"),
    ],
)
def test_refused(text: str, where: str, word: str) -> None:
    with pytest.raises(CommandLineError) as refusal:
        read_statements(text)
    assert refusal.value.code == "COMMAND_LINE"
    assert refusal.value.message.startswith(f"{where}:")
    assert word in refusal.value.message
    assert not refusal.value.incomplete


@pytest.mark.parametrize(
    "text", ["X |", "X |\n", "X 'open", 'X "open', "X (Y", "X @{a=1", "? {", "X -A `", "$x =", "X @'\na", "X a,"]
)
def test_what_may_go_on_says_so(text: str) -> None:
    with pytest.raises(CommandLineError) as refusal:
        read_statements(text)
    assert refusal.value.incomplete
