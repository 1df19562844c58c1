"""Names are the administrator's words, nothing is left half done, and every module says what it is."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("engine", "emulators", "harness", "tests", "scenarios")
BANNED_FILES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "stuff", "tools"}
BANNED_TEXT = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError|HACK)\b")
#: where this checkout and this Python lie is nobody else's business
MACHINE_PATHS = tuple(path for path in (str(ROOT), str(ROOT.parent / "shared"), sys.prefix) if path.count("/") > 1)


def files(*suffixes: str) -> list[Path]:
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in suffixes and "__pycache__" not in path.parts
    ]


def test_file_names() -> None:
    wrong = [str(path.relative_to(ROOT)) for path in files(".py") if path.stem.removeprefix("test_") in BANNED_FILES]
    assert wrong == []


def test_nothing_is_left_half_done() -> None:
    wrong = []
    for path in files(".py", ".yaml", ".md"):
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if BANNED_TEXT.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert wrong == []


def test_no_path_of_this_machine() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in files(".py", ".yaml", ".md", ".ini", ".sql")
        if any(place in path.read_text(encoding="utf-8") for place in MACHINE_PATHS)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["engine", "emulators", "harness"])
def test_every_module_says_what_it_is(package: str) -> None:
    silent = []
    for path in sorted((ROOT / package).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body and not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_no_module_keeps_state() -> None:
    """A mutable value at the top of a module is state that two worlds would share; constants are spelt in capitals."""
    wrong = []
    for path in files(".py"):
        if path.parts[len(ROOT.parts)] == "tests":
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.Assign | ast.AnnAssign):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            mutable = isinstance(node.value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)
            wrong += [
                f"{path.relative_to(ROOT)}:{node.lineno} {target.id}"
                for target in targets
                if mutable and isinstance(target, ast.Name) and not _is_constant(target.id)
            ]
    assert wrong == []


def _is_constant(name: str) -> bool:
    return name.startswith("__") or name.lstrip("_") == name.lstrip("_").upper()
