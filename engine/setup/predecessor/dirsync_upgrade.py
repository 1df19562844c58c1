"""Upgrade from DirSync: what is carried over, in place or on another server, and what Configure does of it.

Source: how-to-dirsync-upgrade-get-started; facts "install" 17 (DSU-01 to DSU-11) and 18 step 3.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from engine.errors import ConfigurationError
from engine.model.configuration import ConnectorType
from engine.setup.answers import (
    AccountOption,
    DirectoryAnswers,
    Feature,
    HostMachine,
    Mode,
    SetupAnswers,
    SignIn,
)
from engine.setup.apply import guid
from engine.setup.plan import ServerBlueprint
from engine.setup.predecessor.dirsync_settings import DirSyncForest, DirSyncUpgrade, filter_rules, read_settings


def takes_part(answers: SetupAnswers) -> bool:
    """Whether DirSync, or a switch that speaks of it, brings the page up."""
    return answers.dirsync is not None or answers.switches.migrate or answers.switches.force_export


def with_predecessor(answers: SetupAnswers, host: HostMachine) -> SetupAnswers:
    """The answers with what DirSync was configured to do in the place of the pages that are not shown."""
    if answers.switches.migrate:
        return _migrated(answers)
    if host.dirsync is None:
        return answers
    upgrade = answers.dirsync or DirSyncUpgrade()
    return _carried_over(answers, replace(upgrade, settings=host.dirsync.settings), staging=answers.staging)


def _migrated(answers: SetupAnswers) -> SetupAnswers:
    """On another server: the settings come from the file, and the server comes up in staging mode (DSU-05)."""
    upgrade = answers.dirsync or DirSyncUpgrade()
    if upgrade.settings_file is None:
        problem = ("DIRSYNC_SETTINGS_MISSING", "Choose the settings file that was exported on the DirSync server.")
        return replace(answers, dirsync=replace(upgrade, problem=problem))
    try:
        settings = read_settings(upgrade.settings_file)
    except ConfigurationError as refusal:
        return replace(answers, dirsync=replace(upgrade, problem=(refusal.code, refusal.message)))
    return _carried_over(answers, replace(upgrade, settings=settings), staging=True)


def _carried_over(answers: SetupAnswers, upgrade: DirSyncUpgrade, *, staging: bool) -> SetupAnswers:
    settings = upgrade.settings
    assert settings is not None
    typed = {one.forest.lower(): one for one in answers.directories}
    directories = [_directory(one, typed[one.name.lower()]) for one in settings.forests if one.name.lower() in typed]
    kept = answers.features if answers.switches.migrate else answers.features & {Feature.EXCHANGE_HYBRID}
    hybrid = {Feature.EXCHANGE_HYBRID} if settings.exchange_hybrid else set()
    components = answers.components
    if not answers.switches.migrate and settings.sql_instance and components.sql_instance is None:
        components = replace(components, sql_instance=settings.sql_instance)  # DSU-11: the server may be used again
    return replace(
        answers,
        dirsync=upgrade,
        mode=Mode.CUSTOM,
        directories=tuple(directories),
        components=components,
        sign_in=SignIn.PASSWORD_HASH_SYNC if settings.password_sync else SignIn.DO_NOT_CONFIGURE,
        upn_attribute=settings.upn_attribute,
        features=kept | hybrid,
        staging=staging,
    )


def _directory(held: DirSyncForest, typed: DirectoryAnswers) -> DirectoryAnswers:
    """One forest with DirSync's selection; the credentials are an Enterprise Admin's, typed in anew (DSU-08)."""
    return DirectoryAnswers(
        held.name,
        typed.credential,
        AccountOption.CREATE,
        domains=held.domains or None,
        ou_selection=dict(held.ous),
    )


def taken_over(forest: str, answers: SetupAnswers, host: HostMachine) -> str | None:
    """The logon name of the account that is kept with a new password: in place only (DSU-08)."""
    if answers.dirsync is None or host.dirsync is None or answers.switches.migrate:
        return None
    return host.dirsync.accounts.get(forest.lower())


def with_filters(blueprint: ServerBlueprint, answers: SetupAnswers, source: Random) -> ServerBlueprint:
    """DirSync's filters by user attributes as custom rules, and what they read selected (DSU-06)."""
    filters = answers.dirsync.settings.filters if answers.dirsync and answers.dirsync.settings else ()
    if not filters:
        return blueprint
    rules, connectors = list(blueprint.rules), []
    for connector in blueprint.connectors:
        if connector.type is ConnectorType.ACTIVE_DIRECTORY:
            rules += filter_rules(filters, connector.identifier, tuple(guid(source) for _ in filters))
            read = {*connector.attributes, *(one.attribute for one in filters)}
            connector = connector.with_(attributes=tuple(sorted(read, key=str.lower)))
        connectors.append(connector)
    ordered = tuple(sorted(rules, key=lambda rule: rule.precedence))
    return replace(blueprint, rules=ordered, connectors=tuple(connectors))


def uninstalled(answers: SetupAnswers, host: HostMachine) -> dict[str, object]:
    """What Configure says of the predecessor: the wizard removes it from this computer (DSU-01)."""
    if host.dirsync is None or answers.switches.migrate:
        return {}
    return {
        "uninstalled": f"DirSync {host.dirsync.settings.version}",
        "passwords_reset": sorted(host.dirsync.accounts.values()),
    }
