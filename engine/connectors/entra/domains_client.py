"""The domains of a tenant over Graph, as the wizard's administrator sees and changes them: verified, federated.

Source: facts "tenant" 1.4, 14 (domains, federationConfiguration).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import orjson

from engine.connectors.entra.service_refusal import ServiceFault, SignInRefused
from engine.connectors.entra.tenant_client import WIZARD_CLIENT_ID, Json, TenantClient, sign_in_refused

GRAPH = "https://graph.microsoft.com"


@dataclass(frozen=True, slots=True)
class EntraDomain:
    """One domain name of the tenant."""

    name: str
    verified: bool
    federated: bool
    initial: bool


class DomainsClient:
    """Graph as the signed-in administrator may use it, with a token of its own from the same sign-in."""

    def __init__(self, client: TenantClient) -> None:
        self._client = client
        self._token = ""

    def domains(self) -> tuple[EntraDomain, ...]:
        rows = self._graph("GET", "domains").get("value", [])
        return tuple(
            EntraDomain(
                str(row["id"]),
                verified=bool(row.get("isVerified")),
                federated=row.get("authenticationType") == "Federated",
                initial=bool(row.get("isInitial")),
            )
            for row in rows
        )

    def verification_texts(self, domain: str) -> tuple[str, ...]:
        """What a TXT record of the domain must say."""
        rows = self._graph("GET", f"domains/{quote(domain)}/verificationDnsRecords").get("value", [])
        return tuple(str(row["text"]) for row in rows if row.get("text"))

    def verify(self, domain: str) -> None:
        self._graph("POST", f"domains/{quote(domain)}/verify", {})

    def federation(self, domain: str) -> Json | None:
        """The domain's federation settings; None when it is managed."""
        rows = self._graph("GET", f"domains/{quote(domain)}/federationConfiguration").get("value", [])
        return dict(rows[0]) if rows else None

    def set_federation(self, domain: str, settings: Mapping[str, object]) -> None:
        """Make the domain a federated one, or change the settings of one that is."""
        path = f"domains/{quote(domain)}/federationConfiguration"
        held = self.federation(domain)
        if held is None:
            self._graph("POST", path, settings)
        else:
            self._graph("PATCH", f"{path}/{held['id']}", settings)

    # ---- wire --------------------------------------------------------------------------------------------------------
    def _sign_in(self) -> None:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._client.refresh_token,
            "client_id": WIZARD_CLIENT_ID,
            "resource": GRAPH,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        path = f"/{self._client.address.tenant_domain}/oauth2/token"
        status, answer = self._client.request("sign-in", path, urlencode(form).encode(), headers)
        if status != 200:
            raise sign_in_refused(status, answer)
        self._token = str(answer["access_token"])

    def _graph(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Json:
        if not self._token:
            self._sign_in()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        content = b"" if body is None else orjson.dumps(body)
        status, answer = self._client.request(f"{method} {path}", f"/v1.0/{path}", content, headers, method=method)
        if status < 300:
            return answer
        error = answer.get("error")
        code, text = str(status), f"{path} was answered with {status}."
        if isinstance(error, dict):
            code, text = str(error.get("code", code)), str(error.get("message", text))
        raise SignInRefused(code, text) if status in (401, 403) else ServiceFault(code, text)
