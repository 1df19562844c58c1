"""The prompts of a world that is kept: variables by typist, whose passwords answer, what is told as plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from engine.cmdlets import CMDLETS, Session
from harness.lab.prompt import PROMPTS_MAX, PasswordAsked, Prompts, password_source, plain, told


@pytest.fixture
def server():
    tenant = SimpleNamespace(service=SimpleNamespace(admin_upn="Admin@contoso.onmicrosoft.com"), admin_password="right")
    engine = SimpleNamespace(name="SYNC1", connectors={})
    forest = SimpleNamespace(document=SimpleNamespace(netbios="CONTOSO"), admin_password="forest's")
    lab = SimpleNamespace(tenants={"contoso": tenant}, forests={"contoso.com": forest})
    return SimpleNamespace(name="SYNC1", engine=engine, lab=lab)


def test_each_typist_has_variables_of_its_own(server) -> None:
    prompts = Prompts()
    prompts.answer(server, {"session": "a", "line": "$x = 1"})
    assert prompts.answer(server, {"session": "a", "line": "$x"})["lines"] == ["1"]
    assert prompts.answer(server, {"session": "b", "line": "$x"})["error"]["code"] == "COMMAND_LINE"


def test_old_prompts_are_forgotten(server) -> None:
    prompts = Prompts()
    prompts.answer(server, {"session": "first", "line": "$x = 1"})
    for number in range(PROMPTS_MAX):
        prompts.answer(server, {"session": str(number), "line": "1"})
    assert prompts.answer(server, {"session": "first", "line": "$x"})["error"] is not None


def test_what_is_told(server) -> None:
    document = Prompts().answer(server, {"session": "a", "line": "'b'; Get-Nothing", "width": 80})
    assert document["lines"] == ["b"]
    assert document["records"] == [{"Value": "b"}]
    assert document["done"] == 1
    assert document["error"] == {
        "code": "UNKNOWN_CMDLET",
        "message": "The cmdlet Get-Nothing is not emulated. Get-Command lists those that are.",
        "cmdlet": "Get-Nothing",
    }
    assert document["incomplete"] is False
    assert Prompts().answer(server, {"line": "'b' |"})["incomplete"] is True


def test_a_password_is_asked_for_by_name(server) -> None:
    def ask(user: str) -> str:
        raise PasswordAsked(user)

    session = Session(server.engine, CMDLETS, prompt=ask)
    document = told(session.run("'a'; Get-ADSyncExportDeletionThreshold -AADUserName ana@contoso.com"), None)
    assert document["asks"] == "ana@contoso.com"
    assert document["error"]["code"] == "CREDENTIAL_NEEDED"
    assert document["done"] == 1


def test_the_world_knows_its_administrators(server) -> None:
    password_of = password_source(server.lab)
    assert password_of("admin@CONTOSO.onmicrosoft.com") == "right"
    assert password_of("contoso\\Administrator") == "forest's"
    assert password_of("ana@contoso.com") == "unknown"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"\x01", "AQ=="),
        (datetime(2026, 3, 2, 8, tzinfo=UTC), "2026-03-02T08:00:00Z"),
        (timedelta(minutes=30), "00:30:00"),
        ({"a": (1, None)}, {"a": [1, None]}),
    ],
)
def test_plain_values(value: object, shown: object) -> None:
    assert plain(value) == shown
