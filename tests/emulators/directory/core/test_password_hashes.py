"""The password channel's core: rights, protection, deltas."""

from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.md4 import nt_hash
from emulators.directory.core.results import ResultCode

CODE = ResultCode


@pytest.fixture
def people(admin: Any, kit: Any) -> Any:
    for name in ("Ana", "Bob", "Cy"):
        admin.user(name, unicodePwd=kit.quoted(kit.password))
    return admin


def read(
    hand: Any, cookie: bytes = b"", limit: int = 0, code: ResultCode = CODE.SUCCESS, context: str = "DC=contoso,DC=com"
) -> Any:
    answer = hand.send(r.ReadPasswordHashes(context, cookie, limit))
    assert answer.result.code == code, answer.result.text
    return answer


def test_full_then_delta(people: Any, kit: Any) -> None:
    answer = read(people)
    shown = {record.dn: record for record in answer.objects}
    ana = shown[f"CN=Ana,{kit.staff}"]
    assert ana.nt_hash == nt_hash(kit.password)
    assert ana.pwd_last_set == 133933248000000000
    assert ana.user_account_control == 546
    assert not answer.more
    people.change(f"CN=Bob,{kit.staff}", ("REPLACE", "title", "x"))
    assert read(people, answer.cookie).objects == ()
    people.change(f"CN=Bob,{kit.staff}", ("REPLACE", "unicodePwd", kit.quoted("Moon.Light8")))
    delta = read(people, answer.cookie)
    assert [record.dn for record in delta.objects] == [f"CN=Bob,{kit.staff}"]
    assert delta.objects[0].nt_hash == nt_hash("Moon.Light8")


def test_pages(people: Any, kit: Any) -> None:
    people.change(f"CN=Ana,{kit.staff}", ("REPLACE", "title", "moved to the end of the log"))
    seen = []
    cookie = b""
    while True:
        answer = read(people, cookie, 1)
        seen += [record.dn for record in answer.objects]
        cookie = answer.cookie
        if not answer.more:
            break
    assert len(seen) == len(set(seen)) == 4  # three and the administrator
    assert read(people, cookie).objects == ()


def test_refusals(people: Any, low: Any, kit: Any) -> None:
    assert read(low, code=CODE.INSUFFICIENT_ACCESS_RIGHTS).result.text.startswith("00002105")
    read(people, b"junk", code=CODE.PROTOCOL_ERROR)
    read(people, context="CN=Configuration,DC=contoso,DC=com", code=CODE.UNWILLING_TO_PERFORM)
    people.session.protected = False
    read(people, code=CODE.CONFIDENTIALITY_REQUIRED)
