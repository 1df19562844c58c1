"""What a migration tool may leave on an account: SID history and password hash, with which rights, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulators.directory.core import requests as r
from emulators.directory.core.identity import sid, with_rid
from emulators.directory.core.md4 import nt_hash
from emulators.directory.core.results import ResultCode
from emulators.directory.core.session import open_session

CODE = ResultCode
ABROAD = sid("S-1-5-21-1-2-3-1104")


@pytest.fixture
def copy(admin: Any) -> str:
    return admin.user("Ana", userPrincipalName="ana@contoso.com")


def test_the_old_sid_and_the_old_password_are_taken_over(admin: Any, copy: str, kit: Any) -> None:
    admin.expect(r.MigrateAccount(copy, ABROAD, nt_hash("Sail.Away-88")))
    admin.change(copy, ("REPLACE", "userAccountControl", "512"))
    assert admin.entry(copy).attributes["sidhistory"] == (ABROAD,)
    own = kit.hand(admin.forest, open_session(admin.forest, protected=True))
    own.bind("ana@contoso.com", "Sail.Away-88")


def test_what_was_granted_to_the_old_sid_is_granted_to_the_copy(admin: Any, copy: str, kit: Any) -> None:
    admin.expect(r.MigrateAccount(copy, ABROAD, nt_hash("Sail.Away-88")))
    admin.change(copy, ("REPLACE", "userAccountControl", "512"))
    own = kit.hand(admin.forest, open_session(admin.forest, protected=True))
    own.bind("ana@contoso.com", "Sail.Away-88")
    assert ABROAD in own.session.token.sids


def in_this_forest(admin: Any) -> bytes:
    return with_rid(admin.session.domain.sid, 5000)


@pytest.mark.parametrize(
    ("made", "win32"),
    [
        (lambda admin: b"S-1-5", "00000539"),
        (in_this_forest, "00002156"),
    ],
    ids=["no SID", "of this forest"],
)
def test_sids_that_are_refused(admin: Any, copy: str, made: Callable[[Any], bytes], win32: str) -> None:
    answer = admin.expect(r.MigrateAccount(copy, made(admin)), CODE.UNWILLING_TO_PERFORM)
    assert answer.text.startswith(win32)
    assert "sidhistory" not in admin.entry(copy).attributes


def test_an_account_is_migrated_once(admin: Any, copy: str) -> None:
    admin.expect(r.MigrateAccount(copy, ABROAD))
    again = admin.user("Bob")
    answer = admin.expect(r.MigrateAccount(again, ABROAD, nt_hash("Sail.Away-88")), CODE.UNWILLING_TO_PERFORM)
    assert answer.text.startswith("0000215B")
    assert admin.entry(again).secrets is None or "unicodepwd" not in admin.entry(again).secrets


def test_only_accounts_and_groups_have_a_past(admin: Any, kit: Any) -> None:
    answer = admin.expect(r.MigrateAccount(kit.staff, ABROAD), CODE.UNWILLING_TO_PERFORM)
    assert answer.text.startswith("0000215A")


def test_it_takes_the_right_and_a_protected_connection(admin: Any, low: Any, copy: str) -> None:
    low.expect(r.MigrateAccount(copy, ABROAD), CODE.INSUFFICIENT_ACCESS_RIGHTS)
    low.expect(r.MigrateAccount(copy, b"", nt_hash("Sail.Away-88")), CODE.INSUFFICIENT_ACCESS_RIGHTS)
    admin.session.protected = False
    admin.expect(r.MigrateAccount(copy, ABROAD), CODE.UNWILLING_TO_PERFORM)
    assert "sidhistory" not in admin.entry(copy).attributes
