"""The one Twisted reactor thread of this process; emulators of all worlds live in it.

Everybody else calls in with ``in_reactor`` and waits for the answer. The thread starts with the first call and ends
with the process,
or when ``stop_reactor`` is called; Twisted cannot start a reactor twice.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_CALL_SECONDS_MAX = 600.0


class ReactorStoppedError(RuntimeError):
    """The reactor of this process has already ended."""


class ReactorThread:
    """Owns the thread in which the reactor runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = False

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not self._stopped

    def start(self) -> Any:
        """Return the reactor, running."""
        from twisted.internet import reactor

        with self._lock:
            if self._stopped:
                raise ReactorStoppedError("the reactor of this process has ended and cannot start again")
            if self._thread is None:
                ready = threading.Event()
                reactor.callWhenRunning(ready.set)  # type: ignore[attr-defined]
                self._thread = threading.Thread(
                    target=reactor.run,  # type: ignore[attr-defined]
                    kwargs={"installSignalHandlers": False},
                    name="anchorage-reactor",
                    daemon=True,
                )
                self._thread.start()
                if not ready.wait(30):
                    raise ReactorStoppedError("the reactor did not start")
                atexit.register(self.stop)
        return reactor

    def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a function in the reactor thread and return what it returns, or raise what it raises."""
        if threading.current_thread() is self._thread:
            return function(*args, **kwargs)
        from twisted.internet.threads import blockingCallFromThread

        return blockingCallFromThread(self.start(), function, *args, **kwargs)  # type: ignore[no-any-return]

    def stop(self) -> None:
        """End the thread; idempotent. Listeners must have been closed by their worlds."""
        with self._lock:
            thread = self._thread
            if self._stopped or thread is None:
                self._stopped = self._stopped or thread is not None
                return
            self._stopped = True
        from twisted.internet import reactor

        atexit.unregister(self.stop)
        if thread.is_alive():
            reactor.callFromThread(reactor.stop)  # type: ignore[attr-defined]
            thread.join(10)


_THREAD = ReactorThread()


def in_reactor(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a function where the emulators live; a Deferred it returns is waited for."""
    return _THREAD.call(function, *args, **kwargs)


def the_reactor() -> Any:
    """Return the running reactor."""
    return _THREAD.start()


def stop_reactor() -> None:
    """End the reactor thread at the end of a process."""
    _THREAD.stop()
