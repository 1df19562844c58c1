"""Pass-through authentication: agents, whom they answer for, and what their answer means for a sign-in.

Source: facts "tenant" 10; pass-through pages (quick start, FAQ: inactive agents leave the list after ten days; no load
balancing, no fall-back to a stored hash; troubleshooting: sign-in failure reasons). A reason is a Win32 error number.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from emulators.tenant.core.domains import is_federated
from emulators.tenant.core.identities import User
from emulators.tenant.core.moments import moment_of
from emulators.tenant.core.refusals import ServiceFault
from emulators.tenant.core.signing_in.relay import Line
from emulators.tenant.core.sync_settings import BITS, set_features
from emulators.tenant.core.tenant import Tenant

FEATURE = "PassThroughAuthentication"
DROPPED_AFTER = timedelta(days=10)
SUCCESS = 0
#: Win32 reason of an agent -> AADSTS number and text
REASONS: dict[int, tuple[int, str]] = {
    1317: (80004, "The username passed to the agent was not valid."),
    1326: (50126, "Error validating credentials due to invalid username or password."),
    1328: (80012, "The users attempted to log on outside of the allowed hours (this is specified in AD)."),
    1330: (50144, "The user's Active Directory password has expired."),
    1331: (50057, "The user account is disabled."),
    1793: (50057, "The user account is disabled."),
    1907: (50144, "The user's Active Directory password has expired."),
    1909: (
        50053,
        "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
    ),
}
NO_AGENT = (80001, "Unable to connect to Active Directory.")
CUT_OFF = (80002, "A timeout occurred connecting to Active Directory.")
UNREADABLE = (80003, "Invalid response received by Authentication Agent.")
NO_DIRECTORY = (80007, "An error occurred communicating with Active Directory.")
NOT_DECRYPTED = (80010, "The Authentication Agent is unable to decrypt the password.")
#: what an agent says when it has no reason of the directory's
FAILURES: dict[str, tuple[int, str]] = {
    "no-agent": NO_AGENT,
    "cut-off": CUT_OFF,
    "directory-unreachable": NO_DIRECTORY,
    "not-decrypted": NOT_DECRYPTED,
}


WRONG_PASSWORD = 50126


@dataclass(frozen=True, slots=True)
class Validated:
    """An agent's word on a sign-in: None is yes, otherwise the AADSTS number and text."""

    refusal: tuple[int, str] | None


class ValidationNeededError(Exception):
    """The sign-in cannot be decided here: an agent has to be asked about this user."""

    def __init__(self, user: User) -> None:
        super().__init__("a password has to be validated on-premises")
        self.user = user


def applies(tenant: Tenant, user: User) -> bool:
    """Whether a user's password is checked on-premises: a synchronised user of a managed domain, feature on."""
    return tenant.sync.has(FEATURE) and user.dirsync is True and not is_federated(tenant, user.upn or "")


def name_on_premises(user: User) -> str:
    """The user name an agent is given: the on-premises UPN when it is known (alternate ID), else the cloud's."""
    known = user.shadow.get("onPremisesUserPrincipalName")
    return str(known or user.upn)


def meaning(answer: Any) -> tuple[int, str] | None:
    """What an agent's answer means: None is success, otherwise the AADSTS number and text."""
    if answer is None:
        return CUT_OFF
    failure, reason = answer.get("Failure"), answer.get("Reason")
    if isinstance(failure, str):
        return FAILURES.get(failure, UNREADABLE)
    if reason == SUCCESS and type(reason) is int:
        return None
    return REASONS.get(reason, UNREADABLE) if type(reason) is int else UNREADABLE


# ---- agents ----------------------------------------------------------------------------------------------------------
def register(tenant: Tenant, machine: str, public_key: str) -> tuple[str, str]:
    """A new agent: its id, and the secret that stands for its certificate; only a hash of it is kept."""
    agent_id, secret = tenant.new_id(), f"{tenant.draw.getrandbits(256):064x}"
    tenant.sync.agents[agent_id] = {
        "machine": machine,
        "key": public_key,
        "secret": hash_secret(secret),
        "registered": tenant.stamp(),
        "last_seen": tenant.stamp(),
    }
    tenant.record("tenant.pass-through.agent-registered", id=agent_id, machine=machine)
    return agent_id, secret


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def knows(tenant: Tenant, agent_id: str, secret: str) -> bool:
    agent = tenant.sync.agents.get(agent_id)
    return agent is not None and hmac.compare_digest(agent["secret"], hash_secret(secret))


def connect(tenant: Tenant, agent_id: str) -> Line:
    """An agent's connection; an older one of the same agent is given up."""
    old = tenant.agent_lines.pop(agent_id, None)
    if old is not None:
        old.cut()
    line = Line(tenant.sync.agents[agent_id]["machine"])
    tenant.agent_lines[agent_id] = line
    tenant.sync.agents[agent_id]["last_seen"] = tenant.stamp()
    return line


def disconnected(tenant: Tenant, agent_id: str, line: Line) -> None:
    """A connection is gone: the agent is inactive from now on."""
    if tenant.agent_lines.get(agent_id) is line:
        del tenant.agent_lines[agent_id]
        agent = tenant.sync.agents.get(agent_id)
        if agent is not None:
            agent["last_seen"] = tenant.stamp()
    line.cut()


def active(tenant: Tenant) -> Iterator[tuple[str, dict[str, Any], Line]]:
    """Agents that can be asked, in order of registration."""
    for agent_id, agent in tenant.sync.agents.items():
        line = tenant.agent_lines.get(agent_id)
        if line is not None and line.up:
            yield agent_id, agent, line


def listed(tenant: Tenant) -> list[dict[str, Any]]:
    """Agents as the administrator sees them; one that was inactive for ten days is not shown any more."""
    shown = []
    up = {agent_id for agent_id, _, _ in active(tenant)}
    for agent_id, agent in tenant.sync.agents.items():
        if agent_id not in up and tenant.now() - moment_of(agent["last_seen"]) >= DROPPED_AFTER:
            continue
        status = "active" if agent_id in up else "inactive"
        shown.append(
            {
                "id": agent_id,
                "machineName": agent["machine"],
                "status": status,
                "supportedPublishingTypes": ["authentication"],
            }
        )
    return shown


# ---- the feature -----------------------------------------------------------------------------------------------------
def switch(tenant: Tenant, *, enable: bool) -> None:
    """Turn the feature on or off; on needs an agent that is active."""
    if enable and next(active(tenant), None) is None:
        raise ServiceFault("NO_AGENT_AVAILABLE", "There is no active Authentication Agent in this tenant.")
    bit = BITS[FEATURE]
    before = tenant.sync.features
    set_features(tenant.sync, before | bit if enable else before & ~bit)
    if tenant.sync.features != before:
        tenant.record("tenant.pass-through.switched", enabled=enable)
