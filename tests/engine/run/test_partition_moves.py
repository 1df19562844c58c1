"""A user who moves from one domain of a forest to another, reported by both domains in whatever order.

Source: facts "engine" section 9 (moves between domains), 2.2 (deletions that match nothing here).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.connector import ImportedObject, ImportKind, ImportPage
from engine.model.configuration import RunStep, StepType

AD, ENTRA = "contoso.com", "contoso.onmicrosoft.com - AAD"
ROOT, EAST = "DC=contoso,DC=com", "DC=east,DC=contoso,DC=com"
KINDS = {"Full Import": StepType.FULL_IMPORT, "Delta Import": StepType.DELTA_IMPORT}


@pytest.fixture
def forest_of_two(deploy):
    """A deployment whose forest has a second domain; ``order``: in which order the steps of an import read them."""

    def build(order=(ROOT, EAST)):
        world = deploy(anchor="objectGUID")
        forest = world.contoso
        ordinal, held = world.server.connector(AD)
        (root,) = held.partitions
        partitions = (root, replace(root, identifier="part-east", dn=EAST, name="east.contoso.com"))
        named = {one.dn: one.identifier for one in partitions}
        profiles = tuple(
            replace(p, steps=tuple(RunStep(KINDS[p.name], named[dn]) for dn in order)) if p.name in KINDS else p
            for p in held.run_profiles
        )
        world.server.connectors[ordinal] = held.with_(partitions=partitions, run_profiles=profiles)
        for verb in ("read_full", "read_delta"):
            setattr(forest, verb, _of_domain(getattr(forest, verb)))
        return world

    return build


def _of_domain(read):
    def pages(partition, *asked):
        for page in read(partition, *asked):
            there = [o for o in page.objects if (EAST in o.dn) is (partition.dn == EAST)]
            yield ImportPage(there, page.watermark)

    return pages


def to_the_east(world, guid):
    """The old domain reports a deletion, the new one the whole object."""
    forest = world.contoso
    old, kind = forest.places[guid]
    forest.places[guid] = (old.replace(ROOT, EAST), kind)
    forest.log.append(ImportedObject(ImportKind.DELETE, f"{old.replace(',', chr(92) + '0ADEL:x,', 1)}", guid, kind))
    forest.log.append(forest._whole(guid))


ORDERS = pytest.mark.parametrize("order", [(ROOT, EAST), (EAST, ROOT)], ids=["old first", "new first"])


@ORDERS
@pytest.mark.parametrize("kind", ["Full", "Delta"])
def test_whichever_domain_is_read_first(forest_of_two, order, kind):
    world = forest_of_two(order)
    ana = world.contoso.add("Ana Lopez")
    world.contoso.add("Bo Berg")
    world.cycle(initial=True)
    world.cycle()
    to_the_east(world, ana)
    run = world.run(AD, f"{kind} Import")
    assert run.counter("StageRename") == 1
    assert [step.result for step in run.steps] == ["success", "success"]
    gone_first = order[0] == ROOT
    assert run.counter("StageDelete") == (1 if gone_first else 0)
    assert run.counter("FilteredDeletions") == (1 if kind == "Delta" and not gone_first else 0)
    world.tenant.batches.clear()
    cycle = world.cycle()
    assert cycle[AD, "Delta Synchronization"].result == "success"
    ((change,),) = world.tenant.batches  # the same cloud user, of another domain
    assert change.attributes == {"dnsDomainName": "east.contoso.com", "netBiosName": "EAST"}
    assert len(world.tenant.objects) == 2
    assert world.contoso.dn(ana).endswith(EAST)


@ORDERS
def test_a_user_deleted_in_the_new_domain_goes(forest_of_two, order):
    world = forest_of_two(order)
    ana = world.contoso.add("Ana Lopez")
    world.contoso.add("Bo Berg")
    world.cycle(initial=True)
    to_the_east(world, ana)
    world.cycle()
    world.contoso.delete(ana)
    assert world.run(AD, "Delta Import").counter("StageDelete") == 1
    world.cycle()
    assert [body["displayName"] for body in world.tenant.objects.values()] == ["Bo Berg"]
