"""/contacts: organisational contacts, which only synchronisation makes. Source: facts "tenant" 1.3, 14."""

from __future__ import annotations

from emulators.tenant.api import deltas
from emulators.tenant.api.exchange import Answer, Call, Desk, Route, no_content
from emulators.tenant.api.rendering import collection, mixed, read_single, single
from emulators.tenant.api.users import groups_of
from emulators.tenant.core import lifecycle
from emulators.tenant.core.identities import CloudObject, Kind
from emulators.tenant.core.refusals import not_found
from emulators.tenant.core.tenant import Tenant

READ = ("OrgContact.Read.All", "Directory.Read.All", "Directory.ReadWrite.All")
WRITE = ("Directory.ReadWrite.All",)


def find_contact(tenant: Tenant, key: str) -> CloudObject:
    found = tenant.find(key, Kind.CONTACT)
    if found is None:
        raise not_found(key)
    return found


def list_contacts(desk: Desk, call: Call) -> Answer:
    return collection(desk, call, Kind.CONTACT)


def count_contacts(desk: Desk, call: Call) -> Answer:
    return deltas.count(desk, call, Kind.CONTACT)


def contacts_delta(desk: Desk, call: Call) -> Answer:
    return deltas.delta(desk, call, Kind.CONTACT)


def get_contact(desk: Desk, call: Call, key: str) -> Answer:
    return single(call, find_contact(desk.tenant, key), read_single(call, Kind.CONTACT), desk)


def delete_contact(desk: Desk, call: Call, key: str) -> Answer:
    """Removing an orphan by hand is allowed, synchronised or not (facts 8.1)."""
    lifecycle.delete(desk.tenant, find_contact(desk.tenant, key), lifecycle.Event.CLOUD_DELETE)
    return no_content()


def member_of(desk: Desk, call: Call, key: str) -> Answer:
    return mixed(desk, call, groups_of(desk.tenant, find_contact(desk.tenant, key).id, nested=False))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/contacts", list_contacts, READ),
    Route("GET", "/contacts/$count", count_contacts, READ),
    Route("GET", "/contacts/delta", contacts_delta, READ),
    Route("GET", "/contacts/<key>", get_contact, READ),
    Route("DELETE", "/contacts/<key>", delete_contact, WRITE),
    Route("GET", "/contacts/<key>/memberOf", member_of, READ),
)
