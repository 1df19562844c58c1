"""A small forest to work on, and a hand that sends requests into the core as a bound session would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulators.directory.core import dispatch
from emulators.directory.core import requests as r
from emulators.directory.core.entry import Entry
from emulators.directory.core.forest import Forest, Options
from emulators.directory.core.results import Found, ResultCode
from emulators.directory.core.session import Session, open_session
from emulators.directory.core.topology import FurtherDomain, new_forest

BASE = "DC=contoso,DC=com"
STAFF = f"OU=Staff,{BASE}"
PASSWORD = "Harbour.Light-7"
ANY = r.Present("objectClass")


class HandClock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.moment = datetime(2025, 6, 2, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, **delta: float) -> datetime:
        self.moment += timedelta(**delta)
        return self.moment


class Hand:
    """One session and short forms of the verbs; a code other than the expected one fails with the answer's text."""

    def __init__(self, forest: Forest, session: Session) -> None:
        self.forest = forest
        self.session = session

    def send(self, request: r.Request) -> Any:
        return dispatch.handle(self.forest, self.session, request)

    def expect(self, request: r.Request, code: ResultCode = ResultCode.SUCCESS) -> Any:
        answer = self.send(request)
        result = getattr(answer, "done", answer)
        assert result.code == code, (result.code.name, result.text)
        return answer

    def bind(self, name: str, password: str, code: ResultCode = ResultCode.SUCCESS) -> Any:
        return self.expect(r.Bind(name, password.encode()), code)

    def add(self, dn: str, code: ResultCode = ResultCode.SUCCESS, **attributes: Any) -> Any:
        given = tuple((name.replace("__", "-"), octets(values)) for name, values in attributes.items())
        return self.expect(r.Add(dn, given), code)

    def user(self, name: str, code: ResultCode = ResultCode.SUCCESS, **attributes: Any) -> str:
        dn = f"CN={name},{STAFF}"
        account = name.split()[0].lower()
        self.add(dn, code, **{"objectClass": "user", "sAMAccountName": account, **attributes})
        return dn

    def group(self, name: str, *members: str, kind: str = "-2147483646") -> str:
        dn = f"CN={name},{STAFF}"
        given = {"member": members} if members else {}
        self.add(dn, objectClass="group", sAMAccountName=name, groupType=kind, **given)
        return dn

    def change(
        self, dn: str, *changes: tuple[str, str, Any], code: ResultCode = ResultCode.SUCCESS, **controls: Any
    ) -> Any:
        listed = tuple(r.Modification(r.ModifyOperation[op], name, octets(values)) for op, name, values in changes)
        return self.expect(r.Modify(dn, listed, r.Controls(**controls)), code)

    def delete(self, dn: str, code: ResultCode = ResultCode.SUCCESS, **controls: Any) -> Any:
        return self.expect(r.Delete(dn, r.Controls(**controls)), code)

    def rename(self, dn: str, rdn: str, superior: str | None = None, code: ResultCode = ResultCode.SUCCESS) -> Any:
        return self.expect(r.ModifyDN(dn, rdn, True, superior), code)

    def search(
        self,
        filter_: r.Filter = ANY,
        attributes: Sequence[str] = (),
        base: str = BASE,
        scope: r.Scope = r.Scope.SUBTREE,
        code: ResultCode = ResultCode.SUCCESS,
        size_limit: int = 0,
        **controls: Any,
    ) -> Any:
        request = r.Search(base, scope, filter_, tuple(attributes), size_limit, controls=r.Controls(**controls))
        return self.expect(request, code)

    def found(self, *args: Any, **kwargs: Any) -> list[Found]:
        return [item for item in self.search(*args, **kwargs).items if isinstance(item, Found)]

    def names(self, *args: Any, **kwargs: Any) -> set[str]:
        return {item.dn for item in self.found(*args, **kwargs)}

    def read(self, dn: str, *attributes: str, **controls: Any) -> dict[str, tuple[bytes, ...]]:
        """An object's answer under the names asked for, by a base search."""
        item = self.found(ANY, attributes, base=dn, scope=r.Scope.BASE, **controls)[0]
        return values(item)

    def entry(self, dn: str) -> Entry:
        return self.found(ANY, base=dn, scope=r.Scope.BASE, show_recycled=True)[0].entry

    def sync(
        self, cookie: bytes = b"", *attributes: str, flags: int = 0x80000800, **kwargs: Any
    ) -> tuple[list[Found], bytes]:
        """One whole DirSync pass."""
        items: list[Found] = []
        bytes_max = kwargs.pop("bytes_max", 0)
        while True:
            control = r.DirSyncControl(flags, bytes_max, cookie)
            answer = self.search(
                kwargs.get("filter_", ANY),
                attributes,
                base=kwargs.get("base", BASE),
                dirsync=control,
                show_deleted=kwargs.get("show_deleted", False),
            )
            items += answer.items
            cookie = answer.done.dirsync_cookie
            if not answer.done.dirsync_more:
                return items, cookie


