"""What can be done to a machine through remote management: the cmdlets the wizard runs there, as commands with answers.

Names and parameters are those of the AD FS module as far as the wizard needs them; anything else is refused. A machine
whose remote management is off answers nobody. Source: facts "install" FED-01 to FED-10; the AD FS module's reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulators.federation.core.claim_language import UnreadableRule, read_rules
from emulators.federation.core.farms import IDENTIFIER, TRUST_NAME, Farm, Federation, Machine, Trust

Parameters = Mapping[str, Any]
_LISTS = frozenset({"CertificateNames", "Identifier", "WSFedEndpoints"})
_SWITCHES = frozenset({"OverwriteConfiguration", "AutoUpdateEnabled", "Enabled", "Urgent"})
TRUST_CMDLETS = ("Add-AdfsRelyingPartyTrust", "Set-AdfsRelyingPartyTrust")


class ManagementRefused(Exception):
    """A command that was not carried out: a code of ours and a text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


def spn_wanted(command: str, parameters: Parameters) -> tuple[str, str] | None:
    """The service account and the service principal name that a command registers in the directory, if any."""
    if command != "Install-AdfsFarm":
        return None
    return str(parameters.get("ServiceAccount", "")), f"host/{parameters.get('FederationServiceName', '')}"


def check_kinds(parameters: Parameters) -> None:
    """Refuse values of another kind than a cmdlet's parameter takes."""
    for name, value in parameters.items():
        if name in _LISTS:
            fits = isinstance(value, list) and all(isinstance(one, str) for one in value)
        elif name in _SWITCHES:
            fits = isinstance(value, bool)
        elif name == "FederationServiceTrustCredential":
            fits = isinstance(value, dict)
        else:
            fits = value is None or isinstance(value, str)
        if not fits:
            text = f"Cannot process argument transformation on parameter '{name[:60]}'."
            raise ManagementRefused("ParameterKind", text)


def run(federation: Federation, machine: Machine, command: str, parameters: Parameters) -> Any:
    """Carry out a command on a machine; raises ManagementRefused and has changed nothing then."""
    handler = COMMANDS.get(command)
    if handler is None:
        raise ManagementRefused("CommandNotFound", f"The term '{command[:60]}' is not recognized on {machine.name}.")
    return handler(federation, machine, parameters)


