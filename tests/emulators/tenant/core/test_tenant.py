"""Whatever is exported in whatever order, the indexes say what the objects say, and nobody shares a name."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emulators.tenant.core import background, lifecycle
from emulators.tenant.core.identities import Group, Kind, User
from emulators.tenant.core.refusals import GraphError
from emulators.tenant.core.tenant import ChangeLog, address_key

NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), NAMES, NAMES, NAMES),
        st.tuples(st.just("set"), NAMES, NAMES, NAMES),
        st.tuples(st.just("group"), NAMES, NAMES, NAMES),
        st.tuples(st.sampled_from(["delete", "restore", "purge", "hour"]), NAMES),
    ),
    max_size=25,
)


def step(bench: Any, given_: tuple[str, ...]) -> None:
    word, anchor, *rest = given_
    if word in ("add", "set"):
        values = {
            "userPrincipalName": f"{rest[0]}@contoso.com",
            "proxyAddresses": [f"SMTP:{rest[1]}@contoso.com"],
            "manager": rest[0],
        }
        (bench.add if word == "add" else bench.set)(anchor, **values)
    elif word == "group":
        bench.add(
            f"g{anchor}", kind="Group", displayName="g", member=rest, proxyAddresses=[f"smtp:{rest[0]}@contoso.com"]
        )
    elif word == "delete":
        bench.delete(anchor)
    elif word == "hour":
        bench.clock.advance(hours=1)
        background.run(bench.tenant)
    else:
        obj = bench.tenant.recycled_by_anchor.get(anchor)
        if obj is not None and word == "purge":
            lifecycle.purge(bench.tenant, obj)
        elif obj is not None:
            with suppress(GraphError):  # its name may be taken
                lifecycle.restore(bench.tenant, obj, lifecycle.Event.RESTORE)


def check(tenant: Any) -> None:
    active = list(tenant.objects.values())
    assert tenant.by_anchor == {o.anchor: o for o in active if o.anchor is not None}
    users = [o for o in active if isinstance(o, User)]
    assert tenant.by_upn == {user.upn.lower(): user for user in users}
    assert len(tenant.by_upn) == len(users)
    owned = [(address_key(proxy), obj) for obj in active for proxy in obj.proxies]
    assert len({key for key, _ in owned}) == len(owned)
    assert tenant.by_address == dict(owned)
    assert set(tenant.quarantined) == {o.id for o in active if o.errors}
    for kind in Kind:
        assert [o.id for o in tenant.listed(kind)] == [o.id for o in tenant.order[kind] if o is not None]
        assert tenant.count[kind] == sum(1 for o in active if o.kind is kind)
    for group in active:
        if isinstance(group, Group):
            assert all(group.id in tenant.member_of[member] for member in group.members)
    changed = [entry.changed for entry in tenant.changes.since(-1)]
    assert changed == sorted(set(changed))
    assert {o.id for o in active} <= {entry.id for entry in tenant.changes.since(-1)}


@settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@example([("add", "b", "b", "a"), ("add", "a", "b", "a"), ("delete", "b"), ("hour", "a"), ("add", "b", "b", "a")])
@given(STEPS)
def test_indexes_stay_true(make_bench: Any, steps: list[tuple[str, ...]]) -> None:
    bench = make_bench()
    for given_ in steps:
        step(bench, given_)
        check(bench.tenant)


def test_change_log_sweeps_only_what_was_overtaken() -> None:
    class Entry:
        changed = 0

    log, entries = ChangeLog(), [Entry() for _ in range(3)]
    for number in range(20_000):
        log.sequence += 1
        entry = entries[number % 3]
        entry.changed = log.sequence
        log.append(entry)  # type: ignore[arg-type]
    log.sweep(3)
    assert [e.changed for e in log.since(0)] == [19_998, 19_999, 20_000]
    assert len(log._entries) == 3
