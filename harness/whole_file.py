"""A file that is either whole or not there: written beside its place and moved; a device or a pipe is written as it
is.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def write_whole(target: Path, pieces: Iterable[bytes]) -> None:
    """Write the pieces; nothing half-written is left whatever happens. Raises OSError."""
    if target.exists() and not target.is_file():
        with target.open("wb") as out:
            out.writelines(pieces)
        return
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as out:
            out.writelines(pieces)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
