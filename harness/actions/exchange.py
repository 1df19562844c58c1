"""What an Exchange administrator does in a forest. Source: facts "install" OPT-02."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.directory import add_ou
from harness.actions.registry import Actions, ForestName

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action


@action("directory.add_public_folder", "directory.add_public_folder: {name: Orders, mail: orders@contoso.com}")
def add_public_folder(
    lab: Lab,
    name: Annotated[str, "name of the folder"],
    mail: Annotated[str, "its mail address"],
    in_: Annotated[str, "organizational unit, made when it is missing"] = "Public Folders",
    forest: ForestName | None = None,
) -> None:
    """Mail-enable a public folder: its object in the directory, in a forest with the Exchange schema."""
    place = lab.forest(forest)
    add_ou(lab, in_, forest)
    place.ldap().add(
        f"CN={name},{place.container(in_)}",
        {
            "objectClass": [b"top", b"publicFolder"],
            "displayName": [name.encode()],
            "mail": [mail.encode()],
            "mailNickname": [mail.partition("@")[0].encode()],
            "proxyAddresses": [f"SMTP:{mail}".encode()],
        },
    )
