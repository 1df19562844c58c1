"""One object imported or exported by itself: the rest of the connector space does not move."""

from __future__ import annotations

import base64

import pytest

from engine.errors import EngineError
from engine.run.specific_object import EXPORT, IMPORT, specific_object_run
from engine.views import Windows

ENTRA = "contoso.onmicrosoft.com - AAD"
ANA = "CN=Ana Lopez,OU=Staff,DC=contoso,DC=com"


def run(world, profile=IMPORT, dn=ANA, connector="contoso.com", step=None):
    return specific_object_run(world.server, connector=connector, profile=profile, dn=dn, step=step)


def view(world, dn=ANA, connector="contoso.com"):
    return Windows(world.server.database).by_dn(connector, dn)


def cloud_dn(guid):
    return "CN={" + base64.b64encode(guid).hex().upper() + "}"


class TestImport:
    def test_only_the_object_is_staged_and_the_watermark_stays(self, deploy):
        world = deploy()
        ana = world.contoso.add("Ana Lopez", title="Engineer")
        bo = world.contoso.add("Bo Berg")
        world.cycle(initial=True)
        world.cycle()
        world.contoso.change(ana, title="Lead")
        world.contoso.change(bo, title="Clerk")
        result = run(world)
        assert (result.result, result.counter("StageUpdate")) == ("success", 1)
        assert view(world).imported["title"] == "Lead"
        assert view(world, "CN=Bo Berg,OU=Staff,DC=contoso,DC=com").pending_import == "none"
        later = world.run("contoso.com", "Delta Import")
        assert later.counter("StageUpdate") == 1  # Bo; Ana's change is known already
        assert later.counter("StageNoChange") == 1

    def test_a_new_object(self, deploy):
        world = deploy()
        world.cycle(initial=True)
        world.contoso.add("Ana Lopez")
        assert run(world).counter("StageAdd") == 1
        assert view(world).pending_import == "add"

    def test_nothing_new(self, deploy):
        world = deploy()
        world.contoso.add("Ana Lopez")
        world.cycle(initial=True)
        world.cycle()
        assert run(world).steps[0].statistics.counters == {"StageNoChange": 1}

    def test_an_object_that_moved_is_followed(self, deploy):
        world = deploy()
        ana = world.contoso.add("Ana Lopez")
        world.cycle(initial=True)
        world.cycle()
        world.contoso.move(ana, "CN=Ana Lopez,OU=Sales,DC=contoso,DC=com")
        assert run(world).counter("StageRename") == 1

    def test_an_object_that_is_gone(self, deploy):
        world = deploy()
        ana = world.contoso.add("Ana Lopez")
        world.cycle(initial=True)
        world.cycle()
        world.contoso.delete(ana)
        assert run(world).counter("StageDelete") == 1

    def test_an_object_that_never_was(self, deploy):
        world = deploy()
        world.cycle(initial=True)
        assert run(world).steps[0].statistics.counters == {}

    def test_the_tenant_s_changes_are_read_and_one_is_taken(self, deploy):
        world = deploy(anchor="objectGUID")
        guids = [world.contoso.add(name) for name in ("Ana Lopez", "Bo Berg")]
        world.cycle(initial=True)
        first, second = map(cloud_dn, guids)
        assert run(world, dn=first, connector=ENTRA).result == "success"
        assert not view(world, first, ENTRA).awaiting_confirmation
        assert view(world, second, ENTRA).awaiting_confirmation
        world.run(ENTRA, "Delta Import")
        assert not view(world, second, ENTRA).awaiting_confirmation
        assert run(world, dn=first, connector=ENTRA).steps[0].statistics.counters == {"StageNoChange": 1}

    def test_before_the_first_full_import_of_the_tenant(self, deploy):
        world = deploy()
        result = run(world, dn="CN={41}", connector=ENTRA)
        assert result.result == "no-start-full-import-required"


class TestExport:
    def test_only_what_waits_for_the_object_leaves(self, deploy):
        world = deploy(anchor="objectGUID")
        guids = [world.contoso.add(name) for name in ("Ana Lopez", "Bo Berg")]
        world.cycle(initial=True, export=False)
        result = run(world, EXPORT, cloud_dn(guids[0]), ENTRA)
        assert (result.result, result.counter("ExportAdd")) == ("success", 1)
        assert [o["displayName"] for o in world.tenant.objects.values()] == ["Ana Lopez"]
        assert world.pending_exports() == 1

    def test_the_deletion_guard_counts_this_object_only(self, deploy):
        from engine.run.delete_threshold import DeletionThreshold

        world = deploy(anchor="objectGUID")
        guids = [world.contoso.add(name) for name in ("Ana Lopez", "Bo Berg", "Cy Coe")]
        world.cycle(initial=True)
        world.cycle()
        for guid in guids:
            world.contoso.delete(guid)
        world.cycle(export=False)
        world.threshold = DeletionThreshold(threshold=1)
        assert world.run(ENTRA, "Export").result == "stopped-deletion-threshold-exceeded"
        assert run(world, EXPORT, cloud_dn(guids[0]), ENTRA).counter("ExportDelete") == 1
        assert len(world.tenant.objects) == 2

    def test_an_object_with_nothing_to_send(self, deploy):
        world = deploy()
        assert run(world, EXPORT, "CN={41}", ENTRA).steps[0].statistics.counters == {}


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"profile": "Specific Import"}, "no-start-unknown-profile-name"),
        ({"connector": "fabrikam.com"}, "no-such-connector"),
        ({"step": 2}, "no-such-step"),
        ({"dn": "CN=Ana,DC=elsewhere"}, "no-such-step"),
        ({"profile": "Delta Import"}, "not-for-one-object"),
    ],
)
def test_what_is_refused(deploy, how, code):
    with pytest.raises(EngineError) as refusal:
        run(deploy(), **how)
    assert refusal.value.code == code


def test_without_an_object_the_profile_does_not_run(deploy):
    assert deploy().run("contoso.com", IMPORT).result == "call-failure"


def test_the_run_is_kept_in_the_history(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez")
    run(world)
    (kept,) = world.server.history.runs()
    assert (kept.profile, kept.steps[0].type, kept.counter("StageAdd")) == (IMPORT, "specific-object-import", 1)
