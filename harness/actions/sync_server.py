"""What an administrator does on a sync server: install it, run cycles and profiles, type cmdlets, lose the machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any, Literal

from harness.actions.dirsync import UPGRADE
from harness.actions.registry import Actions, NewServerName, ServerName, TenantName
from harness.actions.sign_in_methods import SINGLE_SIGN_ON
from harness.actions.writeback import WRITE_BACK
from harness.lab.configured_server import ConfigurationChoice, import_server
from harness.lab.installation import CHOICES, Choices, install_server, read_choices
from harness.lab.named_files import read_answers_of
from harness.refusal import ScenarioError, demand_completed
from harness.scenario.export_shape import ExportFolder
from harness.scenario.federation_shape import FEDERATION_ANSWERS
from harness.scenario.machine_shape import MACHINE
from harness.scenario.pages_shape import PAGES
from harness.scenario.recovery_shape import RECOVERY
from harness.scenario.shapes import Choice, Either, Key, ListOf, MapOf, Name, Record, Text
from harness.scenario.wizard_pages import ByPage, arguments_of

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

SIGN_IN = ("password-hash-sync", "pass-through", "ad-fs", "ping-federate", "do-not-configure")
IDENTIFY = ("once", "mail", "object-sid", "sam-account-name-and-mail-nickname", "attribute")
_OUS = Record(
    (
        Key("include", ListOf(Text("OU")), doc="only these OUs"),
        Key("exclude", ListOf(Text("OU")), doc="all but these OUs"),
    ),
    what="ous",
)
_NEW = Key("new", Choice(("include", "exclude")), doc="whether OUs made later below a selected one are in; they are")
GROUP_FILTER = Either(MapOf(Text("group"), Name("forest")), Text("group, or a group for each forest"))
OUS = Record((*_OUS.keys, _NEW), what="ous")
_CONFIGURATION = Record(
    (
        Key("folder", ExportFolder(), required=True, doc="Connectors, GlobalSettings, ..."),
        Key("map", MapOf(Name("forest")), doc="forest of the export: forest of this world"),
        Key("containers", MapOf(_OUS, Name("forest")), doc="OUs instead of the export's; {} = the whole forest"),
    ),
    what="configuration",
)
_FROM_EXPORT = (
    "exported server configuration to set the server up from; without containers the export's OU selection is used as"
    " it is, and an OU that the forest lacks is a warning of SERVER.install and brings nothing"
)
ENTRA_ADMIN = Record(
    (
        Key("user", Text("user principal name"), doc="the tenant's own administrator without it"),
        Key("password", Text("password"), doc="as typed; the right one without it"),
        Key("challenge", Choice(("answer", "wrong-code", "cancel")), doc="what is done when a second factor is asked"),
    ),
    shorthand="user",
    what="the Entra administrator",
)
PAGE_ANSWERS = ByPage(lambda: ACTIONS.by_name["install"].verb.arguments.keys)
ANSWERS = replace(PAGE_ANSWERS, files=True)


@action("install", "install: {server: SYNC1, mode: express}", shorthand="server")
def install(
    lab: Lab,
    server: NewServerName,
    mode: Annotated[Literal["express", "custom"], "express without it"] = "express",
    staging: Annotated[bool, "staging mode"] = False,
    start_sync: Annotated[bool, "start the synchronization process when configuration completes"] = True,
    anchor: Annotated[str, "source anchor attribute; chosen by the wizard without it"] | None = None,
    ous: Annotated[dict[str, Any], OUS, "which OUs of each domain; all without it"] | None = None,
    group_filter: Annotated[Any, GROUP_FILTER, "group whose direct members are synchronized"] | None = None,
    identify: Annotated[str, Choice(IDENTIFY)] = "once",
    identify_attribute: Annotated[str, "attribute that finds a person in several forests"] | None = None,
    upn_attribute: Annotated[str, "attribute people sign in with"] = "userPrincipalName",
    sign_in: Annotated[str, Choice(SIGN_IN)] = "password-hash-sync",
    federation: Annotated[dict[str, Any], FEDERATION_ANSWERS, "ad-fs, ping-federate: their pages"] | None = None,
    single_sign_on: Annotated[dict[str, Any], SINGLE_SIGN_ON, "enable it; {} in every forest"] | None = None,
    features: Annotated[list[str], "optional features, such as exchange-hybrid"] | None = None,
    write_back: Annotated[dict[str, Any], WRITE_BACK, "group-writeback: where groups go"] | None = None,
    forests: Annotated[list[str], ListOf(Name("forest")), "forests to connect, in order; all without it"] | None = None,
    domains: Annotated[list[str], ListOf(Name("forest")), "domains to select; all reachable without it"] | None = None,
    account: Annotated[str, "existing connector account (object name); created without it"] | None = None,
    tenant: TenantName | None = None,
    sql_instance: Annotated[str, "SQL instance; LocalDB without it"] | None = None,
    database: Annotated[str, "name of the database"] = "ADSync",
    use_existing_database: Annotated[bool, "/UseExistingDatabase"] = False,
    skip_ldap_search: Annotated[bool, "/SkipLdapSearch"] = False,
    version: Annotated[str, "product version"] = "2.5.79.0",
    host: Annotated[dict[str, Any], MACHINE, "facts of the machine, such as tls12: false"] | None = None,
    dirsync: Annotated[dict[str, Any], UPGRADE, "how to upgrade from DirSync"] | None = None,
    configuration: Annotated[dict[str, Any], _CONFIGURATION, _FROM_EXPORT] | None = None,
    entra_admin: Annotated[Any, ENTRA_ADMIN, "who signs in to the tenant"] | None = None,
    enterprise_admin: Annotated[str, "object that signs in to create the connector account"] | None = None,
    interactive_auth: Annotated[bool, "/InteractiveAuth"] = False,
    pages: Annotated[dict[str, Any], PAGES, "what is typed and ticked on single pages besides"] | None = None,
    recovery: Annotated[dict[str, Any], RECOVERY, "from imported settings or an existing database"] | None = None,
    answers: Annotated[Any, ANSWERS, "answers by the titles of the pages, or a file of them"] | None = None,
) -> None:
    """Run the installation wizard on a new server with these choices; refused where a page refuses.
    With ``configuration: {folder: export, map: {contoso.com: bench.test}, containers: {bench.test: {}}}`` the server is
    set up from an export: folder starts at the scenario file, map names the forest of this world that stands for one of
    the export, containers selects other OUs there; of the other choices only start_sync, tenant, version, host count.
    """
    given = dict(locals())
    choices = read_choices({name: given[name] for name in given if name in CHOICES} | by_page(lab, given))
    if configuration is None:
        install_server(lab, server, choices)
    else:
        import_server(lab, server, ConfigurationChoice.of(configuration), choices)
    if start_sync:
        lab.tick(lab.clock.now())  # the service starts its first cycle at once


def by_page(lab: Lab, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that ``answers`` stand for; what the step itself says may not stand there as well."""
    answers = given["answers"]
    if isinstance(answers, str):
        answers = read_answers_of(lab, answers, PAGE_ANSWERS.record)
    found = arguments_of(answers or {}, PAGE_ANSWERS.arguments())
    twice = sorted(name for name in found if given[name] != signature(install).parameters[name].default)
    if twice:
        raise ScenarioError(f"{', '.join(twice)} stands in the step and among the answers")
    return found


