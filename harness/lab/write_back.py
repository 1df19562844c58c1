"""Exchange hybrid, group and device write-back in the wizard, with the names of this world as the wizard's values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.lab import wizard_tasks
from harness.lab.server import Server

if TYPE_CHECKING:
    from harness.lab.lab import Lab


def group_choice(lab: Lab, given: Mapping[str, Any] | None) -> Any:
    """The page Writeback as the wizard takes it; None where nothing is said."""
    from engine.setup.answers import GroupWriteBackChoice

    if given is None:
        return None
    forest, container = lab.forest(given.get("forest")), given.get("container") or ""
    return GroupWriteBackChoice(
        forest.container(container) if container else "",
        given.get("forest") or "",
        bool(given.get("display_names", False)),
    )


def change_features(
    lab: Lab,
    server: Server,
    *,
    on: Sequence[str],
    off: Sequence[str],
    write_back: Mapping[str, Any] | None,
    accept_deletion: bool,
) -> Any:
    """Run the task and return its outcome."""
    from engine.setup.answers import Feature
    from engine.setup.features.feature_changes import FeatureChange
    from engine.setup.features.feature_changes import change_features as run

    wanted = FeatureChange(
        frozenset(map(Feature, on)), frozenset(map(Feature, off)), group_choice(lab, write_back), accept_deletion
    )
    admin, surroundings = wizard_tasks.administrator(lab, server)
    return run(server.engine, admin, wanted, surroundings, lab.clock)


def configure_devices(
    lab: Lab, server: Server, choose: str, *, forest: str, enterprise_admin: str | None, downlevel: bool
) -> Any:
    """Run the task Configure device options and return its outcome."""
    from engine.setup.answers import Credential
    from engine.setup.configured_directories import directories_of
    from engine.setup.features.device_options import DeviceChoice, Operation, configure_device_options
    from harness.lab.installation import own_account

    connected = [one.name for one in directories_of(server.engine)]
    place = lab.forest(forest or connected[0]) if forest or len(connected) == 1 else None
    credential = None
    if enterprise_admin is not None and place is not None:
        if enterprise_admin == "Administrator":
            credential = Credential(f"{place.document.netbios}\\Administrator", place.admin_password)
        else:
            credential = Credential(*own_account(lab, place, enterprise_admin))
    admin, surroundings = wizard_tasks.administrator(lab, server)
    wanted = DeviceChoice(Operation(choose), forest, credential, downlevel)
    return configure_device_options(server.engine, admin, wanted, surroundings)


def shown_device_options(lab: Lab, server: Server) -> dict[str, Any]:
    """What the page Device options offers when it opens."""
    from engine.setup.features.device_options import shown_device_options as shown

    _, surroundings = wizard_tasks.administrator(lab, server)
    return shown(server.engine, surroundings)
