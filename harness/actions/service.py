"""What an administrator does to the Windows service of a sync server and to the credentials it works with.

Source: facts "install" section 20 (CRD-01 to CRD-04); Synchronization Service Manager, Connectors > Properties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, ServerName

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


@action("service.stop", "service.stop: SYNC1", shorthand="server")
def stop(lab: Lab, server: ServerName) -> None:
    """Stop the ADSync service of a machine: no cycle and no password beat until it is started."""
    lab.server(server).engine.service.stop()


@action("service.start", "service.start: SYNC1", shorthand="server")
def start(lab: Lab, server: ServerName) -> None:
    """Start the ADSync service; refused where its account is not let in, the database is full or the key unreadable."""
    lab.server(server).engine.service.start()


@action("service.restart", "service.restart: SYNC1", shorthand="server")
def restart(lab: Lab, server: ServerName) -> None:
    """Stop the ADSync service and start it; what it held in memory is read again."""
    lab.server(server).engine.service.restart()


@action("service.set_password", "service.set_password: {server: SYNC1, password: 'Aa1-harbour-2026'}")
def set_password(
    lab: Lab, server: ServerName, password: Annotated[str, "what the service control manager is to log on with"]
) -> None:
    """Give the service control manager the password of the service account, under Services > Log On."""
    lab.server(server).engine.service.set_password(password)


@action("service.lose_key", "service.lose_key: SYNC1", shorthand="server")
def lose_key(lab: Lab, server: ServerName) -> None:
    """Make the encryption key unreadable, as Windows does when it destroys what protects it; seen at the next start."""
    lab.server(server).engine.service.lose_key()


@action("service.abandon_key", "service.abandon_key: SYNC1", shorthand="server")
def abandon_key(lab: Lab, server: ServerName) -> None:
    """Run miiskmu.exe /a: a new encryption key, and every stored credential is lost with the old one."""
    lab.server(server).engine.service.abandon_key()


@action("connector.set_password", "connector.set_password: {server: SYNC1, connector: contoso.com, password: x1-Y}")
def set_connector_password(
    lab: Lab,
    server: ServerName,
    connector: Annotated[str, "name of the connector, a forest"],
    password: Annotated[str, "of the account the connector signs in with"],
) -> None:
    """Type the password of a connector's account under Connectors > Properties; the service keeps the old one in memory
    until it is restarted.
    """
    lab.server(server).set_connector_password(connector, password)


@action("uninstall", "uninstall: SYNC1", shorthand="server")
def uninstall(lab: Lab, server: ServerName) -> None:
    """Remove the product under Programs and Features: the machine stays, and so does the database, wherever it is."""
    place = lab.server(server)
    place.close()
    del lab.servers[place.name]
    lab.uninstalled.append(place.name)
