"""The sign-in endpoints: discovery, keys, realm, tokens of both generations. Source: facts "tenant" 10, 15,
"graph_clients" 2.1.
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import orjson

from emulators.tenant import problems
from emulators.tenant.api.exchange import JSON, Answer, Call, Desk, LaterAnswer, Route, dumps, read_query
from emulators.tenant.api.pass_through import ask_agent
from emulators.tenant.core.signing_in import home_realm, sign_in
from emulators.tenant.core.signing_in.pass_through import Validated, ValidationNeededError
from emulators.tenant.core.signing_in.sign_in_refusal import SignInError
from emulators.tenant.tokens import sign, signing_key


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, dumps(value), content_type=JSON, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def openid_configuration(desk: Desk, call: Call, segment: str, version: int = 2) -> Answer:
    if not sign_in.find_tenant(desk.tenant, segment):
        return problems.sign_in_answer(desk.tenant, call, sign_in.unknown_tenant(segment))
    base = f"{call.origin}/{segment}"
    middle = "/oauth2/v2.0" if version == 2 else "/oauth2"
    keys = f"{base}/discovery/v2.0/keys" if version == 2 else f"{call.origin}/common/discovery/keys"
    return _json(
        {
            "token_endpoint": f"{base}{middle}/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "jwks_uri": keys,
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": _issuer(desk, call, segment, version),
            "request_uri_parameter_supported": False,
            "userinfo_endpoint": f"{call.origin}/oidc/userinfo",
            "authorization_endpoint": f"{base}{middle}/authorize",
            "device_authorization_endpoint": f"{base}{middle}/devicecode",
            "end_session_endpoint": f"{base}{middle}/logout",
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "nonce",
                "preferred_username",
                "name",
                "tid",
                "ver",
            ],
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": call.origin.partition("://")[2],
        }
    )


def _issuer(desk: Desk, call: Call, segment: str, version: int) -> str:
    if version == 1:
        return f"https://sts.windows.net/{desk.tenant.tenant_id}/"
    shown = "{tenantid}" if segment.lower() in sign_in.ANY_TENANT else desk.tenant.tenant_id
    return f"{call.origin}/{shown}/v2.0"


def keys(desk: Desk, call: Call, segment: str = "common") -> Answer:
    return _json({"keys": [signing_key().public]})


def instance_discovery(desk: Desk, call: Call, segment: str = "common") -> Answer:
    host = call.origin.partition("://")[2]
    asked = call.query.get("authorization_endpoint", "")
    word = asked.partition("://")[2].partition("/")[2].partition("/")[0] or "common"
    if not sign_in.find_tenant(desk.tenant, word):
        return problems.sign_in_answer(desk.tenant, call, sign_in.unknown_tenant(word))
    metadata = [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}]
    endpoint = f"{call.origin}/{quote(word)}/v2.0/.well-known/openid-configuration"
    return _json({"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": metadata})


def user_realm(desk: Desk, call: Call, name: str, segment: str = "common") -> Answer:
    return _json(home_realm.realm(desk.tenant, name))


def credential_type(desk: Desk, call: Call, segment: str = "common") -> Answer:
    try:
        body = orjson.loads(call.body)
    except orjson.JSONDecodeError:
        body = None
    name = body.get("username") if isinstance(body, dict) else None
    if not isinstance(name, str):
        wrong = SignInError(400, "invalid_request", 90014, "The required field 'username' is missing from the request.")
        return problems.sign_in_answer(desk.tenant, call, wrong)
    return _json(home_realm.credential_type(desk.tenant, name))


def token_v2(desk: Desk, call: Call, segment: str) -> Answer:
    return _token(desk, call, segment, 2)


def token_v1(desk: Desk, call: Call, segment: str) -> Answer:
    return _token(desk, call, segment, 1)


def _token(desk: Desk, call: Call, segment: str, version: int) -> Answer:
    """Decide and answer a token request; the journal names who and what came of it, never a secret."""
    form = read_query(call.body.decode("utf-8", "replace"))
    try:
        return _decided(desk, call, segment, version, form, None)
    except ValidationNeededError as needed:
        later = LaterAnswer(content_type=JSON)

        def settled(refusal: tuple[int, str] | None) -> None:
            later.settle(_decided(desk, call, segment, version, form, Validated(refusal)))

        ask_agent(desk.tenant, needed.user, form.get("password", ""), settled)
        return later


def _decided(
    desk: Desk, call: Call, segment: str, version: int, form: dict[str, str], validated: Validated | None
) -> Answer:
    tenant = desk.tenant
    named = {"client": form.get("client_id", "")[:40], "grant": form.get("grant_type", "")[:40]}
    if form.get("username"):
        named["user"] = form["username"][:120]
    host = call.origin.partition("://")[2]
    try:
        grant = sign_in.grant_token(tenant, segment, form, version=version, own_host=host, validated=validated)
    except SignInError as problem:
        tenant.record("tenant.sign-in.refused", code=problem.number, **named)
        return problems.sign_in_answer(tenant, call, problem)
    tenant.record("tenant.sign-in.token", **named)
    return _json(_granted(desk, call, grant, version))


def _granted(desk: Desk, call: Call, grant: sign_in.Grant, version: int) -> dict[str, Any]:
    tenant = desk.tenant
    issued = int(tenant.now().timestamp())
    life: Any = sign_in.LIFETIME_SECONDS
    body: dict[str, Any] = {"token_type": "Bearer"}
    if version == 1:
        body |= {
            "expires_in": str(life),
            "ext_expires_in": str(life),
            "expires_on": str(issued + life),
            "not_before": str(issued),
            "resource": grant.resource,
        }
    else:
        body |= {"expires_in": life, "ext_expires_in": life}
    if grant.user is not None:
        body["scope"] = grant.scope
    body["access_token"] = sign(sign_in.access_claims(tenant, grant, issued))
    if grant.user is not None:
        if grant.refresh:
            body["refresh_token"] = sign_in.new_refresh_token(tenant, grant)
        if grant.openid:
            issuer = f"{call.origin}/{tenant.tenant_id}/v2.0"
            body["id_token"] = sign(sign_in.id_claims(tenant, grant, issued, issuer))
        if version == 2:
            info = orjson.dumps({"uid": grant.user.id, "utid": tenant.tenant_id})
            body["client_info"] = base64.urlsafe_b64encode(info).decode().rstrip("=")
    return body


def openid_configuration_v1(desk: Desk, call: Call, segment: str) -> Answer:
    return openid_configuration(desk, call, segment, 1)


#: tried in this order; none of them asks for a token
ROUTES: tuple[Route, ...] = (
    Route("GET", "/<segment>/v2.0/.well-known/openid-configuration", openid_configuration),
    Route("GET", "/<segment>/.well-known/openid-configuration", openid_configuration_v1),
    Route("GET", "/<segment>/discovery/v2.0/keys", keys),
    Route("GET", "/<segment>/discovery/keys", keys),
    Route("GET", "/<segment>/discovery/instance", instance_discovery),
    Route("GET", "/<segment>/userrealm/<name>", user_realm),
    Route("POST", "/<segment>/GetCredentialType", credential_type),
    Route("POST", "/<segment>/oauth2/v2.0/token", token_v2),
    Route("POST", "/<segment>/oauth2/token", token_v1),
)
