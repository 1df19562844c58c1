"""Password write-back: who of the servers listens, whose passwords go there, and what its answer means.

Source: facts "tenant" 10 (PW), "install" OPT-05 and 24; self-service password reset write-back pages: synchronous; the
user is told at once when the password breaks a policy, cannot be set, or the service is down.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from emulators.tenant.core.identities import User
from emulators.tenant.core.refusals import GraphError, bad_request
from emulators.tenant.core.signing_in.pass_through import hash_secret
from emulators.tenant.core.signing_in.relay import Line
from emulators.tenant.core.sync_settings import BITS
from emulators.tenant.core.tenant import Tenant

FEATURE = "PasswordWriteBack"
#: the password among the authentication methods of a user (Graph)
PASSWORD_METHOD = "28c10230-6103-485e-b985-444c60001490"  # noqa: S105 - an identifier of Graph
SERVICE_DOWN = (
    "OnPremisesServiceUnavailable",
    "Your password cannot be reset right now: the service is not reachable.",
)
#: word of the server -> code and text the person sees
REFUSALS: dict[str, tuple[str, str]] = {
    "policy": ("OnPremisesPolicyViolation", "The password does not meet the policy of your organization."),
    "denied": ("SSPR_0029", "We are unable to reset your password due to an error in your on-premises configuration."),
    "not-found": ("OnPremisesUserNotFound", "The account cannot be found on-premises."),
    "several": ("OnPremisesUserAmbiguous", "The account was found more than once on-premises."),
    "wrong-password": ("OnPremisesWrongPassword", "The current password is not right."),
    "privileged": ("OnPremisesPrivilegedAccount", "The password of this account cannot be reset by an administrator."),
    "unavailable": ("OnPremisesDirectoryUnavailable", "The directory of your organization cannot be reached."),
    "error": ("OnPremisesError", "The password could not be set on-premises."),
}


def mastered_on_premises(user: User) -> bool:
    """Whether the password belongs to a directory on-premises, so that the cloud may not set it alone."""
    return user.dirsync is True


def onboard(tenant: Tenant, machine: str, public_key: str) -> str:
    """A server sets the relay up: a new secret and key; whoever listened before is cut off."""
    secret = f"{tenant.draw.getrandbits(256):064x}"
    _cut(tenant)
    tenant.sync.writeback = {"machine": machine, "key": public_key, "secret": hash_secret(secret)}
    tenant.sync.features |= BITS[FEATURE]
    tenant.record("tenant.password-writeback.onboarded", machine=machine)
    return secret


def offboard(tenant: Tenant, machine: str) -> None:
    """A server gives the relay up, if it is still its own."""
    held = tenant.sync.writeback
    if held is None or held["machine"] != machine:
        return
    _cut(tenant)
    tenant.sync.writeback = None
    tenant.sync.features &= ~BITS[FEATURE]
    tenant.record("tenant.password-writeback.offboarded", machine=machine)


def knows(tenant: Tenant, secret: str) -> bool:
    """Whether the relay is still that of the server with this secret; another one may have taken it over."""
    held = tenant.sync.writeback
    return held is not None and hmac.compare_digest(held["secret"], hash_secret(secret))


def connect(tenant: Tenant) -> Line:
    _cut(tenant)
    assert tenant.sync.writeback is not None
    line = Line(tenant.sync.writeback["machine"])
    tenant.writeback_line = line
    return line


def disconnected(tenant: Tenant, line: Line) -> None:
    if tenant.writeback_line is line:
        tenant.writeback_line = None
    line.cut()


def _cut(tenant: Tenant) -> None:
    line, tenant.writeback_line = tenant.writeback_line, None
    if line is not None:
        line.cut()


def listening(tenant: Tenant) -> tuple[Line, str] | None:
    """The line to the server that takes passwords and the key to seal them with; None when the service is down."""
    line, held = tenant.writeback_line, tenant.sync.writeback
    return (line, held["key"]) if line is not None and line.up and held is not None else None


def refusal_of(answer: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """What the server's answer means: None is success, otherwise code and text."""
    if answer is None:
        return SERVICE_DOWN
    outcome = answer.get("Outcome")
    if outcome == "set":
        return None
    return REFUSALS.get(str(outcome), REFUSALS["error"])


def refused(code: str, text: str) -> GraphError:
    return bad_request(text, code)
