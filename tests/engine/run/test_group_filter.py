"""A forest filtered by a group: direct members only, in and out by full and delta runs, and no more work than that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.connector import ValueChanges
from engine.rules.checking import check_rules
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.run.group_filter import PARAMETER

CONTOSO = "00000001-0000-0000-0000-000000000000"
PILOT = "CN=Pilot,OU=Staff,DC=contoso,DC=com"
ENTRA = "contoso.onmicrosoft.com - AAD"


def run_delta(one):
    """A delta import and synchronization of contoso.com; the counters of the synchronization."""
    one.run("contoso.com", "Delta Import")
    return one.run("contoso.com", "Delta Synchronization").steps[0].statistics.counters


@pytest.fixture
def filtered(deploy):
    """Ana, Nested and Partner are members of Pilot; Cy is a member of Nested only."""
    connector = DirectoryConnector(CONTOSO, "contoso.com", False, False, group_filtered=True)
    one = deploy(rules=standard_rules(StandardRuleOptions((connector,), anchor="objectGUID")))
    server, forest = one.server, one.contoso
    _, configuration = server.connector("contoso.com")
    server.save_connector(configuration.with_(parameters={**configuration.parameters, PARAMETER: PILOT}))
    people = {name: forest.add(name) for name in ("Ana", "Ben", "Cy")}
    people["Partner"] = forest.add(
        "Partner", "contact", mail="p@partner.example", proxyAddresses=["SMTP:p@partner.example"]
    )
    people["Nested"] = forest.add("Nested", "group", member=[forest.dn(people["Cy"])])
    members = [forest.dn(people[name]) for name in ("Ana", "Nested", "Partner")]
    people["Pilot"] = forest.add("Pilot", "group", member=members)
    one.people = people
    one.cycle(initial=True)
    return one


def pending(one):
    """What waits to be exported: how many by operation, 1 add, 2 update, 3 delete."""
    rows = one.server.database.connection.execute(
        "SELECT pending_export, count(*) FROM cs WHERE pending_export != 0 GROUP BY pending_export"
    ).fetchall()
    return dict(rows)


def test_only_direct_members_leave(filtered):
    assert sorted(body["displayName"] for body in filtered.tenant.objects.values()) == ["Ana", "Nested", "Partner"]


def test_members_come_and_go_by_delta_and_nobody_else_is_looked_at(filtered):
    forest, people = filtered.contoso, filtered.people
    forest.change(people["Pilot"], member=ValueChanges((forest.dn(people["Ben"]),), ()))
    counters = run_delta(filtered)
    assert sum(counters.values()) == 2  # the group and the new member
    assert pending(filtered) == {1: 1}
    filtered.run(ENTRA, "Export")
    forest.change(people["Pilot"], member=ValueChanges((), (forest.dn(people["Ana"]), forest.dn(people["Nested"]))))
    assert sum(run_delta(filtered).values()) == 3
    assert pending(filtered) == {3: 2}


def test_a_deleted_group_lets_nobody_in(filtered):
    filtered.contoso.delete(filtered.people["Pilot"])
    run_delta(filtered)
    assert pending(filtered) == {3: 3}


def test_a_group_that_comes_back_lets_its_members_in_again(filtered):
    forest, people = filtered.contoso, filtered.people
    forest.delete(people["Pilot"])
    filtered.cycle()
    people["Pilot"] = forest.add("Pilot", "group", member=[forest.dn(people["Cy"])])
    assert run_delta(filtered)["ConnectorFlow"] == 1
    assert pending(filtered) == {1: 1}


def test_a_renamed_group_is_not_found_any_more(filtered):
    """Unchanged objects stay until a full synchronization looks at them; a changed one goes at once."""
    forest, people = filtered.contoso, filtered.people
    forest.move(people["Pilot"], "CN=Trial,OU=Staff,DC=contoso,DC=com")
    run_delta(filtered)
    assert pending(filtered) == {}
    forest.change(people["Ana"], title="Lead")
    run_delta(filtered)
    assert pending(filtered) == {3: 1}
    filtered.run("contoso.com", "Full Synchronization")
    assert pending(filtered) == {3: 3}


def test_a_renamed_member_stays_a_member(filtered):
    forest, people = filtered.contoso, filtered.people
    forest.move(people["Ana"], "CN=Ana Diaz,OU=Staff,DC=contoso,DC=com")
    filtered.cycle()
    filtered.run("contoso.com", "Full Synchronization")
    assert pending(filtered) == {}


def test_a_forest_without_filter_has_no_such_rule():
    plain = DirectoryConnector(CONTOSO, "contoso.com")
    rules = standard_rules(StandardRuleOptions((plain,)))
    with_filter = standard_rules(StandardRuleOptions((replace(plain, group_filtered=True),)))
    assert check_rules(with_filter) == ()
    added = {rule.name for rule in with_filter} - {rule.name for rule in rules}
    assert added == {
        "In from AD - User Group Filtering",
        "In from AD - InetOrgPerson Group Filtering",
        "In from AD - Contact Group Filtering",
        "In from AD - Group Group Filtering",
        "In from AD - ForeignSecurityPrincipal Group Filtering",
    }


def test_computers_are_filtered_where_they_are_synchronized():
    filtered = DirectoryConnector(CONTOSO, "contoso.com", group_filtered=True)
    rules = standard_rules(StandardRuleOptions((filtered,), device_rules=True))
    assert "In from AD - Computer Group Filtering" in {rule.name for rule in rules}
