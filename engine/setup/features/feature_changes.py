"""Customize synchronization options, page Optional features: Exchange hybrid and group write-back turned on and off.

The rules of a feature come and go as a whole, what an administrator did to the others stays; the tenant's connector is
flagged for a full import and a full synchronization. Source: facts "install" 15.1, OPT-06, OPT-07.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from engine.clock import Clock
from engine.errors import EngineError
from engine.model.configuration import ConnectorType
from engine.password_writeback.service import SETTING as PASSWORD_WRITEBACK
from engine.profile import behaviour
from engine.rules import standard
from engine.rules.rule import SyncRule
from engine.setup.answers import (
    Credential,
    Feature,
    GroupWriteBackChoice,
    HostMachine,
    Mode,
    OuSelection,
    SetupAnswers,
)
from engine.setup.apply import attribute_inclusion
from engine.setup.configured_directories import directories_of, directory_answers
from engine.setup.customizing import TASK
from engine.setup.features.group_writeback import DELETION_WARNING
from engine.setup.features.write_back_settings import (
    FEATURE_GROUPS,
    GROUP_CONTAINER,
    GROUP_DISPLAY_NAMES,
    GROUPS,
    HYBRID,
    chosen_settings,
    group_settings,
    with_containers,
)
from engine.setup.lifecycle import ConfiguredServer, TaskOutcome, standard_rules_of, wizard_open
from engine.setup.page import OpenedForest, PageOutcome, Warned, WizardState, refuse
from engine.setup.pages import optional_features as features_page
from engine.setup.pages.connect_to_entra_id import connect_to_entra_id
from engine.setup.surroundings import Surroundings

#: the boxes this page changes after installation, with the setting that says whether each is ticked
CHANGEABLE: Mapping[Feature, str] = {
    Feature.EXCHANGE_HYBRID: HYBRID,
    Feature.GROUP_WRITEBACK: GROUPS,
    Feature.PASSWORD_WRITEBACK: PASSWORD_WRITEBACK,
}


@dataclass(frozen=True)
class FeatureChange:
    """accept_deletion: the answer to the warning that written-back groups are about to be deleted."""

    on: frozenset[Feature] = frozenset()
    off: frozenset[Feature] = frozenset()
    group_writeback: GroupWriteBackChoice | None = None
    accept_deletion: bool = False


def change_features(
    server: ConfiguredServer, entra_admin: Credential, wanted: FeatureChange, surroundings: Surroundings, clock: Clock
) -> TaskOutcome:
    """Run the pages; nothing is written unless every one of them passes."""
    pages: list[PageOutcome] = []
    host = HostMachine("", Path(), product_version=server.version)
    state = WizardState(host, surroundings, clock, Random(TASK), behaviour())
    try:
        with wizard_open(server):
            answers = _answers(server, entra_admin, wanted)
            pages.append(connect_to_entra_id(answers, state))
            if not pages[-1].refused:
                _connect(server, answers, state)
                pages.append(_features(server, answers, wanted, state))
            if pages[-1].refused:
                return TaskOutcome(tuple(pages))
            changes = _write(server, answers, state)
    except EngineError as refusal:
        return TaskOutcome((*pages, refuse(TASK, refusal.code, refusal.message)))
    finally:
        state.close()
    return TaskOutcome((*pages, PageOutcome("Configure", facts=changes)), changes)


def ticked(server: ConfiguredServer) -> frozenset[Feature]:
    """The boxes that are ticked when the page opens."""
    return frozenset(box for box, setting in CHANGEABLE.items() if server.global_settings.get(setting) == "True")


def _answers(server: ConfiguredServer, entra_admin: Credential, wanted: FeatureChange) -> SetupAnswers:
    """The boxes as they are to be; the connectors' own accounts reach the forests."""
    return SetupAnswers(
        entra_admin,
        directory_answers(server),
        Mode.CUSTOM,
        features=(ticked(server) | wanted.on) - wanted.off,
        group_writeback=_choice(server, wanted.group_writeback),
    )


def _choice(server: ConfiguredServer, wanted: GroupWriteBackChoice | None) -> GroupWriteBackChoice | None:
    """What is chosen anew; a choice that names only the form of the names keeps the container."""
    held = _held_choice(server)
    if wanted is None or held is None or wanted.container:
        return wanted or held
    return replace(wanted, container=held.container, forest=held.forest)


def _held_choice(server: ConfiguredServer) -> GroupWriteBackChoice | None:
    settings = server.global_settings
    if settings.get(GROUPS) != "True":
        return None
    display_names = settings.get(GROUP_DISPLAY_NAMES) == "True"
    return GroupWriteBackChoice(settings[GROUP_CONTAINER], settings["Microsoft.GroupWriteBack.Forest"], display_names)


def _connect(server: ConfiguredServer, answers: SetupAnswers, state: WizardState) -> None:
    for connector, directory in zip(directories_of(server), answers.directories, strict=True):
        opened = OpenedForest(directory, state.surroundings.connect_forest(directory.forest, directory.credential))
        state.forests.append(opened)
        chosen = {one.name.lower(): one for one in connector.partitions if one.selected}
        opened.selected = tuple(d for d in opened.session.facts.domains if d.dns_name.lower() in chosen)
        for domain in opened.selected:
            one = chosen[domain.dns_name.lower()]
            opened.ou_selection[domain.dns_name] = OuSelection(one.included, one.excluded, one.new_containers)


