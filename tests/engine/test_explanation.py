"""Explanations agree with what runs decided, and say of every loser why it lost."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.explanation import Explainer
from engine.model.values import same
from engine.rules.candidates import Verdict
from engine.rules.rule import AttributeFlow, FlowType, ScopeClause
from engine.store.database import Database

ENTRA = "contoso.onmicrosoft.com - AAD"


def explained(world, name, attribute, connector=None):
    explainer = Explainer(world.server.database)
    ((mv, cs),) = explainer.named(name)
    return explainer.explain(mv, cs, attribute, connector)


def verdicts(explanation):
    return [(c.rule.name, c.verdict) for c in explanation.candidates]


def test_the_winner_its_rule_its_object_and_its_flow(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez", title="Engineer")
    world.cycle(initial=True)
    found = explained(world, "Ana Lopez", "title").metaverse
    assert found.value == "Engineer"
    assert found.winner.rule.name == "In from AD - User Common"
    assert found.sides[found.winner.side] == "contoso.com: CN=Ana Lopez,OU=Staff,DC=contoso,DC=com"
    assert found.winner.text == "Trim([title])"


def test_a_rule_of_lower_precedence_says_what_it_would_have_given(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez")
    world.cycle(initial=True)
    found = explained(world, "Ana Lopez", "userPrincipalName").metaverse
    assert verdicts(found)[:2] == [
        ("In from AD - User AccountEnabled", Verdict.WINS),
        ("In from AD - User Common", Verdict.LOWER_PRECEDENCE),
    ]
    assert found.candidates[1].value == "analopez@contoso.com"


def test_a_rule_out_of_scope_names_the_clause_and_the_value_it_met(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez", userAccountControl=514)
    world.cycle(initial=True)
    found = explained(world, "Ana Lopez", "userPrincipalName").metaverse
    loser = found.candidates[0]
    assert (loser.rule.name, loser.verdict) == ("In from AD - User AccountEnabled", Verdict.OUT_OF_SCOPE)
    (failed,) = loser.failed
    assert (failed.clause.attribute, failed.clause.operator, failed.clause.value, failed.found) == (
        "userAccountControl", "ISBITNOTSET", "2", ("514",),
    )  # fmt: skip
    assert found.winner.rule.name == "In from AD - User Common"


def test_a_null_a_disabled_rule_and_the_connector_that_lost(deploy):
    world = deploy("contoso.com", "fabrikam.com", join_criteria="Mail")
    for forest, department in (("contoso.com", None), ("fabrikam.com", "Sales")):
        world.directories[forest].add("Ana Lopez", mail="ana@contoso.com", department=department)
    world.cycle(initial=True)
    found = explained(world, "Ana Lopez", "department").metaverse
    told = [(found.sides[c.side].partition(":")[0], c.rule.name, c.verdict, c.value) for c in found.candidates]
    assert ("contoso.com", "In from AD - User Common", Verdict.NULL, None) in told
    assert ("fabrikam.com", "In from AD - User Common", Verdict.WINS, "Sales") in told
    fabrikam = world.server.connector("fabrikam.com")[1].identifier
    rules = [
        replace(rule, disabled=True) if (rule.name, rule.connector) == ("In from AD - User Common", fabrikam) else rule
        for rule in world.server.rules().values()
    ]
    world.server.save_rules(rules)
    off = explained(world, "Ana Lopez", "department").metaverse.candidates[-1]
    assert (off.verdict, off.value) == (Verdict.DISABLED, "Sales")


def test_an_attribute_of_the_tenant_with_what_stands_behind_it(deploy):
    world = deploy()
    ana = world.contoso.add("Ana Lopez", title="Engineer")
    world.cycle(initial=True)
    world.cycle()
    world.contoso.change(ana, title="Lead")
    world.cycle(export=False)
    (found,) = explained(world, "Ana Lopez", "title").targets
    assert found.connector == ENTRA
    assert found.explanation.value == "Lead"
    assert found.explanation.winner.rule.name == "Out to AAD - User ExchangeOnline"
    assert [value for _, value in found.states] == ["Engineer", "Engineer", "Engineer", "Engineer", "Lead"]
    (behind,) = found.because
    assert (behind.attribute, behind.value, behind.winner.rule.name) == ("title", "Lead", "In from AD - User Common")


def test_a_flow_that_leaves_what_is_there(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez")
    world.cycle(initial=True)
    (found,) = explained(world, "Ana Lopez", "usageLocation").targets
    assert found.explanation.candidates[0].verdict is Verdict.IGNORED
    assert found.explanation.winner is None


def test_a_flow_that_fails(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez")
    world.cycle(initial=True)
    failing = AttributeFlow("title", FlowType.EXPRESSION, expression='Error("no")')
    rules = [
        replace(rule, flows=(*rule.flows, failing)) if rule.name == "In from AD - User Join" else rule
        for rule in world.server.rules().values()
    ]
    world.server.save_rules(rules)
    first = explained(world, "Ana Lopez", "title").metaverse.candidates[0]
    assert (first.verdict, "no" in first.error) == (Verdict.FAILS, True)


def test_an_object_outside_the_metaverse_tells_what_every_rule_says(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez", isCriticalSystemObject=True)
    world.cycle(initial=True)
    found = explained(world, "CN=Ana Lopez,OU=Staff,DC=contoso,DC=com", "title")
    assert found.mv is None
    join = next(scope for scope in found.scopes if scope.rule.name == "In from AD - User Join")
    assert [failed.clause.attribute for failed in join.failed] == ["isCriticalSystemObject"]


@pytest.mark.parametrize("way", ["name", "upn", "dn", "anchor", "cloud dn", "metaverse guid", "guid"])
def test_how_an_object_may_be_named(deploy, way):
    from engine.model.identity import cs_identifier, mv_identifier

    world = deploy()
    guid = world.contoso.add("Ana Lopez")
    world.contoso.add("Bo Berg")
    world.cycle(initial=True)
    explainer = Explainer(world.server.database)
    ((mv, _),) = explainer.named("Ana Lopez")
    cloud = next(cs for cs in explainer.linked(mv.number) if cs.dn.startswith("CN={"))
    identity = world.server.database.identity
    text = {
        "name": "ana lopez", "upn": "ANALOPEZ@contoso.com", "dn": "cn=Ana Lopez, ou=Staff, dc=contoso, dc=com",
        "anchor": guid.hex(), "cloud dn": cloud.dn, "metaverse guid": mv_identifier(identity, mv.number),
        "guid": cs_identifier(identity, cloud.number),
    }[way]  # fmt: skip
    ((found, _),) = explainer.named(text)
    assert found.number == mv.number


def test_a_stopped_database_explains_the_same(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez", title="Engineer")
    world.cycle(initial=True)
    live = explained(world, "Ana Lopez", "title").metaverse
    looking = Database.read_only(world.server.database.path)
    explainer = Explainer(looking)
    ((mv, cs),) = explainer.named("Ana Lopez")
    assert explainer.explain(mv, cs, "title").metaverse == live
    looking.close()


person = st.fixed_dictionaries(
    {
        "forest": st.sampled_from(["contoso.com", "fabrikam.com"]),
        "mail": st.sampled_from(["a@contoso.com", "b@contoso.com", None]),
        "mailNickname": st.sampled_from(["nick", None]),
        "title": st.sampled_from(["Lead", "Clerk", None]),
        "department": st.sampled_from(["Sales", None]),
        "userAccountControl": st.sampled_from([512, 514]),
    }
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people=st.lists(person, min_size=1, max_size=6))
def test_every_explanation_agrees_with_the_metaverse(deployment_class, people):
    with tempfile.TemporaryDirectory() as folder:
        world = deployment_class(Path(folder), ("contoso.com", "fabrikam.com"), None, join_criteria="Mail")
        for number, one in enumerate(people):
            given_ = {k: v for k, v in one.items() if k != "forest"}
            world.directories[one["forest"]].add(f"Person {number}", **given_)
        world.cycle(initial=True)
        world.cycle()
        explainer = Explainer(world.server.database)
        try:
            for mv in list(explainer._metaverse()):
                links = explainer.linked(mv.number)
                sides = [explainer.source(cs) for cs in links]
                written = {flow.target for rule in explainer.rules.values() for flow in rule.flows}
                for attribute in written & explainer.metaverse_schema.attributes.keys():
                    found = explainer.inbound(mv, attribute, sides)
                    winner = found.winner
                    if attribute in mv.values and not found.kept:
                        assert winner is not None, attribute
                        assert same(winner.value, mv.values[attribute]), attribute
                        assert mv.contributors[attribute] == (winner.number, links[winner.side].number)
                    elif attribute not in mv.values:
                        assert winner is None or winner.value is None, attribute
        finally:
            world.server.close()


def test_a_scope_group_names_only_what_failed(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez", department="Sales")
    world.cycle(initial=True)
    scope = ((ScopeClause("department", "EQUAL", "Sales"), ScopeClause("title", "ISNOTNULL")),)
    rules = [
        replace(rule, scope=scope) if rule.name == "In from AD - User Common" else rule
        for rule in world.server.rules().values()
    ]
    world.server.save_rules(rules)
    found = explained(world, "Ana Lopez", "department").metaverse
    loser = next(c for c in found.candidates if c.rule.name == "In from AD - User Common")
    assert [(one.clause.attribute, one.found) for one in loser.failed] == [("title", ())]
    assert loser.value == "Sales"
