"""What must be true of the machine before the first page opens. Source: prerequisites page, facts "install" section 2.

The texts are ours, the codes are stable: the product shows most of these as pictures (decision D16).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.setup.answers import HostMachine
from engine.versions import at_least, version

TLS = "tls"  # fact of the database
ESSENTIALS_SINCE = 2019
#: versions that go on without TLS 1.2, with the best that is left (PRE-02)
FALLS_BACK_SINCE = "1.1.614.0"
_YEAR = re.compile(r"20\d\d")


@dataclass(frozen=True, slots=True)
class Finding:
    """blocking: the installation cannot start; otherwise a warning."""

    code: str
    text: str
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """broken: whether the machine fails it."""

    id: str
    broken: Callable[[HostMachine], bool]
    finding: Finding


def _needs_newer_framework(host: HostMachine) -> bool:
    lowest = "4.7.2" if at_least(host.product_version, "2.5.79.0") else "4.6.2"
    return version(host.dotnet) < version(lowest)


def _small_edition(host: HostMachine) -> bool:
    """Small Business Server at all, Essentials before 2019."""
    name = host.operating_system
    year = _YEAR.search(name)
    return "Small Business" in name or ("Essentials" in name and (year is None or int(year[0]) < ESSENTIALS_SINCE))


PREREQUISITES: tuple[Prerequisite, ...] = (
    Prerequisite(
        "PRE-01",
        lambda host: not host.tls12 and at_least(host.product_version, "2.0.0.0"),
        Finding("TLS12_REQUIRED", "This installation requires TLS 1.2; it is not enabled on this server."),
    ),
    Prerequisite(
        "PRE-02",
        lambda host: not host.tls12 and not at_least(host.product_version, "2.0.0.0"),
        Finding("TLS12_ABSENT", "TLS 1.2 is not enabled; an older protocol version is negotiated.", blocking=False),
    ),
    Prerequisite(
        "PRE-03",
        lambda host: not host.domain_joined,
        Finding("OS_UNSUPPORTED", "The server is not joined to a domain."),
    ),
    Prerequisite(
        "PRE-03",
        lambda host: host.server_core,
        Finding("OS_UNSUPPORTED", "Server Core is not supported: the server needs the full graphical interface."),
    ),
    Prerequisite(
        "PRE-03",
        _small_edition,
        Finding("OS_UNSUPPORTED", "Small Business Server and Windows Server Essentials before 2019 are not supported."),
    ),
    Prerequisite(
        "PRE-04",
        lambda host: "2025" in host.operating_system,
        Finding("OS_UNSUPPORTED", "Windows Server 2025 is not supported (known issue).", blocking=False),
    ),
    Prerequisite(
        "PRE-05",
        _needs_newer_framework,
        Finding("DOTNET_TOO_OLD", "The .NET Framework on this server is too old for this version."),
    ),
    Prerequisite(
        "PRE-05",
        lambda host: version(host.powershell) < version("5.0"),
        Finding("POWERSHELL_TOO_OLD", "PowerShell 5.0 or newer is required."),
    ),
    Prerequisite(
        "PRE-06",
        lambda host: not host.dcom_registry_intact,
        Finding("DCOM_PREREQ", "The COM security settings of the registry are missing or damaged."),
    ),
)


def check_prerequisites(host: HostMachine) -> tuple[Finding, ...]:
    """Return everything the machine fails, in the order of the table."""
    return tuple(p.finding for p in PREREQUISITES if p.broken(host))


def negotiated_tls(host: HostMachine) -> str:
    """The protocol version the wizard and the engine speak from here: 1.2, or what an older product falls back to."""
    if host.tls12:
        return "1.2"
    return "1.1" if at_least(host.product_version, FALLS_BACK_SINCE) else "1.0"
