"""An export that does not come back: told with both values, shown until it is settled, cleared when it is."""

from __future__ import annotations

import base64
import json

from engine.views import Windows

ENTRA = "contoso.onmicrosoft.com - AAD"


def forgetful(deploy, name="title", **person):
    world = deploy(anchor="objectGUID")
    guid = world.contoso.add("Ana Lopez", title="Engineer", **person)
    world.cycle(initial=True)
    world.cycle()
    world.tenant.forget.add(name)
    return world, guid


def errors(world):
    found = Windows(world.server.database).connector_space(ENTRA, "import-error")
    return [error for view in found for error in view.errors]


def test_the_warning_has_both_values_and_stands(deploy):
    world, guid = forgetful(deploy)
    world.contoso.change(guid, title="Lead")
    world.cycle()
    world.run(ENTRA, "Delta Import")
    (error,) = errors(world)
    assert (error.phase, error.error_type, error.retry_count) == ("import", "exported-change-not-reimported", 0)
    assert error.detail["delta"] == {"title": {"exported": "Lead", "imported": "Engineer"}}
    assert error.detail["attributes"] == "title"


def test_each_further_try_is_counted(deploy):
    world, guid = forgetful(deploy)
    world.contoso.change(guid, title="Lead")
    for _ in range(3):
        world.cycle()
    (error,) = errors(world)
    assert error.retry_count == 1


def test_it_goes_when_the_value_comes_back(deploy):
    world, guid = forgetful(deploy)
    world.contoso.change(guid, title="Lead")
    world.cycle()
    world.cycle()
    assert errors(world)
    world.tenant.forget.clear()
    world.cycle()
    world.cycle()
    assert errors(world) == []


def test_a_reference_is_told_by_name(deploy):
    world, guid = forgetful(deploy, "manager")
    boss = world.contoso.add("Bo Berg")
    world.cycle()
    world.cycle()
    world.contoso.change(guid, manager=world.contoso.dn(boss))
    world.cycle()
    world.run(ENTRA, "Delta Import")
    (error,) = errors(world)
    wanted = "CN={" + base64.b64encode(boss).hex().upper() + "}"
    assert error.detail["delta"] == {"manager": {"exported": wanted, "imported": None}}


def test_a_full_import_that_warns_still_drops_what_it_does_not_see(deploy):
    world, guid = forgetful(deploy)
    other = world.contoso.add("Bo Berg")
    world.cycle()
    world.cycle()
    world.contoso.change(guid, title="Lead")
    world.cycle()
    anchor = base64.b64encode(other).decode()
    del world.tenant.objects[anchor]
    run = world.run(ENTRA, "Full Import")
    assert (run.result, run.counter("StageDelete")) == ("completed-warnings", 1)


def test_the_run_keeps_text_only(deploy):
    world, guid = forgetful(deploy)
    world.contoso.change(guid, title="Lead")
    world.cycle()
    world.run(ENTRA, "Delta Import")
    run = next(world.server.history.runs())
    (error,) = run.errors
    assert json.loads(error.detail["delta"])["title"]["exported"] == "Lead"
