"""The installation wizard and the tasks of a configured server; ``install`` does the work over the wire."""

from __future__ import annotations

from engine.setup.answers import (
    AccountOption,
    Components,
    Credential,
    DirectoryAnswers,
    Feature,
    HostMachine,
    Identification,
    Mode,
    OuSelection,
    SetupAnswers,
    SignIn,
    SourceAnchorChoice,
    SqlInstance,
    Switches,
)
from engine.setup.installation import InstallOutcome, install, reach_from
from engine.setup.lifecycle import TaskOutcome, configure_source_anchor, configure_staging_mode

__all__ = [
    "AccountOption",
    "Components",
    "Credential",
    "DirectoryAnswers",
    "Feature",
    "HostMachine",
    "Identification",
    "InstallOutcome",
    "Mode",
    "OuSelection",
    "SetupAnswers",
    "SignIn",
    "SourceAnchorChoice",
    "SqlInstance",
    "Switches",
    "TaskOutcome",
    "configure_source_anchor",
    "configure_staging_mode",
    "install",
    "reach_from",
]
