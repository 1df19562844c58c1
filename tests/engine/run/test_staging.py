"""Transient objects: pushed off their DN by another one, under a temporary DN until their directory reports them.

An export add that is pushed off its DN goes, and its metaverse object is looked at again.
"""

from __future__ import annotations

import base64

from engine.connectors.connector import ImportedObject, ImportKind
from engine.views import Windows

ENTRA = "contoso.onmicrosoft.com - AAD"
STAFF = "OU=Staff,DC=contoso,DC=com"


def spaces(world, state=None):
    return list(Windows(world.server.database).connector_space("contoso.com", state))


def displaced(deploy):
    """Ana was renamed, which nobody has told yet, and a new Ana stands at her DN."""
    world = deploy(anchor="objectGUID")
    old = world.contoso.add("Ana Lopez")
    world.cycle(initial=True)
    world.cycle()
    world.contoso.places[old] = (f"CN=Ana Old,{STAFF}", "user")
    world.contoso.add("Ana Lopez", sAMAccountName="ana2", userPrincipalName="ana2@contoso.com")
    world.run("contoso.com", "Delta Import")
    return world, old


def test_the_holder_of_a_dn_that_is_taken_waits_under_a_temporary_one(deploy):
    world, old = displaced(deploy)
    (waiting,) = spaces(world, "transient")
    assert waiting.anchor == old.hex()
    assert waiting.dn.endswith(f",CN=Ana Lopez,{STAFF}")
    assert waiting.states[0] == "transient"
    assert waiting.metaverse is not None


def test_its_rename_brings_it_back(deploy):
    world, old = displaced(deploy)
    world.contoso.log.append(ImportedObject(ImportKind.CHANGE, world.contoso.dn(old), old, "user", {}))
    run = world.run("contoso.com", "Delta Import")
    assert (run.result, run.counter("StageRename")) == ("success", 1)
    assert spaces(world, "transient") == []
    assert {view.dn for view in spaces(world)} == {f"CN=Ana Old,{STAFF}", f"CN=Ana Lopez,{STAFF}"}


def test_its_deletion_ends_it(deploy):
    world, old = displaced(deploy)
    world.contoso.delete(old)
    assert world.run("contoso.com", "Delta Import").counter("StageDelete") == 1
    world.run("contoso.com", "Delta Synchronization")
    assert spaces(world, "transient") == []


def test_two_objects_that_swap_names_are_renamed_and_none_is_left_waiting(deploy):
    world = deploy(anchor="objectGUID")
    guids = [world.contoso.add(name) for name in ("Ana Lopez", "Bo Berg")]
    world.cycle(initial=True)
    world.cycle()
    first, second = (world.contoso.dn(guid) for guid in guids)
    for guid, dn in zip(guids, (second, first), strict=True):
        kind = world.contoso.places[guid][1]
        world.contoso.places[guid] = (dn, kind)
        world.contoso.log.append(ImportedObject(ImportKind.CHANGE, dn, guid, kind, {}))
    run = world.run("contoso.com", "Delta Import")
    assert (run.result, run.counter("StageRename")) == ("success", 2)
    assert {view.dn: view.anchor for view in spaces(world)} == {second: guids[0].hex(), first: guids[1].hex()}


def test_an_export_add_whose_dn_a_known_object_takes_is_decided_again(deploy):
    """Somebody gives Ana's cloud object the source anchor of Bo, who has not been exported yet."""
    world = deploy(anchor="objectGUID")
    ana = world.contoso.add("Ana Lopez")
    world.cycle(initial=True)
    world.cycle()
    bo = world.contoso.add("Bo Berg")
    world.cycle(export=False)
    tenant, old, new = world.tenant, *(base64.b64encode(guid).decode() for guid in (ana, bo))
    tenant.objects[new], tenant.types[new] = tenant.objects.pop(old), tenant.types.pop(old)
    tenant.log.append(("update", new))
    world.run(ENTRA, "Delta Import")
    assert world.pending_exports() == 0
    (waiting,) = spaces(world, "pending-import")
    assert waiting.anchor == bo.hex()
    (error,) = world.run("contoso.com", "Delta Synchronization").errors
    assert (error.dn, error.error_type) == (f"CN=Bo Berg,{STAFF}", "ambiguous-import-flow-from-multiple-connectors")
