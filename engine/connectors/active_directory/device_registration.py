"""What device options find and make in a forest: the schema's version, the registration service, its containers, and
the service connection point by which computers find their tenant.

Source: device write-back page; device-based conditional access on premises (classes); facts "install" OPT-09.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.connectors.active_directory import feature_rights
from engine.connectors.active_directory.ldap_client import Entry, LdapClient, Modification, ModifyOperation, Scope
from engine.connectors.active_directory.ldap_refusal import NO_SUCH_OBJECT, LdapRefused
from engine.connectors.active_directory.partitions import ForestFacts, grant_rights

#: objectVersion of the schema of Windows Server 2012 R2
SCHEMA_2012_R2 = 69
CONNECTION_POINT = "62a0ff2e-97b9-4513-943f-0d221bd30080"
#: defaults of the registration service: devices of one person, days until an idle device goes
_QUOTA, _INACTIVE_DAYS = b"10", b"90"


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """services: the registration objects of the forest. location: the container the only one names; container_ready:
    it is there and is a container of devices; may_create: whoever asked may make devices in it.
    """

    schema_version: int
    services: tuple[str, ...] = ()
    location: str = ""
    container_ready: bool = False
    may_create: bool = False


def configuration_dn(facts: ForestFacts) -> str:
    return f"CN=Device Registration Configuration,CN=Services,{facts.configuration_dn}"


def read_registration(client: LdapClient, facts: ForestFacts) -> RegistrationFacts:
    """Look at the forest as the account does that is bound."""
    head = _read(client, facts.schema_dn, ("objectVersion",))
    version = int(head.text("objectVersion", "0")) if head is not None else 0
    if version < SCHEMA_2012_R2:
        return RegistrationFacts(version)
    found = client.search_all(
        facts.configuration_dn, Scope.SUBTREE, "(objectClass=msDS-DeviceRegistrationService)", ("msDS-DeviceLocation",)
    )
    services = list(found)
    location = services[0].text("msDS-DeviceLocation") if len(services) == 1 else ""
    container = _read(client, location, ("objectClass", "allowedChildClassesEffective")) if location else None
    return RegistrationFacts(
        version,
        tuple(entry.dn for entry in services),
        location,
        container is not None and "msDS-DeviceContainer" in container.texts("objectClass"),
        container is not None and "msDS-Device" in container.texts("allowedChildClassesEffective"),
    )


def prepare(client: LdapClient, facts: ForestFacts, registration: RegistrationFacts, account_sid: bytes) -> list[str]:
    """Make what is missing, parents first, and give the connector account its rights; returns what was made."""
    top = configuration_dn(facts)
    services = f"CN=Device Registration Services,{top}"
    location = registration.location or f"CN=RegisteredDevices,{facts.root_dn}"
    service = {
        "msDS-DeviceLocation": [location.encode()],
        "msDS-IsEnabled": [b"TRUE"],
        "msDS-RegistrationQuota": [_QUOTA],
        "msDS-MaximumRegistrationInactivityPeriod": [_INACTIVE_DAYS],
    }
    wanted: list[tuple[str, str, dict[str, list[bytes]]]] = [(location, "msDS-DeviceContainer", {})]
    wanted.append((top, "container", {}))
    if not registration.services:
        wanted.append((services, "msDS-DeviceRegistrationServiceContainer", {}))
        wanted.append((f"CN=DeviceRegistrationService,{services}", "msDS-DeviceRegistrationService", service))
    made = [dn for dn, kind, attributes in wanted if _make(client, dn, kind, attributes)]
    for dn in (location, top):
        grant_rights(client, dn, feature_rights.devices(account_sid))
    return made


def connect_computers(client: LdapClient, facts: ForestFacts, tenant: str, tenant_id: str) -> str:
    """Write the connection point; returns the keywords of another tenant that stood there before."""
    top = configuration_dn(facts)
    dn = f"CN={CONNECTION_POINT},{top}"
    keywords = [f"azureADName:{tenant}".encode(), f"azureADId:{tenant_id}".encode()]
    _make(client, top, "container", {})
    there = _read(client, dn, ("keywords",))
    if there is None:
        client.add(dn, {"objectClass": [b"serviceConnectionPoint"], "keywords": keywords})
        return ""
    before = sorted(there.texts("keywords"))
    if before == sorted(one.decode() for one in keywords):
        return ""
    client.modify(dn, [Modification(ModifyOperation.REPLACE, "keywords", tuple(keywords))])
    return ", ".join(before)


def _make(client: LdapClient, dn: str, kind: str, attributes: dict[str, list[bytes]]) -> bool:
    """Add an object unless it is there."""
    if _read(client, dn, ("objectClass",)) is not None:
        return False
    client.add(dn, {"objectClass": [kind.encode()], **attributes})
    return True


def _read(client: LdapClient, dn: str, attributes: Sequence[str]) -> Entry | None:
    try:
        return next(iter(client.search(dn, Scope.BASE, "(objectClass=*)", tuple(attributes))), None)
    except LdapRefused as refusal:
        if refusal.result == NO_SUCH_OBJECT:
            return None
        raise
