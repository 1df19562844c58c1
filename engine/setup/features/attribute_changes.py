"""Customize synchronization options, the pages about attributes: services, attributes, directory extensions.

What is chosen stays until this task is run again. The list of extensions is the schema the server read last, so an
attribute the directory got since needs Refresh directory schema first. Source: facts "install" 13.3, 13.4, 15.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol

from engine.clock import Clock
from engine.errors import EngineError
from engine.model.configuration import ConnectorType
from engine.model.schema import Schema
from engine.profile import behaviour
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.setup.answers import Credential, Feature, HostMachine, Mode, SetupAnswers
from engine.setup.configured_directories import (
    connect_as_connector,
    directories_of,
    directory_answers,
    open_directories,
)
from engine.setup.customizing import TASK
from engine.setup.features.attribute_choice import FILTER_SETTING, filter_settings, rule_choices
from engine.setup.features.directory_extensions import (
    FEATURE_DIRECTORY_EXTENSIONS,
    OBJECT_TYPES,
    TENANT_TYPES,
    candidates,
    settings_of,
    with_extensions,
)
from engine.setup.features.feature_changes import write_settings
from engine.setup.lifecycle import ConfiguredServer, StoredSecrets, TaskOutcome, wizard_open
from engine.setup.page import PageOutcome, WizardState, refuse
from engine.setup.pages.app_filtering import app_filtering
from engine.setup.pages.attribute_filtering import attribute_filtering
from engine.setup.pages.connect_to_entra_id import connect_to_entra_id
from engine.setup.pages.directory_extensions import directory_extensions, registered
from engine.setup.surroundings import Surroundings

_PAGES = (app_filtering, attribute_filtering, directory_extensions)


class SchemaStore(StoredSecrets, Protocol):
    """Where the metaverse's schema is."""

    def metaverse_schema(self) -> Schema | None: ...

    def save_metaverse_schema(self, schema: Schema) -> None: ...


class AttributeServer(ConfiguredServer, Protocol):
    @property
    def configuration(self) -> SchemaStore: ...


@dataclass(frozen=True)
class AttributeChange:
    """None: as it is. filtering: the box "app and attribute filtering"; applications: all services that are ticked;
    without: all attributes that are cleared; extensions: all that are taken along.
    """

    filtering: bool | None = None
    applications: tuple[str, ...] | None = None
    without: tuple[str, ...] | None = None
    extensions: tuple[str, ...] | None = None


def change_attributes(
    server: AttributeServer, entra_admin: Credential, wanted: AttributeChange, surroundings: Surroundings, clock: Clock
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
                open_directories(server, state)
            for page in _PAGES:
                if pages[-1].refused:
                    return TaskOutcome(tuple(pages))
                pages.append(page(answers, state))
            if pages[-1].refused:
                return TaskOutcome(tuple(pages))
            changes = _write(server, answers, state)
    except EngineError as refusal:
        return TaskOutcome((*pages, refuse(TASK, refusal.code, refusal.message)))
    finally:
        state.close()
    return TaskOutcome((*pages, PageOutcome("Configure", facts=changes)), changes)


def offered_extensions(server: ConfiguredServer, surroundings: Surroundings) -> tuple[str, ...]:
    """What the page "Directory extensions" lists when the task opens it now."""
    never: set[str] = set()
    for connector in directories_of(server):
        session = connect_as_connector(server, connector, surroundings)
        try:
            never.update(session.unsynchronizable())
        finally:
            session.close()
    return tuple(candidates([connector.schema for connector in directories_of(server)], never))


def _answers(server: ConfiguredServer, entra_admin: Credential, wanted: AttributeChange) -> SetupAnswers:
    """The boxes as they are to be: those that nobody touches stay."""
    held = rule_choices(server.global_settings)
    filtering = server.global_settings.get(FILTER_SETTING) == "True" if wanted.filtering is None else wanted.filtering
    extensions = tuple(one.attribute for one in held["extensions"])
    return SetupAnswers(
        entra_admin,
        directory_answers(server),
        Mode.CUSTOM,
        features=frozenset({Feature.APP_AND_ATTRIBUTE_FILTERING} if filtering else ()),
        applications=wanted.applications if wanted.applications is not None else held["applications"],
        excluded_attributes=(
            wanted.without if wanted.without is not None else tuple(sorted(held["excluded_attributes"]))
        ),
        extensions=wanted.extensions if wanted.extensions is not None else extensions,
    )


def _write(server: AttributeServer, answers: SetupAnswers, state: WizardState) -> dict[str, object]:
    """Tenant first, then the schemas, then the settings and the rules that follow from them."""
    extensions = registered(state)
    session, company = state.signed_in()
    if extensions and not company.features & FEATURE_DIRECTORY_EXTENSIONS:
        session.set_features(company.features | FEATURE_DIRECTORY_EXTENSIONS)
    if extensions:
        metaverse = server.configuration.metaverse_schema() or METAVERSE_SCHEMA
        server.configuration.save_metaverse_schema(with_extensions(metaverse, extensions, OBJECT_TYPES))
        for connector in list(server.connectors.values()):
            if connector.type is ConnectorType.ENTRA:
                schema = with_extensions(connector.schema, extensions, TENANT_TYPES)
                server.save_connector(connector.with_(schema=schema))
    settings: Mapping[str, str] = {**filter_settings(answers), **settings_of(extensions)}
    flagged = write_settings(server, settings)
    return {"extensions": [one.target for one in extensions], "flagged": flagged}
