"""Objects that cannot be read or synchronized: an error with the product's name for each, and the others go on.

Source: facts "engine" 17.1, 17.2 (names), 2.2 (what a full import with read errors does not do).
"""

from __future__ import annotations

import base64

import pytest

from engine.connectors.active_directory.entry_reading import typed_values
from engine.connectors.connector import ImportedObject, ImportKind
from engine.connectors.entra.entity_mapping import read_value
from engine.model.schema import AttributeDefinition, AttributeType

AD, ENTRA = "contoso.com", "contoso.onmicrosoft.com - AAD"
FAILED = "completed-sync-errors"

#: attributes of one user among three -> (error type, part of its text); None: no error, and what becomes of the user
BAD = {
    "too long for the metaverse": ({"displayName": "x" * 449}, ("mv-constraint-violation", "449 characters")),
    "too long through an expression": ({"title": "x" * 449}, ("mv-constraint-violation", "title")),
    "several for one": ({"mail": ["a@x", "b@x"]}, ("flow-multi-values-to-single-value", "2 values")),
    "one for several": ({"proxyAddresses": "SMTP:a@x"}, ("sync-generic-failure", "RemoveDuplicates")),
    "octets for text": ({"proxyAddresses": [b"\xff"]}, ("sync-generic-failure", "Trim: argument 1 must be str")),
    "text for octets": ({"objectSid": "S-1-5"}, ("sync-generic-failure", "StringFromSid: argument 1 must be bin")),
    "no identifier": ({"objectSid": b"\x01"}, ("sync-generic-failure", "no security identifier")),
    "before all time": ({"pwdLastSet": -1}, ("sync-generic-failure", "before 1601")),
    "after all time": ({"pwdLastSet": 2**63 - 1}, ("sync-generic-failure", "beyond the year 9999")),
    "text for a number": ({"pwdLastSet": "soon"}, ("sync-generic-failure", "must be num")),
}
#: what is odd and no error: attributes -> whether the user reaches the tenant
ODD = {
    "no source anchor": ({"objectGUID": None}, False),  # without a value for sourceAnchor no rule lets it out
    "a discovery mailbox and more": ({"msExchRecipientTypeDetails": 2**63 - 1}, False),  # filtered by its bits
    "a manager that is no DN": ({"manager": "somebody"}, True),  # stays a placeholder, so nothing to refer to
    "its own manager": ({"manager": "CN=Bad One,OU=Staff,DC=contoso,DC=com"}, True),
    "a NUL within": ({"title": "a\0b"}, True),
    "millions of characters, cut by the rule": ({"description": ["x" * 3_000_000]}, True),
}


def ended(runs, but=None):
    """How the runs of a first cycle ended; its import from the tenant finds nothing."""
    assert runs[ENTRA, "Full Import"].result == "completed-no-objects"
    return {run.result for key, run in runs.items() if key not in (but, (ENTRA, "Full Import"))}


def three(world, attributes):
    world.contoso.add("Good One", title="Fine")
    bad = world.contoso.add("Bad One", **attributes)
    world.contoso.add("Last One", title="Fine")
    return bad


@pytest.mark.parametrize("case", BAD)
def test_an_object_that_cannot_be_synchronized(deploy, case):
    attributes, (error_type, text) = BAD[case]
    world = deploy(anchor="objectGUID")
    bad = three(world, attributes)
    runs = world.cycle(initial=True)
    run = runs[AD, "Full Synchronization"]
    assert run.result == FAILED
    (error,) = run.errors
    assert (error.error_type, error.dn) == (error_type, world.contoso.dn(bad))
    assert text in error.text
    assert len(error.text) < 1000
    assert sorted(one["displayName"] for one in world.tenant.objects.values()) == ["Good One", "Last One"]
    assert ended(runs, but=(AD, "Full Synchronization")) == {"success"}
    world.contoso.change(bad, **{**dict.fromkeys(attributes), "objectSid": b"\x01\x05" + bytes(26), "displayName": "B"})
    assert world.cycle()[AD, "Delta Synchronization"].result == "success"  # set right, it goes its way
    assert len(world.tenant.objects) == 3


@pytest.mark.parametrize("case", ODD)
def test_an_odd_object_is_no_error(deploy, case):
    attributes, arrives = ODD[case]
    world = deploy(anchor="objectGUID")
    bad = three(world, attributes)
    runs = world.cycle(initial=True)
    assert ended(runs) == {"success"}
    assert (base64.b64encode(bad).decode() in world.tenant.objects) is arrives
    assert len(world.tenant.objects) == 2 + arrives


def unreadable(error, dn="CN=Broken,OU=Staff,DC=contoso,DC=com", anchor=b""):
    return ImportedObject(ImportKind.FULL, dn, anchor, None, {}, error)


ERRORS = (
    "missing-anchor-component",
    "missing-object-class",
    "invalid-attribute-value",
    "multi-single-mismatch",
    "missing-dn",
)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("kind", ["Full", "Delta"])
def test_an_object_that_cannot_be_read(deploy, error, kind):
    """It counts and is named; the others are staged, a full import takes nothing for gone."""
    world = deploy(anchor="objectGUID")
    gone = three(world, {})
    world.cycle(initial=True)
    world.cycle()
    forest = world.contoso
    new = forest.add("New One")
    forest.log.append(unreadable(error))
    whole = forest._whole
    forest.objects[b"broken"] = {}
    forest._whole = lambda guid: unreadable(error) if guid == b"broken" else whole(guid)
    if kind == "Full":  # gone without a trace in the log
        del forest.objects[gone], forest.places[gone]
    run = world.run(AD, f"{kind} Import")
    assert run.result == "completed-discovery-errors"
    assert [(one.error_type, one.dn) for one in run.errors] == [(error, "CN=Broken,OU=Staff,DC=contoso,DC=com")]
    assert (run.counter("StageAdd"), run.counter("StageFailure"), run.counter("StageDelete")) == (1, 1, 0)
    del forest.objects[b"broken"], forest._whole
    world.cycle(initial=kind == "Full")
    assert (base64.b64encode(gone).decode() in world.tenant.objects) is (kind == "Delta")
    assert base64.b64encode(new).decode() in world.tenant.objects


def test_a_number_beyond_64_bits_is_no_value():
    with pytest.raises(ValueError, match="64 bits"):
        typed_values([b"9223372036854775808"], AttributeType.INTEGER)
    assert typed_values([b"-9223372036854775808"], AttributeType.INTEGER) == [-(2**63)]
    definition = AttributeDefinition("countryCode", AttributeType.INTEGER)
    with pytest.raises(ValueError, match="invalid-attribute-value"):
        read_value(definition, 2**63)


def test_an_object_that_is_exported_and_gone_at_the_next_full_import_is_obsoleted(deploy):
    """Whatever was exported belongs to the partition it came back in, also before any import has seen it."""
    world = deploy(anchor="objectGUID")
    names = ("Ana Lopez", "Bo Berg", "Cy Young")  # one stays: an import that finds nothing takes nothing for gone
    ana, bo, _ = (base64.b64encode(world.contoso.add(name)).decode() for name in names)
    world.cycle(initial=True)
    del world.tenant.objects[bo]  # before an import has seen it
    assert world.run(ENTRA, "Full Import").counter("StageDelete") == 1
    del world.tenant.objects[ana]  # seen by one import
    assert world.run(ENTRA, "Full Import").counter("StageDelete") == 1
