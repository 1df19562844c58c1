"""What concerns several domains of one forest: moves between them, and controllers that cannot be reached.

Source: facts "directory" section 12 (moves), catalogue CUST-11 and DR-18 (a controller out of reach).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from harness.actions.directory import Container, First, Object, Where, add_ou, first_rdn, targets
from harness.actions.registry import Actions, ForestName
from harness.lab.ldap_client import BASE, DELETE
from harness.lab.population import container_dn
from harness.lab.reactor import in_reactor

if TYPE_CHECKING:
    from harness.lab.forest import Forest
    from harness.lab.lab import Lab
    from harness.lab.ldap_client import Entry

ACTIONS = Actions()
action = ACTIONS.action

GLOBAL = 0x2


@action(
    "directory.move_to_domain",
    "directory.move_to_domain: {object: Ana Lopez, domain: contoso.com, to: Staff}",
)
def move_to_domain(
    lab: Lab,
    domain: Annotated[ForestName, "domain of the same forest to move to"],
    to: Annotated[str, "OU there, made when it is missing"],
    object_: Object | None = None,
    in_: Container | None = None,
    where: Where | None = None,
    first: First | None = None,
    forest: Annotated[ForestName, "domain the object is in now; the only forest's root without it"] | None = None,
) -> None:
    """Move one object, or several, to another domain of the forest: objectGUID and password stay, the SID is new and
    the old one goes to sIDHistory. Memberships of global groups end first, as a migration tool sees to; a move within
    one domain is directory.move.
    """
    place, target = lab.forest(forest), lab.forest(domain)
    add_ou(lab, to, domain)
    superior = container_dn(to, target.base_dn)
    for entry in targets(place, object_, in_, where, first, ["memberOf"]):
        _leave_global_groups(place, entry)
        place.ldap().move_between_domains(entry.dn, first_rdn(entry.dn), superior, target.controller_dns)


def _leave_global_groups(place: Forest, entry: Entry) -> None:
    for value in entry.values("memberOf"):
        group = value.decode()
        held = place.search("(groupType=*)", ["groupType"], base=group, scope=BASE) if _is_of(group, place) else []
        if held and int(held[0].first("groupType") or b"0") & GLOBAL:
            place.ldap().modify(group, [(DELETE, "member", [entry.dn.encode()])])


def _is_of(dn: str, place: Forest) -> bool:
    """Whether a name is of a domain itself, not of one below it."""
    base = place.base_dn.lower()
    return dn.lower().endswith(base) and not dn.lower()[: -len(base)].rstrip(",").rpartition(",")[2].startswith("dc=")


@action("directory.controller", "directory.controller: {domain: contoso.com, state: down}")
def controller(
    lab: Lab,
    domain: Annotated[ForestName, "whose domain controller"],
    state: Annotated[Literal["up", "down"], "down: connections are closed as they come"],
) -> None:
    """Take the domain controller of a domain off the network, or put it back."""
    place = lab.forest(domain)
    place.hang_up()
    in_reactor(place.service.set_down, place.name, state == "down")
    lab.timeline.note("stage.controller", domain=place.name, state=state)
