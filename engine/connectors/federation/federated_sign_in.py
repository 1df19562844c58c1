"""Signing a person in at a federated domain, as a client without a browser does it: realm, identity provider, tenant.

Source: facts "tenant" 10 (home realm, federation); msal's order of calls.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

import orjson
import urllib3

from engine.connectors.entra.service_refusal import SignInRefused
from engine.connectors.federation.metadata import active_endpoint
from engine.connectors.federation.web import Web
from engine.errors import ConnectorError, EngineError

Send = Callable[[str, str, dict[str, str], bytes | None], tuple[int, bytes]]
CLIENT_ID = "cb1056e2-e479-49de-ae31-7812af012ed8"
_GRANT = "urn:ietf:params:oauth:grant-type:saml1_1-bearer"
_TRUST_13 = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
_TRUST_2005 = "http://schemas.xmlsoap.org/ws/2005/02/trust"


def sign_in(user: str, password: str, *, tenant: str, send: Send, web: Web) -> None:
    """Raises EngineError with the step that refused. send: a request to the tenant; tenant: its path segment."""
    status, content = send("GET", f"/common/userrealm/{quote(user)}?api-version=1.0", {}, None)
    realm = orjson.loads(content) if status == 200 else {}
    if realm.get("account_type") != "Federated":
        domain = user.rpartition("@")[2]
        raise EngineError("DOMAIN_NOT_FEDERATED", f"{domain} is not federated: {realm.get('account_type', 'Unknown')}.")
    address, newer = _endpoint(realm, web)
    envelope = _envelope(user, password, str(realm.get("cloud_audience_urn", "")), address, newer=newer)
    headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
    try:
        status, content = web.request("POST", address, headers=headers, body=envelope.encode())
    except ConnectorError as error:
        raise EngineError("FEDERATION_SERVER_UNREACHABLE", error.message) from None
    answer = content.decode("utf-8", "replace")
    begin, end = answer.find("<saml:Assertion"), answer.find("</saml:Assertion>")
    if status != 200 or begin < 0 or end < 0:
        raise EngineError("FEDERATION_SERVER_REFUSED", f"The federation server did not sign {user} in.")
    token = base64.urlsafe_b64encode(answer[begin : end + len("</saml:Assertion>")].encode()).decode().rstrip("=")
    form = {"grant_type": _GRANT, "client_id": CLIENT_ID, "assertion": token, "scope": "openid profile"}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    status, content = send("POST", f"/{tenant}/oauth2/v2.0/token", kind, urlencode(form).encode())
    if status != 200:
        refused = orjson.loads(content) if content else {}
        text = str(refused.get("error_description", "")).split(" Trace ID:")[0]
        problem = SignInRefused(str(refused.get("error", status)), text)
        raise EngineError(f"AADSTS{problem.aadsts}" if problem.aadsts else "INVALID_GRANT", text)


def _endpoint(realm: dict[str, object], web: Web) -> tuple[str, bool]:
    exchange = str(realm.get("federation_metadata_url") or "")
    if not exchange:
        return str(realm.get("federation_active_auth_url") or ""), False
    try:
        status, content = web.request("GET", exchange)
    except ConnectorError as error:
        raise EngineError("FEDERATION_SERVER_UNREACHABLE", error.message) from None
    if status != 200:
        raise EngineError("FEDERATION_METADATA_UNREADABLE", f"The metadata exchange was answered with {status}.")
    return active_endpoint(content)


def _envelope(user: str, password: str, audience: str, address: str, *, newer: bool) -> str:
    trust = _TRUST_13 if newer else _TRUST_2005
    key = f"{_TRUST_13}/Bearer" if newer else "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey"
    security = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">'
        f'<s:Header><a:Action s:mustUnderstand="1">{trust}/RST/Issue</a:Action>'
        f'<a:To s:mustUnderstand="1">{address}</a:To>'
        f'<o:Security xmlns:o="{security}"><o:UsernameToken><o:Username>{escape(user)}</o:Username>'
        f"<o:Password>{escape(password)}</o:Password></o:UsernameToken></o:Security></s:Header><s:Body>"
        f'<t:RequestSecurityToken xmlns:t="{trust}"><p:AppliesTo xmlns:p="http://schemas.xmlsoap.org/ws/2004/09/policy">'
        f"<a:EndpointReference><a:Address>{escape(audience)}</a:Address></a:EndpointReference></p:AppliesTo>"
        f"<t:KeyType>{key}</t:KeyType><t:RequestType>{trust}/Issue</t:RequestType></t:RequestSecurityToken></s:Body>"
        "</s:Envelope>"
    )


def sending(pool: urllib3.HTTPSConnectionPool) -> Send:
    """Requests over one connection to a tenant."""

    def send(method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, bytes]:
        try:
            answer = pool.urlopen(method, path, body=body, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise EngineError(
                "REALM_DISCOVERY_FAILED", f"The tenant cannot be reached: {type(error).__name__}"
            ) from None
        return answer.status, answer.data

    return send
