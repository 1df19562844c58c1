"""What provisioning on demand tells, step by step. Source: facts "tenant" 13.4."""

from __future__ import annotations

import pytest

from engine.cloud_sync.cycle import Export, Plan, Skip, SourceObject
from engine.cloud_sync.on_demand import DIRECTORY_ERROR, provision_on_demand
from engine.cloud_sync.provisioning_service import ExportResult
from engine.cloud_sync.work import Demand, Job, ScopingFilter
from engine.errors import ConnectorError

JOB = Job("J", "contoso.com", 1, False, None, False, None, False, b"", ScopingFilter())
DEMAND = Demand("D", "CN=Ana", JOB)
ANA = SourceObject(bytes(16), "user", "CN=Ana", {})


class Told:
    """A cycle that finds what the test says."""

    def __init__(self, *found: object) -> None:
        self.found = found

    def on_demand(self, job, dn):
        if isinstance(self.found[0], Exception):
            raise self.found[0]
        return self.found


def added(error: str | None = None) -> Told:
    export = Export("g", "Add", "User", "CN=Ana", "A", None, {"title": "Lead"})
    return Told(ANA, Plan([export]), [ExportResult("g", "User_1", error, "why")])


@pytest.mark.parametrize(
    ("cycle", "result", "code", "last"),
    [
        (added(), "Success", None, ("Export", "Success")),
        (added("AttributeValueMustBeUnique"), "Failure", "AttributeValueMustBeUnique", ("Export", "Failure")),
        (Told(ANA, Plan(), []), "Success", None, ("Export", "Skipped")),
        (Told(None, Plan(), []), "Failure", "EntryNotFound", ("Import", "Failure")),
        (Told(ANA, Plan(skipped=[Skip("g", "user", "CN=Ana", "CriticalSystemObject")]), []), "Skipped",
         "CriticalSystemObject", ("Scoping", "Skipped")),
        (Told(ANA, Plan(skipped=[Skip("g", "user", "CN=Ana", "ValueInvalid", "x", True)]), []), "Failure",
         "ValueInvalid", ("Scoping", "Failure")),
        (Told(ConnectorError("failed-connection", "no", "x")), "Failure", DIRECTORY_ERROR, ("Import", "Failure")),
    ],
)  # fmt: skip
def test_how_it_ends(cycle, result, code, last):
    said = provision_on_demand(cycle, DEMAND)
    assert (said["result"], said["errorCode"]) == (result, code)
    assert (said["steps"][-1]["type"], said["steps"][-1]["status"]) == last


def test_what_was_written_is_named():
    assert provision_on_demand(added(), DEMAND)["modified"] == ["title"]
