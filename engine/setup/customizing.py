"""Customize synchronization options: the wizard run again over a configured server, through the installation's pages.

Domains and OUs can be selected anew and a group filter removed; what was fixed at installation is shown and stays.
Source: facts "install" 15.1, DOF-03 to DOF-08, SFG-03, UIU-06, SAS-06, RTC-03; seed001.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from engine.clock import Clock
from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, Partition
from engine.profile import behaviour
from engine.rules.rule import SyncRule
from engine.run.group_filter import PARAMETER, SETTING
from engine.setup.answers import Credential, DirectoryAnswers, HostMachine, Mode, OuSelection, SetupAnswers
from engine.setup.apply import profiles_over, stored_exclusions
from engine.setup.configured_directories import connector_account, directories_of
from engine.setup.global_settings import ANCHOR_SETTING
from engine.setup.lifecycle import ConfiguredServer, TaskOutcome, wizard_open
from engine.setup.page import OpenedForest, PageOutcome, WizardState, refuse
from engine.setup.pages import domain_and_ou_filtering as ou_page
from engine.setup.pages import filtering_groups as group_page
from engine.setup.pages.connect_directories import PAGE as DIRECTORIES
from engine.setup.pages.connect_to_entra_id import connect_to_entra_id
from engine.setup.source_anchor import WRITE_BACK_RULE, write_back_lost
from engine.setup.surroundings import Surroundings
from engine.versions import at_least

TASK = "Customize synchronization options"
#: Before this release every AD connector was flagged for a full import, not only the one that changed (DOF-06).
FLAGS_ONLY_THE_CHANGED = "1.1.524.0"
#: What the pages of the task show and do not let change: option to the global setting that holds it.
FIXED: Mapping[str, tuple[str, str]] = {
    "upn_attribute": ("Microsoft Entra sign-in configuration", "Microsoft.SynchronizationOption.UPNAttribute"),
    "identification": ("Uniquely identifying your users", "Microsoft.SynchronizationOption.JoinCriteria"),
    "source_anchor": ("Uniquely identifying your users", ANCHOR_SETTING),
}
_FILTER_CLAUSE = f"%{PARAMETER}%"


def filter_forgotten(version: str) -> bool:
    """Releases whose page shows all domains and OUs as selected whatever is stored, and stores that (DOF-11)."""
    return at_least(version, "1.1.553.0") and not at_least(version, "1.1.558.0")


@dataclass(frozen=True)
class Customization:
    """What the administrator changes. ou_selection: by forest, by domain, whole selections; domains: by forest, all
    that are selected from now on; group_filter: by forest.

    fixed: options of ``FIXED`` with the value wanted.
    """

    ou_selection: Mapping[str, Mapping[str, OuSelection]] = field(default_factory=dict)
    domains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_filter: Mapping[str, str] = field(default_factory=dict)
    remove_group_filter: bool = False
    fixed: Mapping[str, str] = field(default_factory=dict)


def customize(
    server: ConfiguredServer, entra_admin: Credential, wanted: Customization, surroundings: Surroundings, clock: Clock
) -> TaskOutcome:
    """Run the pages; the configuration is written when the last one passes, and full runs are flagged."""
    pages: list[PageOutcome] = []
    state = WizardState(
        HostMachine("", Path(), product_version=server.version), surroundings, clock, Random(TASK), behaviour()
    )
    try:
        with wizard_open(server):
            answers = _answers(server, entra_admin, wanted)
            pages.append(connect_to_entra_id(answers, state))
            if not pages[-1].refused:
                pages.extend(_pages(server, answers, wanted, state))
            if pages[-1].refused:
                return TaskOutcome(tuple(pages))
            changes = _write(server, wanted, state)
    except EngineError as refusal:
        return TaskOutcome((*pages, refuse(TASK, refusal.code, refusal.message)))
    finally:
        state.close()
    return TaskOutcome((*pages, PageOutcome("Configure", facts=changes)), changes)


def shown_options(server: ConfiguredServer) -> dict[str, object]:
    """What the pages show when the task opens."""
    directories = directories_of(server)
    return {
        **{name: {"value": server.global_settings.get(key, ""), "read_only": True} for name, (_, key) in FIXED.items()},
        "group_filter": _group_filter_shown(directories),
        "directories": [
            {
                "forest": connector.name,
                "domains": [
                    {
                        "name": one.name,
                        "selected": one.selected,
                        "included": [] if filter_forgotten(server.version) else list(one.included),
                        "excluded": [] if filter_forgotten(server.version) else list(one.excluded),
                        "new_containers": one.new_containers,
                    }
                    for one in connector.partitions
                ],
            }
            for connector in directories
        ],
    }


def _group_filter_shown(directories: Iterable[ConnectorConfiguration]) -> dict[str, object]:
    groups = {c.name: c.parameters[PARAMETER] for c in directories if c.parameters.get(PARAMETER)}
    return {"groups": groups, "removable": bool(groups), "offered": False}


# ---- the pages -------------------------------------------------------------------------------------------------------
def _answers(server: ConfiguredServer, entra_admin: Credential, wanted: Customization) -> SetupAnswers:
    """The connectors' own accounts reach the forests; nobody types a forest's password again."""
    directories = []
    for connector in directories_of(server):
        selection = wanted.ou_selection.get(connector.name, {})
        if filter_forgotten(server.version):
            selection = {**{one.name: OuSelection() for one in connector.partitions if one.selected}, **selection}
        directories.append(
            DirectoryAnswers(
                connector.parameters["forest-name"],
                connector_account(server, connector),
                domains=wanted.domains.get(connector.name),
                ou_selection=selection,
            )
        )
    return SetupAnswers(entra_admin=entra_admin, directories=tuple(directories), mode=Mode.CUSTOM)


def _pages(
    server: ConfiguredServer, answers: SetupAnswers, wanted: Customization, state: WizardState
) -> list[PageOutcome]:
    """Every page after the sign-in, up to the first one that refuses."""
    pages = [_connect(server, answers, state)]
    pages.extend(_fixed(server, name, wanted) for name in FIXED)
    pages.append(ou_page.domain_and_ou_filtering(answers, state))
    pages.append(_group_filter(server, wanted))
    stop = next((number for number, page in enumerate(pages) if page.refused), len(pages))
    return pages[: stop + 1]


def _connect(server: ConfiguredServer, answers: SetupAnswers, state: WizardState) -> PageOutcome:
    for connector, directory in zip(directories_of(server), answers.directories, strict=True):
        opened = OpenedForest(directory, state.surroundings.connect_forest(directory.forest, directory.credential))
        state.forests.append(opened)
        chosen = {one.name.lower() for one in connector.partitions if one.selected}
        domains = opened.session.facts.domains
        opened.selected = tuple(d for d in domains if d.dns_name.lower() in chosen)
        if len(domains) > 1:
            opened.unreachable = tuple(d for d in domains if not opened.session.reachable(d.dn))
    return PageOutcome(DIRECTORIES, facts={"forests": [c.name for c in directories_of(server)]})


def _fixed(server: ConfiguredServer, option: str, wanted: Customization) -> PageOutcome:
    page, setting = FIXED[option]
    held, asked = server.global_settings.get(setting, ""), wanted.fixed.get(option)
    if asked is not None and asked.lower() != held.lower():
        return refuse(page, "OPTION_READ_ONLY", f"{held} was chosen when the server was installed and stays.")
    return PageOutcome(page, facts={option: held, "read_only": True})


def _group_filter(server: ConfiguredServer, wanted: Customization) -> PageOutcome:
    """The filter can be taken off, and that is all (SFG-03)."""
    shown = _group_filter_shown(directories_of(server))
    if wanted.group_filter:
        text = "Filtering by a group is offered when the server is installed only; later it can be removed."
        return refuse(group_page.PAGE, "GROUP_FILTER_NOT_OFFERED", text, **shown)
    if wanted.remove_group_filter and not shown["removable"]:
        return refuse(group_page.PAGE, "GROUP_FILTER_ABSENT", "No directory is filtered by a group.", **shown)
    return PageOutcome(group_page.PAGE, facts=shown)


# ---- writing ---------------------------------------------------------------------------------------------------------
def _write(server: ConfiguredServer, wanted: Customization, state: WizardState) -> dict[str, object]:
    """Store selections and flag: a full import for changed containers, a full synchronization for changed rules."""
    selected = [
        connector.name
        for connector, forest in zip(directories_of(server), state.forests, strict=True)
        if _select(server, connector, forest)
    ]
    if selected and not at_least(server.version, FLAGS_ONLY_THE_CHANGED):
        for connector in directories_of(server):
            server.save_connector(connector.with_(full_import_required=True))
    if selected and write_back_lost(server.version):
        server.save_rules([rule for rule in server.rules().values() if rule.name != WRITE_BACK_RULE])
    unfiltered = _remove_group_filter(server) if wanted.remove_group_filter else []
    return {"selected": selected, "unfiltered": unfiltered}


def _select(server: ConfiguredServer, connector: ConnectorConfiguration, forest: OpenedForest) -> bool:
    """Whether the selection of any domain of the forest is another one now."""
    wanted = {name.lower(): selection for name, selection in forest.ou_selection.items()}
    chosen = {domain.dns_name.lower() for domain in forest.selected}
    partitions = tuple(
        replace(
            _selected(one, wanted[one.name.lower()]) if one.name.lower() in wanted else one,
            selected=one.name.lower() in chosen,
        )
        for one in connector.partitions
    )
    if partitions == connector.partitions:
        return False
    profiles = profiles_over(connector.run_profiles, partitions)
    server.save_connector(connector.with_(partitions=partitions, run_profiles=profiles, full_import_required=True))
    return True


def _selected(partition: Partition, selection: OuSelection) -> Partition:
    return replace(
        partition,
        included=selection.included,
        excluded=stored_exclusions(selection, partition.dn),
        new_containers=selection.new_containers,
    )


def _remove_group_filter(server: ConfiguredServer) -> list[str]:
    """Empty the parameter, delete the rules that look at it, synchronize everything of the forest again."""
    server.save_rules([rule for rule in server.rules().values() if not _looks_at_filter(rule)])
    freed = []
    for connector in directories_of(server):
        if connector.parameters.get(PARAMETER):
            parameters = {**connector.parameters, PARAMETER: ""}
            server.save_connector(connector.with_(parameters=parameters, full_sync_required=True))
            freed.append(connector.name)
    server.save_setting(SETTING, "False")
    return freed


def _looks_at_filter(rule: SyncRule) -> bool:
    return rule.is_standard and any(clause.value == _FILTER_CLAUSE for group in rule.scope for clause in group)


__all__ = ["FIXED", "TASK", "Customization", "customize", "shown_options"]
