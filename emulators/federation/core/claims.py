"""Issuing claims: what is known of an authenticated user in, what goes into the token out.

Rules run from top to bottom; each sees what the ones above it added. An empty value makes no claim, a binary attribute
comes out in Base64. Source: facts "install" FED-06; the claim rule language page.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emulators.federation.core.claim_language import (
    Condition,
    Expression,
    Joined,
    Property,
    Replace,
    Rule,
    Statement,
    Test,
    Text,
    python_pattern,
    python_replacement,
)

UPN = "http://schemas.xmlsoap.org/claims/UPN"
IMMUTABLE_ID = "http://schemas.microsoft.com/LiveID/Federation/2008/05/ImmutableID"
NAME_IDENTIFIER = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
ISSUER_ID = "http://schemas.microsoft.com/ws/2008/06/identity/claims/issuerid"
ACCOUNT_NAME = "http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname"
PRIMARY_SID = "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarysid"
INSIDE_NETWORK = "http://schemas.microsoft.com/ws/2012/01/insidecorporatenetwork"
AUTHENTICATION_METHOD = "http://schemas.microsoft.com/claims/authnmethodsreferences"
ALTERNATE_LOGIN = "http://schemas.microsoft.com/ws/2013/11/alternateloginid"
PASSWORD_METHOD = "urn:oasis:names:tc:SAML:1.0:am:password"  # noqa: S105 - the name of a method
AD_AUTHORITY = "AD AUTHORITY"
#: read as octets and issued in Base64
BINARY = frozenset({"objectguid", "ms-ds-consistencyguid", "objectsid", "thumbnailphoto", "usercertificate"})


@dataclass(frozen=True, slots=True)
class Claim:
    type: str
    value: str
    issuer: str = AD_AUTHORITY


def claims_of_user(account: str, sid: str, *, inside: bool = True, alternate_login: str = "") -> tuple[Claim, ...]:
    """What the authentication itself says of a user."""
    known = [
        Claim(ACCOUNT_NAME, account),
        Claim(PRIMARY_SID, sid),
        Claim(INSIDE_NETWORK, str(inside).lower()),
        Claim(AUTHENTICATION_METHOD, PASSWORD_METHOD),
    ]
    if alternate_login:
        known.append(Claim(ALTERNATE_LOGIN, alternate_login))
    return tuple(known)


def issue(rules: Sequence[Rule], known: Sequence[Claim], attributes: Mapping[str, Sequence[bytes]]) -> list[Claim]:
    """Run the rules; the claims for the token, in order, each once."""
    by_name = {name.lower(): values for name, values in attributes.items()}
    seen = list(known)
    issued: dict[Claim, None] = {}
    for rule in rules:
        for bound in list(_matches(rule.conditions, seen)):
            for claim in _stated(rule.statement, bound, by_name):
                if claim not in seen:
                    seen.append(claim)
                if rule.statement.issue:
                    issued[claim] = None
    return list(issued)


def _matches(conditions: Sequence[Condition], claims: Sequence[Claim]) -> Iterator[dict[str, Claim]]:
    """Every way in which claims meet the conditions, as the claims by their names in the rule."""
    if not conditions:
        yield {}
        return
    first, rest = conditions[0], conditions[1:]
    fitting = [claim for claim in claims if all(_holds(test, claim) for test in first.tests)]
    if first.exists is not None:
        if bool(fitting) is first.exists:
            yield from _matches(rest, claims)
        return
    for claim in fitting:
        for bound in _matches(rest, claims):
            yield {first.name: claim, **bound} if first.name else bound


def _holds(test: Test, claim: Claim) -> bool:
    found = _property(claim, test.property)
    match test.comparison:
        case "==":
            return found == test.value
        case "!=":
            return found != test.value
        case "=~":
            return python_pattern(test.value).search(found) is not None
    return python_pattern(test.value).search(found) is None


def _property(claim: Claim, name: str) -> str:
    return {"Type": claim.type, "Value": claim.value, "Issuer": claim.issuer}[name]


def _stated(
    statement: Statement, bound: Mapping[str, Claim], attributes: Mapping[str, Sequence[bytes]]
) -> Iterator[Claim]:
    if statement.query is not None:
        for kind, attribute in zip(statement.query.types, statement.query.attributes, strict=True):
            for value in attributes.get(attribute.lower(), ()):
                shown = _shown(attribute, value)
                if shown:
                    yield Claim(kind, shown)
        return
    if statement.claim:
        claim = bound.get(statement.claim)
        if claim is not None:
            yield claim
        return
    assert statement.type is not None
    assert statement.value is not None
    stated = _evaluate(statement.value, bound)
    if stated:
        yield Claim(_evaluate(statement.type, bound), stated)


def _shown(attribute: str, value: bytes) -> str:
    if attribute.lower() in BINARY:
        return base64.b64encode(value).decode()
    return value.decode("utf-8", "replace")


def _evaluate(expression: Expression, bound: Mapping[str, Claim]) -> str:
    match expression:
        case Text(value):
            return value
        case Property(name, wanted):
            claim = bound.get(name)
            return _property(claim, wanted) if claim is not None else ""
        case Joined(parts):
            return "".join(_evaluate(part, bound) for part in parts)
        case Replace(text, pattern, replacement):
            return re.sub(python_pattern(pattern), python_replacement(replacement), _evaluate(text, bound))


def values_of(claims: Sequence[Claim], kind: str) -> list[str]:
    return [claim.value for claim in claims if claim.type == kind]
