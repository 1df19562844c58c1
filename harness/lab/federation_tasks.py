"""Tasks of the wizard around federation on a configured server, with the credentials of this world's administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.lab.federation_answers import federation_answers
from harness.lab.wizard_tasks import administrator
from harness.refusal import ScenarioError

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.server import Server

TASKS = ("repair", "add_domain", "add_server", "add_proxy", "update_certificate", "verify")


def switch_anchor(lab: Lab, server: Server, *, skip_ldap_search: bool) -> Any:
    """Configure Source Anchor, and what follows from it for claims."""
    from engine.setup.answers import Switches
    from engine.setup.federation import tasks as federation_tasks

    _, surroundings = administrator(lab, server)
    switches = Switches(skip_ldap_search=skip_ldap_search)
    return federation_tasks.configure_source_anchor(
        server.engine, federation_task(lab, server, {"admin": "domain"}), surroundings, switches
    )


def federation_task(lab: Lab, server: Server, given: Mapping[str, Any], *, reset: bool = False) -> Any:
    """What is typed in on the pages of a task."""
    from engine.setup.federation.answers import FederationAnswers
    from engine.setup.federation.tasks import FederationTask

    admin, _ = administrator(lab, server)
    return FederationTask(admin, federation_answers(lab, given) or FederationAnswers(), reset)


def run(lab: Lab, server: Server, task: str, given: Mapping[str, Any], *, reset: bool) -> Any:
    """Run a task and return its outcome."""
    from engine.setup.federation import tasks

    _, surroundings = administrator(lab, server)
    if task == "verify":
        return tasks.verify(server.engine, surroundings, given.get("farm", ""))
    typed = federation_task(lab, server, {"admin": "domain", **given}, reset=reset)
    match task:
        case "repair":
            return tasks.repair_trust(server.engine, typed, surroundings)
        case "add_domain":
            return tasks.add_domain(server.engine, typed, surroundings)
        case "add_server":
            return tasks.add_servers(server.engine, typed, surroundings)
        case "add_proxy":
            return tasks.add_proxies(server.engine, typed, surroundings)
        case "update_certificate":
            return tasks.update_certificate(server.engine, typed, surroundings)
    raise ScenarioError(f"there is no federation task {task}")


def verify_sign_in(lab: Lab, server: Server, user: str, password: str) -> Any:
    """Verify federated login."""
    from engine.setup.answers import Credential
    from engine.setup.federation import tasks as federation_tasks

    _, surroundings = administrator(lab, server)
    person = Credential(user, password)
    return federation_tasks.verify_sign_in(server.engine, person, lab.tenant(server.tenant).name, surroundings)
