"""The control door: nothing without the token, one job at a time, refusals that name the reason."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from harness.lab.control_door import SEEDED, Desk, open_door
from harness.lab.lab import Lab
from harness.lab.reactor import in_reactor
from harness.pytest_plugin import make_world

TOKEN = "a-token"


class Client:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.pool = urllib3.PoolManager(retries=False)

    def ask(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        answer = self.pool.request(method, self.url + path, body=raw, headers={"Authorization": f"Bearer {token}"})
        return answer.status, json.loads(answer.data)


@pytest.fixture
def door() -> Iterator[Client]:
    lab = Lab(make_world(start="2026-03-02T08:00:00Z", forests={"contoso.com": {"users": ["Ana Lopez"]}}))
    lab.keep(SEEDED)
    desk = Desk(lab)
    port = in_reactor(open_door, desk, TOKEN, "127.0.0.1", 0)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            desk.serve(0.02)

    worker = threading.Thread(target=serve)
    worker.start()
    client = Client(port.getHost().port)
    yield client
    stop.set()
    worker.join()
    client.pool.clear()
    in_reactor(port.stopListening)
    lab.close()


def test_nothing_without_the_token(door: Client) -> None:
    for token in ("", "wrong", TOKEN + "x"):
        assert door.ask("GET", "/clock", token=token)[0] == 401


def test_clock(door: Client) -> None:
    assert door.ask("GET", "/clock") == (200, {"now": "2026-03-02T08:00:00.000000Z"})
    assert door.ask("POST", "/clock/advance", {"by": "2h"}) == (200, {"now": "2026-03-02T10:00:00.000000Z"})
    assert door.ask("POST", "/clock/advance", {"by": "soon"})[0] == 400


def test_faults_snapshots_and_reset(door: Client) -> None:
    assert door.ask("POST", "/faults", {"directory.busy": 2}) == (200, {"armed": {"directory.busy": 2}})
    assert door.ask("POST", "/faults", {"directory.bussy": 2})[1]["error"].endswith("did you mean directory.busy?")
    assert door.ask("POST", "/faults", {"directory.busy": "x"})[0] == 400


def test_it_tells_what_can_be_asked_and_every_word_of_it_is_there(door: Any) -> None:
    requests = door.ask("GET", "/")[1]["requests"]
    assert len(requests) == 10
    for request, told in requests.items():
        method, path = request.split()
        body = json.loads(told.partition("}")[0] + "}") if told.startswith("{") else {}
        status, answer = door.ask(method, path, body)
        known = "SYNC1" if path.startswith("/servers/") else ""  # the world of this test has no server
        assert (status, known in str(answer)) == (400 if known else 200, True), (request, answer)
    assert door.ask("POST", "/snapshot", {"name": "mine"})[0] == 200
    assert door.ask("POST", "/restore", {"name": "yours"})[0] == 400
    assert door.ask("POST", "/snapshot", {})[0] == 400
    door.ask("POST", "/clock/advance", {"by": "1d"})
    assert door.ask("POST", "/reset")[1]["now"] == "2026-03-02T08:00:00.000000Z"
    assert door.ask("GET", "/faults")[1]["armed"] == {}


def test_hostile_requests_end_in_an_answer(door: Client) -> None:
    assert door.ask("GET", "/nowhere") == (404, {"error": "there is no GET /nowhere; GET / tells what there is"})
    assert door.ask("POST", "/snapshot", b"\xff{")[0] == 400
    assert door.ask("POST", "/snapshot", [1])[0] == 400
    assert door.ask("POST", "/snapshot", b"x" * 1_000_001)[0] == 413
