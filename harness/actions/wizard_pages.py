"""The wizard page by page: opened, answered, gone back in, cancelled. Source: custom installation (seed001)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from harness.actions.registry import Actions, NewServerName, ServerName, TenantName
from harness.actions.sync_server import PAGE_ANSWERS
from harness.refusal import ScenarioError
from harness.scenario.machine_shape import MACHINE
from harness.scenario.shapes import Choice
from harness.scenario.wizard_pages import PAGES, arguments_of

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

CONFIGURE = "Configure"
END = "end"
_TO = Choice(("Welcome", *PAGES, CONFIGURE, END))


@action("wizard.open", "wizard.open: {server: SYNC1, mode: custom}", shorthand="server")
def open_wizard(
    lab: Lab,
    server: NewServerName,
    mode: Annotated[str, Choice(("express", "custom")), "what will be chosen on Express settings"] = "express",
    tenant: TenantName | None = None,
    version: Annotated[str, "product version"] = "2.5.79.0",
    use_existing_database: Annotated[bool, "/UseExistingDatabase"] = False,
    skip_ldap_search: Annotated[bool, "/SkipLdapSearch"] = False,
    interactive_auth: Annotated[bool, "/InteractiveAuth"] = False,
    host: Annotated[dict[str, Any], MACHINE, "facts of the machine, such as tls12: false"] | None = None,
) -> None:
    """Start the wizard and leave its window open: on a machine without a server it stands at Welcome, over a server
    that runs at Additional tasks, where it holds the scheduler until wizard.cancel. Refused while a cycle runs.
    """
    from harness.lab.installation import CHOICES, read_choices
    from harness.lab.wizard_window import InstallationWindow, TasksWindow

    held = lab.wizards.get(server)
    if held is not None and held.open:
        raise ScenarioError(f"the wizard stands open on {server} already")
    if server in lab.servers:
        lab.wizards[server] = TasksWindow(lab.server(server))
        return
    given = {
        "mode": mode, "tenant": tenant, "version": version, "host": host, "interactive_auth": interactive_auth,
        "use_existing_database": use_existing_database, "skip_ldap_search": skip_ldap_search,
    }  # fmt: skip
    lab.wizards[server] = InstallationWindow(lab, server, read_choices({n: given[n] for n in given if n in CHOICES}))


@action("wizard.next", "wizard.next: {server: SYNC1, answers: {Ready to configure: {staging: true}}}")
def press_next(
    lab: Lab,
    server: ServerName,
    answers: Annotated[dict[str, Any], PAGE_ANSWERS, "what the boxes of a page hold, by its title"] | None = None,
    to: Annotated[str, _TO, "go on until this page is shown, or to the end; one page without it"] | None = None,
) -> None:
    """Press Next with these answers; refused where a page refuses, and then the wizard stays at that page. Configure is
    a page of its own: pressed there, the server is set up and starts.
    """
    keys = PAGE_ANSWERS.arguments()
    by_page = {page: arguments_of({page: boxes}, keys) for page, boxes in (answers or {}).items()}
    if _window(lab, server).next(by_page, to) is not None:
        lab.tick(lab.clock.now())  # the service starts its first cycle at once


@action("wizard.back", "wizard.back: SYNC1")
def press_back(lab: Lab, server: ServerName) -> None:
    """Press Previous: the page before opens with its answers; what was learnt since is forgotten."""
    _window(lab, server).back()


@action("wizard.cancel", "wizard.cancel: SYNC1")
def cancel(lab: Lab, server: ServerName) -> None:
    """Close the wizard's window. Nothing was written unless Configure had been pressed; a held scheduler goes on."""
    _window(lab, server).cancel()


@action("cycle.begin", "cycle.begin: {server: SYNC1, policy: Initial, runs: 1}")
def begin_cycle(
    lab: Lab,
    server: ServerName,
    policy: Annotated[str, Choice(("Delta", "Initial", "Unspecified"))] = "Unspecified",
    runs: Annotated[int, "how many of its runs come to their end"] = 1,
) -> None:
    """Start the built-in cycle and let time stand still in the middle of it: it is in progress until cycle.finish, or
    until Stop-ADSyncSyncCycle ends it.
    """
    place = lab.server(server)
    place.held_cycle = place.engine.cycle.run_by_run(policy)
    for _ in range(max(runs, 1)):
        if next(place.held_cycle, None) is None:
            raise ScenarioError("the cycle has fewer runs than that and is over")


@action("cycle.finish", "cycle.finish: SYNC1")
def finish_cycle(lab: Lab, server: ServerName) -> None:
    """Let a cycle that was begun run to its end; one that was stopped meanwhile ends without further runs."""
    place = lab.server(server)
    held, place.held_cycle = place.held_cycle, None
    if held is None:
        raise ScenarioError(f"no cycle was begun on {server}")
    for _ in held:
        pass


def _window(lab: Lab, server: str) -> Any:
    found = lab.wizards.get(server)
    if found is None:
        raise ScenarioError(f"no wizard was opened on {server}")
    return found
