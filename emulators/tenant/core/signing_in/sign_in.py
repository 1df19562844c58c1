"""Sign-in without a browser: which token request is granted, with which claims, and the AADSTS refusal of every
other.

Source: facts "tenant" 9, 10, 15; "graph_clients" 2.1 (table of cases). Tokens themselves are signed in ``tokens``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from emulators.tenant.core.applications import (
    GRAPH,
    GRAPH_ID,
    GRAPH_PERMISSIONS,
    LEGACY_GRAPH,
    LEGACY_GRAPH_ID,
    PUBLIC_CLIENTS,
    SYNC_SERVICE,
    Application,
)
from emulators.tenant.core.identities import User
from emulators.tenant.core.moments import moment_of
from emulators.tenant.core.signing_in import federated_sign_in, pass_through, seamless_sso, sign_in_window
from emulators.tenant.core.signing_in.password_sign_in import no_account, password_user
from emulators.tenant.core.signing_in.sign_in_refusal import SignInError
from emulators.tenant.core.tenant import Tenant

LIFETIME_SECONDS = 3599
REFRESH_DAYS = 90
ANY_TENANT = frozenset({"common", "organizations"})
#: grants that carry somebody else's word instead of a password
TICKETS = (seamless_sso.GRANT, *federated_sign_in.GRANTS)
OPENID_SCOPES = frozenset({"openid", "profile", "offline_access", "email"})

#: resource as asked for -> audience of the token
AUDIENCES: dict[str, str] = {
    GRAPH: GRAPH,
    GRAPH_ID: GRAPH,
    LEGACY_GRAPH: LEGACY_GRAPH,
    LEGACY_GRAPH_ID: LEGACY_GRAPH,
    SYNC_SERVICE: SYNC_SERVICE,
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A granted request: for whom, for what, and what else goes into the answer."""

    client_id: str
    audience: str
    resource: str
    user: User | None = None
    application: Application | None = None
    scope: str = ""
    openid: bool = False
    refresh: bool = False


def find_tenant(tenant: Tenant, segment: str) -> bool:
    """Whether a path segment names this tenant: its id or one of its verified domains."""
    low = segment.lower()
    return low == tenant.tenant_id or low in tenant.verified or low in ANY_TENANT


def unknown_tenant(segment: str) -> SignInError:
    text = (
        f"Tenant '{segment[:80]}' not found. Check to make sure you have the correct tenant ID and "
        "are signing into the correct cloud."
    )
    return SignInError(400, "invalid_request", 90002, text)


