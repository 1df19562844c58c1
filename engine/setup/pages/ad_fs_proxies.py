"""Web Application Proxy servers: in the perimeter network, facing the extranet; none is possible. Seed001, FED-01."""

from __future__ import annotations

from engine.setup.answers import SetupAnswers
from engine.setup.federation.servers import federation_answers, look_at, manager
from engine.setup.page import PageOutcome, WizardState

PAGE = "Web Application Proxy servers"


def ad_fs_proxies(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """Whoever is no local administrator there is asked for one."""
    wanted = federation_answers(answers)
    credential = wanted.proxy_admin or manager(answers)
    shown = {name: look_at(state, name, credential)["OsName"] for name in wanted.proxies}
    return PageOutcome(PAGE, facts={"proxies": shown})
