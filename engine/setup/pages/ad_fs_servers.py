"""Federation Servers: where AD FS is installed. Each must be joined, manageable, new enough. Facts "install" FED-01."""

from __future__ import annotations

from engine.setup.answers import SetupAnswers
from engine.setup.federation.servers import check_joined, federation_answers, look_at, manager
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Federation Servers"


def ad_fs_servers(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """One is recommended to begin with; more can be added later."""
    wanted = federation_answers(answers)
    if not wanted.servers:
        return refuse(PAGE, "FEDERATION_SERVER_MISSING", "Name at least one server for AD FS.")
    shown = {}
    for name in wanted.servers:
        check_joined(state, name)
        found = look_at(state, name, manager(answers))
        other = str(found.get("FederationServiceName") or "")
        if other and other.lower() != wanted.farm.lower():
            return refuse(PAGE, "SERVER_OF_ANOTHER_FARM", f"{name} is a server of {other}.")
        shown[name] = found["OsName"]
    return PageOutcome(PAGE, facts={"servers": shown})
