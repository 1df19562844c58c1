"""A server process killed with SIGKILL in the middle of a cycle, over the wire; the next one ends where it would have.

The process is real, the forest and the tenant answer LDAP and HTTPS. Source: facts "engine" 1.7, 3.1; ledger crash.
"""

from __future__ import annotations

import signal
from random import Random
from typing import Any


def test_killed_anywhere_it_ends_like_its_twin(stage: Any) -> None:
    stage.lab.keep("before")
    hops = int(stage.elsewhere("Initial", {}).stdout)
    assert hops > 500
    stage.settle()
    expected = stage.picture()
    assert len(expected["users"]) >= 62
    random = Random("killed")
    moments = [{"hop": random.randrange(1, hops)} for _ in range(3)] + [{"sent": 1}, {"sent": 2}]
    for moment in moments:
        stage.engine.close()
        stage.lab.go_back("before")
        killed = stage.elsewhere("Initial", moment)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        last = stage.settle()
        assert last.result == "success", moment
        assert last.steps[0].statistics.counters == {}, moment
        assert stage.picture() == expected, moment


def test_a_run_that_was_cut_off_says_so(stage: Any) -> None:
    stage.elsewhere("Initial", {"sent": 1})
    cut = next(iter(stage.engine.history.runs()))
    assert (cut.profile, cut.result) == ("Export", "stopped-server")
    assert cut.ended is not None
