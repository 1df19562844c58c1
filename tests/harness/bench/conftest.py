from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.measuring import Settings


@pytest.fixture
def toy(tmp_path: Path) -> Settings:
    """Everything once, and small."""
    return Settings(tmp_path, runs=1, sizes=(20, 40), copies=2)
