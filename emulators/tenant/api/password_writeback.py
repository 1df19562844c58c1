"""A password set or changed in the cloud that belongs on-premises: Graph's reset by an administrator, a person's own
change in the portal. Both wait for the server's answer.

Source: facts "tenant" 10 (PW): portal and Graph resetPassword are written back, the Microsoft 365 admin center (a PATCH
of passwordProfile) is not. The portal's address is ours.
"""

from __future__ import annotations

from typing import Any

from emulators.tenant import problems
from emulators.tenant.api.exchange import JSON, Answer, Call, Desk, LaterAnswer, Route, text_key
from emulators.tenant.api.users import find_user
from emulators.tenant.core import cloud_users, password_writeback, passwords
from emulators.tenant.core.identities import User
from emulators.tenant.core.refusals import GraphError, bad_request, not_found
from emulators.tenant.core.signing_in.relay import Errand
from emulators.tenant.core.tenant import Tenant
from emulators.tenant.sealing import seal

WRITE = ("UserAuthenticationMethod.ReadWrite.All",)
CHANGE = "/passwordreset/ChangePassword"
RESET = "/users/<key>/authentication/methods/<method>/resetPassword"
WEAK = (
    "The specified password does not comply with password complexity requirements. Please provide a different password."
)


def reset_password(desk: Desk, call: Call, key: str, method: str) -> Answer:
    """An administrator gives somebody a new password (authenticationMethod: resetPassword)."""
    tenant, user = desk.tenant, find_user(desk.tenant, key)
    if method != password_writeback.PASSWORD_METHOD:
        raise not_found(method)
    password = text_key(call.json().get("newPassword"), "newPassword")
    accepted = Answer(202)
    if not password_writeback.mastered_on_premises(user):
        _set_in_cloud(tenant, user, password, force=True)
        return accepted
    request = {"Operation": "reset-by-administrator", "ForceChange": True}
    return _written_back(desk, call, user, request, password, "", accepted)


def change_password(desk: Desk, call: Call) -> Answer:
    """A person changes a password that is known (the portal's page)."""
    tenant = desk.tenant
    try:
        body = call.json()
        user = tenant.by_upn.get(text_key(body.get("username"), "username").strip().lower())
        old = text_key(body.get("currentPassword"), "currentPassword")
        new = text_key(body.get("newPassword"), "newPassword")
        if user is None:
            raise password_writeback.refused("OnPremisesWrongPassword", "The user name or password is not right.")
        accepted = Answer(200, b"{}", content_type=JSON)
        if password_writeback.mastered_on_premises(user):
            return _written_back(desk, call, user, {"Operation": "change"}, new, old, accepted)
        if user.credential is None or not passwords.matches(user.credential, old):
            raise password_writeback.refused("OnPremisesWrongPassword", "The user name or password is not right.")
        _set_in_cloud(tenant, user, new, force=False)
    except GraphError as problem:
        return problems.graph_answer(tenant, call, problem)
    return accepted


def _set_in_cloud(tenant: Tenant, user: User, password: str, *, force: bool) -> None:
    if not passwords.acceptable(password):
        raise bad_request(WEAK)
    cloud_users.set_password(tenant, user, password, force_change=force)


def _written_back(
    desk: Desk, call: Call, user: User, request: dict[str, Any], new: str, old: str, accepted: Answer
) -> Answer:
    """Hand the password to the server that listens; the answer waits for its word."""
    tenant = desk.tenant
    found = password_writeback.listening(tenant)
    if found is None:
        tenant.record("tenant.password-writeback.done", id=user.id, outcome=password_writeback.SERVICE_DOWN[0])
        raise password_writeback.refused(*password_writeback.SERVICE_DOWN)
    line, key = found
    later = LaterAnswer()

    def done(answer: Any) -> None:
        refusal = password_writeback.refusal_of(answer)
        outcome = "set" if refusal is None else refusal[0]
        tenant.record("tenant.password-writeback.done", id=user.id, machine=line.machine, outcome=outcome)
        if refusal is None:
            if user.credential is not None:  # the cloud keeps a hash of its own and takes the new one at once
                cloud_users.set_password(tenant, user, new, force_change=request.get("ForceChange") is True)
            later.settle(accepted)
        else:
            later.settle(problems.graph_answer(tenant, call, password_writeback.refused(*refusal)))

    sealed = {"Password": seal(key, new)} | ({"OldPassword": seal(key, old)} if old else {})
    whole = {**request, "CloudAnchor": user.cloud_anchor, **sealed}
    line.ask(Errand(tenant.tracking_id(), whole, done))
    return later


ROUTES: tuple[Route, ...] = (Route("POST", RESET, reset_password, WRITE),)