# ---- the page --------------------------------------------------------------------------------------------------------
def _features(
    server: ConfiguredServer, answers: SetupAnswers, wanted: FeatureChange, state: WizardState
) -> PageOutcome:
    other = sorted((wanted.on | wanted.off) - CHANGEABLE.keys())
    if other:
        text = f"This task changes {', '.join(sorted(CHANGEABLE))} here, not {', '.join(other)}."
        return refuse(features_page.PAGE, "FEATURE_NOT_CHANGEABLE", text)
    moved = _container_moved(server, wanted)
    if moved is not None:
        return moved
    page = features_page.optional_features(answers, state)
    leaving = Feature.GROUP_WRITEBACK in ticked(server) - answers.features
    if page.refused or not leaving:
        return page
    if not wanted.accept_deletion:
        return refuse(features_page.PAGE, *DELETION_WARNING)
    return replace(page, warnings=(*page.warnings, Warned(*DELETION_WARNING)))


def _container_moved(server: ConfiguredServer, wanted: FeatureChange) -> PageOutcome | None:
    """The container stays while the feature is on; it is chosen anew after the feature was off."""
    held, choice = _held_choice(server), wanted.group_writeback
    if held is None or choice is None or Feature.GROUP_WRITEBACK in wanted.off:
        return None
    same_forest = choice.forest.lower() in ("", held.forest.lower())
    if same_forest and choice.container.lower() in ("", held.container.lower()):
        return None
    text = f"Groups are written back to {held.container}; disable group writeback before you choose another container."
    return refuse(features_page.PAGE, "GROUP_WRITEBACK_CONTAINER_FIXED", text)


# ---- writing ---------------------------------------------------------------------------------------------------------
def _write(server: ConfiguredServer, answers: SetupAnswers, state: WizardState) -> dict[str, object]:
    before = ticked(server)
    _write_tenant(answers, state)
    settings = {
        HYBRID: str(Feature.EXCHANGE_HYBRID in answers.features),
        PASSWORD_WRITEBACK: str(Feature.PASSWORD_WRITEBACK in answers.features),
    }
    if Feature.GROUP_WRITEBACK in answers.features:
        settings |= chosen_settings(answers)
    else:
        settings |= group_settings("", "", display_names=False)
    flagged = write_settings(server, settings)
    after = ticked(server)
    return {"on": sorted(after - before), "off": sorted(before - after), "flagged": flagged}


def _write_tenant(answers: SetupAnswers, state: WizardState) -> None:
    session, company = state.signed_in()
    on = Feature.GROUP_WRITEBACK in answers.features
    features = company.features | FEATURE_GROUPS if on else company.features & ~FEATURE_GROUPS
    if features != company.features:
        session.set_features(features)
        container = answers.group_writeback.container if on and answers.group_writeback is not None else None
        session.set_configuration({"WriteBack": {"UnifiedGroupContainer": container}})


def write_settings(server: ConfiguredServer, settings: Mapping[str, str]) -> list[str]:
    """Store settings that standard rules follow from, and what follows: rules, parameters, attributes, full runs.

    Returns the connectors that are flagged: the tenant's, and each forest whose rules changed.
    """
    old = {rule.identifier: rule for rule in standard_rules_of(server)}
    for name, value in settings.items():
        server.save_setting(name, value)
    fresh = standard_rules_of(server)
    rules = _changed_rules(server.rules().values(), old, fresh)
    touched = {rule.connector for rule in fresh if old.get(rule.identifier) is None or _differs(rule, old)}
    touched |= {rule.connector for rule in old.values() if rule.identifier not in {one.identifier for one in fresh}}
    if not touched:
        return []
    server.save_rules(rules)
    flagged = []
    for connector in list(server.connectors.values()):
        changed = with_containers(connector, server.global_settings)
        if connector.type is ConnectorType.ENTRA:
            changed = changed.with_(full_import_required=True, full_sync_required=True)
        elif connector.identifier in touched:
            names = attribute_inclusion(rules, connector.identifier, connector.schema)
            reads_more = not set(names) <= set(connector.attributes)
            changed = changed.with_(
                attributes=names,
                full_sync_required=True,
                full_import_required=connector.full_import_required or reads_more,
            )
        if changed != connector:
            server.save_connector(changed)
            flagged.append(connector.name)
    return flagged


def _changed_rules(
    held: Iterable[SyncRule], old: Mapping[str, SyncRule], fresh: tuple[SyncRule, ...]
) -> tuple[SyncRule, ...]:
    """The rules there are without those that go, with those that come in their places."""
    wanted = {rule.identifier: rule for rule in fresh}
    kept = [
        replace(wanted[rule.identifier], precedence=rule.precedence, disabled=rule.disabled)
        if rule.identifier in wanted and rule.identifier in old and _differs(wanted[rule.identifier], old)
        else rule
        for rule in held
        if rule.identifier in wanted or rule.identifier not in old
    ]
    there = {rule.identifier for rule in kept}
    known = [rule for rule in fresh if rule.identifier in there or rule.identifier not in old]
    return standard.with_further_connectors(kept, known, frozenset(rule.connector for rule in fresh))


def _differs(rule: SyncRule, old: Mapping[str, SyncRule]) -> bool:
    """Whether a rule that stays says something else now; its number does not count."""
    before = old[rule.identifier]
    return (rule.flows, rule.scope, rule.joins) != (before.flows, before.scope, before.joins)


__all__ = ["CHANGEABLE", "FeatureChange", "change_features", "ticked", "write_settings"]
