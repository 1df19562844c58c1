"""A real configuration over a real domain: what must reach the tenant, worked out by hand from the two files."""

from __future__ import annotations

import base64
import struct
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

HERE = Path(__file__).parent
CONFIGURATION = HERE.parents[2] / "shared" / "real" / "contoso-server-configuration"
AD, ENTRA = "bench.test", "bench.onmicrosoft.com - AAD"
CHANGED = "ada.archer0@bench.test"  # whose title the scenario changes; Ada Archer 650 becomes her manager
MANAGER = "ada.archer650@bench.test"

pytestmark = pytest.mark.real_input


@dataclass
class Ran:
    """REAL-01 after its last step, the world still running."""

    outcome: Any
    lab: Any

    def look(self, query: str) -> Any:
        from harness.expecting import Looker
        from harness.vocabulary import checks

        return Looker(self.lab, checks(), {}).find(query)


def run(file: str, case: int = 0, **options: Any) -> Any:
    from harness.runner import Runner
    from harness.scenario_files import read_file
    from harness.vocabulary import actions, checks, the_language

    reading = read_file(HERE / file, the_language(), file)
    assert reading.scenario is not None, "\n".join(problem.render() for problem in reading.problems)
    scenario = reading.scenario
    return Runner(scenario, scenario.cases[case], actions=actions(), checks=checks(), **options).run()


@pytest.fixture(scope="module")
def ran() -> Any:
    from harness.lab.lab import Lab

    labs: list[Lab] = []

    class OpenLab(Lab):
        """Stays open when the scenario ends."""

        def close(self) -> None:
            """The fixture closes it."""

    def stage(case: Any, *, seed: str | None, profile: str) -> Lab:
        labs.append(OpenLab(case.world, seed=seed, profile=profile))
        return labs[-1]

    outcome = run("REAL-01.yaml", stage=stage)
    yield Ran(outcome, labs[-1])
    Lab.close(labs[-1])


@pytest.fixture(scope="module")
def people(domain) -> dict[str, dict[str, list[bytes]]]:
    """Users of the file that no rule filters, by UPN: of class user, not critical."""
    return {
        entry["userprincipalname"][0].decode(): entry
        for entry in of_class(domain, "user").values()
        if entry.get("iscriticalsystemobject") != [b"TRUE"]
    }


@pytest.fixture(scope="module")
def cloud(ran) -> dict[str, dict[str, Any]]:
    return {user["userPrincipalName"]: user for user in ran.look("tenant.users")}


@pytest.fixture(scope="module")
def space(ran) -> dict[str, dict[str, Any]]:
    """The forest's connector space by DN."""
    return {one["dn"]: one for one in ran.look(f"SYNC1.connector_space({AD})")}


@pytest.fixture(scope="module")
def metaverse(ran) -> dict[int, dict[str, Any]]:
    """Metaverse objects by number."""
    return {one["number"]: one for one in ran.look("SYNC1.metaverse")}


def of_class(domain: dict[str, dict[str, list[bytes]]], name: str) -> dict[str, dict[str, list[bytes]]]:
    return {dn: entry for dn, entry in domain.items() if entry["objectclass"][-1].decode() == name}


def text(entry: dict[str, list[bytes]], name: str) -> str | None:
    return entry[name][0].decode() if name in entry else None


def scope_of(rule: Any) -> set[tuple[str, str, str]]:
    scopes = rule.findall("./synchronizationCriteria/conditions/scope")
    return {
        (one.findtext("csAttribute"), one.findtext("csOperator") or one.findtext("operator"), one.findtext("csValue"))
        for one in scopes
    }


def expression_of(rule: Any, target: str) -> str:
    return next(one.findtext("expression") for one in rule.iter("mapping") if one.findtext("dest") == target)


# ---- the files themselves -------------------------------------------------------------------------------------------
def test_every_rule_loads_and_every_expression_compiles(rule_files):
    from harness.commands.rules import command

    expressions = [one for rule in rule_files.values() for one in rule.iter("expression") if (one.text or "").strip()]
    assert (len(rule_files), len(expressions)) == (62, 391)
    answer = CliRunner().invoke(command, ["check", str(CONFIGURATION)], standalone_mode=False)
    assert answer.output.strip() == "62 rules, 391 expressions, 0 problems"


def test_the_scenario_passes(ran):
    assert ran.outcome.status == "passed", ran.outcome.render()


@pytest.mark.parametrize("case", [0, 1], ids=["OU there", "OU missing"])
def test_the_selection_of_the_export_is_used_as_it_is(case):
    outcome = run("REAL-02.yaml", case)
    assert outcome.status == "passed", outcome.render()


# ---- what arrived ---------------------------------------------------------------------------------------------------
def test_every_person_arrives_and_nobody_else(people, cloud):
    assert len(people) == 1000
    assert cloud.keys() == people.keys()


