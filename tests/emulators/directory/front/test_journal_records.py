"""What is written down of each verb, and what never is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.requests import ModifyOperation
from emulators.directory.core.results import Result
from emulators.directory.front.journal_records import record
from emulators.journal import Journal


class Still:
    def now(self) -> datetime:
        return datetime(2026, 1, 5, tzinfo=UTC)


def written(request: r.Request, found: int = 0) -> dict[str, Any]:
    records: list[dict[str, Any]] = []
    record(Journal("DC1", Still(), records.append), request, Result(), found)
    (only,) = records
    assert (only.pop("at"), only.pop("actor"), only.pop("code")) == ("2026-01-05T00:00:00.000000Z", "DC1", 0)
    return only


PASSWORD = "hunter2".encode("utf-16-le")


def test_search() -> None:
    request = r.Search("DC=c", r.Scope.SUBTREE, r.Present("cn"))
    shown = {"kind": "ldap.search", "base": "DC=c", "scope": "subtree", "filter": "(cn=*)", "count": 3}
    assert written(request, 3) == shown


def test_bind_without_its_password() -> None:
    expected = {"kind": "ldap.bind", "name": "CONTOSO\\ana", "mechanism": "simple"}
    assert written(r.Bind("CONTOSO\\ana", b"hunter2")) == expected


@pytest.mark.parametrize("attribute", ["unicodePwd", "userPassword", "UNICODEPWD", "unicodePwd;binary"])
def test_secret_values_are_never_written(attribute: str) -> None:
    change = r.Modification(ModifyOperation.REPLACE, attribute, (PASSWORD,))
    modified = written(r.Modify("CN=a", (change,)))
    assert modified["changes"] == [{"operation": "replace", "attribute": attribute, "values": None}]
    added = written(r.Add("CN=a", ((attribute, (PASSWORD,)),)))
    assert "hunter2" not in repr(added).replace("\\x00", "")


def test_values_that_are_text_and_values_that_are_not() -> None:
    change = r.Modification(ModifyOperation.ADD, "title", ("Léad".encode(), b"\xff\x00"))
    assert written(r.Modify("CN=a", (change,)))["changes"][0]["values"] == ["Léad", {"base64": "/wA="}]


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (r.Delete("CN=a"), "ldap.delete"),
        (r.ModifyDN("CN=a", "CN=b", True), "ldap.modifyDN"),
        (r.Compare("CN=a", "cn", b"a"), "ldap.compare"),
        (r.Add("CN=a", ()), "ldap.add"),
    ],
)
def test_kinds(request_: r.Request, kind: str) -> None:
    found = written(request_)
    assert (found["kind"], found["object"]) == (kind, "CN=a")
