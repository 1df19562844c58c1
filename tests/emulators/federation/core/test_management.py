"""Cmdlets on machines: what they need, what they change, and that a refused one changes nothing."""

from __future__ import annotations

import pytest

from emulators.federation.core.farms import Farm, Federation, Machine, Trust, from_plain, to_plain
from emulators.federation.core.management import ManagementRefused, check_kinds, run, spn_wanted

NAME = "sts.contoso.com"


def world() -> Federation:
    made = Federation()
    made.add_machine(Machine("ADFS1", "contoso.com"))
    made.add_machine(Machine("WAP1"))
    made.add_machine(Machine("OLD", "contoso.com", "Windows Server 2012"))
    return made


def on(made: Federation, machine: str, command: str, **parameters: object) -> object:
    found = made.machine(machine)
    assert found is not None
    return run(made, found, command, parameters)


@pytest.mark.parametrize(
    ("system", "supported"),
    [
        ("Windows Server 2008 R2", False),
        ("Windows Server 2012", False),
        ("Windows Server 2012 R2", True),
        ("Windows Server 2022", True),
    ],
)
def test_systems(system: str, supported: bool) -> None:
    assert Machine("M", operating_system=system).supported is supported


def test_machines_are_found_by_short_and_full_name() -> None:
    made = world()
    assert made.machine("adfs1.contoso.com") is made.machine("ADFS1")
    assert made.machine("adfs1.fabrikam.com") is None


def test_a_farm_from_first_server_to_state_and_back() -> None:
    made = world()
    assert spn_wanted("Install-AdfsFarm", {"ServiceAccount": "svc", "FederationServiceName": NAME}) == (
        "svc",
        f"host/{NAME}",
    )
    on(made, "ADFS1", "Install-AdfsFarm", FederationServiceName=NAME, ServiceAccount="svc", CertificateNames=[NAME])
    on(made, "WAP1", "Install-WebApplicationProxy", FederationServiceName=NAME)
    on(made, "ADFS1", "Add-AdfsRelyingPartyTrust", IssuanceTransformRules='=> issue(Type = "a", Value = "b");')
    on(made, "ADFS1", "Set-AdfsRelyingPartyTrust", AutoUpdateEnabled=True)
    found = from_plain(to_plain(made)).farm(NAME.upper())
    assert found == made.farm(NAME)
    assert found is not None
    assert found.trust is not None
    assert (found.trust.metadata_update, found.trust.identifiers) == (True, ["urn:federation:MicrosoftOnline"])
    assert found.proxies == ["WAP1"]


@pytest.mark.parametrize(
    ("machine", "command", "parameters", "code"),
    [
        ("WAP1", "Install-AdfsFarm", {"FederationServiceName": NAME}, "NotDomainJoined"),
        ("OLD", "Install-AdfsFarm", {"FederationServiceName": NAME}, "UnsupportedSystem"),
        ("ADFS1", "Install-AdfsFarm", {}, "ParameterMissing"),
        ("ADFS1", "Add-AdfsFarmNode", {"FederationServiceName": NAME}, "FarmUnknown"),
        ("ADFS1", "Get-AdfsProperties", {}, "FarmUnknown"),
        ("ADFS1", "Format-Volume", {}, "CommandNotFound"),
    ],
)
def test_refusals(machine: str, command: str, parameters: dict[str, object], code: str) -> None:
    made = world()
    before = to_plain(made)
    with pytest.raises(ManagementRefused) as refused:
        on(made, machine, command, **parameters)
    assert refused.value.code == code
    assert to_plain(made) == before


def test_an_existing_farm_is_made_anew_only_when_told() -> None:
    made = world()
    on(made, "ADFS1", "Install-AdfsFarm", FederationServiceName=NAME)
    with pytest.raises(ManagementRefused, match="FarmExists"):
        on(made, "ADFS1", "Install-AdfsFarm", FederationServiceName=NAME)
    on(made, "ADFS1", "Install-AdfsFarm", FederationServiceName=NAME, OverwriteConfiguration=True)
    with pytest.raises(ManagementRefused, match="OtherFarm"):
        on(made, "ADFS1", "Install-AdfsFarm", FederationServiceName="fs.contoso.com")


def test_rules_that_cannot_be_read_leave_the_trust_as_it_is() -> None:
    made = world()
    on(made, "ADFS1", "Install-AdfsFarm", FederationServiceName=NAME)
    farm = made.farm(NAME)
    assert farm is not None
    farm.trust = Trust("")
    with pytest.raises(ManagementRefused, match="UnreadableRule"):
        on(made, "ADFS1", "Set-AdfsRelyingPartyTrust", IssuanceTransformRules="nonsense")
    assert farm.trust == Trust("")


def test_only_an_own_certificate_is_rolled_over() -> None:
    made = world()
    made.add_farm(Farm(NAME, servers=["ADFS1"], self_signed=False))
    made.machines["adfs1"].role, made.machines["adfs1"].farm = "ad-fs", NAME
    with pytest.raises(ManagementRefused, match="CertificateNotSelfSigned"):
        on(made, "ADFS1", "Update-AdfsCertificate")


def test_alternate_login_needs_an_update_on_2012_r2() -> None:
    made = world()
    machine = Machine("R2", "contoso.com", "Windows Server 2012 R2")
    made.add_machine(machine)
    on(made, "R2", "Install-AdfsFarm", FederationServiceName=NAME)
    with pytest.raises(ManagementRefused, match="UpdateMissing"):
        on(made, "R2", "Set-AdfsClaimsProviderTrust", AlternateLoginID="mail")
    machine.hotfixes.append("KB2919355")
    assert on(made, "R2", "Set-AdfsClaimsProviderTrust", AlternateLoginID="mail") == {"AlternateLoginID": "mail"}


@pytest.mark.parametrize(
    "wrong",
    [{"CertificateNames": 5}, {"Identifier": [5]}, {"WSFedEndpoints": "x"}, {"Enabled": "False"},
     {"AlternateLoginID": {}}, {"FederationServiceTrustCredential": "x"}, {"FederationServiceName": 5}],
    ids=str,
)  # fmt: skip
def test_a_parameter_of_another_kind_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ManagementRefused, match="ParameterKind"):
        check_kinds(wrong)
    check_kinds({"CertificateNames": ["x"], "Enabled": True, "FederationServiceName": "x", "AlternateLoginID": ""})
