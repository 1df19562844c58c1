"""What an installation leaves on the machine beside the database: the service with its account, and the settings file.

Source: facts "install" section 1 (server: service, files), RTC-04, IRC-09.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from engine.pass_through.sign_in_memory import SignInMemory
from engine.service import ServiceAccount
from engine.setup.answers import SetupAnswers
from engine.setup.page import WizardState
from engine.setup.service_account import Kind
from engine.setup.settings.settings_file import write_applied

if TYPE_CHECKING:
    from engine.server import SyncServer


class DoneWizard(Protocol):
    """A run of the wizard that has come to its end."""

    answers: SetupAnswers
    state: WizardState


def settle(server: SyncServer, run: DoneWizard) -> None:
    """The service runs as the account that was chosen, and the wizard leaves its file."""
    host, chosen = run.state.host, run.state.components
    server.folder = host.folder
    if chosen is not None:
        password = run.answers.components.service_password
        own = chosen.service_account_kind == str(Kind.DOMAIN) and bool(password)
        server.service.run_as(ServiceAccount(chosen.service_account, password, host.domain if own else ""))
    if run.state.existing is not None:
        server.requests.remember(SignInMemory(run.state.existing.sign_in))
    write_applied(server, run.answers.entra_admin.username)
