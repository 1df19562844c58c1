"""WS-Trust with a user name and a password, in both versions AD FS answers: request text in, answer text out.

The security header's timestamp is not compared with anything: clients live on the machine's clock, the farm on the
world's. Source: WS-Trust 1.3 and 2005/02 as msal's client writes and reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import escape

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
TRUST_13 = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
TRUST_2005 = "http://schemas.xmlsoap.org/ws/2005/02/trust"
POLICY = "http://schemas.xmlsoap.org/ws/2004/09/policy"
SAML_11 = "urn:oasis:names:tc:SAML:1.0:assertion"
TEXT_MAX = 100_000
_NAMES = {"s": SOAP, "a": ADDRESSING, "o": SECURITY, "p": POLICY}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Who asks for a token for whom. version: "13" or "2005"."""

    username: str
    password: str = field(repr=False)
    applies_to: str = ""
    version: str = "13"


class Fault(Exception):
    """A refused request: the code's last word, as AD FS has it, and the text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


def not_authenticated() -> Fault:
    return Fault("FailedAuthentication", "ID3242: The security token could not be authenticated or authorized.")


def request_failed(text: str) -> Fault:
    return Fault("RequestFailed", f"MSIS3127: The specified request failed. {text}".strip())


def read_request(text: str) -> TokenRequest:
    """Read an envelope; raises Fault for anything but a request to issue for a user name."""
    if len(text) > TEXT_MAX or re.search(r"<!DOCTYPE|<!ENTITY", text, re.IGNORECASE):
        raise Fault("InvalidRequest", "The message cannot be read.")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without a document type there is nothing to expand
    except ElementTree.ParseError:
        raise Fault("InvalidRequest", "The message cannot be read.") from None
    for version, namespace in (("13", TRUST_13), ("2005", TRUST_2005)):
        request = root.find(f"s:Body/{{{namespace}}}RequestSecurityToken", _NAMES)
        if request is None:
            continue
        kind = request.findtext(f"{{{namespace}}}RequestType", "").strip()
        if kind != f"{namespace}/Issue":
            raise Fault("InvalidRequest", "Only requests to issue a token are answered here.")
        token = root.find("s:Header/o:Security/o:UsernameToken", _NAMES)
        if token is None:
            raise not_authenticated()
        name = (token.findtext("o:Username", "", _NAMES) or "").strip()
        password = token.findtext("o:Password", "", _NAMES) or ""
        address = request.findtext("p:AppliesTo/a:EndpointReference/a:Address", "", _NAMES) or ""
        return TokenRequest(name, password, address.strip(), version)
    raise Fault("InvalidRequest", "The message is no request for a security token.")


def answer(request: TokenRequest, token: str, created: str, expires: str) -> str:
    """The envelope that carries a token."""
    namespace = TRUST_13 if request.version == "13" else TRUST_2005
    final = "RSTRC/IssueFinal" if request.version == "13" else "RSTR/Issue"
    lifetime = (
        '<t:Lifetime xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">'
        f"<u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></t:Lifetime>"
    )
    applies = (
        f'<wsp:AppliesTo xmlns:wsp="{POLICY}"><a:EndpointReference><a:Address>{escape(request.applies_to)}</a:Address>'
        "</a:EndpointReference></wsp:AppliesTo>"
    )
    body = (
        f"<t:RequestSecurityTokenResponse>{lifetime}{applies}<t:RequestedSecurityToken>{token}"
        f"</t:RequestedSecurityToken><t:TokenType>{SAML_11}</t:TokenType>"
        f"<t:RequestType>{namespace}/Issue</t:RequestType></t:RequestSecurityTokenResponse>"
    )
    if request.version == "13":
        body = f"<t:RequestSecurityTokenResponseCollection>{body}</t:RequestSecurityTokenResponseCollection>"
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{namespace}/{final}</a:Action></s:Header>'
        f'<s:Body xmlns:t="{namespace}">{body}</s:Body></s:Envelope>'
    )


def fault_answer(fault: Fault) -> str:
    """The envelope that carries a refusal; it goes out with HTTP 500, as AD FS does."""
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{ADDRESSING}/soap/fault</a:Action></s:Header><s:Body><s:Fault><s:Code>'
        f'<s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:o="{SECURITY}">o:{escape(fault.code)}</s:Value>'
        f'</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">{escape(fault.text)}</s:Text></s:Reason></s:Fault>'
        "</s:Body></s:Envelope>"
    )
