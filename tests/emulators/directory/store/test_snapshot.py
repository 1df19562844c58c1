"""Snapshots: what thaws is what was frozen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgpack
import pytest

from emulators.directory.core import dispatch
from emulators.directory.core import requests as r
from emulators.directory.core.populate import populate
from emulators.directory.core.session import open_session
from emulators.directory.core.topology import new_forest
from emulators.directory.store.snapshot import BadSnapshot, freeze, thaw

BASE = "DC=contoso,DC=com"
PASSWORD = "Harbour.Light-7"


class Still:
    def now(self) -> datetime:
        return datetime(2025, 6, 2, tzinfo=UTC)


@pytest.fixture
def forest() -> Any:
    made = new_forest("contoso.com", clock=Still(), seed=7, admin_password=PASSWORD)
    rows: list[Any] = [
        (f"CN=P{i},CN=Users,{BASE}", {"objectClass": [b"user"], "sAMAccountName": [b"p%d" % i]}) for i in range(5)
    ]
    rows.append(
        (
            f"CN=Crew,CN=Users,{BASE}",
            {"objectClass": [b"group"], "member": [f"CN=P{i},CN=Users,{BASE}".encode() for i in range(4)]},
        )
    )
    populate(made, rows)
    return made


def work(forest: Any) -> list[Any]:
    """A few writes and a delta, the same each time when the state is the same."""
    session = open_session(forest, protected=True)
    out = []

    def send(request: r.Request) -> Any:
        answer = dispatch.handle(forest, session, request)
        out.append(getattr(answer, "done", answer))
        return answer

    send(r.Bind("Administrator@contoso.com", PASSWORD.encode()))
    send(r.Add(f"CN=New,CN=Users,{BASE}", (("objectClass", (b"user",)),)))
    send(
        r.Modify(
            f"CN=Crew,CN=Users,{BASE}",
            (r.Modification(r.ModifyOperation.DELETE, "member", (f"CN=P1,CN=Users,{BASE}".encode(),)),),
        )
    )
    send(r.ModifyDN(f"CN=P2,CN=Users,{BASE}", "CN=Q2", True))
    send(r.Delete(f"CN=P0,CN=Users,{BASE}"))
    everything = r.Controls(show_deleted=True)
    answer = send(r.Search(BASE, r.Scope.SUBTREE, r.Present("objectClass"), controls=everything))
    out += [(item.dn, dict(item.entry.attributes)) for item in answer.items if hasattr(item, "entry")]
    return out


def test_thawed_state_is_the_frozen_one_and_goes_on_alike(forest: Any) -> None:
    state = freeze(forest)
    first = work(forest)
    later = freeze(forest)
    assert later != state
    thaw(forest, state)
    assert freeze(forest) == state
    assert work(forest) == first
    assert freeze(forest) == later


def test_deleted_objects_and_stamps_survive(forest: Any) -> None:
    work(forest)
    state = freeze(forest)
    other = new_forest("contoso.com", clock=Still(), seed=99, admin_password="x")
    thaw(other, state)
    assert freeze(other) == state
    for left, right in zip(forest.controllers[0].partitions, other.controllers[0].partitions, strict=True):
        assert left.entries.keys() == right.entries.keys()
        for guid, entry in left.entries.items():
            twin = right.entries[guid]
            for slot in ("dn", "rdn_key", "sid", "secrets", "born", "dormant", "state", "usn", "guarded"):
                assert getattr(entry, slot) == getattr(twin, slot), (entry, slot)
            assert (entry.stamps or None) == (twin.stamps or None)
            present = {name: stamps for name, stamps in (entry.link_stamps or {}).items() if stamps}
            assert present == (twin.link_stamps or {})
            assert entry.sd.octets == twin.sd.octets


def broken(state: bytes, **changes: Any) -> bytes:
    document = msgpack.unpackb(state, raw=False, strict_map_key=False)
    return bytes(msgpack.packb({**document, **changes}))


def test_what_cannot_be_thawed_is_refused_and_changes_nothing(forest: Any) -> None:
    state = freeze(forest)
    for bad in (
        b"",
        b"junk",
        msgpack.packb({"a": 1}),
        broken(state, version=99),
        broken(state, exchange=True),
        state[:-9],
    ):
        with pytest.raises(BadSnapshot):
            thaw(forest, bad)
    assert freeze(forest) == state
