"""As which Windows account the wizard and the service speak to the network: the signed-in user, then the service.

All pages run as the user who started the wizard, Configure and the server afterwards as the service's account; to
everybody else a virtual account is the machine itself. Source: facts "install" section 1 (security contexts), IRC-09.
"""

from __future__ import annotations

from engine.setup.answers import HostMachine
from engine.setup.page import WizardState
from engine.setup.service_account import VIRTUAL_ACCOUNT

RUNS_AS = "runs-as"  # fact of the database
_OF_THE_MACHINE = ("nt service\\", "nt authority\\", ".\\")


def service_context(state: WizardState) -> str:
    """The service's account as others see it."""
    components = state.components
    account = components.service_account if components is not None else VIRTUAL_ACCOUNT
    return seen_from_outside(account or VIRTUAL_ACCOUNT, state.host)


def seen_from_outside(account: str, host: HostMachine) -> str:
    """``DOMAIN\\MACHINE$`` for an account that exists on the machine only."""
    local = account.lower().startswith((*_OF_THE_MACHINE, f"{host.name.lower()}\\")) or "\\" not in account
    if not local or "@" in account:
        return account
    domain = host.signed_in_user.partition("\\")[0] or host.domain.partition(".")[0].upper()
    return f"{domain}\\{host.name}$"
