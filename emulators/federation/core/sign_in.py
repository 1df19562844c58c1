"""A user who proved a password to the directory becomes a token: rules, claims, assertion. Pure.

Source: facts "install" FED-06, FED-07; facts "tenant" 10 (Federation).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from emulators.federation.core.assertion import AUDIENCE, LIFETIME, Ticket, assertion, saml_time
from emulators.federation.core.claim_language import attributes_of, read_rules
from emulators.federation.core.claims import claims_of_user, issue
from emulators.federation.core.farms import Farm
from emulators.federation.core.ws_trust import TokenRequest, answer, request_failed

#: always read of a user, whatever the rules ask for
ALWAYS_READ = ("sAMAccountName", "objectSid", "userPrincipalName")


@dataclass(frozen=True, slots=True)
class Known:
    """A user the directory authenticated. account: NETBIOS\\name."""

    account: str
    sid: str
    attributes: Mapping[str, Sequence[bytes]]
    alternate_login: str = ""


def wanted_attributes(farm: Farm) -> tuple[str, ...]:
    """What has to be read of a user who signs in here."""
    rules = read_rules(farm.trust.rules) if farm.trust is not None else ()
    return tuple(dict.fromkeys((*ALWAYS_READ, *attributes_of(rules))))


def check_relying_party(farm: Farm, applies_to: str) -> None:
    """Tokens are given out for a party that is trusted; raises Fault."""
    trust = farm.trust
    if trust is None or not trust.enabled or applies_to not in trust.identifiers:
        raise request_failed(f"MSIS7007: The requested relying party trust '{applies_to[:200]}' is unspecified.")


def answer_for(farm: Farm, request: TokenRequest, user: Known, now: datetime, draw: random.Random) -> str:
    """The token for a user, in the envelope its client waits for."""
    assert farm.trust is not None
    known = claims_of_user(user.account, user.sid, alternate_login=user.alternate_login)
    claims = issue(read_rules(farm.trust.rules), known, user.attributes)
    identifier = f"{draw.getrandbits(128):032x}"
    ticket = Ticket(identifier, farm.issuer, now, request.applies_to or AUDIENCE)
    token = assertion(claims, ticket, farm.key, farm.algorithm)
    return answer(request, token, saml_time(now), saml_time(now + LIFETIME))


__all__ = ["ALWAYS_READ", "Known", "answer_for", "check_relying_party", "wanted_attributes"]
