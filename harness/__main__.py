"""``python -m harness`` is ``anchorage``."""

from __future__ import annotations

from harness.cli import main

main()
