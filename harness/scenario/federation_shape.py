"""``world.federation``: machines, farms, certificates and DNS records around federated sign-in, and the answers to the
wizard's pages about them.

Source: facts "install" 14.2, 14.3, 14.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.scenario.shapes import Boolean, Choice, Integer, Key, ListOf, MapOf, Record, Text

KINDS = ("ad-fs", "ping-federate", "third-party")
HOST_NAME = Text("a host name such as sts.contoso.com", r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")

MACHINE = Record(
    (
        Key("domain", HOST_NAME, doc="domain it is joined to; none without it"),
        Key("os", Text("operating system"), doc="Windows Server 2019 without it"),
        Key("remote_management", Boolean(), doc="whether WinRM is enabled; true without it"),
        Key("hotfixes", ListOf(Text("update such as KB2919355"))),
        Key("reaches_farm", Boolean(), doc="whether a proxy reaches the farm over HTTPS; true without it"),
    ),
    what="a machine",
)
TRUST = Record(
    (
        Key("domains", ListOf(HOST_NAME), doc="domains of the tenant that sign in here"),
        Key("anchor", Text("attribute name"), doc="attribute of the ImmutableID claim; objectGUID without it"),
        Key("upn", Text("attribute name"), doc="attribute of the UPN claim; userPrincipalName without it"),
        Key(
            "rules", Text("claim rules"), doc="issuance transform rules in AD FS's language, instead of anchor and upn"
        ),
        Key("enabled", Boolean(), doc="whether the trust is enabled; true without it"),
    ),
    what="a trust",
)
FARM = Record(
    (
        Key("kind", Choice(KINDS), doc="ad-fs without it"),
        Key("servers", ListOf(HOST_NAME), doc="machines of an AD FS farm"),
        Key("forests", ListOf(HOST_NAME), doc="where it finds users, in this order; all forests without it"),
        Key("service_account", Text("logon name")),
        Key("trust", TRUST, doc="its trust with Microsoft Entra ID, set by hand"),
        Key("self_signed", Boolean(), doc="whether its token-signing certificate is its own; true without it"),
        Key("port", Integer(), doc="443 without it; 9031 for ping-federate"),
        Key("base_host", HOST_NAME, doc="host its documents name, where it is not its own name"),
    ),
    what="a farm",
)
CERTIFICATE = Record(
    (
        Key(
            "names", ListOf(Text("DNS name")), doc="subject alternative names; without them only the common name counts"
        ),
        Key("common_name", Text("name")),
        Key("provider", Choice(("CSP", "KSP")), doc="where the private key lies; CSP without it"),
    ),
    what="a certificate",
)
RECORD = Record(
    (
        Key("a", Text("address")),
        Key("cname", HOST_NAME),
        Key("txt", ListOf(Text("text"))),
    ),
    shorthand="a",
    what="DNS records",
)
DNS = Record(
    (
        Key("internal", MapOf(RECORD), doc="what the local name servers say, by name"),
        Key("external", MapOf(RECORD), doc="what is said outside, by name"),
    ),
    what="dns",
)
FEDERATION = Record(
    (
        Key("machines", MapOf(MACHINE), doc="Windows servers by name"),
        Key("farms", MapOf(FARM), doc="federation services that are there already, by name"),
        Key("certificates", MapOf(CERTIFICATE), doc="TLS certificates in files, by a name for them"),
        Key("dns", DNS, doc="records of names; without it every farm of the world resolves inside and outside"),
    ),
    what="federation",
)

SERVICE_ACCOUNT = Record(
    (
        Key("kind", Choice(("create-managed", "managed", "domain-user")), doc="create-managed without it"),
        Key("name", Text("logon name"), doc="aadcsvc without it"),
        Key("password", Text("password"), doc="of a domain user; the right one without it"),
        Key("key_store", Choice(("enterprise-admin", "none")), doc="whose credentials initiate the key store"),
    ),
    shorthand="name",
    what="a service account",
)
#: the pages of AD FS and PingFederate
FEDERATION_ANSWERS = Record(
    (
        Key("domain", HOST_NAME, doc="domain of the tenant to federate"),
        Key("domains", ListOf(HOST_NAME), doc="several of them, which the first installation refuses"),
        Key("farm", HOST_NAME, doc="name of the federation service"),
        Key("existing", Boolean(), doc="use a farm that exists; a new one is made without it"),
        Key("certificate", Text("certificate"), doc="of the world's certificates"),
        Key("certificate_password", Text("password"), doc="of its file; the right one without it"),
        Key("servers", ListOf(HOST_NAME), doc="machines for AD FS"),
        Key("proxies", ListOf(HOST_NAME), doc="machines for Web Application Proxy"),
        Key(
            "admin",
            Choice(("domain", "local", "wrong", "none")),
            doc="who manages the AD FS servers; domain without it",
        ),
        Key("proxy_admin", Choice(("domain", "local", "wrong")), doc="who manages the proxies; local without it"),
        Key("proxy_trust", Choice(("domain", "local", "wrong")), doc="who is typed in on the page Credentials"),
        Key("service_account", SERVICE_ACCOUNT),
        Key("server", HOST_NAME, doc="PingFederate server"),
        Key("port", Integer(), doc="of PingFederate; 9031 without it"),
    ),
    what="federation",
)


@dataclass(frozen=True)
class FederationDocument:
    """Checked plain values by the keys above. dns None: the farms of the world resolve everywhere."""

    machines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    farms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    certificates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dns: Mapping[str, Mapping[str, Any]] | None = None

    @property
    def host_names(self) -> tuple[str, ...]:
        """Every name a certificate of the world's listener has to carry."""
        machines = [
            name for one, facts in self.machines.items() for name in (one, f"{one}.{facts.get('domain', 'local')}")
        ]
        records = [name for view in (self.dns or {}).values() for name in view or {}]
        bases = [facts["base_host"] for facts in self.farms.values() if facts.get("base_host")]
        return tuple(dict.fromkeys((*machines, *self.farms, *bases, *records)))


def read_federation(plain: Any) -> FederationDocument | None:
    """Return the document of a checked ``world.federation``; None when the world has none."""
    if plain is None:
        return None
    one = FEDERATION.convert(plain)
    return FederationDocument(
        machines={name: MACHINE.convert(facts) for name, facts in (one.get("machines") or {}).items()},
        farms={name: FARM.convert(facts) for name, facts in (one.get("farms") or {}).items()},
        certificates={name: CERTIFICATE.convert(facts) for name, facts in (one.get("certificates") or {}).items()},
        dns=_read_dns(one.get("dns")),
    )


def _read_dns(plain: Any) -> Mapping[str, Mapping[str, Any]] | None:
    if plain is None:
        return None
    views = DNS.convert(plain)
    return {
        view: {name: RECORD.convert(records) for name, records in (views.get(view) or {}).items()}
        for view in ("internal", "external")
    }