@action("cycle", "cycle: {server: SYNC1, policy: Delta, times: 2}")
def cycle(
    lab: Lab,
    server: ServerName,
    policy: Annotated[
        Literal["Delta", "Initial", "Unspecified"], "what the scheduler would run without it"
    ] = "Unspecified",
    times: Annotated[int, "how many cycles"] = 1,
    every: Annotated[timedelta, "virtual time between them; 30m without it"] = timedelta(minutes=30),
) -> None:
    """Start the built-in synchronization cycle, as Start-ADSyncSyncCycle does; half an hour passes between several."""
    for index in range(times):
        if index:
            lab.advance(every)
        lab.server(server).engine.start_sync_cycle(policy)


@action(
    "run_profile",
    "run_profile: {server: SYNC1, connector: contoso.com, profile: Full Import}",
)
def run_profile(
    lab: Lab,
    server: ServerName,
    connector: Annotated[str, "name of the connector, a forest or tenant"],
    profile: Annotated[
        Literal["Full Import", "Full Synchronization", "Delta Import", "Delta Synchronization", "Export"],
        "run profile",
    ],
) -> None:
    """Run one profile of one connector, as an operator does in Synchronization Service Manager."""
    place = lab.server(server)
    place.engine.run_profile(place.connector_name(connector), profile)


@action("destroy", "destroy: SYNC1")
def destroy(lab: Lab, server: ServerName) -> None:
    """Lose the machine: nothing of it remains but what it wrote to AD, to the tenant, or to a SQL instance
    elsewhere.
    """
    place = lab.server(server)
    place.destroy()
    del lab.servers[place.name]
    lab.lost_servers.append(place.name)


