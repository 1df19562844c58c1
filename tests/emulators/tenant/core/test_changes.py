"""Delta queries: first walk, changes, removals, tokens."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import lifecycle
from emulators.tenant.core.changes import Place, read_delta, read_token, write_token
from emulators.tenant.core.identities import Kind
from emulators.tenant.core.refusals import GraphError


def walk(bench: Any, place: Place, size: int = 2) -> tuple[list[dict[str, Any]], Place]:
    rows: list[dict[str, Any]] = []
    while True:
        page = read_delta(bench.tenant, place, size)
        rows += page.rows
        place = read_token(bench.tenant, place.kind, write_token(bench.tenant, page.place))
        if not page.more:
            return rows, place


def begin(bench: Any, kind: Kind = Kind.USER, *select: str) -> Place:
    return Place(kind, bench.tenant.changes.sequence, 0, select or None)


def test_walk_then_changes_then_silence(bench: Any) -> None:
    for name in "abc":
        bench.add(name, userPrincipalName=f"{name}@contoso.com")
    rows, place = walk(bench, begin(bench))
    assert len(rows) == 4  # the administrator too
    assert walk(bench, place)[0] == []
    bench.set("a", title="x")
    bench.delete("b")
    bench.delete("c")
    gone = bench.by_anchor("c").id
    lifecycle.purge(bench.tenant, bench.by_anchor("c"))
    rows, place = walk(bench, place)
    assert [row.get("@removed") for row in rows] == [None, {"reason": "changed"}, {"reason": "deleted"}]
    assert rows[2]["id"] == gone
    assert walk(bench, place)[0] == []
    bench.add("b", userPrincipalName="b@contoso.com")
    rows, _ = walk(bench, place)
    assert [("@removed" in row) for row in rows] == [False]


def test_select_travels_in_the_token(bench: Any) -> None:
    bench.add("a", userPrincipalName="a@contoso.com", title="x")
    rows, place = walk(bench, begin(bench, Kind.USER, "jobTitle"))
    assert rows[-1] == {"jobTitle": "x", "id": bench.by_anchor("a").id}
    bench.set("a", title="y")
    assert walk(bench, place)[0] == [{"jobTitle": "y", "id": bench.by_anchor("a").id}]


def test_members_that_moved(bench: Any) -> None:
    for name in "abc":
        bench.add(name, userPrincipalName=f"{name}@contoso.com")
    bench.add("G", kind="Group", displayName="G", member=["a", "b"])
    rows, place = walk(bench, begin(bench, Kind.GROUP))
    ids = {name: bench.by_anchor(name).id for name in "abc"}
    assert [m["id"] for m in rows[0]["members@delta"]] == [ids["a"], ids["b"]]
    bench.set("G", kind="Group", member=["b", "c"])
    rows, _ = walk(bench, place)
    assert {m["id"]: m.get("@removed") for m in rows[0]["members@delta"]} == {
        ids["a"]: {"reason": "deleted"},
        ids["c"]: None,
    }


@pytest.mark.parametrize("text", ["", "junk", "WzFd", "é", "W10"])
def test_unreadable_token(bench: Any, text: str) -> None:
    with pytest.raises(GraphError) as refused:
        read_token(bench.tenant, Kind.USER, text)
    assert refused.value.status == 400


def test_token_from_beyond_a_reset_is_gone(bench: Any, make_bench: Any) -> None:
    bench.add("a", userPrincipalName="a@contoso.com")
    token = write_token(bench.tenant, Place(Kind.USER, bench.tenant.changes.sequence + 1, None, None))
    for tenant in (bench.tenant, make_bench(seed=9).tenant):
        with pytest.raises(GraphError) as refused:
            read_token(tenant, Kind.USER, token)
        assert (refused.value.status, refused.value.code) == (410, "syncStateNotFound")
