"""Product versions compare by number."""

from __future__ import annotations

import pytest

from engine.errors import ConfigurationError
from engine.versions import at_least, version


@pytest.mark.parametrize(
    ("text", "lowest", "expected"),
    [
        ("2.5.79.0", "2.5.9.0", True),
        ("1.1.486.0", "1.1.524.0", False),
        ("1.1.524.0", "1.1.524.0", True),
        ("2.5", "2.5.0.0", True),
    ],
)
def test_order(text: str, lowest: str, expected: bool) -> None:
    assert at_least(text, lowest) is expected


@pytest.mark.parametrize("text", ["", "2.x", "1.2.3.4.5", "2..1"])
def test_not_a_version(text: str) -> None:
    with pytest.raises(ConfigurationError):
        version(text)
