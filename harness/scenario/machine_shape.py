"""Facts of the machine a sync server stands on, as ``host:`` of install, upgrade and wizard.open takes them.

Source: facts "install" section 2 (PRE-01 to PRE-06), IRC-09, IRC-11, section 1 (who runs what).
"""

from __future__ import annotations

from harness.scenario.shapes import Boolean, Integer, Key, ListOf, MapOf, Record, Text

MACHINE = Record(
    (
        Key("tls12", Boolean(), doc="whether TLS 1.2 is enabled; true without it"),
        Key("operating_system", Text("Windows Server 2022 and the like")),
        Key("server_core", Boolean(), doc="no graphical interface"),
        Key("domain", Text("domain name"), doc="the domain the machine is joined to; the first forest's without it"),
        Key("domain_joined", Boolean(), doc="true without it"),
        Key("domain_controller", Boolean(), doc="whether the machine is a domain controller itself"),
        Key("dotnet", Text("version of the .NET Framework", r"^\d+(\.\d+)*$")),
        Key("powershell", Text("version of PowerShell", r"^\d+(\.\d+)*$")),
        Key("dcom_registry_intact", Boolean(), doc="whether the COM security settings of the registry are there"),
        Key("memory_gb", Integer(1), doc="for the sizing check"),
        Key("disk_gb", Integer(1), doc="for the sizing check"),
        Key("domain_groups", ListOf(Text("group")), doc="groups of the domain, which cannot be sync groups"),
        Key("managed_accounts", MapOf(Text("gmsa or smsa")), doc="managed service accounts installed here"),
        Key("signed_in_user", Text("DOMAIN\\name"), doc="who runs the wizard; the domain's Administrator without it"),
        Key("proxy_configured", Boolean(), doc="whether machine.config names the world's proxy; true without it"),
    ),
    what="a machine",
)
