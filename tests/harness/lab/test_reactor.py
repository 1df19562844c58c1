"""Calls run in the one reactor thread; what they raise is raised here."""

from __future__ import annotations

import threading

import pytest
from twisted.internet.defer import succeed

from harness.lab.reactor import in_reactor


def test_calls_run_in_one_other_thread() -> None:
    first = in_reactor(threading.current_thread)
    assert first is in_reactor(threading.current_thread)
    assert first is not threading.current_thread()


def test_answers_errors_and_deferreds_come_back() -> None:
    assert in_reactor(lambda number: number + 1, 4) == 5
    assert in_reactor(succeed, 7) == 7
    with pytest.raises(ZeroDivisionError):
        in_reactor(lambda: 1 // 0)


def test_calls_from_inside_do_not_wait_for_themselves() -> None:
    assert in_reactor(lambda: in_reactor(lambda: 3)) == 3
