"""Where folders of worlds and of runs lie: in memory when there is plenty, else where temporary files go.

A world lives for seconds and most of its files are databases; on a disk making and removing them takes longer than what
is in them. Who sets TMPDIR has chosen.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

#: tmpfs of Linux; elsewhere there is none
MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
#: the databases of a very large world, with room to spare; containers often have 64 MB
FREE_OCTETS_MIN = 4 << 30


def new_folder(prefix: str = "anchorage-") -> Path:
    """Make a private folder."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=place()))


def place(memory: Path = MEMORY) -> str:
    """Return the folder in which folders of worlds are made."""
    chosen = tempfile.gettempdir()
    if any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")):
        return chosen
    try:
        roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= FREE_OCTETS_MIN
    except OSError:
        roomy = False
    return str(memory) if roomy else chosen
