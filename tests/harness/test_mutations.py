"""Planted faults: each breaks one behaviour in this process, and a shipped scenario fails at the expectation named.

A scenario that passes whatever the code does is worth nothing: each one here passes with sound code and fails with the
fault. Source: house rules, "Tests must be able to fail".
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emulators.tenant.core import anchors, background, matching
from engine.connectors.active_directory import partitions
from engine.rules import standard
from engine.rules.expression.functions import convert
from engine.rules.joining import JoinOutcome
from engine.run import import_step, perform
from engine.run.delete_threshold import ThresholdCheck
from engine.server import SyncServer
from engine.setup import directory_adding, lifecycle, surroundings, wizard
from engine.setup.pages import configure, connect_directories, identifying_users, install_required_components
from engine.setup.source_anchor import PolicyKind, Scan, TenantPolicy
from engine.store.workspace import StoredWorkspace
from engine.sync import inbound, outbound
from harness.outcome import FAILED, PASSED, Outcome
from harness.runner import Runner
from harness.scenario_files import read_file
from harness.vocabulary import actions, checks, the_language

SCENARIOS = Path(__file__).parents[2] / "scenarios"
Patch = pytest.MonkeyPatch


def run(file: str, case: str = "") -> Outcome:
    reading = read_file(SCENARIOS / file, the_language(), file)
    assert reading.scenario is not None, [problem.render() for problem in reading.problems]
    (chosen,) = [one for one in reading.scenario.cases if one.name == case]
    return Runner(reading.scenario, chosen, actions=actions(), checks=checks()).run()


@cache
def control(file: str, case: str) -> Outcome:
    """Return the scenario's outcome with sound code; run once for all its faults."""
    return run(file, case)


# ---- the faults ------------------------------------------------------------------------------------------------------
def nobody_is_found(patch: Patch) -> None:
    """Nothing that is in a connector space or the metaverse is ever found again, by join criteria or by DN."""
    patch.setattr(inbound, "find_join", lambda rule, attributes, lookup: JoinOutcome(has_value=True))
    patch.setattr(outbound, "find_reverse_join", lambda rule, attributes, lookup: JoinOutcome(has_value=True))
    patch.setattr(StoredWorkspace, "find_cs_by_dn", lambda workspace, connector, dn: None)


def big_endian_anchor(patch: Patch) -> None:
    """A GUID becomes an anchor in the order it is printed instead of the order it is stored."""

    def encode(octets: bytes) -> bytes:
        return base64.b64encode(uuid.UUID(bytes_le=octets).bytes if len(octets) == 16 else octets)

    patch.setattr(convert, "base64", SimpleNamespace(b64encode=encode, b64decode=base64.b64decode))


def change_rules(patch: Patch, change: Callable[[Any], Any]) -> None:
    make = standard.standard_rules
    patch.setattr(standard, "standard_rules", lambda options: tuple(filter(None, map(change, make(options)))))


def no_write_back_rule(patch: Patch) -> None:
    """The standard rules lack the one that keeps the anchor in AD."""
    change_rules(patch, lambda rule: None if rule.name == "Out to AD - User ImmutableId" else rule)


def no_immutability_check(patch: Patch) -> None:
    """A changed anchor goes out as if nothing had been exported before."""

    def harmless(rule: Any) -> Any:
        check = 'Error("SourceAnchor attribute has changed.")'
        flows = tuple(
            replace(flow, expression=flow.expression.replace(check, "[sourceAnchor]")) if flow.expression else flow
            for flow in rule.flows
        )
        return replace(rule, flows=flows)

    change_rules(patch, harmless)


def policy_not_read(patch: Patch) -> None:
    """The wizard does not look at the anchor attribute that the tenant has on record."""
    patch.setattr(identifying_users, "classify_policy", lambda text, selectable: TenantPolicy())


def in_use_scan_skipped(patch: Patch) -> None:
    """Nobody searches the directory for ms-DS-ConsistencyGuid."""
    patch.setattr(partitions, "consistency_guid_in_use", lambda client, base_dn: False)


def policy_not_written_at_the_switch(patch: Patch) -> None:
    """Configure Source Anchor changes the rules and leaves the tenant's record as it was."""
    make = lifecycle.decide
    patch.setattr(lifecycle, "decide", lambda facts: replace(make(facts), write_policy=False))


def threshold_one_too_low(patch: Patch) -> None:
    """Exactly as many deletes as the threshold are stopped too."""
    sound = perform.check_delete_threshold
    patch.setattr(
        perform,
        "check_delete_threshold",
        lambda pending, setting: sound(pending, replace(setting, threshold=setting.threshold - 1)),
    )


