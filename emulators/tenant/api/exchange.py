"""One request and its answer, apart from any web framework, so that Flask, the batch endpoint and the hot routes
share handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from emulators.tenant.core.permissions import Caller
from emulators.tenant.core.refusals import GraphError, bad_request, not_emulated
from emulators.tenant.core.tenant import Tenant
from emulators.tenant.core.throttling import Throttle

JSON = "application/json"
GRAPH_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
MALFORMED = (
    "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."
)


@dataclass(slots=True)
class Call:
    """What came in. ``headers`` has lower-case names; ``base_url`` is the address the client used, with the API
    version.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str
    version: str = ""
    caller: Caller | None = None
    request_id: str = ""
    old_tls: str = ""  # the protocol version, where it is one of yesterday
    lost: list[Callable[[], None]] = field(default_factory=list)  # to be done when the caller's connection is gone

    @property
    def base_url(self) -> str:
        return f"{self.origin}/{self.version}"

    @property
    def client_request_id(self) -> str:
        return self.headers.get("client-request-id", "")[:80] or self.request_id

    @property
    def eventual(self) -> bool:
        return self.headers.get("consistencylevel", "").lower() == "eventual"

    def json(self) -> dict[str, Any]:
        """The body as an object; anything else is refused."""
        try:
            read = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise bad_request(MALFORMED, "BadRequest") from None
        if type(read) is not dict:
            raise bad_request(MALFORMED, "BadRequest")
        return read


@dataclass(slots=True)
class Answer:
    """What goes out."""

    status: int = 200
    body: bytes = b""
    content_type: str = GRAPH_JSON
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class LaterAnswer(Answer):
    """An answer that is not there yet: somebody on-premises has to be asked first. It is settled once."""

    settled: Answer | None = None
    _waiting: Callable[[Answer], None] | None = None

    def settle(self, answer: Answer) -> None:
        if self.settled is None:
            self.settled = answer
            if self._waiting is not None:
                self._waiting(answer)

    def when_settled(self, act: Callable[[Answer], None]) -> None:
        """Act on the answer when it is there, at once if it is."""
        if self.settled is not None:
            act(self.settled)
        else:
            self._waiting = act


@dataclass
class Desk:
    """What handlers work with: the tenant, who checks its tokens, its throttle and where routes are looked up."""

    tenant: Tenant
    tokens: Any
    throttle: Throttle | None = None
    resolve: Callable[[str, str], tuple[Route, dict[str, str]]] | None = None


Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A rule of the API: method, path, handler, and the rights of which the caller needs one."""

    method: str
    rule: str
    handler: Handler
    rights: tuple[str, ...] = ()
    versions: tuple[str, ...] = ("v1.0", "beta")


def read_query(text: str) -> dict[str, str]:
    """Decode a query string, ``+`` as a blank; an option may be written without its dollar sign."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=100):
        key = name if name.startswith("$") or name.lower() not in BARE else f"${name}"
        found.setdefault("$deltatoken" if key.lower() == "$deltatoken" else key, value)
    return found


BARE = frozenset({"select", "filter", "top", "count", "orderby", "expand", "skiptoken", "search", "deltatoken", "skip"})


def dumps(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)


def ok(value: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, dumps(value), headers=headers)


def lacking(what: str) -> Handler:
    """The handler of a call that the service has and this tenant has not: it says so."""

    def refuse(desk: Desk, call: Call, **arguments: str) -> Answer:
        raise not_emulated(what)

    return refuse


def no_content() -> Answer:
    return Answer(204)


def text_key(value: Any, name: str) -> str:
    """A text of a JSON body that must be there."""
    if not isinstance(value, str) or not value:
        raise bad_request(f"A value is required for property '{name}'.")
    return value


__all__ = [
    "Answer",
    "Call",
    "Desk",
    "GraphError",
    "Handler",
    "Route",
    "dumps",
    "lacking",
    "no_content",
    "ok",
    "read_query",
    "text_key",
]
