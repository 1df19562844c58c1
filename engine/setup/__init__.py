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
from engine.setup.installation import InstallOutcome, install

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
    "install",
]
