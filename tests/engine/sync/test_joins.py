"""Joins that come late or from the other end: stand-ins of foreign members, objects an outbound rule asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.connector import ValueChanges
from engine.model.cs_object import LinkedBy
from engine.rules.rule import Direction, JoinClause, LinkType, SyncRule
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.views import Windows

CONTOSO, FABRIKAM = (f"{n:08d}-0000-0000-0000-000000000000" for n in (1, 2))
SID = b"\x01\x05" + bytes(6) + b"".join(n.to_bytes(4, "little") for n in (21, 1, 2, 3, 1104))
SID_TEXT = "S-1-0-21-1-2-3-1104"


def links(world, name: str):
    """(metaverse object, how it is linked) of an object by its common name."""
    row = world.server.database.connection.execute(
        "SELECT mv, linked_by FROM cs WHERE dn LIKE ?", (f"CN={name},%",)
    ).fetchone()
    return row[0], LinkedBy(row[1])


def test_a_stand_in_joins_again_when_its_person_comes_back(deploy):
    world = deploy("fabrikam.com", "contoso.com", anchor="objectGUID")
    fabrikam = world.directories["fabrikam.com"]
    stand_in = fabrikam.dn(fabrikam.add(SID_TEXT, "foreignSecurityPrincipal", "CN=ForeignSecurityPrincipals"))
    fabrikam.add("Crew", "group", member=[stand_in])
    ana = world.contoso.add("Ana Lopez", objectSid=SID)
    world.cycle(initial=True)
    world.cycle()
    assert len(world.tenant.by_name("Crew")["member"]) == 1
    world.contoso.delete(ana)
    world.cycle()
    world.cycle()
    assert "member" not in world.tenant.by_name("Crew")
    world.contoso.add("Ana Lopez", objectSid=SID)
    world.cycle()
    world.cycle()
    assert len(world.tenant.by_name("Crew")["member"]) == 1


def matched_by_mail(deploy):
    return deploy("contoso.com", "fabrikam.com", anchor="mS-DS-ConsistencyGuid", join_criteria="Mail")


def test_an_outbound_rule_joins_what_inbound_rules_leave_alone(deploy):
    """The twin is kept out of the inbound join rule, so it gives nothing; the anchor is written to it all the same."""
    world = matched_by_mail(deploy)
    fabrikam = world.directories["fabrikam.com"]
    ana = world.contoso.add("Ana Lopez", mail="ana@contoso.com", title="Lead")
    twin = fabrikam.add("Ana Twin", mail="ANA@contoso.com", adminDescription="User_x", department="Sales")
    for _ in range(3):
        world.cycle(initial=True)
    number, how = links(world, "Ana Twin")
    assert (number, how) == (links(world, "Ana Lopez")[0], LinkedBy.OUTBOUND_JOIN)
    assert fabrikam.objects[twin]["mS-DS-ConsistencyGuid"] == world.contoso.objects[ana]["objectGUID"]
    assert "department" not in world.tenant.by_name("Ana Lopez")


@pytest.mark.parametrize("late", [False, True], ids=["twin first", "twin later"])
def test_the_order_of_arrival_does_not_matter_to_an_outbound_join(deploy, late):
    world = matched_by_mail(deploy)
    fabrikam = world.directories["fabrikam.com"]
    hidden = {"mail": "ana@contoso.com", "adminDescription": "User_x"}
    if not late:
        fabrikam.add("Ana Twin", **hidden)
        world.cycle(initial=True)
    world.contoso.add("Ana Lopez", mail="ana@contoso.com")
    world.cycle(initial=late)
    if late:
        fabrikam.add("Ana Twin", **hidden)
    world.cycle()
    world.cycle()
    assert links(world, "Ana Twin") == (links(world, "Ana Lopez")[0], LinkedBy.OUTBOUND_JOIN)


def test_in_scope_of_an_inbound_rule_it_becomes_a_contributor(deploy):
    world = matched_by_mail(deploy)
    fabrikam = world.directories["fabrikam.com"]
    world.contoso.add("Ana Lopez", mail="ana@contoso.com")
    twin = fabrikam.add("Ana Twin", mail="ana@contoso.com", adminDescription="User_x", department="Sales")
    world.cycle(initial=True)
    world.cycle()
    fabrikam.change(twin, adminDescription=None)
    world.cycle()
    assert links(world, "Ana Twin")[1] is LinkedBy.INBOUND_JOIN
    assert world.tenant.by_name("Ana Lopez")["department"] == "Sales"
    fabrikam.change(twin, adminDescription="User_x")
    world.cycle()
    assert links(world, "Ana Twin")[1] is LinkedBy.OUTBOUND_JOIN
    assert "department" not in world.tenant.by_name("Ana Lopez")


def test_the_link_ends_when_the_outbound_rule_lets_go(deploy):
    world = matched_by_mail(deploy)
    fabrikam = world.directories["fabrikam.com"]
    ana = world.contoso.add("Ana Lopez", mail="ana@contoso.com")
    fabrikam.add("Ana Twin", mail="ana@contoso.com", adminDescription="User_x")
    world.cycle(initial=True)
    world.cycle()
    assert links(world, "Ana Twin")[0]
    world.contoso.change(ana, msExchRecipientTypeDetails=2)  # a linked mailbox gives neither anchor nor type
    world.cycle()
    world.cycle()
    assert links(world, "Ana Twin") == (0, LinkedBy.NOTHING)


def provisioning_rule(*joins: tuple[str, str]) -> SyncRule:
    """A custom rule that makes users of fabrikam.com out of persons, unless it finds them there."""
    options = StandardRuleOptions((DirectoryConnector(CONTOSO, "contoso.com", False, False),), anchor="objectGUID")
    template = next(rule for rule in standard_rules(options) if rule.name == "Out to AAD - User Join")
    dn = next(flow for flow in template.flows if flow.target == "dn")
    return replace(
        template,
        identifier="dddddddd-0000-0000-0000-000000000001",
        name="Out to AD - Person",
        connector=FABRIKAM,
        direction=Direction.OUTBOUND,
        link_type=LinkType.PROVISION,
        target_object_type="user",
        precedence=50,
        scope=(),
        joins=tuple((JoinClause(cs, mv),) for cs, mv in joins),
        flows=(replace(dn, expression='"CN=" & [cn] & ",OU=Made,DC=fabrikam,DC=com"'),),
        immutable_tag="",
    )


@pytest.mark.parametrize("criteria", [("mail", "mail"), ("objectGUID", "sourceAnchorBinary"), ("sAMAccountName", "cn")])
def test_a_rule_that_provisions_finds_what_is_there_by_its_criteria(deploy, criteria):
    """fabrikam.com has no inbound rules here: its objects wait to be found."""
    options = StandardRuleOptions((DirectoryConnector(CONTOSO, "contoso.com", False, False),), anchor="objectGUID")
    world = deploy("contoso.com", "fabrikam.com", rules=(*standard_rules(options), provisioning_rule(criteria)))
    fabrikam = world.directories["fabrikam.com"]
    ana = world.contoso.add("Ana Lopez", mail="ana@contoso.com")
    world.contoso.add("Bo Ode", mail="bo@contoso.com")
    guid = world.contoso.objects[ana]["objectGUID"]
    twin = fabrikam.add("Twin", mail="ANA@contoso.com", sAMAccountName="ana lopez")
    fabrikam.objects[guid] = {**fabrikam.objects.pop(twin), "objectGUID": guid}
    fabrikam.places[guid] = fabrikam.places.pop(twin)
    for name in ("contoso.com", "fabrikam.com"):
        world.run(name, "Full Import")
    world.run("contoso.com", "Full Synchronization")
    assert links(world, "Twin") == (links(world, "Ana Lopez")[0], LinkedBy.OUTBOUND_JOIN)
    made = world.server.database.connection.execute("SELECT dn FROM cs WHERE dn LIKE '%OU=Made%'").fetchall()
    assert made == [("CN=Bo Ode,OU=Made,DC=fabrikam,DC=com",)]


def test_two_that_fit_are_an_error(deploy):
    options = StandardRuleOptions((DirectoryConnector(CONTOSO, "contoso.com", False, False),), anchor="objectGUID")
    rules = (*standard_rules(options), provisioning_rule(("mail", "mail")))
    world = deploy("contoso.com", "fabrikam.com", rules=rules)
    world.contoso.add("Ana Lopez", mail="ana@contoso.com")
    for name in ("Twin", "Other"):
        world.directories["fabrikam.com"].add(name, mail="ana@contoso.com")
    for name in ("contoso.com", "fabrikam.com"):
        world.run(name, "Full Import")
    run = world.run("contoso.com", "Full Synchronization")
    assert [error.error_type for error in run.errors] == ["sync-rule-flow-provisioning-failed"]


def test_two_stand_ins_of_one_person_are_ambiguous(deploy):
    """The enabled account of the second forest takes over the SID; its stand-in then meets the first one's."""
    world = deploy("contoso.com", "fabrikam.com", "northwind.com", anchor="mS-DS-ConsistencyGuid")
    other = SID[:-4] + (1105).to_bytes(4, "little")
    ana = world.contoso.add("Ana Lopez", objectSid=SID)
    third = world.directories["northwind.com"]
    old = third.add(SID_TEXT, "foreignSecurityPrincipal", "CN=ForeignSecurityPrincipals")
    new = third.add("S-1-0-21-1-2-3-1105", "foreignSecurityPrincipal", "CN=ForeignSecurityPrincipals")
    third.add("Crew", "group", member=[third.dn(old), third.dn(new)])
    world.cycle(initial=True)
    world.directories["fabrikam.com"].add("Ana Twin", mS__DS__ConsistencyGuid=ana, objectSid=other)
    world.contoso.change(ana, userAccountControl=514)
    runs = world.cycle()
    errors = runs["northwind.com", "Delta Synchronization"].errors
    assert [error.error_type for error in errors] == ["ambiguous-import-flow-from-multiple-connectors"]
    third.change(world_group(third), member=ValueChanges(removed=(third.dn(old),)))
    third.delete(old)
    runs = world.cycle()
    assert runs["northwind.com", "Delta Synchronization"].errors == []
    assert links(world, "S-1-0-21-1-2-3-1105")[0] == links(world, "Ana Twin")[0]


