"""A front over a small stand-in for the core, listening on real loopback sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulators.directory.core.password_hashes import HashRecord, PasswordHashes
from emulators.directory.core.requests import Bind, Compare, Equality, ReadPasswordHashes, Request, Search, WhoAmI
from emulators.directory.core.results import Found, Result, ResultCode, SearchAnswer
from emulators.directory.front.entries import EntryEncoder
from emulators.directory.front.listener import Front, Limits, Listener
from emulators.faults import FaultPlan
from emulators.journal import Journal


# ---- the stand-in core -----------------------------------------------------------------------------------------------
@dataclass
class FakeSession:
    protected: bool
    global_catalog: bool
    name: str = ""

    def forget(self) -> None:
        self.name = ""


class FakeEntry:
    """As much of an entry as the front looks at."""

    def __init__(self, dn: str, attributes: dict[str, tuple[bytes, ...]]) -> None:
        self.dn = dn
        self.attributes = {name.lower(): values for name, values in attributes.items()}
        self.wire: dict[Any, Any] = {}


@pytest.fixture
def entry_class() -> type[FakeEntry]:
    return FakeEntry


SPELLINGS = {"objectclass": "objectClass", "samaccountname": "sAMAccountName"}


class FakeCore:
    """Answers what it was told to; remembers every request it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.entries: list[FakeEntry] = []
        self.replies: dict[type, Any] = {}

    def answer(self, session: FakeSession, request: Request) -> Any:
        self.asked.append(request)
        reply = self.replies.get(type(request))
        if reply is not None:
            if isinstance(reply, Exception):
                raise reply
            return reply
        match request:
            case Bind():
                if request.password == b"wrong":
                    text = "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 52e, v4f7c"
                    return Result(ResultCode.INVALID_CREDENTIALS, text)
                session.name = request.name
                return Result()
            case Search():
                found = self.entries
                if isinstance(request.filter, Equality):
                    wanted = request.filter
                    found = [e for e in found if wanted.value in e.attributes.get(wanted.attribute.lower(), ())]
                cookie = b"" if request.controls.page_size is not None else None
                items: list[Any] = [Found(e, e.dn, None) for e in found]  # type: ignore[arg-type]
                return SearchAnswer(items, Result(page_cookie=cookie))
            case Compare():
                return Result(ResultCode.COMPARE_TRUE)
            case WhoAmI():
                return Result(value=b"u:" + session.name.encode() if session.name else b"")
            case ReadPasswordHashes():
                row = HashRecord("CN=Ana,DC=contoso,DC=com", b"G" * 16, b"S" * 28, b"H" * 16, 133000000000000000, 512)
                return PasswordHashes(Result(), False, b"next", (row,))
        return Result()


@dataclass
class Served:
    """A front over the stand-in core, listening on a port of its own."""

    thread: Any
    front: Front
    core: FakeCore
    clock: Any
    records: list[dict[str, Any]]
    conversation_class: Any
    ports: dict[str, int] = field(default_factory=dict)
    conversations: list[Any] = field(default_factory=list)

    def connect(self, name: str = "ldap") -> Any:
        conversation = self.conversation_class(self.ports[name])
        self.conversations.append(conversation)
        return conversation


@pytest.fixture
def served(reactor_thread: Any, still_clock: Any, conversation_class: Any) -> Iterator[Served]:
    core = FakeCore()
    clock = still_clock
    records: list[dict[str, Any]] = []
    front = Front(
        answer=core.answer,
        new_session=FakeSession,
        encoder=EntryEncoder(lambda lower: SPELLINGS.get(lower, lower)),
        clock=clock,
        faults=FaultPlan(),
        journal=Journal("DC1", clock, records.append),
        limits=Limits(connections_max=20),
    )
    served_ = Served(reactor_thread, front, core, clock, records, conversation_class)
    listening = []
    for name, options in {"ldap": {}, "gc": {"global_catalog": True}}.items():
        port = reactor_thread.call(
            reactor_thread.reactor.listenTCP, 0, Listener(front, **options), interface="127.0.0.1"
        )
        listening.append(port)
        served_.ports[name] = port.getHost().port
    yield served_
    for conversation in served_.conversations:
        conversation.close()
    for port in listening:
        reactor_thread.call(port.stopListening)
    reactor_thread.call(front.close_connections)