def test_every_immutable_id_is_the_base64_of_the_guid_octets(people, cloud):
    expected = {upn: base64.b64encode(entry["objectguid"][0]).decode() for upn, entry in people.items()}
    assert {upn: user["onPremisesImmutableId"] for upn, user in cloud.items()} == expected
    one = uuid.UUID(bytes_le=people[CHANGED]["objectguid"][0])
    assert str(one) == "0c992d45-1fb7-451e-8a2f-024d11d32e3f"  # read in the file with another tool
    # the attribute that a later version would use holds something else on every one of them
    assert all(entry["ms-ds-consistencyguid"] != entry["objectguid"] for entry in people.values())


def test_proxy_addresses_are_intact(people, cloud):
    """No licence and no mailbox: addresses of unverified domains stay too (facts "tenant" section 5, rule 2)."""
    for upn, entry in people.items():
        held = [one.decode() for one in entry["proxyaddresses"]]
        assert sorted(cloud[upn]["proxyAddresses"]) == sorted(held)
        assert cloud[upn]["proxyAddresses"][0] == f"SMTP:{text(entry, 'mail')}"
    domains = {one.rpartition("@")[2] for user in cloud.values() for one in user["proxyAddresses"]}
    assert domains == {"bench.test", "bench.onmicrosoft.test"}


@pytest.mark.parametrize(
    ("graph", "ldap"),
    [
        ("displayName", "displayname"),
        ("givenName", "givenname"),
        ("surname", "sn"),
        ("department", "department"),
        ("companyName", "company"),
        ("city", "l"),
        ("country", "co"),
        ("mail", "mail"),
        ("onPremisesSamAccountName", "samaccountname"),
    ],
)
def test_attributes_arrive_as_they_stand(people, cloud, graph, ldap):
    assert {upn: user[graph] for upn, user in cloud.items()} == {upn: text(one, ldap) for upn, one in people.items()}


def test_titles_and_telephones(people, cloud):
    titles = {upn: text(entry, "title") for upn, entry in people.items()} | {CHANGED: "Harbour Master"}
    assert {upn: user["jobTitle"] for upn, user in cloud.items()} == titles
    assert all(user["businessPhones"] == [text(people[upn], "telephonenumber")] for upn, user in cloud.items())


def test_security_identifiers(people, cloud):
    for upn, entry in people.items():
        octets = entry["objectsid"][0]
        authorities = struct.unpack(f"<{octets[1]}I", octets[8:])
        sid = "-".join(["S", str(octets[0]), str(int.from_bytes(octets[2:8], "big")), *map(str, authorities)])
        assert cloud[upn]["onPremisesSecurityIdentifier"] == sid


def test_only_what_the_rules_carry_arrives(rule_files, cloud):
    """The 2016 rules have no flow from employeeID, so no employeeId arrives although every person has one."""
    sources = {one.text for rule in rule_files.values() for one in rule.iter("attr")}
    assert "employeeID" not in sources
    assert {user["employeeId"] for user in cloud.values()} == {None}


def test_group_members_and_managers(ran):
    group = ran.look("tenant.group(Harbour Crew)")
    assert group["members"] == [CHANGED, MANAGER]  # krbtgt and Domain Admins, members too, have no object in the cloud
    assert group["proxyAddresses"] == ["SMTP:harbour.crew@bench.test"]
    managers = {
        one["userPrincipalName"]: one["manager"] for one in ran.look("tenant.users(userPrincipalName, manager)")
    }
    assert managers.pop(CHANGED) == MANAGER
    assert set(managers.values()) == {None}  # Administrator, the manager of Ada Archer 650, is not in the cloud


def test_nothing_is_written_to_the_forest(ran):
    """No anchor goes back with objectGUID, and the Exchange hybrid rules have nothing to give."""
    assert [one for one in ran.look("world.timeline(kind = engine.export)") if one["connector"] == AD] == []
    assert ran.look("bench.test.group(Harbour Crew, proxyAddresses)")["proxyAddresses"] == [
        "SMTP:harbour.crew@bench.test"
    ]


# ---- what was filtered, and why -------------------------------------------------------------------------------------
def test_objects_of_the_selected_types_are_staged(domain, selected_types, space):
    """An object's type is the most specific of its classes that is selected; without one it is not imported."""
    kinds = {dn: [one.decode() for one in entry["objectclass"]] for dn, entry in domain.items()}
    expected = {dn: next((one for one in reversed(kind) if one in selected_types), None) for dn, kind in kinds.items()}
    assert len([dn for dn, kind in expected.items() if kind]) == 1164
    assert {dn: space[dn]["object_type"] for dn, kind in expected.items() if kind} == {
        dn: kind for dn, kind in expected.items() if kind
    }
    unwanted = {dn for dn, kind in expected.items() if kind is None}  # ipsecPolicy, builtinDomain ...
    assert len(unwanted) == 41
    assert not unwanted & space.keys()


