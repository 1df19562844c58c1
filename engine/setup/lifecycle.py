"""Tasks of a configured server: which the wizard lists; configure staging mode, configure source anchor.

Source: facts "install" 15.3 and 15.4 (CSA-01 to CSA-07), seed002. A task suspends the scheduler while it is open and
refuses to open while a cycle runs (RTC-03).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.schema import AttributeType, Schema
from engine.rules import standard
from engine.rules.rule import SyncRule
from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions
from engine.setup.answers import Credential, Switches
from engine.setup.apply import CROSS_DIRECTORY_ANCHOR_SINCE, EMPLOYEE_TYPE_SINCE, attribute_inclusion
from engine.setup.configured_directories import connect_as_connector, directories_of
from engine.setup.features.attribute_choice import rule_choices
from engine.setup.features.write_back_settings import device_rules_held, write_back
from engine.setup.federation.configuring import federation_tasks_of
from engine.setup.global_settings import ANCHOR_SETTING, STAGING_SETTING
from engine.setup.page import PageOutcome, Warned, refuse
from engine.setup.sign_in.method import withdraw_unconfigured
from engine.setup.source_anchor import (
    OBJECT_GUID,
    Operation,
    Route,
    Scan,
    SourceAnchorFacts,
    classify_policy,
    decide,
    switch_offered,
)
from engine.setup.surroundings import Surroundings, selectable_anchors
from engine.versions import at_least

SOURCE_ANCHOR_TASK = "Configure Source Anchor"
STAGING_TASK = "Configure staging mode"
DEVICE_OPTIONS_TASK = "Configure device options"
#: The release that came with the task (OPT-09).
DEVICE_OPTIONS_SINCE = "1.1.819.0"
#: On every server's page Additional tasks (facts "install" 15); what each may do, it says when it is run.
LISTED_TASKS = (
    "Customize synchronization options",
    "Change user sign-in",
    "Refresh directory schema",
    DEVICE_OPTIONS_TASK,
    "View or export current configuration",
    STAGING_TASK,
    "Troubleshoot",
)


@dataclass(frozen=True)
class TaskOutcome:
    """pages: what was shown, the last one refused if the task was. changes: what was written, empty when refused."""

    pages: tuple[PageOutcome, ...]
    changes: Mapping[str, object] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return bool(self.pages) and self.pages[-1].refused


class StoredSecrets(Protocol):
    """Where the passwords of the connector accounts are."""

    def secret(self, connector: str) -> str: ...


class ConfiguredServer(Protocol):
    """What a task needs of the server it changes; the composition root satisfies it."""

    connectors: dict[int, ConnectorConfiguration]
    global_settings: dict[str, str]

    @property
    def configuration(self) -> StoredSecrets: ...

    @property
    def version(self) -> str: ...

    def rules(self) -> Mapping[int, SyncRule]: ...

    def suspend(self) -> None:
        """Hold the scheduler; raises EngineError SYNC_IN_PROGRESS while a cycle runs."""

    def resume(self) -> None:
        """Let the scheduler go on."""

    def save_connector(self, connector: ConnectorConfiguration) -> None: ...

    def save_rules(self, rules: Iterable[SyncRule]) -> None: ...

    def save_setting(self, name: str, value: str) -> None: ...


def leave_settings_file(server: object) -> None:
    """The wizard changed something: a server that has a machine around it keeps the settings as a file there."""
    leave_file = getattr(server, "write_settings_file", None)
    if leave_file is not None:
        leave_file()


@contextmanager
def wizard_open(server: ConfiguredServer) -> Iterator[None]:
    """The engine is suspended while a task of the wizard is open; what it changed it leaves in a settings file."""
    server.suspend()
    try:
        yield
    finally:
        server.resume()
    leave_settings_file(server)


def configure_staging_mode(
    server: ConfiguredServer, entra_admin: Credential, surroundings: Surroundings, *, enabled: bool
) -> TaskOutcome:
    """Switch staging mode; needs the administrator's sign-in, as the task does."""
    try:
        with wizard_open(server):
            session = surroundings.sign_in(_tenant_of(entra_admin), entra_admin)
            try:
                warned = () if enabled else withdraw_unconfigured(server, session)
            finally:
                session.close()
            server.save_setting(STAGING_SETTING, str(enabled))
    except EngineError as refusal:
        return TaskOutcome((refuse(STAGING_TASK, refusal.code, refusal.message),))
    shown = PageOutcome(STAGING_TASK, warnings=warned, facts={"staging": enabled})
    return TaskOutcome((shown,), {"staging": enabled})


def configure_source_anchor(
    server: ConfiguredServer,
    entra_admin: Credential,
    surroundings: Surroundings,
    switches: Switches = Switches(),  # noqa: B008 - a frozen value
) -> TaskOutcome:
    """Switch from objectGUID to mS-DS-ConsistencyGuid: tenant policy, rule set, full import and full sync flagged."""
    facts = SourceAnchorFacts(
        version=server.version,
        route=Route.CUSTOM,
        scan=Scan.SKIPPED if switches.skip_ldap_search else Scan.NOT_DONE,
        operation=Operation.SWITCH,
        configured=server.global_settings.get(ANCHOR_SETTING, OBJECT_GUID),
    )
    first = decide(facts)
    if first.refused:
        return TaskOutcome((refuse(SOURCE_ANCHOR_TASK, first.code, first.reason),))
    try:
        with wizard_open(server):
            return _switch_anchor(server, entra_admin, surroundings, facts)
    except EngineError as refusal:
        return TaskOutcome((refuse(SOURCE_ANCHOR_TASK, refusal.code, refusal.message),))


