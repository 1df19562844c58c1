"""What happens to passwords in the cloud, and to the rights of the account that reads and writes them on-premises.

Source: facts "install" 20, "tenant" 9 and 10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions, ForestName, ServerName, TenantName
from harness.lab.access_lists import without
from harness.refusal import ScenarioError
from harness.scenario.shapes import Choice

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

#: the password among a user's authentication methods
PASSWORD_METHOD = "28c10230-6103-485e-b985-444c60001490"  # noqa: S105 - an identifier of Graph
RIGHTS = ("Replicating Directory Changes", "Replicating Directory Changes All", "Reset password")
User = Annotated[str, "id, UPN or display name"]


@action("directory.revoke_right", "directory.revoke_right: {server: SYNC1, right: Replicating Directory Changes All}")
def revoke_right(
    lab: Lab,
    server: ServerName,
    right: Annotated[str, Choice(RIGHTS), "as the Security tab names it"],
    forest: ForestName | None = None,
) -> None:
    """Take a right on a domain's head from the account a server connects with, as a clean-up of permissions does."""
    place = lab.forest(forest)
    login = lab.server(server).connector_account(place.name)
    account = place.find(login, ["objectSid"]).first("objectSid") or b""
    head = place.base_dn
    try:
        place.ldap().set_access_list(head, without(place.ldap().access_list(head), account, right))
    except ValueError as absent:
        raise ScenarioError(f"{login}: {absent}") from None


@action("tenant.reset_password", "tenant.reset_password: {user: ana.lopez@contoso.com, password: 'Aa1-harbour-2026'}")
def reset_password(
    lab: Lab, user: User, password: Annotated[str, "new password"], tenant: TenantName | None = None
) -> None:
    """Give a user a new password, as an administrator does in the Entra admin center (Graph: resetPassword); one that
    belongs on-premises is written back, and the answer tells what came of it.
    """
    place = lab.tenant(tenant)
    path = f"users/{place.find_user(user)['id']}/authentication/methods/{PASSWORD_METHOD}/resetPassword"
    place.graph().post(path, {"newPassword": password})


@action(
    "tenant.change_password",
    "tenant.change_password: {user: ana.lopez@contoso.com, old: 'Aa1-x', new: 'Aa1-harbour-2026'}",
)
def change_password(
    lab: Lab,
    user: Annotated[str, "user principal name"],
    old: Annotated[str, "the password so far"],
    new: Annotated[str, "new password"],
    tenant: TenantName | None = None,
) -> None:
    """A person changes the own password on the portal's page; one that belongs on-premises is written back."""
    lab.tenant(tenant).graph().change_password(user, old, new)