def computer_info(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    return {
        "CsName": machine.name,
        "CsDomain": machine.domain,
        "OsName": machine.operating_system,
        "HotFixes": list(machine.hotfixes),
        "Role": machine.role,
        "FederationServiceName": machine.farm,
    }


def install_farm(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    """The first server of a farm; a farm of that name that stands here already is made anew when told so."""
    name = _name(parameters)
    check_can_serve(machine)
    existing = federation.farm(name)
    if existing is not None and (machine.name not in existing.servers or not parameters.get("OverwriteConfiguration")):
        raise ManagementRefused("FarmExists", f"There is a federation service {name} already.")
    if machine.farm and machine.farm.lower() != name.lower():
        raise ManagementRefused("OtherFarm", f"{machine.name} is a server of {machine.farm}.")
    federation.add_farm(
        Farm(
            name,
            servers=[machine.name],
            forests=[machine.domain],
            service_account=str(parameters.get("ServiceAccount", "")),
            certificate_names=[str(one) for one in parameters.get("CertificateNames", ())],
        )
    )
    machine.role, machine.farm = "ad-fs", name
    return {"Status": "Success"}


def check_can_serve(machine: Machine) -> None:
    """A federation server is joined to a domain and not too old."""
    if not machine.domain:
        raise ManagementRefused("NotDomainJoined", f"{machine.name} is not joined to a domain.")
    _check_system(machine)


def _check_system(machine: Machine) -> None:
    if not machine.supported:
        text = f"{machine.operating_system} is not supported: Windows Server 2012 R2 or later is needed."
        raise ManagementRefused("UnsupportedSystem", text)


def add_farm_node(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    farm = _known(federation, _name(parameters))
    check_can_serve(machine)
    if machine.name not in farm.servers:
        farm.servers.append(machine.name)
    machine.role, machine.farm = "ad-fs", farm.name
    return {"Status": "Success"}


def install_proxy(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    """A Web Application Proxy; it must reach the farm over HTTPS."""
    farm = _known(federation, _name(parameters))
    _check_system(machine)
    if not machine.reaches_farm:
        raise ManagementRefused("FarmUnreachable", f"{machine.name} cannot reach {farm.name} over HTTPS.")
    if machine.name not in farm.proxies:
        farm.proxies.append(machine.name)
    machine.role, machine.farm = "proxy", farm.name
    return {"Status": "Success"}


def properties(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    farm = _own(federation, machine)
    return {
        "HostName": farm.name,
        "Identifier": farm.issuer,
        "Servers": list(farm.servers),
        "Proxies": list(farm.proxies),
        "ServiceAccount": farm.service_account,
        "SslCertificateNames": list(farm.certificate_names),
    }


def certificates(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    farm = _own(federation, machine)
    signing = {"CertificateType": "Token-Signing", "Certificate": farm.key.certificate, "SelfSigned": farm.self_signed}
    return [{**signing, "IsPrimary": True, "Algorithm": farm.algorithm}]


def update_certificate(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    """Roll the token-signing certificate over at once; only one the farm signed itself can be made anew."""
    farm = _own(federation, machine)
    if not farm.self_signed:
        text = "The token-signing certificate was not made by AD FS; it has to be replaced by hand."
        raise ManagementRefused("CertificateNotSelfSigned", text)
    farm.key_number += 1
    farm.algorithm = "SHA256"
    return certificates(federation, machine, parameters)


def get_trust(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    farm = _own(federation, machine)
    return _shown(farm.trust) if farm.trust is not None else None


def _shown(trust: Trust) -> dict[str, Any]:
    return {
        "Name": trust.name,
        "Identifier": list(trust.identifiers),
        "IssuanceTransformRules": trust.rules,
        "WSFedEndpoints": list(trust.endpoints),
        "AutoUpdateEnabled": trust.metadata_update,
        "Enabled": trust.enabled,
    }


def write_trust(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    """Make the trust, or change what is named of it."""
    farm = _own(federation, machine)
    text = str(parameters.get("IssuanceTransformRules", farm.trust.rules if farm.trust is not None else ""))
    try:
        read_rules(text)
    except UnreadableRule as problem:
        raise ManagementRefused("UnreadableRule", f"The issuance transform rules cannot be read: {problem}") from None
    held = farm.trust or Trust("")
    farm.trust = Trust(
        text,
        str(parameters.get("Name", held.name or TRUST_NAME)),
        [str(one) for one in parameters.get("Identifier", held.identifiers or [IDENTIFIER])],
        [str(one) for one in parameters.get("WSFedEndpoints", held.endpoints)],
        bool(parameters.get("AutoUpdateEnabled", held.metadata_update)),
        bool(parameters.get("Enabled", held.enabled)),
    )
    return _shown(farm.trust)


def remove_trust(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    _own(federation, machine).trust = None
    return {"Status": "Success"}


def alternate_login(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    """Let people sign in by another attribute; 2012 R2 needs an update for it on every server."""
    farm = _own(federation, machine)
    wanted = str(parameters.get("AlternateLoginID") or "")
    servers = [federation.machine(name) for name in farm.servers]
    lacking = [one.name for one in servers if one is not None and one.lacks_alternate_login]
    if wanted and lacking:
        raise ManagementRefused("UpdateMissing", f"KB2919355 is missing on {', '.join(lacking)}.")
    farm.alternate_login = wanted
    return {"AlternateLoginID": farm.alternate_login}


def ssl_certificate(federation: Federation, machine: Machine, parameters: Parameters) -> Any:
    _own(federation, machine).certificate_names = [str(one) for one in parameters.get("CertificateNames", ())]
    return {"Status": "Success"}


def _name(parameters: Parameters) -> str:
    name = str(parameters.get("FederationServiceName", "")).lower()
    if not name:
        raise ManagementRefused("ParameterMissing", "The name of the federation service is missing.")
    return name


def _known(federation: Federation, name: str) -> Farm:
    farm = federation.farm(name)
    if farm is None:
        raise ManagementRefused("FarmUnknown", f"There is no federation service {name}.")
    return farm


def _own(federation: Federation, machine: Machine) -> Farm:
    """The farm the machine serves."""
    farm = federation.farm(machine.farm) if machine.role == "ad-fs" else None
    if farm is None:
        raise ManagementRefused("FarmUnknown", f"{machine.name} is no server of an AD FS farm.")
    return farm


COMMANDS: Mapping[str, Callable[[Federation, Machine, Parameters], Any]] = {
    "Get-ComputerInfo": computer_info,
    "Install-AdfsFarm": install_farm,
    "Add-AdfsFarmNode": add_farm_node,
    "Install-WebApplicationProxy": install_proxy,
    "Get-AdfsProperties": properties,
    "Get-AdfsCertificate": certificates,
    "Update-AdfsCertificate": update_certificate,
    "Get-AdfsRelyingPartyTrust": get_trust,
    "Add-AdfsRelyingPartyTrust": write_trust,
    "Set-AdfsRelyingPartyTrust": write_trust,
    "Remove-AdfsRelyingPartyTrust": remove_trust,
    "Set-AdfsClaimsProviderTrust": alternate_login,
    "Set-AdfsSslCertificate": ssl_certificate,
}
