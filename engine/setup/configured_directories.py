"""The forests of a configured server and the connectors' own accounts, by which a task of the wizard reaches them.

Nobody types a forest's password again (facts "install" 15.1); what a page asks of a forest it asks with that account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.setup.answers import Credential, DirectoryAnswers
from engine.setup.page import OpenedForest, WizardState

if TYPE_CHECKING:
    from engine.setup.lifecycle import ConfiguredServer
    from engine.setup.surroundings import ForestSession, Surroundings


def directories_of(server: ConfiguredServer) -> list[ConnectorConfiguration]:
    """The connectors to Active Directory, in order."""
    found = [c for c in server.connectors.values() if c.type is ConnectorType.ACTIVE_DIRECTORY]
    return sorted(found, key=lambda c: (c.order, c.created))


def connector_account(server: ConfiguredServer, connector: ConnectorConfiguration) -> Credential:
    """The account and the stored password a connector signs in with."""
    parameters = connector.parameters
    login = f"{parameters['forest-login-user']}@{parameters['forest-login-domain']}"
    return Credential(login, server.configuration.secret(connector.identifier))


def directory_answers(server: ConfiguredServer) -> tuple[DirectoryAnswers, ...]:
    """Each connected forest as the wizard's page would have it answered, with the connector's account."""
    return tuple(
        DirectoryAnswers(connector.parameters["forest-name"], connector_account(server, connector))
        for connector in directories_of(server)
    )


def connect_as_connector(
    server: ConfiguredServer, connector: ConnectorConfiguration, surroundings: Surroundings
) -> ForestSession:
    """Open the connector's forest; close it after use."""
    return surroundings.connect_forest(connector.parameters["forest-name"], connector_account(server, connector))


def open_directories(server: ConfiguredServer, state: WizardState) -> None:
    """Open each connected forest for the pages that follow; its schema is the one the server knows."""
    for connector, directory in zip(directories_of(server), directory_answers(server), strict=True):
        session = state.surroundings.connect_forest(directory.forest, directory.credential)
        state.forests.append(OpenedForest(directory, session, connector.schema))
