"""The account the sync service runs as: virtual, managed, of the domain or of the machine; which goes where.

Source: facts "install" IRC-09, IRC-10, IRC-13 and the matrix below them; accounts-permissions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.setup.answers import HostMachine
from engine.versions import at_least

VIRTUAL_ACCOUNT = "NT SERVICE\\ADSync"
#: The first release that takes a managed service account, of April 2017 (IRC-09).
MANAGED_SINCE = "1.1.484.0"


class Kind(StrEnum):
    VIRTUAL = "virtual service account"
    GROUP_MANAGED = "group managed service account"
    STANDALONE_MANAGED = "standalone managed service account"
    DOMAIN = "domain account"
    LOCAL = "local account"


#: By (on a domain controller, SQL Server on another machine): what may run the service.
MATRIX: Mapping[tuple[bool, bool], tuple[Kind, ...]] = {
    (False, False): (Kind.VIRTUAL, Kind.LOCAL, Kind.DOMAIN, Kind.STANDALONE_MANAGED, Kind.GROUP_MANAGED),
    (False, True): (Kind.GROUP_MANAGED, Kind.DOMAIN),
    (True, False): (Kind.GROUP_MANAGED, Kind.DOMAIN, Kind.STANDALONE_MANAGED),
    (True, True): (Kind.GROUP_MANAGED, Kind.DOMAIN),
}
_MANAGED = (Kind.GROUP_MANAGED, Kind.STANDALONE_MANAGED)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """name empty: a domain account that the installation still has to make (IRC-13)."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Refused:
    code: str
    text: str


def choose(given: str | None, host: HostMachine, *, remote_sql: bool) -> ServiceAccount | Refused:
    """The account named on the page, or the one that is taken without a name."""
    allowed = MATRIX[host.domain_controller, remote_sql]
    if given is None:
        if remote_sql:
            text = "A SQL Server on another machine needs a group managed service account or a domain account."
            return Refused("SERVICE_ACCOUNT_NEEDED", text)
        return ServiceAccount("", Kind.DOMAIN) if host.domain_controller else ServiceAccount(*_VIRTUAL)
    kind = kind_of(given, host)
    if kind is None:
        return Refused(
            "SERVICE_ACCOUNT_UNKNOWN", f"The managed service account {given} is not installed on this server."
        )
    if kind not in allowed:
        where = "a domain controller" if host.domain_controller else "this server"
        text = f"A {kind} cannot run the service on {where}{' with a remote SQL Server' if remote_sql else ''}."
        return Refused("SERVICE_ACCOUNT_KIND", f"{text} Possible are: {', '.join(allowed)}.")
    if kind in _MANAGED and not at_least(host.product_version, MANAGED_SINCE):
        return Refused("SERVICE_ACCOUNT_KIND", f"Version {host.product_version} takes no managed service account.")
    return ServiceAccount(given, kind)


_VIRTUAL = (VIRTUAL_ACCOUNT, Kind.VIRTUAL)


def kind_of(name: str, host: HostMachine) -> Kind | None:
    """What a name stands for on this machine; None: a managed account that the machine does not have."""
    prefix, backslash, account = name.rpartition("\\")
    if name.lower() == VIRTUAL_ACCOUNT.lower():
        return Kind.VIRTUAL
    if account.endswith("$"):
        held = {known.lower(): kind for known, kind in host.managed_accounts.items()}.get(name.lower())
        return None if held is None else Kind.GROUP_MANAGED if held == "gMSA" else Kind.STANDALONE_MANAGED
    if "@" in name or (backslash and prefix.lower() not in (".", host.name.lower())):
        return Kind.DOMAIN
    return Kind.LOCAL
