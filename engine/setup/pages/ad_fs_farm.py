"""AD FS Farm: a new one with its certificate, or one that exists already. Facts "install" FED-01, FED-02; seed001."""

from __future__ import annotations

from dataclasses import replace

from engine.setup.answers import SetupAnswers
from engine.setup.federation.answers import FederationAnswers
from engine.setup.federation.certificate_file import certificate_names
from engine.setup.federation.claims import matches_name
from engine.setup.federation.servers import federation_answers, manager
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "AD FS Farm"


def ad_fs_farm(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """A new farm needs a certificate for its name; an existing one is asked for its name and its trust."""
    wanted = federation_answers(answers)
    if not wanted.farm:
        return refuse(PAGE, "FEDERATION_NAME_MISSING", "Enter the name of the federation service.")
    return _new(wanted, state) if wanted.new_farm else _existing(answers, wanted, state)


def _new(wanted: FederationAnswers, state: WizardState) -> PageOutcome:
    given = wanted.certificate
    if given is None:
        return refuse(PAGE, "CERTIFICATE_MISSING", "A new farm needs a TLS/SSL certificate.")
    names = certificate_names(given.pfx, given.password)
    if given.provider.upper() != "CSP":
        text = (
            f"The private key lies with a {given.provider.upper()}; only keys of a cryptographic service provider work."
        )
        return refuse(PAGE, "CERTIFICATE_PROVIDER", text)
    if not matches_name(names, wanted.farm):
        text = f"The certificate is for {', '.join(names) or 'no name'}, not for {wanted.farm}."
        return refuse(PAGE, "CERTIFICATE_NAME_MISMATCH", text)
    state.federation = replace(state.federation, certificate_names=names)
    return PageOutcome(PAGE, facts={"farm": wanted.farm, "new": True, "certificate_names": list(names)})


def _existing(answers: SetupAnswers, wanted: FederationAnswers, state: WizardState) -> PageOutcome:
    if not wanted.servers:
        return refuse(PAGE, "FEDERATION_SERVER_MISSING", "Name the primary server of the farm.")
    machine = state.surroundings.federation().machine(wanted.servers[0], manager(answers))
    found = machine.run("Get-AdfsProperties")
    if str(found["HostName"]).lower() != wanted.farm.lower():
        text = f"{wanted.servers[0]} is a server of {found['HostName']}, not of {wanted.farm}."
        return refuse(PAGE, "FARM_UNKNOWN", text)
    trusted = machine.run("Get-AdfsRelyingPartyTrust") is not None
    state.federation = replace(state.federation, trusted=trusted, identifier=str(found["Identifier"]))
    messages: tuple[str, ...] = ()
    if trusted:
        messages = ("The farm has a trust with Microsoft Entra ID; it will be backed up and made anew.",)
    return PageOutcome(PAGE, messages=messages, facts={"farm": wanted.farm, "new": False, "trusted": trusted})
