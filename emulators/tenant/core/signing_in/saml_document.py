"""A SAML assertion as a document: parsed, its signature verified against the certificates that are trusted.

Exclusive canonicalization is done here for the parts a signature covers; a document with a type declaration, with more
than one signature or whose signature names another element than the assertion itself is refused before anything is
believed. Source: XML Signature; SAML 1.1 and 2.0 assertions; facts "tenant" 10 (Federation).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Any
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DSIG}enveloped-signature"
TEXT_MAX = 200_000
DEPTH_MAX = 50
_SIGNATURES: dict[str, type[hashes.HashAlgorithm]] = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256,
    f"{DSIG}rsa-sha1": hashes.SHA1,
}
_DIGESTS = {"http://www.w3.org/2001/04/xmlenc#sha256": "sha256", f"{DSIG}sha1": "sha1"}
_XMLNS = "http://www.w3.org/2000/xmlns/"


class UnreadableAssertion(Exception):
    """No assertion, or one that cannot be believed."""


def parse(text: str) -> Any:
    """The root element of an assertion."""
    if len(text) > TEXT_MAX or re.search(r"<!DOCTYPE|<!ENTITY", text, re.IGNORECASE):
        raise UnreadableAssertion("SAML assertion is missing or misconfigured in the token.")
    try:
        # as text, so that no encoding the document claims makes another one of it; no document type, so no entities
        root = minidom.parseString(text).documentElement  # noqa: S318
    except (ExpatError, ValueError):
        raise UnreadableAssertion("SAML assertion is missing or misconfigured in the token.") from None
    if root is None or root.localName != "Assertion" or _deep(root):
        raise UnreadableAssertion("SAML assertion is missing or misconfigured in the token.")
    return root


def _deep(root: Any) -> bool:
    """Whether elements nest deeper than any assertion has them; what follows walks down by calls."""
    level = [root]
    for _ in range(DEPTH_MAX):
        level = [child for element in level for child in elements(element)]
        if not level:
            return False
    return True


def verify(root: Any, certificates: Iterable[str]) -> bool:
    """Whether one of these certificates (DER in Base64) signed the whole assertion."""
    signatures = [child for child in elements(root) if child.namespaceURI == DSIG and child.localName == "Signature"]
    everywhere = root.getElementsByTagNameNS(DSIG, "Signature")
    if len(signatures) != 1 or len(everywhere) != 1:
        return False
    [signature] = signatures
    info = _child(signature, "SignedInfo")
    reference = _child(info, "Reference")
    identifier = root.getAttribute("AssertionID") or root.getAttribute("ID")
    if info is None or reference is None or reference.getAttribute("URI") != f"#{identifier}" or not identifier:
        return False
    transforms = {one.getAttribute("Algorithm") for one in reference.getElementsByTagNameNS(DSIG, "Transform")}
    if not transforms <= {ENVELOPED, EXCLUSIVE} or ENVELOPED not in transforms:
        return False
    digest = _DIGESTS.get(_algorithm(reference, "DigestMethod"))
    method = _SIGNATURES.get(_algorithm(info, "SignatureMethod"))
    if digest is None or method is None or _algorithm(info, "CanonicalizationMethod") != EXCLUSIVE:
        return False
    covered = canonical(root, without=signature).encode()
    if not hmac.compare_digest(hashlib.new(digest, covered).digest(), _octets(_child(reference, "DigestValue"))):
        return False
    signed, value = canonical(info).encode(), _octets(_child(signature, "SignatureValue"))
    return any(_signed_by(one, value, signed, method()) for one in certificates)


def _signed_by(certificate: str, value: bytes, signed: bytes, method: hashes.HashAlgorithm) -> bool:
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed, padding.PKCS1v15(), method)
            return True
    except (InvalidSignature, ValueError):
        return False
    return False


def is_certificate(text: str) -> bool:
    """Whether a text is a certificate in DER and Base64, as a domain's federation settings hold it."""
    try:
        x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        return False
    return True


def elements(parent: Any) -> list[Any]:
    return [child for child in parent.childNodes if child.nodeType == child.ELEMENT_NODE]


def text_of(element: Any) -> str:
    return "".join(child.data for child in element.childNodes if child.nodeType in (child.TEXT_NODE, 4)).strip()


def _child(parent: Any, name: str) -> Any:
    if parent is None:
        return None
    return next((one for one in elements(parent) if one.localName == name and one.namespaceURI == DSIG), None)


def _algorithm(parent: Any, name: str) -> str:
    found = _child(parent, name)
    return str(found.getAttribute("Algorithm")) if found is not None else ""


def _octets(element: Any) -> bytes:
    try:
        return base64.b64decode(text_of(element)) if element is not None else b""
    except (ValueError, binascii.Error):
        return b""


# ---- exclusive canonicalization --------------------------------------------------------------------------------------
def canonical(element: Any, without: Any = None) -> str:
    """The element as it is signed, without one of its children."""
    parts: list[str] = []
    _write(element, {}, without, parts)
    return "".join(parts)


def _write(element: Any, shown: dict[str, str], without: Any, parts: list[str]) -> None:
    """shown: the namespaces written on the elements around this one, by prefix."""
    attributes = [a for a in element.attributes.values() if a.namespaceURI != _XMLNS and a.name != "xmlns"]
    used = {element.prefix or "": element.namespaceURI or ""}
    used |= {a.prefix: a.namespaceURI or "" for a in attributes if a.prefix and a.prefix != "xml"}
    fresh = {p: uri for p, uri in used.items() if shown.get(p, "") != uri}
    parts.append(f"<{element.nodeName}")
    for prefix in sorted(fresh):
        name = f"xmlns:{prefix}" if prefix else "xmlns"
        parts.append(f' {name}="{_in_attribute(fresh[prefix])}"')
    ordered = sorted(attributes, key=lambda a: (a.namespaceURI or "", a.localName or a.name))
    parts.extend(f' {one.name}="{_in_attribute(one.value)}"' for one in ordered)
    parts.append(">")
    inside = {**shown, **fresh}
    for child in element.childNodes:
        if child is without:
            continue
        if child.nodeType == child.ELEMENT_NODE:
            _write(child, inside, without, parts)
        elif child.nodeType in (child.TEXT_NODE, child.CDATA_SECTION_NODE):
            parts.append(_in_text(child.data))
        elif child.nodeType == child.PROCESSING_INSTRUCTION_NODE:
            parts.append(f"<?{child.target} {child.data}?>")
    parts.append(f"</{element.nodeName}>")


def _in_text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def _in_attribute(value: str) -> str:
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return escaped.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")
