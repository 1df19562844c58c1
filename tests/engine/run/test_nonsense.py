"""Nonsense from a tenant or a forest: the step or the object says so by name, the rest of the cycle goes on, it heals.

Source: facts "engine" 17.1, 17.4 (names of object errors), 5.2 (results of steps); ledger crash.nonsense.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.connectors.active_directory.ldap_channel import LdapChannel
from engine.connectors.entra.tenant_client import TenantClient

AD, ENTRA = "contoso.com", "contoso.onmicrosoft.com - AAD"
BROKEN = "stopped-extension-dll-exception"
ERRORS = "completed-export-errors"
DISCOVERY = "completed-discovery-errors"
PROVISION, READ_BACK = "ProvisionAzureADSyncObjects2", "ReadBackAzureADSyncObjects2"

Spoil = Callable[[dict[str, Any]], object]


def results(change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Spoil the first result of a batch."""
    return lambda answer: change(answer["SyncObjectResults"][0])


def first_object(change: Callable[[dict[str, Any]], object]) -> Spoil:
    return lambda answer: change(answer["ResultObjects"][0]) if answer["ResultObjects"] else None


TENANT: list[tuple[str, str, bytes | Spoil, dict[tuple[str, str], str], set[str]]] = [
    # (what, operation, the answer or what is done to it, results of runs, error types of objects)
    ("HTML", PROVISION, b"<html>Sign in</html>", {(ENTRA, "Export"): BROKEN}, set()),
    ("cut JSON", PROVISION, b'{"SyncObjectResults": [{"Resu', {(ENTRA, "Export"): BROKEN}, set()),
    ("nothing", PROVISION, b"", {(ENTRA, "Export"): BROKEN}, set()),
    ("a list", PROVISION, b"[]", {(ENTRA, "Export"): BROKEN}, set()),
    ("no octets of text", PROVISION, b"\xff\xfe\x00", {(ENTRA, "Export"): BROKEN}, set()),
    ("too few", PROVISION, lambda a: a["SyncObjectResults"].pop(), {(ENTRA, "Export"): BROKEN}, set()),
    ("too many", PROVISION, lambda a: a["SyncObjectResults"].append({}), {(ENTRA, "Export"): BROKEN}, set()),
    ("results are text", PROVISION, lambda a: a.update(SyncObjectResults="done"), {(ENTRA, "Export"): BROKEN}, set()),
    ("a result is text", PROVISION, lambda a: a["SyncObjectResults"].__setitem__(0, "ok"),
     {(ENTRA, "Export"): ERRORS}, {"unexpected-error"}),
    ("unknown code", PROVISION, results(lambda r: r.update(ResultCode="Perhaps")),
     {(ENTRA, "Export"): ERRORS}, {"unexpected-error"}),
    ("no code", PROVISION, results(lambda r: r.pop("ResultCode")), {(ENTRA, "Export"): ERRORS}, {"unexpected-error"}),
    ("unknown error", PROVISION, results(lambda r: r.update(ResultCode="Failure", ResultErrorCode="NewKindOfError")),
     {(ENTRA, "Export"): ERRORS}, {"NewKindOfError"}),
    ("details are text", PROVISION, results(lambda r: r.update(ResultCode="Failure", ErrorDetails="see log")),
     {(ENTRA, "Export"): ERRORS}, {"unexpected-error"}),
    ("anchor is a number", PROVISION, results(lambda r: r.update(CloudAnchor=7)),
     {(ENTRA, "Export"): ERRORS}, {"unexpected-error"}),
    ("read HTML", READ_BACK, b"<html>", {(ENTRA, "Delta Import"): BROKEN}, set()),
    ("read without objects", READ_BACK, b"{}", {(ENTRA, "Delta Import"): BROKEN}, set()),
    ("an object is text", READ_BACK, lambda a: a["ResultObjects"].insert(0, "user"),
     {(ENTRA, "Delta Import"): DISCOVERY}, {"read-error"}),
    ("no anchor", READ_BACK, first_object(lambda o: o["PropertyValues"].pop("cloudAnchor")),
     {(ENTRA, "Delta Import"): DISCOVERY}, {"missing-anchor-component"}),
    ("no type", READ_BACK, first_object(lambda o: o.pop("SyncObjectType")),
     {(ENTRA, "Delta Import"): DISCOVERY}, {"missing-object-class"}),
    ("properties are a list", READ_BACK, first_object(lambda o: o.update(PropertyValues=[])),
     {(ENTRA, "Delta Import"): DISCOVERY}, {"missing-anchor-component"}),
    ("source anchor is a number", READ_BACK, first_object(lambda o: o["PropertyValues"].update(sourceAnchor=12)),
     {(ENTRA, "Delta Import"): DISCOVERY}, {"invalid-attribute-value"}),
    ("several for one", READ_BACK, first_object(lambda o: o["PropertyValues"].update(displayName=["A", "B"])),
     {(ENTRA, "Delta Import"): DISCOVERY}, {"multi-single-mismatch"}),
    ("text for a number", READ_BACK, first_object(lambda o: o["PropertyValues"].update(countryCode="many")),
     {(ENTRA, "Delta Import"): DISCOVERY}, {"invalid-attribute-value"}),
    ("never the last page", READ_BACK, lambda a: a.update(MoreResults=True),
     {(ENTRA, "Delta Import"): BROKEN}, set()),
]  # fmt: skip