def world_group(directory) -> bytes:
    return next(guid for guid, (_, kind) in directory.places.items() if kind == "group")


def test_a_contact_becomes_a_user_in_one_export_and_back(deploy):
    world = deploy("contoso.com", "fabrikam.com", anchor="objectGUID", join_criteria="Mail")
    world.directories["fabrikam.com"].add("Ana Contact", "contact", mail="ana@contoso.com", department="Sales")
    world.cycle(initial=True)
    assert list(world.tenant.types.values()) == ["contact"]
    ana = world.contoso.add("Ana Lopez", mail="ana@contoso.com")
    runs = world.cycle()
    export = runs["contoso.onmicrosoft.com - AAD", "Export"]
    assert (export.counter("ExportAdd"), export.counter("ExportDelete")) == (1, 1)
    assert [world.tenant.types[anchor] for anchor in world.tenant.objects] == ["user"]
    assert world.tenant.by_name("Ana Lopez")["department"] == "Sales"
    world.cycle()
    world.contoso.delete(ana)
    world.cycle()
    world.cycle()
    assert [world.tenant.types[anchor] for anchor in world.tenant.objects] == ["contact"]


@pytest.mark.parametrize(("contact_first", "objects"), [(False, 1), (True, 2)])
def test_where_mail_does_not_match_a_contact_only_joins_a_person_that_is_there(deploy, contact_first, objects):
    world = deploy("contoso.com", "fabrikam.com", anchor="objectGUID")
    if contact_first:
        world.directories["fabrikam.com"].add("Ana Contact", "contact", mail="ana@contoso.com")
        world.cycle(initial=True)
    world.contoso.add("Ana Lopez", mail="ana@contoso.com")
    world.cycle(initial=not contact_first)
    if not contact_first:
        world.directories["fabrikam.com"].add("Ana Contact", "contact", mail="ana@contoso.com")
    world.cycle()
    assert len(world.tenant.objects) == objects


