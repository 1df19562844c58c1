"""Passwords: form, protection, policy, reset and change."""

from typing import Any

import pytest

from emulators.directory.core.md4 import nt_hash
from emulators.directory.core.results import ResultCode

CODE = ResultCode
GOOD, BETTER = "Sun.Flower9", "Moon.Light8"


@pytest.fixture
def ana(admin: Any, kit: Any) -> str:
    dn = admin.user("Ana", displayName="Ana Lopez", userPrincipalName="ana@contoso.com", unicodePwd=kit.quoted(GOOD))
    admin.change(dn, ("REPLACE", "userAccountControl", "512"))
    return dn


def test_the_hash_is_kept_and_the_moment(admin: Any, ana: str) -> None:
    entry = admin.entry(ana)
    assert entry.secrets == {"unicodepwd": (nt_hash(GOOD),)}
    assert entry.attributes["pwdlastset"] == (b"133933248000000000",)


@pytest.mark.parametrize("value", [b"plain", '"odd'.encode("utf-16-le"), "plain".encode("utf-16-le"), b'"x"', b""])
def test_wrong_form(admin: Any, ana: str, value: bytes) -> None:
    answer = admin.change(ana, ("REPLACE", "unicodePwd", value), code=CODE.UNWILLING_TO_PERFORM)
    assert answer.text.startswith("0000001F: SvcErr: DSID-031A1254")


def test_only_over_a_protected_connection(admin: Any, ana: str, kit: Any) -> None:
    admin.session.protected = False
    answer = admin.change(ana, ("REPLACE", "unicodePwd", kit.quoted(BETTER)), code=CODE.UNWILLING_TO_PERFORM)
    assert answer.text.startswith("0000001F")


@pytest.mark.parametrize("password", ["", "Ab.1", "alllowercase", "Ana.Rules-1", "xLopez.99"])
def test_policy(admin: Any, ana: str, kit: Any, password: str) -> None:
    answer = admin.change(ana, ("REPLACE", "unicodePwd", kit.quoted(password)), code=CODE.UNWILLING_TO_PERFORM)
    assert answer.text.startswith("0000052D: SvcErr: DSID-031A120C")


@pytest.mark.parametrize(("op", "code"), [("ADD", CODE.UNWILLING_TO_PERFORM), ("DELETE", CODE.UNWILLING_TO_PERFORM)])
def test_other_operations(admin: Any, ana: str, kit: Any, op: str, code: ResultCode) -> None:
    admin.change(ana, (op, "unicodePwd", kit.quoted(BETTER)), code=code)


def change(hand: Any, kit: Any, dn: str, old: str, new: str, code: ResultCode = CODE.SUCCESS) -> Any:
    return hand.change(dn, ("DELETE", "unicodePwd", kit.quoted(old)), ("ADD", "unicodePwd", kit.quoted(new)), code=code)


def test_a_users_own_change(admin: Any, ana: str, kit: Any, clock: Any) -> None:
    from emulators.directory.core.session import open_session

    hand = kit.hand(admin.forest, open_session(admin.forest, protected=True))
    hand.bind("ana@contoso.com", GOOD)
    assert "0000052D: AtrErr" in change(hand, kit, ana, GOOD, BETTER, CODE.CONSTRAINT_VIOLATION).text  # too young
    clock.advance(days=2)
    answer = change(hand, kit, ana, "Wrong.Old-1", BETTER, CODE.CONSTRAINT_VIOLATION)
    assert answer.text.startswith("00000056: AtrErr: DSID-03190F00")
    assert "Att 9005a (unicodePwd)" in answer.text
    change(hand, kit, ana, GOOD, BETTER)
    hand.bind("ana@contoso.com", BETTER)
    clock.advance(days=2)
    change(hand, kit, ana, BETTER, GOOD, CODE.CONSTRAINT_VIOLATION)  # in the history
    hand.change(ana, ("REPLACE", "unicodePwd", kit.quoted("Star.Dust77")), code=CODE.INSUFFICIENT_ACCESS_RIGHTS)


def test_a_reset_with_policy_hints_keeps_to_the_history(admin: Any, ana: str, kit: Any) -> None:
    admin.change(ana, ("REPLACE", "unicodePwd", kit.quoted(BETTER)))
    old = ("REPLACE", "unicodePwd", kit.quoted(GOOD))
    answer = admin.change(ana, old, code=CODE.UNWILLING_TO_PERFORM, policy_hints=True)
    assert answer.text.startswith("0000052D")
    admin.change(ana, ("REPLACE", "unicodePwd", kit.quoted("Star.Dust77")), policy_hints=True)
    admin.change(ana, old)


def test_resetting_needs_the_right(low: Any, ana: str, kit: Any) -> None:
    low.change(ana, ("REPLACE", "unicodePwd", kit.quoted(BETTER)), code=CODE.INSUFFICIENT_ACCESS_RIGHTS)
