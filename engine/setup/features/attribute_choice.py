"""Services, attributes and directory extensions a server synchronizes: from settings to standard rules and back. Pure.

Names are those of an exported server configuration (facts "engine" 16.2). A list of services, once kept, stays as it is
until the wizard is run again: one that comes later is not on it. Source: seed001; facts "install" 13.3, 13.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.model.schema import Schema
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.standard import APPLICATIONS
from engine.rules.standard import attribute_lists as names
from engine.rules.standard import public_folders as folder_rules
from engine.setup.answers import Feature, SetupAnswers
from engine.setup.features.directory_extensions import OBJECT_TYPES, kept_in, settings_of, with_extensions
from engine.setup.plan import InstallPlan

FILTER_SETTING = "Microsoft.OptionalFeature.FilterAAD"
APPLICATIONS_SETTING = "Microsoft.AADFilter.ApplicationList"
EXCLUDED_SETTING = "Microsoft.AADFilter.AttributeExclusionList"
#: the box is ticked; the product's own name for it is not known
PUBLIC_FOLDERS_SETTING = "Anchorage.OptionalFeature.MailPublicFolders"
#: Without these nothing can be exported, so they cannot be cleared.
INDISPENSABLE = frozenset({"accountEnabled", "userPrincipalName", "securityEnabled"})
_IDENTITY = "Identity"  # always there, whatever services are ticked


def listed_attributes(applications: Sequence[str]) -> tuple[str, ...]:
    """What the second page lists for these services: one list for all object types, by the names in the tenant."""
    found: set[str] = set()
    for table in (names.USER_OUT, names.CONTACT_OUT, names.GROUP_OUT):
        for application in (_IDENTITY, *applications):
            found.update(token.partition("=")[0] for token in table.get(application, "").split())
    return tuple(sorted(found, key=str.lower))


def filter_settings(answers: SetupAnswers) -> dict[str, str]:
    """What the answers say about services and attributes; without the box everything goes."""
    if Feature.APP_AND_ATTRIBUTE_FILTERING not in answers.features:
        return {FILTER_SETTING: "False", APPLICATIONS_SETTING: "", EXCLUDED_SETTING: ""}
    chosen = APPLICATIONS if answers.applications is None else answers.applications
    return {
        FILTER_SETTING: "True",
        APPLICATIONS_SETTING: ",".join(chosen),
        EXCLUDED_SETTING: ",".join(answers.excluded_attributes),
    }


def attribute_settings(plan: InstallPlan) -> dict[str, str]:
    """The settings of a new server."""
    folders = Feature.EXCHANGE_MAIL_PUBLIC_FOLDERS in plan.answers.features
    return {**filter_settings(plan.answers), **settings_of(plan.extensions), PUBLIC_FOLDERS_SETTING: str(folders)}


def rule_choices(settings: Mapping[str, str]) -> dict[str, Any]:
    """What of the standard rules follows from the settings, by the options' names."""
    filtered = settings.get(FILTER_SETTING) == "True"
    return {
        "applications": _listed(settings.get(APPLICATIONS_SETTING, "")) if filtered else None,
        "excluded_attributes": frozenset(_listed(settings.get(EXCLUDED_SETTING, ""))) if filtered else frozenset(),
        "extensions": kept_in(settings),
        "mail_public_folders": public_folders(settings),
    }


def public_folders(settings: Mapping[str, str]) -> bool:
    """Whether mail-enabled public folders are synchronized."""
    return settings.get(PUBLIC_FOLDERS_SETTING) == "True"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def metaverse_of(plan: InstallPlan) -> Schema | None:
    """The metaverse's schema with the extensions and the type of public folders; None: as it is shipped."""
    folders = Feature.EXCHANGE_MAIL_PUBLIC_FOLDERS in plan.answers.features
    if not plan.extensions and not folders:
        return None
    schema = with_extensions(METAVERSE_SCHEMA, plan.extensions, OBJECT_TYPES)
    if folders:
        own = frozenset(folder_rules.METAVERSE_ATTRIBUTES.split())
        schema = Schema(schema.attributes, {**schema.object_types, folder_rules.TYPE: own})
    return schema


def with_public_folders(object_types: tuple[str, ...], answers: SetupAnswers) -> tuple[str, ...]:
    """The object types of a partition; public folders are selected with their box."""
    folders = Feature.EXCHANGE_MAIL_PUBLIC_FOLDERS in answers.features
    return (*object_types, folder_rules.TYPE) if folders else object_types
