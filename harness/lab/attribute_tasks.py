"""The wizard's pages about attributes over a configured server, and the application that owns directory extensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.lab.wizard_tasks import administrator

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.server import Server

EXTENSION_APP = "Tenant Schema Extension App"


def choose_attributes(
    lab: Lab,
    server: Server,
    *,
    filtering: bool | None,
    services: Sequence[str] | None,
    without: Sequence[str] | None,
    extensions: Sequence[str] | None,
) -> Any:
    """Run Customize synchronization options and return its outcome."""
    from engine.setup.features.attribute_changes import AttributeChange, change_attributes

    admin, surroundings = administrator(lab, server)
    wanted = AttributeChange(
        filtering,
        None if services is None else tuple(services),
        None if without is None else tuple(without),
        None if extensions is None else tuple(extensions),
    )
    return change_attributes(server.engine, admin, wanted, surroundings, lab.clock)


def available_extensions(lab: Lab, server: Server) -> tuple[str, ...]:
    """Return what the page Directory extensions lists."""
    from engine.setup.features.attribute_changes import offered_extensions

    _, surroundings = administrator(lab, server)
    return offered_extensions(server.engine, surroundings)
