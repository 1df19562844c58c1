"""What an administrator collects before a case is escalated. Source: seed004 (where to look next)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, ServerName

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


@action("support_bundle", "support_bundle: {server: SYNC1, name: case-1, object: Ana Lopez}")
def support_bundle(
    lab: Lab,
    server: ServerName,
    name: Annotated[str, "what world.support_bundle calls it; letters, digits and -"],
    object_: Annotated[str, "the failing object, by name or DN; all that stand in error without it"] | None = None,
) -> None:
    """Collect the three artifacts of an escalation in one archive: the output of Get-ADSyncScheduler, the
    connector-space export of the failing object wherever it stands, the Application log of the last six hours.
    """
    from harness.lab.support_bundle import collect

    collect(lab, lab.server(server), name, object_)
