from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.measuring import Settings


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled modules of child processes, once for all tests."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def toy(tmp_path: Path, bytecode: Path) -> Settings:
    """Everything once, and small."""
    (tmp_path / "bytecode").symlink_to(bytecode)
    return Settings(tmp_path, runs=1, sizes=(20, 40), copies=2)
