"""Whole worlds for what needs a directory and a tenant at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.pytest_plugin import make_world


@pytest.fixture
def lab() -> Iterator[Callable[..., Lab]]:
    """A function that starts a world; every world is closed at the end."""
    started: list[Lab] = []

    def start(**parts: Any) -> Lab:
        started.append(Lab(make_world(**parts)))
        return started[-1]

    yield start
    for one in started:
        one.close()