FOREST: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("cut short", lambda block: block[:-7], "stopped-connectivity"),
    ("no LDAP", lambda block: b"HTTP/1.1 400 Bad Request\r\n\r\n" if block else block, "stopped-connectivity"),
]


def change(stage: Any) -> None:
    stage.act("directory.set_attributes", {"object": "Ana Lopez", "set": {"title": "Lead"}})
    stage.act("directory.add_user", {"name": "Kim New", "in": "Staff"})


def cycle(stage: Any) -> tuple[dict[tuple[str, str], str], set[str]]:
    """What its runs say where it is not success, and the error types of objects."""
    done = stage.engine.start_sync_cycle("Delta")
    ended = {(run.connector_name, run.profile): run.result for run in done.runs if run.result != "success"}
    return ended, {error.error_type for run in done.runs for error in run.errors}


@pytest.fixture
def settled(stage: Any) -> Any:
    stage.settle()
    stage.act("directory.set_attributes", {"object": "Bo Berg", "set": {"title": "Mate"}})
    stage.engine.start_sync_cycle("Delta")  # so that there is something to read back
    stage.lab.keep("settled")
    change(stage)
    stage.settle()
    stage.expected = stage.picture()
    return stage


def heals(stage: Any, what: str) -> None:
    last = stage.settle()
    assert (last.result, last.steps[0].statistics.counters) == ("success", {}), what
    assert stage.picture() == stage.expected, what
    assert stage.look("SYNC1.errors") == [], what


def test_nonsense_of_the_tenant(settled: Any) -> None:
    request = TenantClient._request
    for what, operation, spoil, ended, errors in TENANT:
        settled.lab.go_back("settled")
        change(settled)

        def spoiled(
            self: Any, asked: str, *rest: Any, spoil: Any = spoil, operation: str = operation, what: str = what
        ) -> Any:
            status, content, headers = request(self, asked, *rest)
            if asked == operation:
                if isinstance(spoil, bytes):
                    content = spoil
                else:
                    answer = json.loads(content)
                    spoil(answer)
                    content = json.dumps(answer).encode()
            return status, content, headers

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TenantClient, "_request", spoiled)
            assert cycle(settled) == (ended, errors), what
        heals(settled, what)


def test_nonsense_of_a_forest(settled: Any) -> None:
    wait = LdapChannel.wait
    for what, spoil, ended in FOREST:
        settled.lab.go_back("settled")
        change(settled)

        def spoiled(self: Any, identifier: int, spoil: Any = spoil) -> Any:
            answer = wait(self, identifier)
            return replace(answer, block=spoil(answer.block)) if answer.block else answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(LdapChannel, "wait", spoiled)
            ended_now, _ = cycle(settled)
            assert ended_now[AD, "Delta Import"] == ended, what
        heals(settled, what)