def guard_asleep(patch: Patch) -> None:
    """Deletes are exported however many there are."""
    patch.setattr(
        perform, "check_delete_threshold", lambda pending, setting: ThresholdCheck(False, pending, setting.threshold)
    )


def containers_ignored(patch: Patch) -> None:
    """Everything of a domain is imported, whatever is selected."""
    patch.setattr(import_step, "container_filter", lambda partition: None)


def recycle_bin_not_matched(patch: Patch) -> None:
    """The tenant looks for an anchor among live objects only."""
    sound = matching.decide

    def forgetful(tenant: Any, new: Any) -> Any:
        bin_, tenant.recycled_by_anchor = tenant.recycled_by_anchor, {}
        try:
            return sound(tenant, new)
        finally:
            tenant.recycled_by_anchor = bin_

    patch.setattr(matching, "decide", forgetful)


def no_sweep(patch: Patch) -> None:
    """Withheld addresses stay withheld for ever."""
    patch.setattr(background, "sweep", lambda tenant: None)


def scheduler_of_each_server(patch: Patch) -> None:
    """A server asks the tenant for scheduler settings once and then keeps its own."""
    sound = SyncServer.scheduler_settings
    patch.setattr(SyncServer, "scheduler_settings", lambda server: server.cycle._known or sound(server))


def database_not_looked_into(patch: Patch) -> None:
    """A database with data is as good as none."""
    patch.setattr(install_required_components, "has_data", lambda path: False)


# ---- of the wizard and the source anchor -----------------------------------------------------------------------------
def changed_decision(patch: Patch, module: Any, change: Callable[[Any], Any]) -> None:
    make = module.decide
    patch.setattr(module, "decide", lambda facts: change(make(facts)))


def override_without_a_word(patch: Patch) -> None:
    """Another anchor than the one on record is taken without a warning."""
    changed_decision(patch, identifying_users, lambda made: replace(made, warnings=()))


def old_versions_write_a_policy(patch: Patch) -> None:
    """Every version writes its anchor into the tenant."""
    changed_decision(patch, identifying_users, lambda made: replace(made, write_policy=True))


def unknown_policy_is_no_policy(patch: Patch) -> None:
    """A record that names no attribute is taken for none."""
    sound = identifying_users.classify_policy

    def trusting(text: Any, selectable: Any) -> TenantPolicy:
        found = sound(text, selectable)
        return TenantPolicy() if found.kind is PolicyKind.UNEXPECTED else found

    patch.setattr(identifying_users, "classify_policy", trusting)


def switch_for_every_version(patch: Patch) -> None:
    """The task Configure Source Anchor is listed always."""
    patch.setattr(lifecycle, "switch_offered", lambda version, configured: True)


def switch_of_the_search_ignored(patch: Patch) -> None:
    """/SkipLdapSearch skips nothing."""
    sound = lifecycle.decide
    patch.setattr(
        lifecycle,
        "decide",
        lambda facts: sound(replace(facts, scan=Scan.SOME) if facts.scan is Scan.SKIPPED else facts),
    )


def added_directory_not_searched(patch: Patch) -> None:
    """A directory is added whatever its users hold."""
    sound = directory_adding.decide
    patch.setattr(
        directory_adding,
        "decide",
        lambda facts: sound(replace(facts, scan=Scan.NONE) if facts.scan is Scan.SOME else facts),
    )


def every_character_counts_one(patch: Patch) -> None:
    """A source anchor is as long as it looks."""
    patch.setattr(anchors, "length", len)


def names_offered_as_anchor(patch: Patch) -> None:
    """Any single-valued attribute is offered, names among them."""
    patch.setattr(surroundings, "may_be_anchor", lambda definition: not definition.multivalued)


def administrators_welcome(patch: Patch) -> None:
    """The connector account may be anybody."""
    patch.setattr(connect_directories, "_own_account", lambda directory, session, version: None)


def enterprise_admins_not_asked_for(patch: Patch) -> None:
    """Any administrator may have the connector account created."""
    patch.setattr(connect_directories, "_enterprise_admin", lambda directory, session: None)


def start_box_ignored(patch: Patch) -> None:
    """Synchronization starts, whatever the last page says."""
    sound = configure._scheduler
    patch.setattr(configure, "_scheduler", lambda answers, state: sound(replace(answers, start_sync=True), state))


def machine_not_looked_at(patch: Patch) -> None:
    """No machine fails a prerequisite."""
    patch.setattr(wizard, "check_prerequisites", lambda host: ())


def collation_not_looked_at(patch: Patch) -> None:
    """A database sorts as it likes."""
    sound = install_required_components.properties_of
    patch.setattr(
        install_required_components,
        "properties_of",
        lambda instance, name: {**sound(instance, name), "collation": "Latin1_General_CI_AS"},
    )


