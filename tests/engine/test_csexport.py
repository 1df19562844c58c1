"""csexport: the paths scripts read, and each hologram is the one below with its delta applied."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.connectors.connector import ValueChanges
from engine.csexport import connector_space_pieces, filter_states, object_xml
from engine.errors import ConfigurationError
from engine.model.change import Operation
from engine.model.cs_object import CSObject
from engine.model.identity import cs_number
from engine.model.xml_document import read_document
from engine.views import Windows

ENTRA = "contoso.onmicrosoft.com - AAD"
LAYERS = ("synchronized", "pending-import", "unconfirmed-export", "escrowed-export", "unapplied-export")


def exported(world, connector=ENTRA, letters="", **scope):
    pieces = connector_space_pieces(Windows(world.server.database), connector, letters, **scope)
    root = read_document("".join(pieces), "csexport")
    assert root.name == "cs-objects"
    return root.all("cs-object")


def values(element):
    """{attribute: set of (operation, value)} of an entry or a delta, and {attribute: its own operation}."""
    found, told = {}, {}
    for attribute in [*element.all("attr"), *element.all("dn-attr")]:
        name = attribute.attributes["name"]
        told[name] = attribute.attributes.get("operation", "")
        found[name] = {
            (v.attributes.get("operation", "add"), v.text_at("dn") if v.name == "dn-value" else v.text)
            for v in attribute
        }
    return found, told


def image(element):
    """An entry as {attribute: set of values}; None for an empty hologram."""
    entry = element.child("entry")
    return None if entry is None else {name: {v for _, v in held} for name, held in values(entry)[0].items()}


def applied(below, delta):
    """What a reader makes of a delta by the documented meaning of its operations."""
    if delta is None:
        return below
    operation = delta.attributes["operation"]
    if operation == "delete":
        return None
    if operation == "update" and below is None:
        return None
    result = {} if operation == "delete-add" else dict(below or {})
    found, told = values(delta)
    for name, given_ in found.items():
        match told[name] if operation == "update" else "replace":
            case "delete":
                result.pop(name, None)
            case "update":
                gone = {v for kind, v in given_ if kind == "delete"}
                new = {v for kind, v in given_ if kind == "add"}
                result[name] = (result[name] - gone) | new
            case _:
                result[name] = {v for _, v in given_}
    return result


def check_layers(element):
    below = image(element.child("synchronized-hologram"))
    for name in LAYERS[1:]:
        holder = element.child(name)
        below = applied(below, holder.child("delta") if holder is not None else None)
        assert image(element.child(f"{name}-hologram")) == below, (name, element.attributes["cs-dn"])


def test_the_paths_of_the_analyzer_script(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez", title="Engineer")
    world.cycle(initial=True, export=False)
    (one,) = exported(world, letters="x")
    assert one.attributes["object-type"] == "user"
    assert one.attributes["transient"] == "false"
    identifier = one.attributes["id"].strip("{}").lower()
    assert cs_number(world.server.database.identity, identifier) is not None
    delta = one.at("unapplied-export/delta")
    assert (delta.attributes["operation"], delta.attributes["dn"]) == ("add", one.attributes["cs-dn"])
    entry = one.at("unapplied-export-hologram/entry")
    held = {a.attributes["name"]: a.text_at("value") for a in entry.all("attr")}
    assert held["displayName"] == "Ana Lopez"
    assert held["accountEnabled"] == "true"
    assert one.text_at("connector") == "1"
    assert one.at("cs-mv-links/mv-link").attributes["lineage-type"] == "provisioning-rules"
    assert one.text_at("export-delta-operation") == "add"


def test_an_update_names_what_is_replaced_added_and_removed(deploy):
    world = deploy()
    ana = world.contoso.add("Ana Lopez", title="Engineer", department="Sales", proxyAddresses=["smtp:a@x", "smtp:b@x"])
    world.cycle(initial=True)
    world.cycle()
    world.contoso.change(ana, title="Lead", department=None, company="Contoso", proxyAddresses=["smtp:a@x", "smtp:c@x"])
    world.cycle(export=False)
    (one,) = exported(world, letters="x")
    delta = one.at("unapplied-export/delta")
    assert delta.attributes["operation"] == "update"
    found, told = values(delta)
    assert {
        "title": "replace",
        "department": "delete",
        "company": "add",
        "proxyAddresses": "update",
    }.items() <= told.items()
    assert found["proxyAddresses"] == {("delete", "smtp:b@x"), ("add", "smtp:c@x")}
    check_layers(one)


def test_references_are_names_with_anchors(deploy):
    world = deploy()
    ana = world.contoso.add("Ana Lopez")
    world.contoso.add("Team", "group", member=[world.contoso.dn(ana)])
    world.cycle(initial=True, export=False)
    team = next(o for o in exported(world, "contoso.com") if o.attributes["object-type"] == "group")
    (member,) = team.at("synchronized-hologram/entry").all("dn-attr")
    assert (member.attributes["name"], member.attributes["multivalued"]) == ("member", "true")
    (value,) = member.all("dn-value")
    assert value.text_at("dn") == world.contoso.dn(ana)
    assert value.child("anchor").attributes == {"encoding": "base64"}


def test_a_placeholder_has_no_type_and_no_hologram(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez", manager="CN=Gone,OU=Elsewhere,DC=contoso,DC=com")
    world.run("contoso.com", "Full Import")
    gone = next(o for o in exported(world, "contoso.com") if o.attributes["cs-dn"].startswith("CN=Gone"))
    assert "object-type" not in gone.attributes
    assert all(image(gone.child(f"{name}-hologram")) is None for name in LAYERS)


def test_what_came_back_otherwise_is_shown_with_its_delta(deploy):
    world = deploy()
    ana = world.contoso.add("Ana Lopez", title="Engineer")
    world.cycle(initial=True)
    world.cycle()
    world.tenant.forget.add("title")
    world.contoso.change(ana, title="Lead")
    world.cycle()
    world.run(ENTRA, "Delta Import")
    (one,) = exported(world, letters="i")
    detail = one.child("import-errordetail")
    assert detail.text_at("error-type") == "exported-change-not-reimported"
    (attribute,) = detail.at("change-not-reimported/delta").all("attr")
    assert (attribute.attributes["name"], attribute.attributes["operation"]) == ("title", "replace")
    assert attribute.text_at("value") == "Lead"


def test_an_export_error_is_told(deploy):
    world = deploy()
    guid = world.contoso.add("Ana Lopez")
    world.tenant.refused[base64.b64encode(guid).decode()] = "InvalidSoftMatch"
    world.cycle(initial=True)
    (one,) = exported(world, letters="e")
    assert one.at("export-errordetail").text_at("error-type") == "InvalidSoftMatch"
    assert one.at("export-errordetail/cd-error").text_at("error-literal") == "refused"


@pytest.mark.parametrize(
    ("letters", "states"),
    [("", ()), ("x", ("pending-export",)), ("/f:x", ("pending-export",)), ("di", ("disconnector", "import-error"))],
)
def test_filters(letters, states):
    assert filter_states(letters) == states


def test_an_unknown_filter():
    with pytest.raises(ConfigurationError, match="no filter 'z'"):
        filter_states("xz")


def test_an_unknown_connector(deploy):
    with pytest.raises(LookupError, match="there is no connector"):
        exported(deploy(), "fabrikam.com")


def test_values_that_xml_cannot_hold(deploy):
    world = deploy()
    world.contoso.add("Ana Lopez", info="a\x00b", displayName="Ana <&> \u2028 Lopez")
    world.run("contoso.com", "Full Import")
    (one,) = exported(world, "contoso.com")
    held = {a.attributes["name"]: a.child("value") for a in one.at("pending-import-hologram/entry").all("attr")}
    assert held["info"].attributes == {"encoding": "base64"}
    assert held["displayName"].text == "Ana <&> \u2028 Lopez"


people = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["Lead", None]),
        "proxyAddresses": st.sampled_from([["smtp:a@x"], ["smtp:a@x", "x:b"], None]),
    }
)
moves = st.sampled_from(["title", "addresses", "import", "sync", "export", "cycle", "delete", "forget", "member"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=st.lists(people, min_size=1, max_size=3), steps=st.lists(moves, max_size=12))
def test_each_hologram_is_the_one_below_with_its_delta(deployment_class, first, steps):
    with tempfile.TemporaryDirectory() as folder:
        world = deployment_class(Path(folder), ("contoso.com",), None)
        made = [world.contoso.add(f"Person {n}", **one) for n, one in enumerate(first)]
        team = world.contoso.add("Team", "group", member=[world.contoso.dn(made[0])])
        try:
            world.cycle(initial=True)
            for number, step in enumerate(steps):
                _move(world, made, team, number, step)
            for connector in ("contoso.com", ENTRA):
                for element in exported(world, connector):
                    check_layers(element)
        finally:
            world.server.close()


def _move(world, made, team, number, step):
    alive = [guid for guid in made if guid in world.contoso.objects]
    one = alive[number % len(alive)] if alive else None
    if step == "import":
        for connector in ("contoso.com", ENTRA):
            world.run(connector, "Delta Import")
    elif step == "sync":
        for connector in ("contoso.com", ENTRA):
            world.run(connector, "Delta Synchronization")
    elif step == "export":
        world.run(ENTRA, "Export")
    elif step == "cycle":
        world.cycle()
    elif step == "forget":
        world.tenant.forget.add("title")
    elif one is None:
        return
    elif step == "title":
        world.contoso.change(one, title=f"Title {number}" if number % 3 else None)
    elif step == "addresses":
        world.contoso.change(one, proxyAddresses=[f"smtp:{number}@x", "smtp:a@x"])
    elif step == "member":
        dn = world.contoso.dn(one)
        held = dn in world.contoso.objects[team].get("member", [])
        world.contoso.change(team, member=ValueChanges(removed=(dn,)) if held else ValueChanges(added=(dn,)))
    elif step == "delete" and len(alive) > 1:
        dn = world.contoso.dn(one)
        world.contoso.delete(one)
        kept = [m for m in world.contoso.objects[team].get("member", []) if m != dn]
        world.contoso.objects[team]["member"] = kept


def test_one_object_alone(deploy):
    world = deploy()
    cs = CSObject(1, next(iter(world.server.connectors)), "user", "CN=Ana")
    cs.pending_export, cs.unapplied = Operation.ADD, {"displayName": "Ana"}
    root = read_document(object_xml(Windows(world.server.database), cs), "one")
    (one,) = root.all("cs-object")
    check_layers(one)
