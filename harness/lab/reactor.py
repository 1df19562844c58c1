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


class ReactorStoppedError(RuntimeError):
    """The reactor of this process has already ended."""


class _Call:
    """One function to run in the reactor thread, and what came of it; ``done`` opens when there is something to read.

    Twisted's own blocking call makes a queue, a condition and a Deferred for each: too much for calls of microseconds.
    """

    __slots__ = ("_work", "done", "error", "result")

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._work = (function, args, kwargs)
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def run(self) -> None:
        from twisted.internet.defer import Deferred

        function, args, kwargs = self._work
        try:
            result = function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the call came from
            self._end(error=error)
            return
        if isinstance(result, Deferred):
            result.addCallbacks(self._end, lambda failure: self._end(error=failure.value))
        else:
            self._end(result)

    def _end(self, result: Any = None, error: BaseException | None = None) -> None:
        self.result, self.error = result, error
        self.done.release()


class ReactorThread:
    """Owns the thread in which the reactor runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._reactor: Any = None

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
                self._reactor = reactor
        return reactor

    def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a function in the reactor thread and return what it returns, or raise what it raises."""
        if threading.current_thread() is self._thread:
            return function(*args, **kwargs)
        waiting = _Call(function, args, kwargs)
        reactor = self._reactor if self._reactor is not None and not self._stopped else self.start()
        reactor.callFromThread(waiting.run)
        waiting.done.acquire()
        if waiting.error is not None:
            raise waiting.error
        return waiting.result  # type: ignore[no-any-return]

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
