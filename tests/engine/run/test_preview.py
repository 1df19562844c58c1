"""A preview tells what a real synchronization of the object then does, and leaves the database file as it was."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from engine.connectors.connector import ValueChanges
from engine.errors import EngineError
from engine.model.change import Operation
from engine.model.identity import EMPTY, cs_identifier, mv_identifier
from engine.model.xml_document import read_document
from engine.rules.candidates import Verdict
from engine.rules.rule import AttributeFlow, FlowType
from engine.run.preview import preview
from engine.store.objects import CS_COLUMNS, read_cs, read_mv

ENTRA = "contoso.onmicrosoft.com - AAD"
STAFF = "OU=Staff,DC=contoso,DC=com"
ANA = f"CN=Ana Lopez,{STAFF}"


def look(world, dn=ANA, connector="contoso.com", **how):
    return preview(world.server, connector=connector, dn=dn, **how)


def rows(world):
    found = world.server.database.connection.execute(f"SELECT {CS_COLUMNS} FROM cs ORDER BY number").fetchall()
    return {cs.number: cs for cs in map(read_cs, found)}


def metaverse(world):
    found = world.server.database.connection.execute("SELECT * FROM metaverse ORDER BY number").fetchall()
    return {mv.number: mv for mv in map(read_mv, found)}


def file_of(world):
    """The bytes of the database: its pages and what is logged beside them."""
    path = world.server.database.path
    return path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()


def change_rules(world, name, **changes):
    rules = [replace(r, **changes) if r.name == name else r for r in world.server.rules().values()]
    world.server.save_rules(rules)


class TestOneObject:
    def test_a_new_user_is_projected_and_an_add_is_staged(self, deploy):
        world = deploy(anchor="objectGUID")
        world.contoso.add("Ana Lopez", title="Engineer")
        world.run("contoso.com", "Full Import")
        told = look(world)
        assert told.processed
        assert not told.committed
        assert (told.counter, told.link.action, told.link.rule) == (
            "DisconnectorProjectedFlow", "projected", "In from AD - User Join",
        )  # fmt: skip
        assert told.link.before == EMPTY
        assert told.mv_operation is Operation.ADD
        assert told.mv_after.values["title"] == "Engineer"
        (export,) = told.exports
        assert (export.connector, export.operation_before, export.operation_after) == (
            ENTRA, Operation.NONE, Operation.ADD,
        )  # fmt: skip
        assert (export.existed, export.exists, export.after["title"]) == (False, True, "Engineer")
        assert rows(world)[told.number].mv == 0  # nothing of it stayed

    def test_a_change_shows_the_delta_before_and_after(self, deploy):
        world = deploy(anchor="objectGUID")
        ana = world.contoso.add("Ana Lopez", title="Engineer")
        world.cycle(initial=True)
        world.cycle()
        world.contoso.change(ana, title="Lead")
        world.run("contoso.com", "Delta Import")
        told = look(world)
        assert (told.link.action, told.mv_operation, told.mv_changes) == ("kept", Operation.UPDATE, {"title": "Lead"})
        (export,) = [each for each in told.exports if each.changed]
        assert (export.before, export.after) == ({}, {"title": "Lead"})
        flow = next(each for each in export.flows if each.attribute == "title")
        assert flow.winner.rule.name == "Out to AAD - User ExchangeOnline"

    def test_import_flows_say_who_won_and_what_the_others_lost_to(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez")
        world.run("contoso.com", "Full Import")
        flow = next(each for each in look(world).import_flows if each.attribute == "sourceAnchor")
        assert flow.value == flow.winner.value
        assert [(c.rule.name, c.verdict) for c in flow.candidates] == [
            ("In from AD - User AccountEnabled", Verdict.WINS),
            ("In from AD - User Common", Verdict.LOWER_PRECEDENCE),
        ]

    def test_every_rule_out_of_scope_says_why(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez", adminDescription="User_x")
        world.run("contoso.com", "Full Import")
        change_rules(world, "In from AD - User AccountEnabled", disabled=True)
        told = look(world)
        reasons = {scope.rule.name: scope for scope in told.out_of_scope}
        assert reasons["In from AD - User AccountEnabled"].reason == "disabled"
        (clause,) = reasons["In from AD - User Join"].failed
        assert (clause.clause.attribute, clause.found) == ("adminDescription", ("User_x",))
        assert told.link.action == "none"
        assert told.mv_operation is Operation.NONE

    def test_a_deleted_source_puts_every_rule_out_of_scope(self, deploy):
        world = deploy()
        ana = world.contoso.add("Ana Lopez")
        world.cycle(initial=True)
        world.cycle()
        world.contoso.delete(ana)
        world.run("contoso.com", "Delta Import")
        told = look(world)
        assert {scope.reason for scope in told.scopes} == {"source-deleted"}
        assert (told.link.action, told.mv_operation) == ("disconnected", Operation.DELETE)
        (export,) = [each for each in told.exports if each.changed]
        assert export.operation_after is Operation.DELETE

    def test_a_rule_that_fails_the_object(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez")
        world.run("contoso.com", "Full Import")
        rule = next(r for r in world.server.rules().values() if r.name == "In from AD - User Join")
        failing = AttributeFlow("title", FlowType.EXPRESSION, expression='Error("not today")')
        change_rules(world, rule.name, flows=(*rule.flows, failing))
        told = look(world)
        (error,) = told.errors
        assert (error.error_type, error.text) == ("sync-rule-error-function-triggered", "not today")
        assert (told.counter, told.exports, told.mv_after) == ("FlowFailure", (), None)

    def test_the_manager_s_report_is_touched_too(self, deploy):
        world = deploy(anchor="objectGUID")
        world.contoso.add("Bo Berg", manager=ANA)
        world.cycle(initial=True)
        world.cycle()
        world.contoso.add("Ana Lopez")
        world.run("contoso.com", "Delta Import")
        told = look(world)
        (touched,) = [each for each in told.exports if each.referring]
        own = next(each for each in told.exports if not each.referring)
        assert touched.after == {"manager": own.number}

    def test_no_hop_of_a_preview_is_told(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez")
        world.run("contoso.com", "Full Import")
        world.hops.clear()
        look(world)
        assert world.hops == []


class TestDeltaAndFull:
    def test_a_delta_preview_leaves_alone_what_nothing_waits_on(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez")
        world.cycle(initial=True)
        world.cycle()
        told = look(world)
        assert (told.processed, told.counter, told.mv_operation) == (False, "", Operation.NONE)
        assert not any(each.changed for each in told.exports)

    def test_a_full_preview_shows_what_changed_rules_would_do(self, deploy):
        world = deploy(anchor="objectGUID")
        world.contoso.add("Ana Lopez", title="Engineer")
        world.cycle(initial=True)
        world.cycle()
        rule = next(r for r in world.server.rules().values() if r.name == "In from AD - User Join")
        title = AttributeFlow("title", FlowType.CONSTANT, constant="Boss")
        change_rules(world, rule.name, flows=(*rule.flows, title))
        told = look(world, full=True)
        assert told.processed
        assert told.mv_changes == {"title": "Boss"}


class TestCommit:
    def test_commit_keeps_what_the_preview_told(self, deploy):
        world = deploy(anchor="objectGUID")
        world.contoso.add("Ana Lopez", title="Engineer")
        world.run("contoso.com", "Full Import")
        told = look(world, commit=True)
        assert told.committed
        held = rows(world)
        assert held[told.number].pending_import is Operation.NONE
        (export,) = told.exports
        assert held[export.number].unapplied == export.after
        assert metaverse(world)[held[told.number].mv].values == told.mv_after.values
        assert world.run(ENTRA, "Export").counter("ExportAdd") == 1

    def test_a_commit_that_fails_keeps_the_error_and_nothing_else(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez", sAMAccountName=None, userPrincipalName=None)
        world.run("contoso.com", "Full Import")
        told = look(world, commit=True)
        assert [error.error_type for error in told.errors] == ["sync-rule-error-function-triggered"]
        assert metaverse(world) == {}
        standing = world.server.database.connection.execute("SELECT cs, phase FROM object_error").fetchall()
        assert standing == [(told.number, "sync")]


class TestNaming:
    def test_by_identifier(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez")
        world.run("contoso.com", "Full Import")
        first = look(world)
        assert preview(world.server, identifier=first.identifier).dn == ANA
        assert first.identifier == cs_identifier(world.server.database.identity, first.number)

    @pytest.mark.parametrize(
        ("how", "code"),
        [
            ({"connector": "contoso.com", "dn": "CN=Nobody"}, "no-such-object"),
            ({"connector": "fabrikam.com", "dn": ANA}, "no-such-connector"),
            ({"identifier": EMPTY}, "no-such-object"),
            ({"connector": ENTRA, "dn": ANA}, "no-such-object"),
            ({"dn": ANA}, "object-not-named"),
        ],
    )
    def test_what_is_not_there(self, deploy, how, code):
        world = deploy()
        world.contoso.add("Ana Lopez")
        world.run("contoso.com", "Full Import")
        with pytest.raises(EngineError) as refusal:
            preview(world.server, **how)
        assert refusal.value.code == code


class TestXml:
    def test_the_paths_that_diagnostic_scripts_read(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez", title="Engineer")
        world.run("contoso.com", "Full Import")
        told = look(world)
        root = read_document(told.xml, "preview")
        assert root.name == "preview"
        entry = root.at("mv/mv-object/entry")
        assert entry.text_at("objectclass/oc-value") == "person"
        identity = world.server.database.identity
        assert entry.attributes["dn"] == f"{{{mv_identifier(identity, told.mv_after.number).upper()}}}"
        assert root.at("mv/mv-changes/delta").attributes["operation"] == "add"
        flows = {f.attributes["mv-attribute"]: f for f in root.at("import-flow-rules/import-attribute-flow")}
        title = flows["title"]
        assert (title.attributes["status"], title.attributes["mapping-type"]) == (
            "In from AD - User Common", "expression-mapping",
        )  # fmt: skip
        assert title.text_at("direct-mapping/src-attribute") == "title"
        names = [f.attributes["mv-attribute"] for f in root.at("import-flow-rules/import-attribute-flow")]
        assert len(names) == len(set(names))  # the scripts put them in a dictionary
        exports = {e.at("export-before-change").attributes["ma-id"]: e for e in root.all("cs-export")}
        export = exports["{B891884F-051E-4A83-95AF-2544101C9083}"]
        assert export.at("export-after-change/delta").attributes["operation"] == "add"
        outward = {f.attributes["cd-attribute"]: f for f in export.at("export-flow-rules/export-attribute-flow")}
        assert outward["title"].attributes["status"] == "Out to AAD - User ExchangeOnline"

    def test_an_error_with_its_call_stack(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez", sAMAccountName=None, userPrincipalName=None)
        world.run("contoso.com", "Full Import")
        root = read_document(look(world).xml, "preview")
        assert root.at("error").attributes == {
            "type": "sync-rule-error-function-triggered", "diagnosis": "AccountName is not present",
        }  # fmt: skip
        detail = read_document(root.text_at("sync-generic-failure-error-details"), "detail")
        assert "AccountName is not present" in detail.text_at("call-stack")


# ---- the property ----------------------------------------------------------------------------------------------------
person = st.fixed_dictionaries(
    {
        "forest": st.sampled_from(["contoso.com", "fabrikam.com"]),
        "mail": st.sampled_from(["a@contoso.com", "b@contoso.com", None]),
        "title": st.sampled_from(["Lead", None]),
        "userAccountControl": st.sampled_from([512, 514]),
    }
)
last_change = st.one_of(
    st.tuples(st.just("set"), st.just("title"), st.sampled_from(["Boss", None])),
    st.tuples(st.just("set"), st.just("adminDescription"), st.sampled_from(["User_x", None])),
    st.tuples(st.just("set"), st.just("userAccountControl"), st.sampled_from([512, 514])),
    st.tuples(st.just("set"), st.just("mail"), st.sampled_from(["a@contoso.com", "c@contoso.com", None])),
    st.tuples(st.just("set"), st.just("sAMAccountName"), st.just(None)),
    st.tuples(st.just("manager"), st.integers(0, 5)),
    st.tuples(st.just("delete")),
    st.tuples(st.just("new"), person),
    st.tuples(st.just("group"), st.integers(0, 5)),
    st.tuples(st.just("leave")),
    st.tuples(st.just("nameless")),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(people=[], cycles=2, change=("new", {"forest": "contoso.com", "mail": None}), of=0, criteria="Mail")
@given(
    people=st.lists(person, max_size=4),
    cycles=st.integers(1, 2),
    change=last_change,
    of=st.integers(0, 5),
    criteria=st.sampled_from(["AlwaysProvision", "Mail"]),
)
def test_a_preview_tells_what_a_delta_synchronization_then_does(deployment_class, people, cycles, change, of, criteria):
    with tempfile.TemporaryDirectory() as folder:
        forests = ("contoso.com", "fabrikam.com")
        world = deployment_class(Path(folder), forests, None, anchor="objectGUID", join_criteria=criteria)
        try:
            made = [_add(world, number, one) for number, one in enumerate(people)]
            world.directories["contoso.com"].add(
                "Team", "group", member=[world.directories[f].dn(g) for f, g in made if f == "contoso.com"] or None
            )
            world.cycle(initial=True)
            for _ in range(cycles - 1):
                world.cycle()
            forest = _change(world, made, change, of)
            world.run(forest, "Delta Import")
            ordinal = world.server.connector(forest)[0]
            waiting = [cs for cs in rows(world).values() if cs.connector == ordinal and cs.pending_import]
            errors = world.server.database.connection.execute("SELECT count(*) FROM object_error").fetchone()[0]
            if len(waiting) != 1 or errors:
                event("more than one object waits")
                return
            _compare(world, forest, waiting[0])
        finally:
            world.server.close()


def _add(world, number, one):
    body = {k: v for k, v in one.items() if k != "forest"}
    return one["forest"], world.directories[one["forest"]].add(f"Person {number}", **body)


def _change(world, made, change, of):
    what, *rest = change
    if what == "new" or not made:
        one = rest[0] if what == "new" else {"forest": "contoso.com", "mail": "a@contoso.com"}
        return _add(world, 9, one)[0]
    forest, guid = made[of % len(made)]
    directory = world.directories[forest]
    if what == "set":
        directory.change(guid, **{rest[0]: rest[1]})
    elif what == "nameless":
        directory.change(guid, sAMAccountName=None, userPrincipalName=None)
    elif what == "manager":
        boss = next((g for f, g in reversed(made) if f == forest), guid)
        directory.change(guid, manager=directory.dn(boss))
    elif what == "delete":
        directory.delete(guid)
    else:
        forest, directory = "contoso.com", world.directories["contoso.com"]
        team = next(g for g, (_, kind) in directory.places.items() if kind == "group")
        members = directory.objects[team].get("member", [])
        if what == "leave" and members:
            directory.change(team, member=ValueChanges(removed=(members[0],)))
        elif what == "group":
            other = directory.add("Newcomer")
            world.run("contoso.com", "Delta Import")
            world.run("contoso.com", "Delta Synchronization")
            directory.change(team, member=ValueChanges(added=(directory.dn(other),)))
    return forest


def _compare(world, forest, source):
    before, untouched = rows(world), file_of(world)
    told = preview(world.server, connector=forest, dn=source.dn)
    assert file_of(world) == untouched
    event(f"{told.counter} {told.mv_operation.label}")
    run = world.run(forest, "Delta Synchronization")
    counted = [name for name, count in run.steps[0].statistics.counters.items() if count]
    assert ([told.counter] if told.counter else []) == counted
    assert [(e.cs, e.error_type, e.text) for e in told.errors] == [(e.cs, e.error_type, e.text) for e in run.errors]
    after, held = rows(world), metaverse(world)
    now = after.get(source.number)
    assert told.link.after == mv_identifier(world.server.database.identity, now.mv if now is not None else 0)
    number = (now.mv if now is not None else 0) or source.mv
    real = held.get(number)
    assert (told.mv_after is None) == (real is None)
    if real is not None:
        assert (told.mv_after.values, told.mv_after.contributors) == (real.values, real.contributors)
    staged = {each.number: (each.operation_after, each.after, each.exists) for each in told.exports if each.changed}
    expected = {}
    for one in before.keys() | after.keys():
        was, is_now = before.get(one), after.get(one)
        old = (was.pending_export, was.unapplied or {}, True) if was else (Operation.NONE, {}, False)
        new = (is_now.pending_export, is_now.unapplied or {}, True) if is_now else (Operation.NONE, {}, False)
        if old != new and one != source.number:
            expected[one] = new
    assert {n: v for n, v in staged.items() if n != source.number} == expected