@pytest.mark.parametrize("order", [("contoso.com", "fabrikam.com"), ("fabrikam.com", "contoso.com")])
def test_the_metaverse_says_which_forest_gives_the_account_and_which_the_mailbox(deploy, order):
    connectors = tuple(
        DirectoryConnector(f"{place:08d}-0000-0000-0000-000000000000", forest, has_exchange=True, has_lync=False)
        for place, forest in enumerate(order, 1)
    )
    world = deploy(*order, rules=standard_rules(StandardRuleOptions(connectors, join_criteria="ObjectSID")))
    world.contoso.add("Ana Lopez", objectSid=SID)
    world.directories["fabrikam.com"].add(
        "Ana Mailbox",
        userAccountControl=514,
        mailNickname="ana",
        msExchRecipientTypeDetails=2,
        msExchMasterAccountSid=SID,
    )
    world.cycle(initial=True)
    (found,) = Windows(world.server.database).metaverse()
    given = {name: str(found.attributes[f"contributingConnector{name}"]) for name in ("User", "Exchange")}
    by_forest = {one.forest: one.identifier for one in connectors}
    assert given == {"User": by_forest["contoso.com"], "Exchange": by_forest["fabrikam.com"]}


def test_a_rebuilt_server_finds_the_cloud_object_although_another_forest_speaks_first(deploy):
    """The disabled twin comes first with its own anchor; the enabled account then brings the one the cloud knows."""
    order = ("fabrikam.com", "contoso.com")
    lost = deploy(*order, anchor="objectGUID", join_criteria="Mail")
    lost.directories["fabrikam.com"].add("Ana Twin", mail="ana@contoso.com", userAccountControl=514)
    ana = lost.contoso.add("Ana Lopez", mail="ana@contoso.com")
    lost.contoso.add("Bo Ode", mail="bo@contoso.com", manager=lost.contoso.dn(ana))
    for _ in range(2):
        lost.cycle(initial=True)
    before = {anchor: dict(body) for anchor, body in lost.tenant.objects.items()}
    rebuilt = deploy(*order, anchor="objectGUID", join_criteria="Mail")
    held = rebuilt.server.systems._connectors
    for connector in rebuilt.server.connectors.values():
        held[connector.identifier] = lost.directories.get(connector.name, lost.tenant)
    runs = [rebuilt.cycle(initial=True), rebuilt.cycle()]
    assert not [error for each in runs for run in each.values() for error in run.errors]
    counted = [each["contoso.onmicrosoft.com - AAD", "Export"].steps[0].statistics.counters for each in runs]
    assert all(not counter.get("ExportAdd") and not counter.get("ExportDelete") for counter in counted)
    assert lost.tenant.objects == before
