"""Any rule set over any history: order does not matter, a settled server exports nothing, who leaves takes its values.

Rules are drawn (scope, joins, direct, constant and expression flows, merge types, precedence), so are two forests and
what happens in them; the oracle is a server built from nothing over the same forests. Source: facts "engine" 3, 6-9.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.rules.rule import (
    AttributeFlow,
    Direction,
    FlowType,
    JoinClause,
    LinkType,
    MergeType,
    ScopeClause,
    SyncRule,
)

ENTRA = "contoso.onmicrosoft.com - AAD"
FORESTS = ("contoso.com", "fabrikam.com")
IDENTIFIERS = {name: f"{order + 1:08d}-0000-0000-0000-000000000000" for order, name in enumerate(FORESTS)}
TEXTS = ("title", "department", "company", "info")  # read in the forests
TARGETS = ("title", "department", "company", "description")  # written in the metaverse, single-valued
WORDS = ("Lead", " Lead ", "Clerk", "lead", None)
PEOPLE = tuple(f"p{number}@contoso.com" for number in range(4))

scope_clause = st.builds(
    ScopeClause,
    st.sampled_from(TEXTS),
    st.sampled_from(("EQUAL", "NOTEQUAL", "ISNULL", "ISNOTNULL", "STARTSWITH", "NOTCONTAINS")),
    st.sampled_from(("Lead", "Clerk", "l")),
)
scopes = st.lists(st.lists(scope_clause, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple)


@st.composite
def single_flows(draw: Any, target: str) -> AttributeFlow:
    one, other = draw(st.sampled_from(TEXTS)), draw(st.sampled_from(TEXTS))
    kind = draw(st.sampled_from(("direct", "constant", "expression", "expression")))
    if kind == "direct":
        return AttributeFlow(target, FlowType.DIRECT, (one,))
    if kind == "constant":
        return AttributeFlow(target, FlowType.CONSTANT, constant=draw(st.sampled_from(("fixed", "Lead"))))
    expression = draw(
        st.sampled_from(
            (
                f"Trim([{one}])",
                f"UCase([{one}])",
                f"IIF(IsPresent([{one}]),[{one}],[{other}])",
                f'[{one}] & "-" & [{other}]',
                f'IIF([{one}]="Lead",AuthoritativeNull,[{other}])',
                f'IIF([{one}]="Clerk",NULL,Left([{other}],2))',
            )
        )
    )
    return AttributeFlow(target, FlowType.EXPRESSION, (one, other), expression=expression)


@st.composite
def inbound_flows(draw: Any, merge: MergeType) -> tuple[AttributeFlow, ...]:
    targets = draw(st.lists(st.sampled_from(TARGETS), unique=True, max_size=3))
    flows = [draw(single_flows(target)) for target in targets]
    if draw(st.booleans()):
        flows.append(AttributeFlow("proxyAddresses", FlowType.DIRECT, ("proxyAddresses",), merge=merge))
    if draw(st.booleans()):
        flows.append(AttributeFlow("manager", FlowType.DIRECT, ("manager",)))
    return tuple(flows)


@st.composite
def rule_sets(draw: Any) -> tuple[SyncRule, ...]:
    """For each forest a rule that links and up to two that only flow; one rule out that provisions."""
    merge = draw(st.sampled_from((MergeType.UPDATE, MergeType.MERGE, MergeType.MERGE_CASE_INSENSITIVE)))
    mail = (
        AttributeFlow("mail", FlowType.DIRECT, ("mail",)),
        AttributeFlow("sourceAnchor", FlowType.DIRECT, ("mail",)),
    )
    join = ((JoinClause("mail", "mail"),),)
    drafts: list[dict[str, Any]] = []
    for forest in FORESTS:
        link = LinkType.PROVISION if forest == FORESTS[0] else draw(st.sampled_from(tuple(LINKS)))
        drafts.append({"connector": forest, "link_type": link, "joins": join, "flows": mail})
        for _ in range(draw(st.integers(0, 2))):
            drafts.append({"connector": forest, "link_type": LinkType.JOIN, "flows": draw(inbound_flows(merge))})
    for draft in drafts:
        draft["scope"] = draw(scopes)
    order = draw(st.permutations(range(len(drafts))))
    rules = [
        SyncRule(
            identifier=f"{number:08x}-0000-4000-8000-000000000000",
            name=f"In {number}",
            direction=Direction.INBOUND,
            source_object_type="user",
            target_object_type="person",
            precedence=order[number],
            **{**draft, "connector": IDENTIFIERS[draft["connector"]]},
        )
        for number, draft in enumerate(drafts)
    ]
    return (*rules, _outbound(draw(st.lists(_metaverse_clause, max_size=1).map(tuple))))


LINKS = (LinkType.PROVISION, LinkType.JOIN, LinkType.STICKY_JOIN)
_metaverse_clause = st.builds(
    ScopeClause,
    st.sampled_from(TARGETS),
    st.sampled_from(("NOTEQUAL", "ISNULL", "ISNOTNULL")),
    st.sampled_from(("Lead", "CLERK")),
)


def _outbound(scope: tuple[ScopeClause, ...]) -> SyncRule:
    names = (*TARGETS, "proxyAddresses", "manager", "sourceAnchor", "mail")
    flows = [AttributeFlow(name, FlowType.DIRECT, (name,)) for name in names]
    dn = AttributeFlow("dn", FlowType.EXPRESSION, expression='"CN={" & ConvertToUTF8Hex([sourceAnchor]) & "}"')
    return SyncRule(
        identifier="ffffffff-0000-4000-8000-000000000000",
        name="Out",
        direction=Direction.OUTBOUND,
        connector=ENTRA_CONNECTOR_ID,
        source_object_type="person",
        target_object_type="user",
        link_type=LinkType.PROVISION,
        precedence=99,
        flows=(*flows, dn),
        scope=((ScopeClause("sourceAnchor", "ISNOTNULL"), *scope),),
        joins=((JoinClause("sourceAnchor", "sourceAnchor"),),),
    )


person = st.integers(0, len(PEOPLE) - 1)
words = st.fixed_dictionaries({name: st.sampled_from(WORDS) for name in TEXTS})
addresses = st.sampled_from((None, ["smtp:a@x"], ["SMTP:A@x", "smtp:b@x"], ["smtp:b@x"]))
step = st.one_of(
    st.tuples(st.just("there"), st.sampled_from(FORESTS), person, words, addresses),
    st.tuples(st.just("gone"), st.sampled_from(FORESTS), person),
    st.tuples(st.just("manager"), st.sampled_from(FORESTS), person, person),
    st.tuples(st.just("cycle"), st.permutations(FORESTS)),
)


def act(world: Any, what: str, forest: Any, who: int = 0, *rest: Any) -> None:
    """Make, change or remove a person of a forest; each forest has at most one of each mail address."""
    if what == "cycle":
        cycle(world, forest)
        return
    directory = world.directories[forest]
    held = {body["mail"]: guid for guid, body in directory.objects.items()}
    guid = held.get(PEOPLE[who])
    if what == "there":
        given = {**rest[0], "proxyAddresses": rest[1]}
        if guid is None:
            directory.add(f"Person {who}", mail=PEOPLE[who], **given)
        else:
            directory.change(guid, **given)
    elif guid is not None and what == "gone":
        gone = directory.dn(guid)
        for body in directory.objects.values():  # links go with it, unreported
            if body.get("manager") == gone:
                del body["manager"]
        directory.delete(guid)
    elif guid is not None and what == "manager" and (boss := held.get(PEOPLE[rest[0]])) is not None and boss != guid:
        directory.change(guid, manager=directory.dn(boss))


def cycle(world: Any, order: tuple[str, ...] = FORESTS, kind: str = "Delta") -> int:
    """One cycle in an order of the forests; answers how many changes were exported."""
    for profile in (f"{kind} Import", f"{kind} Synchronization"):
        for name in (*order, ENTRA):
            run = world.run(name, profile)
            assert not run.errors, (name, profile, run.errors)
    run = world.run(ENTRA, "Export")
    assert not run.errors, run.errors
    return sum(run.counter(name) for name in ("ExportAdd", "ExportUpdate", "ExportDelete"))


def picture(world: Any) -> tuple[Any, Any]:
    """Tenant and metaverse; who is who by mail, values as sets."""
    from engine.store.objects import read_mv

    one = world.server.database.connection.execute
    tenant = {
        anchor: {name: _plain(value) for name, value in body.items() if name != "cloudAnchor"}
        for anchor, body in world.tenant.objects.items()
    }
    metaverse = {row[0]: read_mv(row).values for row in one("SELECT * FROM metaverse")}
    owners = {number: mv for number, mv in one("SELECT number, mv FROM cs WHERE mv != 0")}
    people = {
        str(values["sourceAnchor"]): {
            name: _plain(value) if name != "manager" else metaverse.get(owners.get(value, 0), {}).get("mail")
            for name, value in values.items()
            if name not in ("cloudAnchor", "cloudSourceAnchor")
        }
        for values in metaverse.values()
    }
    return tenant, people


def _plain(value: Any) -> Any:
    return frozenset(each.casefold() for each in value) if isinstance(value, list) else value


def _world(deployment_class: Any, folder: str, name: str, rules: tuple[SyncRule, ...]) -> Any:
    path = Path(folder) / name
    path.mkdir()
    return deployment_class(path, FORESTS, rules)


def _same_forests(world: Any, other: Any) -> None:
    """Let a new server look at the forests of another one."""
    other.directories.update(world.directories)
    for name, identifier in IDENTIFIERS.items():
        other.server.systems._connectors[identifier] = world.directories[name]


QUICK = settings(max_examples=600, phases=[__import__("hypothesis").Phase.explicit, __import__("hypothesis").Phase.generate], deadline=None, print_blob=False, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(rules=rule_sets(), steps=st.lists(step, max_size=14))
def test_it_ends_like_a_fresh_start(deployment_class: Any, rules: Any, steps: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = _world(deployment_class, folder, "lived", rules)
        fresh = _world(deployment_class, folder, "fresh", rules)
        try:
            cycle(world, kind="Full")
            for each in steps:
                act(world, *each)
            cycle(world)
            cycle(world)
            assert cycle(world) == 0
            _same_forests(world, fresh)
            cycle(fresh, FORESTS[::-1], "Full")
            cycle(fresh)
            assert cycle(fresh) == 0
            assert picture(world) == picture(fresh)
        finally:
            world.server.close()
            fresh.server.close()


deaths = st.lists(st.integers(0, 80), min_size=1, max_size=2)


@settings(QUICK, max_examples=600, phases=[__import__("hypothesis").Phase.explicit, __import__("hypothesis").Phase.generate])
@given(rules=rule_sets(), steps=st.lists(step, max_size=8), moments=deaths)
def test_deaths_change_nothing(
    deployment_class: Any, mortal_class: Any, rules: Any, steps: Any, moments: list[int]
) -> None:
    """The process dies in the cycle after the history, perhaps once more while it recovers; a twin does not."""
    with tempfile.TemporaryDirectory() as folder:
        twin = _world(deployment_class, folder, "twin", rules)
        world = mortal_class(_world(deployment_class, folder, "mortal", rules))
        try:
            for one in (twin, world):
                cycle(one, kind="Full")
                for each in steps:
                    act(one, *each)
            for moment in moments:
                world.dies_in(lambda: cycle(world), moment)
                world.reopen()
            for one in (twin, world):
                cycle(one)
                cycle(one)
                assert cycle(one) == 0
            assert picture(world) == picture(twin)
        finally:
            twin.server.close()
            world.close()