def octets(values: Any) -> tuple[bytes, ...]:
    if values is None:
        return ()
    if isinstance(values, str | bytes):
        values = (values,)
    return tuple(value.encode() if isinstance(value, str) else value for value in values)


def values(found: Found) -> dict[str, tuple[bytes, ...]]:
    """What an answer's entry carries: lower-case stored names and the labels of the extras."""
    stored = found.entry.attributes
    names = stored if found.names is None else found.names
    return {**{name: stored[name] for name in names}, **dict(found.extra)}


def quoted(password: str) -> bytes:
    return f'"{password}"'.encode("utf-16-le")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def make_forest(clock: HandClock) -> Callable[..., Forest]:
    def make(name: str = "contoso.com", seed: int = 7, **options: Any) -> Forest:
        return new_forest(name, clock=clock, seed=seed, admin_password=PASSWORD, options=Options(**options))

    return make


@pytest.fixture
def forest(make_forest: Callable[..., Forest]) -> Forest:
    return make_forest()


@pytest.fixture
def make_hand() -> Callable[..., Hand]:
    """A hand bound as the administrator with an OU to work in."""

    def make(forest: Forest) -> Hand:
        hand = Hand(forest, open_session(forest, protected=True))
        hand.bind("Administrator@contoso.com", PASSWORD)
        hand.add(STAFF, objectClass="organizationalUnit")
        return hand

    return make


@pytest.fixture
def admin(forest: Forest, make_hand: Callable[[Forest], Hand]) -> Hand:
    return make_hand(forest)


@pytest.fixture
def domains(clock: HandClock) -> Any:
    """Three domains of one forest: the root, a child, a second tree; a hand of the root's administrator in each."""
    further = [
        FurtherDomain("emea.contoso.com", "EMEA", "DC2"),
        FurtherDomain("fabrikam.com", "FABRIKAM", "DC3"),
    ]
    forest = new_forest("contoso.com", clock=clock, seed=7, admin_password=PASSWORD, further=further)

    class Domains:
        @staticmethod
        def hand(place: int, name: str, **options: Any) -> Hand:
            hand = Hand(forest, open_session(forest, forest.controllers[place], protected=True, **options))
            hand.bind(name, PASSWORD)
            return hand

    made = Domains()
    made.root, made.emea, made.tree = (made.hand(place, "CONTOSO\\Administrator") for place in range(3))  # type: ignore[attr-defined]
    for hand in (made.root, made.emea, made.tree):  # type: ignore[attr-defined]
        hand.add(f"OU=Staff,{hand.session.domain.dn}", objectClass="organizationalUnit")
    return made


@pytest.fixture
def low(admin: Hand) -> Hand:
    """Somebody without any rights of their own."""
    admin.user("Lo Wright", userPrincipalName="lo@contoso.com", userAccountControl="512", unicodePwd=quoted(PASSWORD))
    hand = Hand(admin.forest, open_session(admin.forest, protected=True))
    hand.bind("lo@contoso.com", PASSWORD)
    return hand


@pytest.fixture
def kit() -> Any:
    """The constants and converters of this file, for tests that cannot import it."""

    class Kit:
        base, staff, password, any = BASE, STAFF, PASSWORD, ANY
        quoted = staticmethod(quoted)
        values = staticmethod(values)
        hand = Hand

    return Kit
