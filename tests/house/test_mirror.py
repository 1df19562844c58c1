"""Tests mirror the tree: a test file stands where its module stands. Lenient while the tree grows: see UNTESTED_MAX."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "emulators", "harness")
#: tests that follow a topic instead of a module, by folder
TOPICS = ("house", "wire", "swarm", "cases", "real_input")
#: of all modules, at most this share may lack a test file of their own name
UNTESTED_MAX = 0.6


def modules() -> set[str]:
    return {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.stem != "__init__" and path.read_text(encoding="utf-8").strip()
    }


def mirrors() -> dict[str, Path]:
    found = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        relative = path.relative_to(ROOT / "tests")
        if relative.parts[0] not in TOPICS:
            found[(relative.parent / relative.stem.removeprefix("test_")).as_posix()] = path
    return found


def test_a_test_stands_in_a_folder_of_the_tree() -> None:
    folders = {str(Path(module).parent) for module in modules()}
    lost = [str(path.relative_to(ROOT)) for name, path in mirrors().items() if str(Path(name).parent) not in folders]
    assert lost == []


def test_most_modules_have_a_test_of_their_own() -> None:
    without = sorted(modules() - set(mirrors()))
    assert len(without) <= UNTESTED_MAX * len(modules()), without


def test_no_packages_under_tests() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