def _switch_anchor(
    server: ConfiguredServer, entra_admin: Credential, surroundings: Surroundings, facts: SourceAnchorFacts
) -> TaskOutcome:
    session = surroundings.sign_in(_tenant_of(entra_admin), entra_admin)
    try:
        company = session.company()
        offered = selectable_anchors([c.schema for c in directories_of(server)])
        facts = SourceAnchorFacts(
            facts.version,
            facts.route,
            classify_policy(company.anchor_attribute, offered),
            facts.scan,
            operation=facts.operation,
            configured=facts.configured,
        )
        decision = decide(facts)
        if decision.scan_needed:
            found = Scan.SOME if _in_use(server, surroundings) else Scan.NONE
            decision = decide(
                SourceAnchorFacts(
                    facts.version,
                    facts.route,
                    facts.policy,
                    found,
                    operation=facts.operation,
                    configured=facts.configured,
                )
            )
        if decision.refused or decision.attribute is None:
            return TaskOutcome((refuse(SOURCE_ANCHOR_TASK, decision.code, decision.reason),))
        if decision.write_policy:
            session.set_configuration({"AnchorAttribute": decision.attribute})
    finally:
        session.close()
    _replace(server, decision.attribute)
    warned = tuple(Warned(code, text) for code, text in decision.warnings)
    page = PageOutcome(SOURCE_ANCHOR_TASK, messages=(decision.reason,), warnings=warned)
    return TaskOutcome((page,), {"source_anchor": decision.attribute})


def _in_use(server: ConfiguredServer, surroundings: Surroundings) -> bool:
    """Search every selected domain with the connector's own account."""
    for connector in directories_of(server):
        forest = connect_as_connector(server, connector, surroundings)
        try:
            if any(forest.consistency_guid_in_use(p.dn) for p in connector.partitions if p.selected):
                return True
        finally:
            forest.close()
    return False


def standard_rules_of(server: ConfiguredServer, *, anchor: str = "", version: str = "") -> tuple[SyncRule, ...]:
    """The standard rules a server of this configuration gets; for another anchor or product version when told."""
    settings = server.global_settings
    directories = directories_of(server)
    anchor, back = anchor or settings.get(ANCHOR_SETTING, OBJECT_GUID), write_back(settings)
    options = StandardRuleOptions(
        ad_connectors=tuple(_described(c) for c in directories),
        anchor=anchor,
        anchor_type=_type_of(directories[0].schema, anchor) if directories else AttributeType.BINARY,
        join_criteria=settings["Microsoft.SynchronizationOption.JoinCriteria"],
        upn_attribute=settings["Microsoft.SynchronizationOption.UPNAttribute"],
        exchange_hybrid=settings.get("Microsoft.OptionalFeature.HybridExchange") == "True",
        device_rules=device_rules_held(server),
        group_writeback=back.group_forest,
        group_display_names=back.group_display_names,
        device_writeback=back.device_forest,
        **rule_choices(settings),
        employee_type=at_least(version or server.version, EMPLOYEE_TYPE_SINCE),
        cross_directory_anchor=at_least(version or server.version, CROSS_DIRECTORY_ANCHOR_SINCE),
    )
    return tuple(standard.standard_rules(options))


def _replace(server: ConfiguredServer, anchor: str) -> None:
    """Standard rules made anew for the anchor, custom rules kept; every AD connector reads and synchronizes in full."""
    custom = [rule for rule in server.rules().values() if not rule.is_standard]
    fresh = standard_rules_of(server, anchor=anchor)
    rules = tuple(sorted([*custom, *fresh], key=lambda rule: rule.precedence))
    server.save_rules(rules)
    for connector in list(server.connectors.values()):
        changed = connector.with_(full_import_required=True, full_sync_required=True)
        if connector.type is ConnectorType.ACTIVE_DIRECTORY:
            changed = changed.with_(attributes=attribute_inclusion(rules, connector.identifier, connector.schema))
        server.save_connector(changed)
    server.save_setting(ANCHOR_SETTING, anchor)


def _described(connector: ConnectorConfiguration) -> DirectoryConnector:
    names = {name.lower() for name in connector.schema.attributes}
    return DirectoryConnector(
        connector.identifier,
        connector.parameters["forest-name"],
        has_exchange="msexchmailboxguid" in names,
        has_lync="msrtcsip-primaryuseraddress" in names,
        group_filtered=bool(connector.parameters.get("Connector.GroupFilteringGroupDn")),
    )


def _type_of(schema: Schema, attribute: str) -> AttributeType:
    found = next((a for n, a in schema.attributes.items() if n.lower() == attribute.lower()), None)
    return found.type if found is not None else AttributeType.STRING


def _tenant_of(credential: Credential) -> str:
    return credential.username.rpartition("@")[2].lower()


def additional_tasks(server: ConfiguredServer) -> tuple[str, ...]:
    """What the page Additional tasks lists; Configure Source Anchor only where it may be used (CSA-01, CSA-02)."""
    configured = server.global_settings.get(ANCHOR_SETTING, OBJECT_GUID)
    shown = switch_offered(server.version, configured)
    devices = at_least(server.version, DEVICE_OPTIONS_SINCE)
    listed = LISTED_TASKS if devices else tuple(one for one in LISTED_TASKS if one != DEVICE_OPTIONS_TASK)
    listed = (*listed, *federation_tasks_of(getattr(server, "folder", None)))
    return (*listed, SOURCE_ANCHOR_TASK) if shown else listed


__all__ = [
    "LISTED_TASKS",
    "ConfiguredServer",
    "TaskOutcome",
    "additional_tasks",
    "configure_source_anchor",
    "configure_staging_mode",
    "standard_rules_of",
]
