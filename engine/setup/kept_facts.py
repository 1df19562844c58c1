"""What a server keeps of the machine it was installed on and of who installed it: facts of its database.

Source: facts "install" section 1 (security contexts), PRE-02, PRE-13, PRE-17.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.setup.installed_components import Facts
from engine.setup.page import PageOutcome, WizardState
from engine.setup.pages.connect_to_entra_id import HEALTH_AGENT, health_agent
from engine.setup.prerequisites import TLS, negotiated_tls
from engine.setup.security_context import RUNS_AS, service_context

SIGNED_IN_USER = "signed-in-user"


def keep(facts: Facts, state: WizardState, pages: Iterable[PageOutcome]) -> None:
    """Write them down at the end of an installation."""
    host = state.host
    facts.set_fact(RUNS_AS, service_context(state))
    facts.set_fact(SIGNED_IN_USER, host.signed_in_user)
    facts.set_fact(TLS, negotiated_tls(host))
    facts.set_fact(HEALTH_AGENT, health_agent(pages))
    for name, size in (("memory-gb", host.memory_gb), ("disk-gb", host.disk_gb)):
        facts.set_fact(name, "" if size is None else str(size))
