"""The sign-in window: name and password, the challenge of a second factor, and the code that is changed for a token.

The browser's conversation as JSON: /login, /SAS/BeginAuth, /SAS/EndAuth, /SAS/ProcessAuth, then grant_type
authorization_code. Source: facts "install" CTE-06, CTE-13, CUS-01; RFC 6749 4.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulators.tenant.core.identities import User
from emulators.tenant.core.signing_in import conditional_access
from emulators.tenant.core.signing_in.sign_in_refusal import SignInError
from emulators.tenant.core.tenant import Tenant

METHOD = "OneWaySMS"
BLOCKED = "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."


def require_password_enough(tenant: Tenant, user: User, resource: str) -> None:
    """Refuse a sign-in by password alone where the policies ask for more (50076, 50079) or for nothing (53003)."""
    wanted = conditional_access.demand(tenant, user)
    if wanted.blocked:
        raise SignInError(400, "access_denied", 53003, BLOCKED)
    if wanted.second_factor:
        number, deed = (50076, "use") if user.id in tenant.access.phones else (50079, "enroll in")
        text = (
            "Due to a configuration change made by your administrator, or because you moved to a new location, you "
            f"must {deed} multi-factor authentication to access '{resource[:80]}'."
        )
        raise SignInError(400, "interaction_required", number, text)


def log_in(tenant: Tenant, form: Mapping[str, str], check: Callable[[Mapping[str, str]], User]) -> dict[str, Any]:
    """Take name and password; ``check`` refuses as every sign-in does. Answers a code, or proofs to choose from."""
    user = check({"username": form.get("login", ""), "password": form.get("passwd", "")})
    wanted = conditional_access.demand(tenant, user)
    if wanted.blocked:
        raise SignInError(400, "access_denied", 53003, BLOCKED)
    client = form.get("client_id", "").lower()
    if not wanted.second_factor:
        return {"code": _code(tenant, user.id, client)}
    if user.id not in tenant.access.phones:
        text = "Due to a configuration change made by your administrator, you must enroll in multi-factor"
        raise SignInError(400, "interaction_required", 50079, f"{text} authentication.")
    flow = f"{tenant.noise.getrandbits(256):064x}"
    tenant.access.windows[flow] = {"user": user.id, "client": client, "sent": "", "proved": ""}
    number = tenant.access.phones[user.id]["phoneNumber"]
    proof = {"authMethodId": METHOD, "display": f"{number[:2]}XXXXXX{number[-2:]}", "isDefault": True}
    return {"sFT": flow, "arrUserProofs": [proof]}


def begin(tenant: Tenant, body: Mapping[str, Any]) -> dict[str, Any]:
    """Send the text."""
    window = _window(tenant, body.get("FlowToken"))
    user = tenant.objects.get(window["user"])
    if body.get("AuthMethodId") != METHOD or not isinstance(user, User):
        return {"Success": False, "ResultValue": "AuthenticationMethodFailed"}
    window["sent"] = conditional_access.send_code(tenant, user)
    return {"Success": True, "ResultValue": "Success", "AuthMethodId": METHOD, "FlowToken": body["FlowToken"]}


def end(tenant: Tenant, body: Mapping[str, Any]) -> dict[str, Any]:
    """Compare the code that was typed; a code counts once."""
    window = _window(tenant, body.get("FlowToken"))
    right = window["sent"] != "" and body.get("AdditionalAuthData") == window["sent"]
    if right:
        window["sent"], window["proved"] = "", METHOD
    result = "Success" if right else conditional_access.WRONG_CODE
    tenant.record("tenant.second-factor.checked", id=window["user"], result=result)
    return {"Success": right, "ResultValue": result, "FlowToken": body["FlowToken"]}


def process(tenant: Tenant, form: Mapping[str, str]) -> dict[str, Any]:
    """Close the window with a code for the client."""
    window = _window(tenant, form.get("flowToken"))
    if not window["proved"]:
        raise SignInError(400, "interaction_required", 50074, "Strong Authentication is required.")
    del tenant.access.windows[form["flowToken"]]
    return {"code": _code(tenant, window["user"], window["client"])}


def redeem(tenant: Tenant, client_id: str, form: Mapping[str, str]) -> User:
    """The user an authorization code stands for; it is good once."""
    user_id, client = tenant.access.codes.pop(form.get("code", ""), ["", ""])
    user = tenant.objects.get(user_id)
    if not isinstance(user, User) or client != client_id:
        text = "The provided value for the 'code' parameter is not valid. The code has expired."
        raise SignInError(400, "invalid_grant", 70008, text)
    return user


def _window(tenant: Tenant, flow: Any) -> dict[str, str]:
    found = tenant.access.windows.get(flow) if isinstance(flow, str) else None
    if found is None:
        raise SignInError(400, "invalid_request", 90027, "The sign-in window is not known or was closed.")
    return found


def _code(tenant: Tenant, user_id: str, client: str) -> str:
    code = f"0.AX{tenant.noise.getrandbits(512):0128x}"
    tenant.access.codes[code] = [user_id, client]
    return code