@pytest.mark.parametrize(
    ("object_type", "rule", "value", "count"),
    [("user", "In from AD - User Join", "TRUE", 4), ("group", "In from AD - Group Join", "True", 36)],
)
def test_critical_objects_are_out_of_the_join_rules_scope(domain, rule_files, space, object_type, rule, value, count):
    """Administrator, Guest, krbtgt and the DNS account; Domain Admins and every built-in group."""
    assert ("isCriticalSystemObject", "NOTEQUAL", value) in scope_of(rule_files[rule])
    critical = [
        dn for dn, one in of_class(domain, object_type).items() if one.get("iscriticalsystemobject") == [b"TRUE"]
    ]
    assert len(critical) == count
    assert {space[dn]["metaverse"] for dn in critical} == {None}


def test_a_computer_without_certificate_is_filtered_by_value(ran, domain, rule_files, space, metaverse):
    (dn,) = of_class(domain, "computer")
    assert "usercertificate" not in domain[dn]
    expression = expression_of(rule_files["In from AD - Computer Join"], "cloudFiltered")
    assert expression == "IIF(IsNullOrEmpty([userCertificate]),True,NULL)"
    device = metaverse[space[dn]["metaverse"]]
    assert (device["object_type"], device["cloudFiltered"]) == ("device", True)
    assert ran.look("tenant.devices") == []


def test_foreign_security_principals_only_ever_join(domain, rule_files, space):
    rules = [rule for rule in rule_files.values() if rule.findtext("sourceObjectType") == "foreignSecurityPrincipal"]
    assert [rule.findtext("linkType") for rule in rules] == ["Join"]
    principals = of_class(domain, "foreignSecurityPrincipal")
    assert len(principals) == 4
    assert {space[dn]["metaverse"] for dn in principals} == {None}


def test_containers_have_no_rule(rule_files, space):
    without = {"container", "organizationalUnit", "domainDNS"}
    assert not without & {rule.findtext("sourceObjectType") for rule in rule_files.values()}
    assert {one["metaverse"] for one in space.values() if one["object_type"] in without} == {None}


def test_the_account_of_the_server_itself_is_filtered_by_name(rule_files, space, metaverse):
    assert 'Left([sAMAccountName], 5) = "MSOL_"' in expression_of(rule_files["In from AD - User Join"], "cloudFiltered")
    (account,) = [one for dn, one in space.items() if dn.startswith("CN=MSOL_")]
    person = metaverse[account["metaverse"]]
    assert (person["accountName"][:5], person["cloudFiltered"]) == ("MSOL_", True)
    assert [name for name, _ in person["connectors"]] == [AD]


def test_what_is_in_the_metaverse_and_not_in_the_cloud_is_filtered(metaverse):
    """Beyond those named above nothing is held back: every metaverse object is in the cloud or cloudFiltered."""
    held = [one for one in metaverse.values() if [name for name, _ in one["connectors"]] == [AD]]
    assert {one["cloudFiltered"] for one in held} == {True}
    assert {one["object_type"] for one in held} == {"person", "device"}


# ---- the change by delta --------------------------------------------------------------------------------------------
def test_no_run_had_an_error(ran):
    for one in ran.look("SYNC1.runs"):
        empty = (one["connector"], one["profile"]) == (ENTRA, "Full Import")  # the tenant had nothing yet
        assert (one["result"], one["errors"]) == ("completed-no-objects" if empty else "success", []), one


def test_the_title_came_by_delta_alone(ran):
    runs = {}
    for one in ran.look("SYNC1.runs"):  # newest first: the last cycle had nothing to do, the one before had the title
        runs.setdefault((one["connector"], one["profile"]), []).append(one)
    imported, synchronized = runs[AD, "Delta Import"][1], runs[AD, "Delta Synchronization"][1]
    assert imported["counters"] == {"StageUpdate": 1}
    assert synchronized["counters"]["ConnectorFlow"] == 1
    exported = runs[ENTRA, "Export"][1]
    assert (exported["adds"], exported["updates"], exported["deletes"], exported["failures"]) == (0, 1, 0, 0)
    assert (AD, "Full Import") in runs
    assert len(runs[AD, "Full Import"]) == 1
    updates = ran.look("world.timeline(kind = engine.export, operation = update)")
    assert [(one["object_type"], one["attributes"]) for one in updates] == [("user", ["title"])]


def test_dirsync_carried_one_object(ran):
    """Searches with the DirSync control: the cookie at the full import, then one for each delta import."""
    carried = [one["count"] for one in ran.look("bench.test.log(kind = ldap.search)") if one.get("dirsync")]
    assert carried == [0, 0, 1, 0]
