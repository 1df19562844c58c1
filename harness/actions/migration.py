"""Moves between forests, as a migration tool makes them: copies with SID history, password and anchor as chosen.

Source: facts "install" section 25, "directory" section 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from harness.actions.directory import Container, First, Object, Where, add_ou, targets
from harness.actions.registry import Actions, ForestName
from harness.lab.late_anchor import warn_of_late_anchor
from harness.lab.ldap_client import REPLACE
from harness.lab.migration import CONSISTENCY_GUID, EXCLUDED, Migration, MigrationOptions, anchor_of

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action

From = Annotated[ForestName, "forest the account is in now"]
To = Annotated[ForestName, "forest it goes to"]


@action(
    "directory.migrate",
    "directory.migrate: {object: Ana Lopez, forest: contoso.com, to_forest: fabrikam.com, to: Arrivals}",
)
def migrate(
    lab: Lab,
    to_forest: To,
    to: Annotated[str, "OU there, made when it is missing"],
    forest: From,
    object_: Object | None = None,
    in_: Container | None = None,
    where: Where | None = None,
    first: First | None = None,
    anchor: Annotated[
        Literal["copy", "none"], "whether mS-DS-ConsistencyGuid (objectGUID where it is empty) goes along at creation"
    ] = "copy",
    sid_history: Annotated[bool, "whether the old SID goes to sIDHistory"] = True,
    password: Annotated[Literal["copy", "new"], "the old password, or a made-up one"] = "copy",  # noqa: S107
    upn: Annotated[Literal["keep", "target"], "the old userPrincipalName, or logon name and target domain"] = "keep",
    enabled: Annotated[Literal["same", "enabled", "disabled"], "state of the copy"] = "same",
    source: Annotated[Literal["keep", "disable", "delete"], "what becomes of the original"] = "keep",
    exclude: Annotated[list[str], "attributes left behind; mail and proxyAddresses without it"] | None = None,
) -> None:
    """Copy accounts to another forest, as ADMT does: new objects with new GUIDs and SIDs. A group's members become
    their copies where there are any. Stamping the anchor later is directory.copy_anchor; a move within a forest is
    directory.move_to_domain.
    """
    place, target = lab.forest(forest), lab.forest(to_forest)
    options = MigrationOptions(
        container=to,
        anchor=anchor == "copy",
        sid_history=sid_history,
        password=password == "copy",  # noqa: S105 - a choice, no secret
        upn=upn,
        target=enabled,
        source=source,
        exclude=tuple(EXCLUDED if exclude is None else exclude),
    )
    migration = Migration(place, target, lab.seeds, options)
    chosen = targets(place, object_, in_, where, first, ["*"])
    add_ou(lab, to, to_forest)
    migration.run(chosen)


@action(
    "directory.copy_anchor",
    "directory.copy_anchor: {object: Ana Lopez, forest: contoso.com, to_forest: fabrikam.com}",
)
def copy_anchor(
    lab: Lab,
    object_: Object,
    forest: From,
    to_forest: To,
    to: Annotated[str, "name of the copy; the same name without it"] | None = None,
    clear_source: Annotated[bool, "empty the attribute of the original afterwards"] = False,
) -> None:
    """Stamp the anchor of an account on its copy in another forest, which exists already."""
    place, target = lab.forest(forest), lab.forest(to_forest)
    original = place.find(object_, [CONSISTENCY_GUID, "objectGUID"])
    copy = target.find(to or object_, ["1.1"])
    for where, dn, values in ((target, copy.dn, [anchor_of(original)]), (place, original.dn, [])):
        if values or clear_source:
            where.ldap().modify(dn, [(REPLACE, CONSISTENCY_GUID, values)])
            warn_of_late_anchor(lab, where, dn, {CONSISTENCY_GUID: values})
