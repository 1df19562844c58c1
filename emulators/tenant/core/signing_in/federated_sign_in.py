"""Signing in to a federated domain: a token of the identity provider in, the user it stands for out.

Only the issuer that a domain's federation settings name is believed, and only with a signature of the certificate they
hold. The user is found by the ImmutableID claim, whatever the UPN claim says; a claim that no user's immutable ID
equals signs nobody in. Source: facts "tenant" 10 (Federation), facts "install" FED-07; AADSTS50107 as its text has it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from emulators.tenant.core.domains import Domain, is_federated
from emulators.tenant.core.identities import User
from emulators.tenant.core.signing_in.saml_document import UnreadableAssertion, elements, parse, text_of, verify
from emulators.tenant.core.tenant import Tenant

GRANTS = frozenset({"urn:ietf:params:oauth:grant-type:saml1_1-bearer", "urn:ietf:params:oauth:grant-type:saml2-bearer"})
AUDIENCE = "urn:federation:MicrosoftOnline"
SKEW = timedelta(minutes=5)
_MISCONFIGURED = "SAML assertion is missing or misconfigured in the token."
#: the claim's whole type; SAML 1.1 cuts it into namespace and name
IMMUTABLE_ID = "http://schemas.microsoft.com/LiveID/Federation/2008/05/ImmutableID"
WRONG_PASSWORD = "Error validating credentials due to invalid username or password."  # noqa: S105 - a text


class AssertionRefused(Exception):
    """A token that signs nobody in: AADSTS number and text."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"AADSTS{number}")
        self.number = number
        self.text = text


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an assertion says, before anything of it is believed."""

    issuer: str
    audiences: tuple[str, ...]
    not_before: str
    not_after: str
    name_identifier: str
    immutable_ids: tuple[str, ...]


def user_of_assertion(tenant: Tenant, form: Mapping[str, str]) -> User:
    """The user a request with an assertion signs in; raises AssertionRefused."""
    root = _parsed(form.get("assertion", ""))
    said = _read(root)
    domain = _trusting(tenant, said.issuer)
    federation = domain.federation or {}
    certificates = [str(federation[k]) for k in ("signingCertificate", "nextSigningCertificate") if federation.get(k)]
    if not verify(root, certificates):
        raise AssertionRefused(50008, "Unable to verify token signature. No trusted signing certificate made it.")
    _check_conditions(tenant, said)
    return _user(tenant, said)


def refuses_password(tenant: Tenant, user: User) -> bool:
    """Whether a password handed to the cloud is of no use: the user's domain signs in elsewhere."""
    return is_federated(tenant, user.upn)


def _parsed(text: str) -> Any:
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return parse(octets.decode())
    except (binascii.Error, ValueError):
        raise AssertionRefused(50008, _MISCONFIGURED) from None
    except UnreadableAssertion as problem:
        raise AssertionRefused(50008, str(problem)) from None


def _read(root: Any) -> Assertion:
    found: dict[str, list[Any]] = {}
    pending = [root]
    while pending:
        element = pending.pop(0)
        found.setdefault(element.localName, []).append(element)
        pending[:0] = [one for one in elements(element) if one.localName != "Signature"]
    issuer = root.getAttribute("Issuer") or "".join(text_of(one) for one in found.get("Issuer", [])[:1])
    conditions = found.get("Conditions", [])
    names = [*found.get("NameIdentifier", []), *found.get("NameID", [])]
    return Assertion(
        issuer=issuer,
        audiences=tuple(text_of(one) for one in found.get("Audience", [])),
        not_before=conditions[0].getAttribute("NotBefore") if len(conditions) == 1 else "",
        not_after=conditions[0].getAttribute("NotOnOrAfter") if len(conditions) == 1 else "",
        name_identifier=text_of(names[0]) if names else "",
        immutable_ids=tuple(
            text_of(value)
            for one in found.get("Attribute", [])
            if _claim_type(one) == IMMUTABLE_ID
            for value in elements(one)
        ),
    )


def _claim_type(attribute: Any) -> str:
    if attribute.getAttribute("AttributeName"):
        return f"{attribute.getAttribute('AttributeNamespace')}/{attribute.getAttribute('AttributeName')}"
    return str(attribute.getAttribute("Name"))


def _trusting(tenant: Tenant, issuer: str) -> Domain:
    """The domain whose settings name this issuer."""
    for domain in tenant.domains.values():
        if domain.verified and domain.federation is not None and domain.federation.get("issuerUri") == issuer:
            return domain
    raise AssertionRefused(50107, f"The requested federation realm object '{issuer[:200]}' does not exist.")


def _check_conditions(tenant: Tenant, said: Assertion) -> None:
    begin, end = _moment(said.not_before), _moment(said.not_after)
    now = tenant.now()
    if begin is None or end is None or now + SKEW < begin or now - SKEW >= end:
        raise AssertionRefused(50008, "The assertion is not within its valid time range.")
    if said.audiences and AUDIENCE not in said.audiences:
        raise AssertionRefused(
            50008, f"The assertion was given out for {said.audiences[0][:120]}, not for this service."
        )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _user(tenant: Tenant, said: Assertion) -> User:
    """By the ImmutableID claim; without one, by the name identifier that is to say the same."""
    named = said.immutable_ids or ((said.name_identifier,) if said.name_identifier else ())
    if len(set(named)) != 1:
        raise AssertionRefused(50008, _MISCONFIGURED)
    found = tenant.by_anchor.get(named[0])
    if not isinstance(found, User):
        text = (
            f"The user account {named[0][:120]} does not exist in the {tenant.tenant_id} directory. "
            "To sign into this application, the account must be added to the directory."
        )
        raise AssertionRefused(51004, text)
    if found.value("accountEnabled", "accountEnabled") is False:
        raise AssertionRefused(50057, "The user account is disabled.")
    return found
