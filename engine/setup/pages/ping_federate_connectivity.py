"""Verify Connectivity: the endpoints of the PingFederate metadata resolve, here or outside. Facts "install" 14.3."""

from __future__ import annotations

from engine.name_service import resolve
from engine.setup.answers import SetupAnswers
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "Verify Connectivity"


def ping_federate_connectivity(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """First the local DNS servers are asked, then an external provider."""
    del answers
    metadata = state.federation.metadata
    assert metadata is not None  # the page before read it
    names = state.surroundings.federation().names
    shown: dict[str, str] = {}
    for host in metadata.hosts:
        if resolve(names, host).address is not None:
            shown[host] = "local"
        elif resolve(names, host, external=True).address is not None:
            shown[host] = "external"
        else:
            shown[host] = "unresolved"
    lost = [host for host, by in shown.items() if by == "unresolved"]
    if lost or not shown:
        text = f"The endpoint {', '.join(lost) or 'of the metadata'} cannot be resolved. Contact your administrator."
        return refuse(PAGE, "PING_ENDPOINT_UNRESOLVED", text, endpoints=shown)
    return PageOutcome(PAGE, facts={"endpoints": shown})
