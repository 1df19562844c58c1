"""ANCHOR_LATE_SET: whom it names, what it says, and when nobody is warned."""

from __future__ import annotations

from typing import Any

import pytest

from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.vocabulary import actions

G1, G2 = "00112233-4455-6677-8899-aabbccddeeff", "8f14e45f-ceea-467f-a0e6-2b1c9b7f0d11"
FORESTS = {
    "contoso.com": {
        "users": [
            {"name": "Uma Empty", "in": "Staff"},
            {"name": "Vic Filled", "in": "Staff", "consistency_guid": G1},
        ]
    }
}
TENANTS = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"], "anchor_policy": "mS-DS-ConsistencyGuid"}}


def act(lab: Lab, verb: str, **arguments: Any) -> None:
    actions()[verb].call(lab, arguments)


def write(lab: Lab, name: str, attribute: str, value: Any) -> None:
    act(lab, "directory.set_attributes", object=name, set={attribute: value})


def warnings(lab: Lab) -> list[dict[str, Any]]:
    return [record for record in lab.timeline.records if record["kind"] == "stage.warning"]


@pytest.fixture
def staged() -> Any:
    """A world whose staging server has projected everybody and exported nobody."""
    with Lab(make_world(forests=FORESTS, tenants=TENANTS)) as lab:
        write(lab, "Vic Filled", "mS-DS-ConsistencyGuid", {"guid": G1})
        act(lab, "install", server="SYNC1", mode="custom", staging=True)
        assert warnings(lab) == []
        yield lab


def test_a_late_value_is_told_with_what_comes_of_it(staged: Lab) -> None:
    write(staged, "Vic Filled", "ms-ds-consistencyguid", {"guid": G2})
    write(staged, "Uma Empty", "mS-DS-ConsistencyGuid", {"guid": G2})
    free, waiting = warnings(staged)
    assert (free["code"], free["server"]) == ("ANCHOR_LATE_SET", "SYNC1")
    assert free["object"].startswith("CN=Vic Filled,")
    assert free["message"] == (
        "SYNC1 has projected the object with the source anchor MyIRAFVEd2aImaq7zN3u/w==; nothing was exported yet, so"
        " the new value is used."
    )
    assert waiting["message"].endswith("the server waits to write that value to the directory and will put it back.")


def test_an_exported_object_takes_no_more_changes(staged: Lab) -> None:
    act(staged, "wizard", server="SYNC1", task="staging", enabled=False)
    act(staged, "cycle", server="SYNC1", times=2)
    act(staged, "directory.clear_attributes", object="Vic Filled", attributes=["mS-DS-ConsistencyGuid"])
    (told,) = warnings(staged)
    assert "it was exported with that anchor and takes no more changes until the value is back" in told["message"]


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [
        ("Vic Filled", "mS-DS-ConsistencyGuid", {"guid": G1}),  # the value it has
        ("Vic Filled", "employeeID", "E1"),  # another attribute
        ("Uma Empty", "mS-DS-ConsistencyGuid", None),  # cleared: the objectGUID stands in, as before
    ],
)
def test_nobody_is_warned_of(staged: Lab, name: str, attribute: str, value: Any) -> None:
    write(staged, name, attribute, value)
    assert warnings(staged) == []


def test_a_new_object_may_still_be_given_any_anchor(staged: Lab) -> None:
    act(staged, "directory.add_user", name="Neo New", **{"in": "Staff"})
    write(staged, "Neo New", "mS-DS-ConsistencyGuid", {"guid": G2})
    assert warnings(staged) == []


def test_an_emptied_attribute_of_another_name_leaves_no_anchor() -> None:
    forests = {"contoso.com": {"users": [{"name": "Eva Number", "in": "Staff", "employeeID": "E1"}]}}
    tenants = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
    with Lab(make_world(forests=forests, tenants=tenants)) as lab:
        act(lab, "install", server="SYNC1", mode="custom", anchor="employeeID")
        write(lab, "Eva Number", "employeeID", None)
        (told,) = warnings(lab)
        assert told["message"].endswith("without a value it has no anchor and is not synchronised any more.")
        act(lab, "cycle", server="SYNC1", times=2)
        people = lab.tenant().graph().collection("users", ["displayName"])
        assert "Eva Number" not in {one["displayName"] for one in people}