@action("cmdlet", "cmdlet: {server: SYNC1, command: 'Set-ADSyncScheduler -SyncCycleEnabled $false'}")
def cmdlet(lab: Lab, server: ServerName, command: Annotated[str, "as typed at the prompt"]) -> None:
    """Type a cmdlet of the ADSync module on a server."""
    from harness.lab.prompt import type_line

    type_line(lab.server(server), command)


@action("wizard", "wizard: {server: SYNC1, task: staging, enabled: false}")
def wizard(
    lab: Lab,
    server: ServerName,
    task: Annotated[Literal["staging", "configure_source_anchor", "refresh_schema"], "additional task"],
    enabled: Annotated[bool, "staging: the new state"] | None = None,
    skip_ldap_search: Annotated[bool, "/SkipLdapSearch"] = False,
) -> None:
    """Run an additional task of the wizard on a configured server; customizing its options is wizard.customize."""
    from harness.lab.wizard_tasks import run_task

    outcome = run_task(lab, lab.server(server), task, enabled=enabled, skip_ldap_search=skip_ldap_search)
    lab.server(server).last_task = outcome
    demand_completed(outcome)


@action("wizard.add_directory", "wizard.add_directory: {server: SYNC1, forests: [contoso.com]}")
def add_directory(
    lab: Lab,
    server: ServerName,
    forests: Annotated[list[str], ListOf(Name("forest")), "forests to connect, in order"],
    ous: Annotated[dict[str, list[str]], _OUS, "which OUs of each domain; all without it"] | None = None,
    account: Annotated[str, "existing connector account (object name); created without it"] | None = None,
    skip_ldap_search: Annotated[bool, "/SkipLdapSearch"] = False,
) -> None:
    """Connect further forests to a server, as the wizard does under Customize synchronization options; they come after
    those that are connected already.
    """
    from harness.lab.directory_adding import connect_forests

    choices = Choices(
        mode="custom",
        forests=tuple(forests),
        included=tuple((ous or {}).get("include") or ()),
        excluded=tuple((ous or {}).get("exclude") or ()),
        account=account,
    )
    outcome = connect_forests(lab, lab.server(server), choices, skip_ldap_search=skip_ldap_search)
    demand_completed(outcome)


@action("promote", "promote: {server: SYNC1, force: true}", shorthand="server")
def promote(
    lab: Lab,
    server: ServerName,
    instead_of: Annotated[str, Name("server"), "the active server, which is put in staging mode first"] | None = None,
    force: Annotated[bool, "go on in spite of drift or of work that is still due"] = False,
) -> None:
    """Let a staging server take over, through the gate: refused with the drift report when the two servers are
    configured differently, when a full run is due, the last cycle is over a week old or the scheduler is disabled.
    A different anchor, join method or UPN attribute cannot be forced.
    """
    from harness.lab import failover

    old = lab.server(instead_of) if instead_of is not None else None
    failover.promote(lab, lab.server(server), old, force=force)


@action("export_configuration", "export_configuration: {server: SYNC1, name: before-the-loss}")
def export_configuration(
    lab: Lab, server: ServerName, name: Annotated[str, "what SERVER.drift calls it; letters, digits and -"]
) -> None:
    """Keep a server's configuration, as the folder of Get-ADSyncServerConfiguration; it outlives the machine."""
    from harness.lab import failover

    failover.export_configuration(lab, lab.server(server), name)


@action("upgrade", "upgrade: {server: SYNC1, version: 2.5.79.0}")
def upgrade(
    lab: Lab,
    server: ServerName,
    version: Annotated[str, "product version of the installer"] = "2.5.79.0",
    start_sync: Annotated[bool, "start the synchronization process when configuration completes"] = True,
    leave_open: Annotated[bool, "stop half-way: the next upgrade of the server goes on and ends it"] = False,
    host: Annotated[dict[str, Any], MACHINE, "facts of the machine, such as tls12: false"] | None = None,
) -> None:
    """Upgrade a server in place: standard rules are set back to those of the release, custom ones below 100 stay, what
    must run in full is recorded as overrides. Without start_sync the scheduler stays disabled, in the whole tenant.
    """
    from harness.lab import failover

    place = lab.server(server)
    failover.upgrade(lab, place, version, start_sync=start_sync, leave_open=leave_open, host=host or {})
