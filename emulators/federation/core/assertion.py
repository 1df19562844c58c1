"""The SAML assertion a federation server gives out: claims and times in, signed text out.

AD FS gives Microsoft Entra ID SAML 1.1 with UPN, ImmutableID and the name identifier; the issuer is the issuerid claim
where there is one, else the federation service's identifier. Source: facts "tenant" 10 (Federation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from emulators.federation.core.claims import ISSUER_ID, NAME_IDENTIFIER, PASSWORD_METHOD, Claim, values_of
from emulators.federation.core.signing import TokenSigningKey, signature

SAML = "urn:oasis:names:tc:SAML:1.0:assertion"
AUDIENCE = "urn:federation:MicrosoftOnline"
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an assertion needs beside its claims. identifier: from the world's seed."""

    identifier: str
    issuer: str
    now: datetime
    audience: str = AUDIENCE


def saml_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def assertion(claims: Sequence[Claim], ticket: Ticket, key: TokenSigningKey, algorithm: str = "SHA256") -> str:
    """The signed assertion."""
    issuer = next(iter(values_of(claims, ISSUER_ID)), ticket.issuer)
    issued = saml_time(ticket.now)
    head = (
        f'<saml:Assertion xmlns:saml="{SAML}" MajorVersion="1" MinorVersion="1" AssertionID="_{ticket.identifier}"'
        f' Issuer={quoteattr(issuer)} IssueInstant="{issued}">'
        f'<saml:Conditions NotBefore="{issued}" NotOnOrAfter="{saml_time(ticket.now + LIFETIME)}">'
        f"<saml:AudienceRestrictionCondition><saml:Audience>{escape(ticket.audience)}</saml:Audience>"
        "</saml:AudienceRestrictionCondition></saml:Conditions>"
    )
    subject = _subject(next(iter(values_of(claims, NAME_IDENTIFIER)), ""))
    attributes = "".join(_attribute(claim) for claim in claims if claim.type not in (ISSUER_ID, NAME_IDENTIFIER))
    body = (
        f"<saml:AttributeStatement>{subject}{attributes}</saml:AttributeStatement>"
        f'<saml:AuthenticationStatement AuthenticationMethod="{PASSWORD_METHOD}" AuthenticationInstant="{issued}">'
        f"{subject}</saml:AuthenticationStatement>"
    )
    tail = "</saml:Assertion>"
    signed = signature(head + body + tail, f"_{ticket.identifier}", key, algorithm)
    return head + body + signed + tail


def _subject(name: str) -> str:
    identifier = ""
    if name:
        kind = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
        identifier = f'<saml:NameIdentifier Format="{kind}">{escape(name)}</saml:NameIdentifier>'
    return (
        f"<saml:Subject>{identifier}<saml:SubjectConfirmation>"
        "<saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:bearer</saml:ConfirmationMethod>"
        "</saml:SubjectConfirmation></saml:Subject>"
    )


def _attribute(claim: Claim) -> str:
    """SAML 1.1 cuts a claim's type in two at the last slash."""
    namespace, _, name = claim.type.rpartition("/")
    return (
        f"<saml:Attribute AttributeName={quoteattr(name)} AttributeNamespace={quoteattr(namespace)}>"
        f"<saml:AttributeValue>{escape(claim.value)}</saml:AttributeValue></saml:Attribute>"
    )
