"""What an administrator does on a DirSync machine: set it up, run and stop it, export its settings, uninstall it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from harness.actions.registry import Actions, NewServerName, ServerName, TenantName
from harness.lab import dirsync as machines
from harness.lab.dirsync import DirSyncChoices
from harness.scenario.shapes import Boolean, Key, ListOf, MapOf, Name, Record, Text

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

#: the argument ``dirsync`` of the verb ``install``
UPGRADE = Record(
    (
        Key("continue_here", Boolean(), doc="tick Continue upgrading DirSync on this computer"),
        Key("force_export", Boolean(), doc="start the wizard with /ForceExport"),
        Key("migrate", Boolean(), doc="start the wizard with /migrate; settings does so as well"),
        Key("settings", Text("name"), doc="the file of dirsync.export_settings to choose"),
    ),
    what="dirsync",
)
_OUS = Record(
    (
        Key("include", ListOf(Text("OU")), doc="only these OUs"),
        Key("exclude", ListOf(Text("OU")), doc="all but these OUs"),
    ),
    what="ous",
)


@action("dirsync.install", "dirsync.install: {server: DIRSYNC1, objects: 40000}", shorthand="server")
def install(
    lab: Lab,
    server: NewServerName,
    version: Annotated[str, "its version; 1.0.7020.0 without it"] | None = None,
    sql: Annotated[str, "SQL instance; SQL Server Express without it"] | None = None,
    objects: Annotated[int, "how many objects an analysis finds, if that is more than there are"] = 0,
    forests: Annotated[list[str], ListOf(Name("forest")), "forests to synchronize; all without it"] | None = None,
    tenant: TenantName | None = None,
    ous: Annotated[dict[str, Any], _OUS, "which OUs; all without it"] | None = None,
    password_sync: Annotated[bool, "password synchronization"] = True,
    exchange_hybrid: Annotated[bool, "hybrid deployment"] = False,
    upn_attribute: Annotated[str, "attribute people sign in with: the alternate ID"] = "userPrincipalName",
    filters: Annotated[dict[str, str], MapOf(Text("value")), "user attribute: value that keeps a user out"]
    | None = None,
    removed_attributes: Annotated[list[str], "attributes taken out of the connector, which was never supported"]
    | None = None,
    extension_dll: Annotated[str, "a rules extension of one's own, which was never supported"] = "",
) -> None:
    """Set DirSync up: it exports every three hours, with the Base64 text of objectGUID as anchor. The first cycle runs
    at once. The tenant must still serve so old a client: ``settings: {minimum_client_version: 1.0.0.0}``.
    """
    choices = DirSyncChoices(
        version=version,
        sql=sql,
        objects=objects,
        forests=tuple(forests or ()),
        tenant=tenant,
        included=tuple((ous or {}).get("include") or ()),
        excluded=tuple((ous or {}).get("exclude") or ()),
        password_sync=password_sync,
        exchange_hybrid=exchange_hybrid,
        upn_attribute=upn_attribute,
        filters=filters or {},
        removed_attributes=tuple(removed_attributes or ()),
        extension_dll=extension_dll,
    )
    machines.install_dirsync(lab, server, choices)


@action("dirsync.run", "dirsync.run: SYNC1")
def run(lab: Lab, server: ServerName) -> None:
    """Start a synchronization by hand, as Start-OnlineCoexistenceSync does; refused where the tenant refuses."""
    machines.machine(lab, server).engine.start_sync_cycle("Unspecified")


@action("dirsync.stop", "dirsync.stop: SYNC1")
def stop(lab: Lab, server: ServerName) -> None:
    """Stop the service of DirSync; nothing is exported until it is started again."""
    machines.machine(lab, server).running = False


@action("dirsync.start", "dirsync.start: SYNC1")
def start(lab: Lab, server: ServerName) -> None:
    """Start the service of DirSync again. After its successor has exported that is unsupported: DirSync starts all the
    same, world.warnings says DIRSYNC_ROLLBACK and world.topology TOPO_DIRSYNC_ROLLBACK.
    """
    machines.start(lab, server)


@action("dirsync.uninstall", "dirsync.uninstall: SYNC1")
def uninstall(lab: Lab, server: ServerName) -> None:
    """Take DirSync off its machine by hand; its settings are gone, what it exported stays."""
    machines.machine(lab, server)
    lab.dirsync.pop(server).uninstall()


@action("dirsync.export_settings", "dirsync.export_settings: {server: SYNC1, name: old, force_export: true}")
def export_settings(
    lab: Lab,
    server: ServerName,
    name: Annotated[str, "what install calls the file"],
    force_export: Annotated[bool, "start the wizard with /ForceExport"] = False,
) -> None:
    """Start the wizard of the successor on the DirSync machine and press Export settings on its analysis page."""
    machines.export_settings(lab, server, name, force_export=force_export)
