"""A person signs in as a client without a browser does it: home realm first, at a federated domain the identity
provider, then the tenant with what it said.

Source: facts "graph_clients" 2.1 (realm), facts "tenant" 10; the order of calls is msal's.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit
from xml.sax.saxutils import escape

import urllib3

from harness.lab.graph_client import SIGN_IN_CLIENT, TenantRefusedError, TenantUnreachableError

if TYPE_CHECKING:
    from harness.lab.lab import Lab
    from harness.lab.tenant import Tenant

SCOPE = "https://graph.microsoft.com/User.Read openid profile"
GRANT = "urn:ietf:params:oauth:grant-type:saml1_1-bearer"
_TRUST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
_TOKEN = re.compile(r"<(?:\w+:)?RequestedSecurityToken[^>]*>(.*)</(?:\w+:)?RequestedSecurityToken>", re.DOTALL)
_REASON = re.compile(r"<s:Text[^>]*>(.*?)</s:Text>", re.DOTALL)
_CODE = re.compile(r"<s:Subcode><s:Value[^>]*>(?:\w+:)?(\w+)</s:Value>")


def sign_in(lab: Lab, tenant: Tenant, user: str, password: str) -> None:
    """Raises TenantRefusedError as the tenant, or the identity provider, words it."""
    if lab.federation is None:
        tenant.graph().sign_in(user, password)
        return
    realm = _json(_request(lab, "GET", f"{tenant.base_url}/common/userrealm/{quote(user)}?api-version=1.0"))
    if realm.get("account_type") != "Federated":
        tenant.graph().sign_in(user, password)
        return
    token = _at_provider(lab, realm, user, password)
    encoded = base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")
    form = {"grant_type": GRANT, "client_id": SIGN_IN_CLIENT, "assertion": encoded, "scope": SCOPE}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{tenant.base_url}/{tenant.service.tenant_id}/oauth2/v2.0/token"
    answer = _request(lab, "POST", url, urlencode(form).encode(), headers)
    if answer.status != 200:
        content = _json(answer)
        number = (content.get("error_codes") or [0])[0]
        text = str(content.get("error_description", "")).split(" Trace ID:")[0]
        raise TenantRefusedError(answer.status, f"AADSTS{number}", text)


def _at_provider(lab: Lab, realm: dict[str, Any], user: str, password: str) -> str:
    """The assertion the identity provider gives for a name and a password."""
    exchange = _request(lab, "GET", str(realm["federation_metadata_url"]))
    addresses = re.findall(r"<wsa10:Address>(https://[^<]+)</wsa10:Address>", exchange.data.decode("utf-8", "replace"))
    if exchange.status != 200 or not addresses:
        raise TenantRefusedError(exchange.status, "NoEndpoint", "the identity provider names no endpoint for passwords")
    envelope = _envelope(user, password, str(realm["cloud_audience_urn"]), addresses[0])
    headers = {"Content-Type": "application/soap+xml; charset=utf-8", "SOAPAction": f"{_TRUST}/RST/Issue"}
    answer = _request(lab, "POST", addresses[0], envelope.encode(), headers)
    text = answer.data.decode("utf-8", "replace")
    found = _TOKEN.search(text)
    if answer.status != 200 or found is None:
        code, reason = _CODE.search(text), _REASON.search(text)
        raise TenantRefusedError(answer.status, code[1] if code else str(answer.status), reason[1] if reason else text)
    return found[1]


def _request(
    lab: Lab, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> urllib3.BaseHTTPResponse:
    """One request; names of federation servers are looked up in this world."""
    parts = urlsplit(url)
    host = str(parts.hostname)
    base: str | None = url
    if host not in ("127.0.0.1", "localhost") and lab.federation is not None:
        resolved = lab.federation.records(host) or lab.federation.records(host, external=True)
        base = lab.federation.site(host, parts.port or 443) if resolved else None
    if base is None:
        raise TenantUnreachableError(f"{host} cannot be reached")
    at = urlsplit(base)
    named: dict[str, Any] = {} if at.hostname == host else {"assert_hostname": host, "server_hostname": host}
    ca_bundle = str(lab.certificates.ca_bundle)
    pool = urllib3.HTTPSConnectionPool(
        str(at.hostname), at.port, cert_reqs="CERT_REQUIRED", ca_certs=ca_bundle, timeout=60, retries=False, **named
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return pool.urlopen(method, path, body, {"Host": parts.netloc, **(headers or {})}, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        raise TenantUnreachableError(f"no answer from {host}: {type(error).__name__}") from None
    finally:
        pool.close()


def _json(answer: urllib3.BaseHTTPResponse) -> dict[str, Any]:
    content = json.loads(answer.data) if answer.data else {}
    return content if isinstance(content, dict) else {}


def _envelope(user: str, password: str, audience: str, address: str) -> str:
    security = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">'
        f'<s:Header><a:Action s:mustUnderstand="1">{_TRUST}/RST/Issue</a:Action><a:To>{escape(address)}</a:To>'
        f'<o:Security s:mustUnderstand="1" xmlns:o="{security}">'
        f"<o:UsernameToken><o:Username>{escape(user)}</o:Username>"
        f"<o:Password>{escape(password)}</o:Password></o:UsernameToken></o:Security></s:Header><s:Body>"
        f'<t:RequestSecurityToken xmlns:t="{_TRUST}"><p:AppliesTo xmlns:p="http://schemas.xmlsoap.org/ws/2004/09/policy">'
        f"<a:EndpointReference><a:Address>{escape(audience)}</a:Address></a:EndpointReference></p:AppliesTo>"
        f"<t:KeyType>{_TRUST}/Bearer</t:KeyType><t:RequestType>{_TRUST}/Issue</t:RequestType>"
        "</t:RequestSecurityToken></s:Body></s:Envelope>"
    )
