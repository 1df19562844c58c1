"""The control door of a world that is kept running: clock, faults, snapshots, reset, the servers' prompts; HTTP on
loopback, a token needed for everything.

Requests arrive in the reactor thread and are carried out by the thread that drives the lab, one at a time.
"""

from __future__ import annotations

import hmac
import json
import queue
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from twisted.internet import reactor as the_global_reactor
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from emulators.faults import FAULTS, UnknownFault
from harness.lab.clock import show_time
from harness.lab.lab import Lab
from harness.lab.prompt import Prompts
from harness.refusal import ScenarioError, refusal_of
from harness.scenario.durations import read_duration

SEEDED = "seeded"
#: what can be asked of the door, with the body of each; GET / answers this
REQUESTS = {
    "GET /clock": "the world's time",
    "POST /clock/advance": '{"by": "30m"}',
    "GET /faults": "those that are armed, those that struck, all there are",
    "POST /faults": '{"tenant.throttle": 2}: how many times each strikes',
    "POST /snapshot": '{"name": "before"}',
    "POST /restore": '{"name": "before"}',
    "POST /reset": "back to the state it started with",
    "GET /servers": "the names of the sync servers",
    "GET /servers/SYNC1/prompt": "what can be completed at its prompt",
    "POST /servers/SYNC1/prompt": '{"session": "any word", "line": "Get-ADSyncScheduler"}',
}
_BODY_BYTES_MAX = 1_000_000
_PROMPT = re.compile(r"/servers/([^/]+)/prompt")


class ControlRefusedError(Exception):
    """A request that cannot be carried out: HTTP status and reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass
class Job:
    """A request on its way to the lab's thread."""

    method: str
    path: str
    body: dict[str, Any]
    answer: Callable[[int, dict[str, Any]], None]


@dataclass
class Desk:
    """Where jobs wait, and how the lab's thread carries them out."""

    lab: Lab
    jobs: queue.Queue[Job] = field(default_factory=queue.Queue)
    prompts: Prompts = field(default_factory=Prompts)

    def serve(self, timeout_seconds: float) -> None:
        """Carry out the next job, if one comes in time."""
        try:
            job = self.jobs.get(timeout=timeout_seconds)
        except queue.Empty:
            return
        try:
            job.answer(200, self.carry_out(job.method, job.path, job.body))
        except ControlRefusedError as refused:
            job.answer(refused.status, {"error": refused.reason})
        except (ScenarioError, UnknownFault, ValueError) as error:
            job.answer(400, {"error": str(error)})
        except Exception as error:  # noqa: BLE001 - the world goes on; the caller hears what happened
            refusal = refusal_of(error)
            job.answer(500, {"error": refusal.message if refusal else f"{type(error).__name__}: {error}"})

    def carry_out(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer one request. Raises ControlRefusedError for one that does not exist."""
        lab = self.lab
        match (method, path):
            case ("GET", ""):
                return {"requests": REQUESTS}
            case ("GET", "/clock"):
                return {"now": show_time(lab.clock.now())}
            case ("POST", "/clock/advance"):
                lab.advance(read_duration(str(body.get("by", ""))))
                return {"now": show_time(lab.clock.now())}
            case ("GET", "/faults"):
                return {"armed": dict(lab.faults.armed), "taken": dict(lab.faults.taken), "known": FAULTS}
            case ("POST", "/faults"):
                for name, times in body.items():
                    lab.faults.arm(name, _times(times))
                return {"armed": dict(lab.faults.armed)}
            case ("POST", "/snapshot"):
                lab.keep(_name(body))
                return {"kept": _name(body)}
            case ("POST", "/restore"):
                lab.go_back(_name(body))
                return {"restored": _name(body), "now": show_time(lab.clock.now())}
            case ("POST", "/reset"):
                lab.go_back(SEEDED)
                return {"restored": SEEDED, "now": show_time(lab.clock.now())}
            case ("GET", "/servers"):
                return {"servers": sorted(lab.servers)}
        if (asked := _PROMPT.fullmatch(path)) is not None and method in ("GET", "POST"):
            server = lab.server(unquote(asked[1]))
            return self.prompts.words(server) if method == "GET" else self.prompts.answer(server, body)
        raise ControlRefusedError(404, f"there is no {method} {path or '/'}; GET / tells what there is")


def _name(body: dict[str, Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise ControlRefusedError(400, "a name is needed")
    return name


def _times(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ControlRefusedError(400, 'a fault strikes a whole number of times, as in {"tenant.throttle": 2}')
    return value


class ControlDoor(Resource):
    """The HTTP side, in the reactor thread: checks the token, reads the body, queues the job."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(self, desk: Desk, token: str) -> None:
        super().__init__()
        self._desk = desk
        self._expected = f"Bearer {token}".encode()

    def render(self, request: Request) -> Any:
        given = request.getHeader(b"authorization") or b""
        if not hmac.compare_digest(given, self._expected):
            request.setHeader(b"WWW-Authenticate", b"Bearer")
            return _respond(request, 401, {"error": "the token of the ready file is needed"})
        raw = request.content.read(_BODY_BYTES_MAX + 1) if request.content is not None else b""
        if len(raw) > _BODY_BYTES_MAX:
            return _respond(request, 413, {"error": "too much"})
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            return _respond(request, 400, {"error": "the body is no JSON"})
        if not isinstance(body, dict):
            return _respond(request, 400, {"error": "the body is a JSON object"})
        method, path = request.method.decode("ascii", "replace"), request.path.decode("utf-8", "replace").rstrip("/")
        alive = [True]
        request.notifyFinish().addBoth(lambda _: alive.__setitem__(0, False))

        def answer(status: int, content: dict[str, Any]) -> None:
            the_global_reactor.callFromThread(finish, status, content)  # type: ignore[attr-defined]

        def finish(status: int, content: dict[str, Any]) -> None:
            if alive[0]:
                request.write(_respond(request, status, content))
                request.finish()

        self._desk.jobs.put(Job(method, path, body, answer))
        return NOT_DONE_YET


def _respond(request: Request, status: int, content: dict[str, Any]) -> bytes:
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", b"application/json")
    return json.dumps(content).encode() + b"\n"


def open_door(desk: Desk, token: str, interface: str, port: int) -> Any:
    """Listen; runs in the reactor thread and returns the listening port."""
    return the_global_reactor.listenTCP(  # type: ignore[attr-defined]
        port, Site(ControlDoor(desk, token)), interface=interface
    )