@dataclass(frozen=True)
class Planted:
    """A fault and who sees it. seen, expected: of the first difference that the scenario reports."""

    fault: Callable[[Patch], None]
    file: str
    seen: str
    expected: str
    case: str = ""


PLANTED = (
    Planted(nobody_is_found, "installs/INST-04.yaml", "SYNC2.runs(profile = Export)", "all like {adds: 0, deletes: 0}"),
    Planted(
        big_endian_anchor,
        "installs/INST-03.yaml",
        "tenant.users(userPrincipalName, onPremisesImmutableId)",
        "onPremisesImmutableId: ",
    ),
    Planted(
        no_write_back_rule, "installs/INST-01.yaml", "contoso.com.users(immutableId, in = Staff)", "immutableId: null"
    ),
    Planted(no_immutability_check, "anchors/ANCH-08.yaml", "SYNC1.errors", "SourceAnchor attribute has changed."),
    Planted(policy_not_read, "installs/INST-03.yaml", "tenant.policy source_anchor", "objectGUID"),
    Planted(
        in_use_scan_skipped, "anchors/ANCH-13.yaml", "wizard should have been refused", "{code: CONSISTENCYGUID_IN_USE}"
    ),
    Planted(
        policy_not_written_at_the_switch,
        "anchors/ANCH-11.yaml",
        "tenant.policy source_anchor",
        "mS-DS-ConsistencyGuid",
    ),
    Planted(threshold_one_too_low, "filtering/FILT-03.yaml", "SYNC1.last_export result", "success", "at_threshold"),
    Planted(guard_asleep, "filtering/FILT-03.yaml", "invariant delete-guard broke", "", "one_above"),
    Planted(containers_ignored, "rebuilds/DR-02.yaml", "tenant.users", "60 of them"),
    Planted(recycle_bin_not_matched, "moves/MOVE-05.yaml", "tenant.user(uma.moved@contoso.com) id", "", "allowed"),
    Planted(no_sweep, "errors/DUP-01.yaml", "tenant.sync_errors", "0 of them"),
    Planted(scheduler_of_each_server, "staging/FAIL-05.yaml", "SYNC2.scheduler SyncCycleEnabled", "false"),
    Planted(
        database_not_looked_into,
        "installs/CUST-01.yaml",
        "install should have been refused",
        "The ADSync database already contains data",
    ),
    Planted(override_without_a_word, "anchors/ANCH-33.yaml", "SYNC2.install(warnings)", "ANCHOR_OVERRIDE_WARNING"),
    Planted(old_versions_write_a_policy, "anchors/ANCH-20.yaml", "tenant.policy source_anchor", "null"),
    Planted(
        unknown_policy_is_no_policy,
        "installs/INST-05.yaml",
        "install should have been refused",
        "ANCHOR_POLICY_UNEXPECTED",
    ),
    Planted(switch_for_every_version, "anchors/ANCH-14.yaml", "SYNC1.tasks", "0 of them", "before-objectGUID"),
    Planted(switch_of_the_search_ignored, "anchors/ANCH-36.yaml", "wizard was refused", ""),
    Planted(
        added_directory_not_searched,
        "anchors/ANCH-37.yaml",
        "wizard.add_directory should have been refused",
        "CONSISTENCYGUID_IN_USE",
        "today",
    ),
    Planted(every_character_counts_one, "anchors/ANCH-03.yaml", "tenant.users", "2 of them"),
    Planted(names_offered_as_anchor, "installs/CUST-16.yaml", "SYNC1.wizard", "", "mail"),
    Planted(
        administrators_welcome,
        "installs/CUST-06.yaml",
        "install should have been refused",
        "Using an Enterprise",
        "netbios",
    ),
    Planted(enterprise_admins_not_asked_for, "installs/INST-06.yaml", "install", "NOT_ENTERPRISE_ADMIN"),
    Planted(start_box_ignored, "installs/INST-08.yaml", "SyncCycleEnabled", "false"),
    Planted(machine_not_looked_at, "installs/INST-11.yaml", "install should have been refused", "TLS12_REQUIRED"),
    Planted(collation_not_looked_at, "installs/CUST-03.yaml", "install should have been refused", "SQL_COLLATION"),
)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: f"{one.fault.__name__}-{Path(one.file).stem}")
def test_a_planted_fault_is_seen(planted: Planted, monkeypatch: Patch) -> None:
    sound = control(planted.file, planted.case)
    assert sound.status == PASSED, sound.render()
    planted.fault(monkeypatch)
    broken = run(planted.file, planted.case)
    assert broken.status == FAILED, f"{planted.file} ends with {broken.status} although: {planted.fault.__doc__}"
    first = broken.failures[0]
    assert planted.seen in first.what, broken.render()
    assert planted.expected in first.expected, broken.render()
