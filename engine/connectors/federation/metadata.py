"""What a federation server says of itself: its federation metadata and its metadata exchange, fetched and read.

Source: facts "install" 14.3; federation metadata of AD FS and PingFederate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree

from engine.errors import EngineError

_NAMES = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "fed": "http://docs.oasis-open.org/wsfed/federation/200706",
    "a": "http://www.w3.org/2005/08/addressing",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
_ACTION_13 = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue"
_WSDL = {
    "wsdl": "http://schemas.xmlsoap.org/wsdl/",
    "soap": "http://schemas.xmlsoap.org/wsdl/soap12/",
    "a": "http://www.w3.org/2005/08/addressing",
}


@dataclass(frozen=True, slots=True)
class FederationMetadata:
    """certificate: the token-signing certificate, DER in Base64."""

    entity: str
    certificate: str
    active: str
    passive: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of all endpoints."""
        found = (urlsplit(url).hostname for url in (self.active, self.passive))
        return tuple(dict.fromkeys(host for host in found if host))


def read_metadata(content: bytes) -> FederationMetadata:
    """Read federation metadata; raises EngineError when it is none."""
    root = _parsed(content)
    role = root.find("md:RoleDescriptor", _NAMES)
    if role is None:
        raise EngineError("FEDERATION_METADATA_UNREADABLE", "The federation metadata names no token service.")
    return FederationMetadata(
        entity=root.get("entityID", ""),
        certificate="".join((role.findtext(".//ds:X509Certificate", "", _NAMES) or "").split()),
        active=_address(role, "SecurityTokenServiceEndpoint"),
        passive=_address(role, "PassiveRequestorEndpoint"),
    )


def _address(role: ElementTree.Element, name: str) -> str:
    return (role.findtext(f"fed:{name}/a:EndpointReference/a:Address", "", _NAMES) or "").strip()


def active_endpoint(content: bytes) -> tuple[str, bool]:
    """The WS-Trust endpoint for a user name and a password, and whether it is of version 1.3, from a WSDL."""
    root = _parsed(content)
    versions = {
        str(binding.get("name")): binding.find("wsdl:operation/soap:operation", _WSDL)
        for binding in root.findall("wsdl:binding", _WSDL)
    }
    found: list[tuple[str, bool]] = []
    for port in root.findall("wsdl:service/wsdl:port", _WSDL):
        operation = versions.get(str(port.get("binding", "")).rpartition(":")[2])
        address = (port.findtext("a:EndpointReference/a:Address", "", _WSDL) or "").strip()
        if operation is not None and address.startswith("https://"):
            found.append((address, operation.get("soapAction") == _ACTION_13))
    if not found:
        raise EngineError("FEDERATION_METADATA_UNREADABLE", "The metadata exchange names no endpoint for passwords.")
    return next((one for one in found if one[1]), found[0])


def _parsed(content: bytes) -> ElementTree.Element:
    text = content.decode("utf-8", "replace")
    if re.search(r"<!DOCTYPE|<!ENTITY", text, re.IGNORECASE):
        raise EngineError("FEDERATION_METADATA_UNREADABLE", "The metadata has a document type and is not read.")
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - without a document type there is nothing to expand
    except ElementTree.ParseError:
        raise EngineError("FEDERATION_METADATA_UNREADABLE", "The metadata cannot be read.") from None
