"""How an administrator signs in: realm first, then the password alone, or the sign-in window with its second factor.

Afterwards Graph says who that is: synced or not, which roles directly, through a group, or only eligible.
Source: facts "install" section 7 (CTE-01 to CTE-13), CUS-01, PRE-11, PRE-12; Graph role management.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from engine.connectors.entra.proxy import ProxyRefused
from engine.connectors.entra.service_refusal import ServiceFault, SignInRefused
from engine.connectors.entra.tenant_client import SYNC_RESOURCE, WIZARD_CLIENT_ID, Json, TenantClient, sign_in_refused
from engine.errors import EngineError

GRAPH = "https://graph.microsoft.com"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
HYBRID_IDENTITY_ADMINISTRATOR = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"
#: the roles that may install, either of them (seed001)
SUFFICIENT = frozenset({GLOBAL_ADMINISTRATOR, HYBRID_IDENTITY_ADMINISTRATOR})
SECOND_FACTOR = frozenset({50074, 50076, 50079})
MUST_ENROLL = 50079
OTHER_PROVIDER = 5  # GetCredentialType: the name is a Microsoft account
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON = {"Content-Type": "application/json"}

#: asks the person for the code sent to a phone, of which a part is shown; None = the window is closed
Challenge = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class SignInWindow:
    """interactive: /InteractiveAuth, the window opens at once and not only when a second factor is asked."""

    challenge: Challenge
    interactive: bool = False


@dataclass(frozen=True, slots=True)
class AdministratorFacts:
    """roles: held directly, by template identifier. through_groups, eligible: not enough, and why."""

    identifier: str
    synced: bool
    roles: frozenset[str]
    through_groups: frozenset[str] = frozenset()
    eligible: frozenset[str] = frozenset()

    @property
    def sufficient(self) -> bool:
        return bool(self.roles & SUFFICIENT)

    @property
    def global_administrator(self) -> bool:
        return GLOBAL_ADMINISTRATOR in self.roles


def sign_in(client: TenantClient, name: str, password: str, window: SignInWindow) -> None:
    """Sign the client in; raises EngineError with the code of what stands in the way."""
    _discover(client, name)
    if not window.interactive:
        try:
            client.sign_in()
            return
        except SignInRefused as refusal:
            if refusal.aadsts not in SECOND_FACTOR or refusal.aadsts == MUST_ENROLL:
                raise
    _load_script(client)
    client.take_token(_token(client, _through_window(client, name, password, window.challenge)))


def _discover(client: TenantClient, name: str) -> None:
    """Home realm discovery: whose name is it?"""
    path = f"/common/userrealm/{quote(name, safe='@')}?api-version=1.0"
    status, realm = client.request("realm discovery", path, method="GET")
    if status != 200:
        raise EngineError("REALM_DISCOVERY_FAILED", f"User realm discovery failed: it was answered with {status}.")
    if realm.get("account_type") != "Unknown":
        return
    body = orjson.dumps({"username": name})
    _, kind = client.request("credential type", "/common/GetCredentialType", body, _JSON)
    if kind.get("IfExistsResult") == OTHER_PROVIDER:
        raise EngineError("UNSPECIFIED_AUTHENTICATION_FAILURE", "Unexpected error")
    raise EngineError("UNKNOWN_USER_TYPE", f"Unknown user type: no domain of this tenant is {name.rpartition('@')[2]}.")


def _load_script(client: TenantClient) -> None:
    """The window shows nothing without its script, which comes from another name than the rest (CTE-13)."""
    try:
        status, _ = client.request("the sign-in window", "/ests/2.1/content/cdnbundles/login.js", method="GET")
    except ProxyRefused as refusal:
        text = f"An error has occurred in the script on this page: {refusal.host} cannot be reached."
        raise EngineError("MFA_ENDPOINT", text) from refusal
    if status != 200:
        raise EngineError("MFA_ENDPOINT", f"An error has occurred in the script on this page ({status}).")


def _through_window(client: TenantClient, name: str, password: str, challenge: Challenge) -> str:
    """The window from name and password to an authorization code."""
    form = {"login": name, "passwd": password, "client_id": WIZARD_CLIENT_ID, "resource": SYNC_RESOURCE}
    opened = _step(client, "/login", form)
    if "code" in opened:
        return str(opened["code"])
    proof: Json = next((p for p in opened.get("arrUserProofs", ()) if p.get("isDefault")), {})
    call = {"AuthMethodId": proof.get("authMethodId"), "FlowToken": opened.get("sFT")}
    _step(client, "/SAS/BeginAuth", {**call, "Method": "BeginAuth"}, as_json=True)
    typed = challenge(str(proof.get("display", "")))
    if typed is None:
        raise EngineError("AUTHENTICATION_CANCELED", "Authentication canceled: the challenge was not completed.")
    ended = _step(client, "/SAS/EndAuth", {**call, "Method": "EndAuth", "AdditionalAuthData": typed}, as_json=True)
    if not ended.get("Success"):
        text = f"Invalid grant: the verification code was not accepted ({ended.get('ResultValue')})."
        raise EngineError("INVALID_GRANT", text)
    return str(_step(client, "/SAS/ProcessAuth", {"flowToken": str(opened.get("sFT"))}).get("code"))


def _step(client: TenantClient, step: str, content: dict[str, Any], *, as_json: bool = False) -> Json:
    body = orjson.dumps(content) if as_json else urlencode(content).encode()
    path = f"/{client.address.tenant_domain}{step}"
    status, answer = client.request("the sign-in window", path, body, _JSON if as_json else _FORM)
    if status != 200:
        raise sign_in_refused(status, answer)
    return answer


def _token(client: TenantClient, code: str) -> Json:
    form = {"grant_type": "authorization_code", "code": code, "client_id": WIZARD_CLIENT_ID, "resource": SYNC_RESOURCE}
    return _granted(client, form)


def _granted(client: TenantClient, form: dict[str, str]) -> Json:
    path = f"/{client.address.tenant_domain}/oauth2/token"
    status, answer = client.request("sign-in", path, urlencode(form).encode(), _FORM)
    if status != 200 or "access_token" not in answer:
        raise sign_in_refused(status, answer)
    return answer


class Graph:
    """Graph as the signed-in administrator reads it, with a token of its own from the same sign-in."""

    def __init__(self, client: TenantClient) -> None:
        self._client = client
        self._token = ""

    def get(self, path: str) -> Json:
        """Raises ServiceFault with the status."""
        if not self._token:
            form = {
                "grant_type": "refresh_token",
                "refresh_token": self._client.refresh_token,
                "client_id": WIZARD_CLIENT_ID,
                "resource": GRAPH,
            }
            self._token = str(_granted(self._client, form)["access_token"])
        headers = {"Authorization": f"Bearer {self._token}"}
        status, answer = self._client.request(f"GET {path}", path, headers=headers, method="GET")
        if status != 200:
            error = answer.get("error") or {}
            raise ServiceFault(str(status), str(error.get("message", f"{path} was answered with {status}.")))
        return answer

    def administrator(self) -> AdministratorFacts:
        """Who signed in; where no role suffices also what would have come near it."""
        me = self.get("/v1.0/me?$select=id,onPremisesSyncEnabled")
        identifier = str(me["id"])
        facts = AdministratorFacts(identifier, me.get("onPremisesSyncEnabled") is True, self._roles_of(identifier))
        if facts.sufficient:
            return facts
        groups = self.get(f"/v1.0/users/{identifier}/memberOf").get("value", [])
        through = [role for group in groups for role in self._roles_of(str(group["id"]))]
        own = "/v1.0/roleManagement/directory/roleEligibilitySchedules/filterByCurrentUser(on='principal')"
        eligible = [str(row["roleDefinitionId"]) for row in self.get(own).get("value", [])]
        return AdministratorFacts(identifier, facts.synced, facts.roles, frozenset(through), frozenset(eligible))

    def _roles_of(self, principal: str) -> frozenset[str]:
        query = urlencode({"$filter": f"principalId eq '{principal}'"}, quote_via=quote, safe="$'")
        rows = self.get(f"/v1.0/roleManagement/directory/roleAssignments?{query}").get("value", [])
        return frozenset(str(row["roleDefinitionId"]) for row in rows)
