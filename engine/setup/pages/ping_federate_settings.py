"""PingFederate settings: export them for that server's administrator, then check its metadata. Facts "install" 14.3."""

from __future__ import annotations

from dataclasses import replace

from engine.connectors.federation.metadata import read_metadata
from engine.errors import ConnectorError
from engine.setup.answers import SetupAnswers
from engine.setup.federation.claims import IDENTIFIERS
from engine.setup.federation.servers import federation_answers
from engine.setup.page import PageOutcome, WizardState, refuse

PAGE = "PingFederate settings"
PARTNER = IDENTIFIERS[1]
CONNECTION_MISSING = (
    "The PingFederate server was found, but the service provider connection for Azure is missing or disabled."
)


def ping_federate_settings(answers: SetupAnswers, state: WizardState) -> PageOutcome:
    """The server must answer at the URL and port, and know Microsoft Entra ID as a partner."""
    wanted = federation_answers(answers)
    exported = exported_settings(answers, state)
    url = metadata_url(wanted.server_url, wanted.port)
    try:
        status, content = state.surroundings.federation().web.request("GET", url)
    except ConnectorError as error:
        text = f"No PingFederate server was found at {wanted.server_url}, port {wanted.port}: {error.message}"
        return refuse(PAGE, "PING_SERVER_NOT_FOUND", text, settings=exported)
    if status != 200:
        return refuse(PAGE, "PING_CONNECTION_MISSING", CONNECTION_MISSING, settings=exported)
    metadata = read_metadata(content)
    state.federation = replace(state.federation, metadata=metadata)
    return PageOutcome(PAGE, facts={"settings": exported, "entity": metadata.entity})


def exported_settings(answers: SetupAnswers, state: WizardState) -> dict[str, object]:
    """What Export Settings hands over: whom to trust, for which domain, and which attributes the claims come from."""
    anchor = state.anchor.attribute if state.anchor is not None else None
    return {
        "partner": PARTNER,
        "domain": federation_answers(answers).domain,
        "source_anchor": anchor,
        "upn_attribute": answers.upn_attribute,
    }


def metadata_url(server: str, port: int) -> str:
    """Where the metadata for this partner is; a server may be given with or without its scheme."""
    host = server.removeprefix("https://").rstrip("/")
    return f"https://{host}:{port}/pf/federation_metadata.ping?PartnerSpId={PARTNER}"