def grant_token(
    tenant: Tenant,
    segment: str,
    form: Mapping[str, str],
    *,
    version: int,
    own_host: str,
    validated: pass_through.Validated | None = None,
) -> Grant:
    """Decide a token request of the v1 (``resource``) or v2 (``scope``) endpoint.

    Raises ValidationNeededError when an agent has to check the password; its word comes back as ``validated``.
    """
    if not find_tenant(tenant, segment):
        raise unknown_tenant(segment)
    kind = form.get("grant_type", "")
    if kind not in ("client_credentials", "password", "refresh_token", "authorization_code", *TICKETS):
        raise SignInError(
            400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{kind[:60]}'."
        )
    client_id = form.get("client_id", "").lower()
    application = _client(tenant, client_id, form)
    resource, scopes = _resource(form, version, own_host)
    if kind == "client_credentials":
        if application is None:
            raise SignInError(
                401,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        if version == 2 and not all(scope.endswith("/.default") for scope in scopes):
            raise SignInError(
                400,
                "invalid_scope",
                1002012,
                f"The provided value for scope {' '.join(scopes)[:200]} is not valid. Client credential "
                "flows must have a scope value with /.default suffixed to the resource identifier (application "
                "ID URI).",
            )
        return Grant(client_id, AUDIENCES[resource], resource, application=application)
    if kind == "refresh_token":
        return _refresh(tenant, client_id, form, resource, scopes)
    if kind == seamless_sso.GRANT:
        return _for_user(client_id, resource, scopes, _desktop_user(tenant, form), version)
    if kind in federated_sign_in.GRANTS:
        return _for_user(client_id, resource, scopes, _asserted_user(tenant, form), version)
    if kind == "authorization_code":
        return _for_user(client_id, resource, scopes, sign_in_window.redeem(tenant, client_id, form), version)
    user = password_user(tenant, form, validated)
    sign_in_window.require_password_enough(tenant, user, resource)
    return _for_user(client_id, resource, scopes, user, version)


def _client(tenant: Tenant, client_id: str, form: Mapping[str, str]) -> Application | None:
    """Check the client: a registered application proves itself with its secret, a public client has none."""
    if not client_id:
        raise SignInError(
            400, "invalid_request", 900144, "The request body must contain the following parameter: 'client_id'."
        )
    application = tenant.applications.get(client_id)
    if application is None:
        if client_id in PUBLIC_CLIENTS:
            return None
        if len(client_id) != 36 or client_id.count("-") != 4:
            raise SignInError(
                400, "unauthorized_client", 700038, f"{client_id[:60]} is not a valid application identifier."
            )
        raise SignInError(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory '{tenant.display_name}'. "
            "This can happen if the application has not been installed by the administrator of the "
            "tenant or consented to by any user in the tenant.",
        )
    if "client_assertion" in form:
        raise SignInError(
            401, "invalid_client", 7000218, "Signing in with a certificate is not emulated by this tenant."
        )
    secret = form.get("client_secret")
    if secret is None and form.get("grant_type") != "client_credentials":
        return application
    if secret is None or not application.accepts(secret):
        raise SignInError(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client "
            f"secret value, not the client secret ID, for a secret added to app '{client_id}'.",
        )
    return application


def _resource(form: Mapping[str, str], version: int, own_host: str) -> tuple[str, list[str]]:
    """The resource asked for and the scopes of it; a scope without a resource belongs to Graph."""
    if version == 1:
        resource = form.get("resource", "")
        return _known(resource, own_host), []
    scopes = form.get("scope", "").split()
    resource = GRAPH
    for scope in scopes:
        if scope not in OPENID_SCOPES and "://" in scope:
            resource = _known(scope.rpartition("/")[0] or scope, own_host)
        elif scope not in OPENID_SCOPES and "/" in scope:
            resource = _known(scope.partition("/")[0], own_host)
    return resource, scopes


def _known(resource: str, own_host: str) -> str:
    trimmed = resource.rstrip("/")
    if trimmed in AUDIENCES:
        return trimmed
    host = trimmed.removeprefix("https://").removeprefix("http://")
    if host and host.partition(":")[0] == own_host.partition(":")[0]:
        return GRAPH
    raise SignInError(
        400,
        "invalid_resource",
        500011,
        f"The resource principal named {resource[:200]} was not found in the tenant. This can happen "
        "if the application has not been installed by the administrator of the tenant or consented "
        "to by any user in the tenant.",
    )


def _for_user(client_id: str, resource: str, scopes: list[str], user: User, version: int) -> Grant:
    asked = {scope.rpartition("/")[2] for scope in scopes}
    granted = sorted(asked.intersection((*GRAPH_PERMISSIONS, "User.Read", "Directory.AccessAsUser.All")))
    named = " ".join(granted) or "Directory.AccessAsUser.All User.Read"
    openid = version == 1 or "openid" in asked
    refresh = version == 1 or "offline_access" in asked
    return Grant(client_id, AUDIENCES[resource], resource, user=user, scope=named, openid=openid, refresh=refresh)


def _desktop_user(tenant: Tenant, form: Mapping[str, str]) -> User:
    """Who is signed in to a device of the domain, by the ticket it sends."""
    try:
        user = seamless_sso.user_of_ticket(tenant, form.get("assertion", ""))
    except seamless_sso.TicketRefusedError as refused:
        raise SignInError(400, "invalid_grant", refused.number, refused.text) from None
    if user.value("accountEnabled", "accountEnabled") is False:
        raise SignInError(400, "invalid_grant", 50057, "The user account is disabled.")
    return user


def _asserted_user(tenant: Tenant, form: Mapping[str, str]) -> User:
    try:
        return federated_sign_in.user_of_assertion(tenant, form)
    except federated_sign_in.AssertionRefused as refused:
        raise SignInError(400, "invalid_grant", refused.number, refused.text) from None


def _refresh(tenant: Tenant, client_id: str, form: Mapping[str, str], resource: str, scopes: list[str]) -> Grant:
    key = hash_refresh_token(form.get("refresh_token", ""))
    kept = tenant.refresh_tokens.get(key)
    if kept is None or kept[0] != client_id:
        raise SignInError(400, "invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
    _, user_id, scope, issued = kept
    user = tenant.objects.get(user_id)
    if not isinstance(user, User):
        raise SignInError(400, "invalid_grant", 50034, no_account(user_id, tenant))
    if user.value("accountEnabled", "accountEnabled") is False:
        raise SignInError(400, "invalid_grant", 50057, "The user account is disabled.")
    expired = tenant.now() >= moment_of(issued) + timedelta(days=REFRESH_DAYS)
    if expired or (user.sessions_valid_from is not None and issued < user.sessions_valid_from):
        raise SignInError(
            400,
            "invalid_grant",
            50173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        )
    return Grant(
        client_id,
        AUDIENCES[resource],
        resource,
        user=user,
        scope=scope,
        openid="openid" in scopes,
        refresh=True,
    )


def hash_refresh_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_refresh_token(tenant: Tenant, grant: Grant) -> str:
    """Draw a refresh token; only its hash is kept."""
    token = f"0.A{tenant.noise.getrandbits(512):0128x}"
    assert grant.user is not None
    tenant.refresh_tokens[hash_refresh_token(token)] = (grant.client_id, grant.user.id, grant.scope, tenant.stamp())
    return token


def access_claims(tenant: Tenant, grant: Grant, issued: int) -> dict[str, Any]:
    """The claims of the access token."""
    claims: dict[str, Any] = {
        "aud": grant.audience,
        "iss": f"https://sts.windows.net/{tenant.tenant_id}/",
        "iat": issued,
        "nbf": issued,
        "exp": issued + LIFETIME_SECONDS,
        "appid": grant.client_id,
        "tid": tenant.tenant_id,
        "uti": f"{tenant.noise.getrandbits(128):032x}",
        "ver": "1.0",
    }
    if grant.user is not None:
        user = grant.user
        claims |= {
            "oid": user.id,
            "sub": user.id,
            "upn": user.upn,
            "unique_name": user.upn,
            "name": user.value("displayName", "displayName"),
            "scp": grant.scope,
            "idtyp": "user",
            "wids": list(tenant.roles_of.get(user.id, ())),
        }
    elif grant.application is not None:
        held = list(grant.application.permissions) if grant.application.resource == grant.audience else []
        claims |= {
            "oid": grant.application.object_id,
            "sub": grant.application.object_id,
            "app_displayname": grant.application.display_name,
            "idtyp": "app",
            "roles": held,
        }
    return claims


def id_claims(tenant: Tenant, grant: Grant, issued: int, issuer: str) -> dict[str, Any]:
    """The claims of the id token."""
    assert grant.user is not None
    return {
        "aud": grant.client_id,
        "iss": issuer,
        "iat": issued,
        "nbf": issued,
        "exp": issued + LIFETIME_SECONDS,
        "name": grant.user.value("displayName", "displayName"),
        "oid": grant.user.id,
        "preferred_username": grant.user.upn,
        "sub": grant.user.id,
        "tid": tenant.tenant_id,
        "ver": "2.0",
    }
