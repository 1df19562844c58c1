"""Rest for the cyclic collector while many lasting objects are made: it would walk them all again and again.

Source: measurements in the performance notes ("tune the garbage collector around bulk steps").
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector if it runs, and let it run again afterwards."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
