"""The documents a federation server publishes: federation metadata, and the metadata exchange (WSDL) of WS-Trust.

Source: the documents of AD FS and PingFederate as far as Microsoft Entra Connect and msal read them; facts "install"
14.3 (the connection for Microsoft Entra ID may be missing or disabled).
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
ACTION_13 = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue"
ACTION_2005 = "http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a federation server answers, all below its own name."""

    metadata: str
    exchange: str
    active_13: str
    active_2005: str
    passive: str
    sign_out: str


AD_FS = Endpoints(
    metadata="/FederationMetadata/2007-06/FederationMetadata.xml",
    exchange="/adfs/services/trust/mex",
    active_13="/adfs/services/trust/13/usernamemixed",
    active_2005="/adfs/services/trust/2005/usernamemixed",
    passive="/adfs/ls/",
    sign_out="/adfs/ls/",
)
PING_FEDERATE = Endpoints(
    metadata="/pf/federation_metadata.ping",
    exchange="/pf/sts_mex.ping",
    active_13="/idp/sts.wst",
    active_2005="/idp/sts.wst",
    passive="/idp/prp.wsf",
    sign_out="/idp/prp.wsf",
)


def metadata(entity: str, base: str, endpoints: Endpoints, certificate: str) -> str:
    """Who the federation server is, with which certificate it signs, where it answers."""
    key = (
        '<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>'
        f"<X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
    )
    addresses = "".join(
        f'<fed:{name} xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">'
        f'<EndpointReference xmlns="http://www.w3.org/2005/08/addressing"><Address>{escape(base + path)}</Address>'
        f"</EndpointReference></fed:{name}>"
        for name, path in (
            ("SecurityTokenServiceEndpoint", endpoints.active_2005),
            ("PassiveRequestorEndpoint", endpoints.passive),
        )
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID={quoteattr(entity)}>'
        '<RoleDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="fed:SecurityTokenServiceType"'
        ' xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706"'
        f' protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706">{key}{addresses}'
        "</RoleDescriptor></EntityDescriptor>"
    )


def exchange(base: str, endpoints: Endpoints) -> str:
    """The WSDL from which a client picks the endpoint that takes a user name and a password."""
    parts = (
        ("13", ACTION_13, base + endpoints.active_13, _policy_13("UserNameWSTrustBinding_IWSTrust13Async_policy")),
        ("2005", ACTION_2005, base + endpoints.active_2005, _policy_2005("UserNameWSTrustBinding_IWSTrustFeb2005Async_policy")),  # noqa: E501 - one row of a table
    )  # fmt: skip
    names = {"13": "IWSTrust13Async", "2005": "IWSTrustFeb2005Async"}
    policies = "".join(policy for _, _, _, policy in parts)
    bindings = "".join(
        f'<wsdl:binding name="UserNameWSTrustBinding_{names[version]}" type="tns:{names[version]}">'
        f'<wsp:PolicyReference URI="#UserNameWSTrustBinding_{names[version]}_policy"></wsp:PolicyReference>'
        '<soap12:binding transport="http://schemas.xmlsoap.org/soap/http"></soap12:binding>'
        f'<wsdl:operation name="Trust{version}IssueAsync"><soap12:operation soapAction="{action}" style="document">'
        "</soap12:operation></wsdl:operation></wsdl:binding>"
        for version, action, _, _ in parts
    )
    ports = "".join(
        f'<wsdl:port name="UserNameWSTrustBinding_{names[version]}"'
        f' binding="tns:UserNameWSTrustBinding_{names[version]}">'
        f'<soap12:address location="{address}"></soap12:address>'
        f"<wsa10:EndpointReference><wsa10:Address>{address}</wsa10:Address></wsa10:EndpointReference></wsdl:port>"
        for version, _, address, _ in parts
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><wsdl:definitions name="SecurityTokenService"'
        ' targetNamespace="http://schemas.microsoft.com/ws/2008/06/identity/securitytokenservice"'
        ' xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"'
        ' xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:wsa10="http://www.w3.org/2005/08/addressing"'
        f' xmlns:wsu="{UTILITY}" xmlns:tns="http://schemas.microsoft.com/ws/2008/06/identity/securitytokenservice">'
        f'{policies}{bindings}<wsdl:service name="SecurityTokenService">{ports}</wsdl:service></wsdl:definitions>'
    )


def _policy_13(name: str) -> str:
    sp = "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702"
    return _policy(name, sp, "SignedEncryptedSupportingTokens")


def _policy_2005(name: str) -> str:
    return _policy(name, "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy", "SignedSupportingTokens")


def _policy(name: str, sp: str, tokens: str) -> str:
    return (
        f'<wsp:Policy wsu:Id="{name}" xmlns:sp="{sp}"><wsp:ExactlyOne><wsp:All>'
        f"<sp:TransportBinding></sp:TransportBinding><sp:{tokens}><wsp:Policy><sp:UsernameToken><wsp:Policy>"
        f"<sp:WssUsernameToken10></sp:WssUsernameToken10></wsp:Policy></sp:UsernameToken></wsp:Policy></sp:{tokens}>"
        "</wsp:All></wsp:ExactlyOne></wsp:Policy>"
    )
