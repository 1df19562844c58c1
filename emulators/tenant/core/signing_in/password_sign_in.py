"""Signing in by user name and password: known, enabled, not locked, right, not expired, in this order.

Whoever checks the password, the tenant itself or an agent on premises, a wrong one counts towards the lockout here.
Source: facts "tenant" 9, 10, 15.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from emulators.tenant.core import passwords
from emulators.tenant.core.domains import NEVER_EXPIRES, VALIDITY_DAYS
from emulators.tenant.core.identities import User
from emulators.tenant.core.moments import graph_time, moment_of
from emulators.tenant.core.signing_in import federated_sign_in, pass_through
from emulators.tenant.core.signing_in.sign_in_refusal import SignInError
from emulators.tenant.core.tenant import Tenant
from emulators.tenant.core.user_principal_name import suffix

LOCKOUT_ATTEMPTS = 10
LOCKOUT_SECONDS = 60


def find_user(tenant: Tenant, name: str) -> User | None:
    return tenant.by_upn.get(name.strip().lower())


def password_user(tenant: Tenant, form: Mapping[str, str], validated: pass_through.Validated | None = None) -> User:
    """Check user name and password in the order of the service: known, enabled, not locked, right, not expired."""
    name, password = form.get("username", ""), form.get("password", "")
    user = find_user(tenant, name)
    if user is None:
        raise SignInError(400, "invalid_grant", 50034, no_account(name, tenant))
    if user.value("accountEnabled", "accountEnabled") is False:
        raise SignInError(400, "invalid_grant", 50057, "The user account is disabled.")
    attempts, since = tenant.failed_sign_ins.get(user.id, (0, tenant.created))
    now = tenant.now()
    if attempts >= LOCKOUT_ATTEMPTS and now < moment_of(since) + timedelta(seconds=LOCKOUT_SECONDS):
        raise SignInError(
            400,
            "invalid_grant",
            50053,
            "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
        )
    if federated_sign_in.refuses_password(tenant, user):
        raise SignInError(400, "invalid_grant", 50126, federated_sign_in.WRONG_PASSWORD)
    if pass_through.applies(tenant, user):
        return _validated_user(tenant, user, validated, attempts)
    if user.credential is None or not passwords.matches(user.credential, password):
        tenant.failed_sign_ins[user.id] = (attempts + 1, graph_time(now))
        raise SignInError(
            400, "invalid_grant", 50126, "Error validating credentials due to invalid username or password."
        )
    tenant.failed_sign_ins.pop(user.id, None)
    if user.credential.force_change or is_expired(tenant, user):
        suberror = "" if user.credential.force_change else "user_password_expired"
        raise SignInError(400, "invalid_grant", 50055, "The password is expired.", suberror)
    return user


def user_at_the_window(tenant: Tenant, form: Mapping[str, str]) -> User:
    """Who types a password into the sign-in window; there nobody can wait for an agent."""
    try:
        return password_user(tenant, form)
    except pass_through.ValidationNeededError:
        text = "Signing in a user of pass-through authentication in a window is not emulated."
        raise SignInError(501, "not_emulated", 80001, text) from None


def _validated_user(tenant: Tenant, user: User, validated: pass_through.Validated | None, attempts: int) -> User:
    """A user whose password is checked on-premises; a wrong one counts here too, so that guessing ends in the cloud."""
    if validated is None:
        raise pass_through.ValidationNeededError(user)
    if validated.refusal is not None:
        number, text = validated.refusal
        if number == pass_through.WRONG_PASSWORD:
            tenant.failed_sign_ins[user.id] = (attempts + 1, tenant.stamp())
        raise SignInError(400, "invalid_grant", number, text)
    tenant.failed_sign_ins.pop(user.id, None)
    return user


def no_account(name: str, tenant: Tenant) -> str:
    return (
        f"The user account {name[:120]} does not exist in the {tenant.tenant_id} directory. "
        "To sign into this application, the account must be added to the directory."
    )


def is_expired(tenant: Tenant, user: User) -> bool:
    """Whether a password that the cloud's policy counts for outlived its domain's validity."""
    policy = tenant.sync.has("EnforceCloudPasswordPolicyForPasswordSyncedUsers")
    if (
        user.credential is None
        or (user.credential.synced and not policy)
        or passwords.DISABLE_EXPIRATION in (user.password_policies or "")
    ):
        return False
    domain = tenant.domains.get(suffix(user.upn or ""))
    days = (
        domain.password_validity_days
        if domain is not None and domain.password_validity_days is not None
        else VALIDITY_DAYS
    )
    if days == NEVER_EXPIRES:
        return False
    return tenant.now() >= moment_of(user.credential.changed) + timedelta(days=days)
