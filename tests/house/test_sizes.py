"""Files and functions stay short: a file that escapes the habit is where a project turns ugly (house.md 1 and 5)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "emulators", "harness")
FILE_LINES_MAX = 600
FILE_LINES_WANTED = 400
FUNCTION_LINES_MAX = 70
#: at most so many files may stand between the wanted and the hard limit
LONG_FILES_MAX = 12


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_the_hard_limit() -> None:
    long = {str(path.relative_to(ROOT)): lines(path) for path in sources() if lines(path) > FILE_LINES_MAX}
    assert long == {}


def test_few_files_are_longer_than_wanted() -> None:
    long = {str(path.relative_to(ROOT)): lines(path) for path in sources() if lines(path) > FILE_LINES_WANTED}
    assert len(long) <= LONG_FILES_MAX, long


@pytest.mark.parametrize("package", PACKAGES)
def test_functions(package: str) -> None:
    long = []
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > FUNCTION_LINES_MAX and not _only_declares(node):
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {size} lines")
    assert long == []


def _only_declares(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A verb with many arguments is long by its signature, not by what it does."""
    body = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
    return body <= FUNCTION_LINES_MAX and len(node.args.args) + len(node.args.kwonlyargs) > 15
