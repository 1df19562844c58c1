"""-Filter of Get-ADUser as an LDAP filter."""

from __future__ import annotations

import pytest

from engine.cmdlets.directory import ATTRIBUTES
from engine.cmdlets.directory_filter import ldap_filter
from engine.errors import EngineError

DISABLED = "(userAccountControl:1.2.840.113556.1.4.803:=2)"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Name -eq 'Ana Lopez'", "(Name=Ana Lopez)"),
        ('surname -like "L*"', "(sn=L*)"),
        ("Name -like 'A(b)*'", r"(Name=A\28b\29*)"),
        ("Name -ne 'Ana'", "(!(Name=Ana))"),
        ("Name -notlike 'A*'", "(!(Name=A*))"),
        ("Enabled -eq $true", f"(!{DISABLED})"),
        ("Enabled -eq 'False'", DISABLED),
        ("Enabled -ne $false", f"(!{DISABLED})"),
        ("title -eq 'it''s'", "(title=it's)"),
        ("a -eq 1 -and b -eq 2 -or c -eq 3", "(|(&(a=1)(b=2))(c=3))"),
        ("a -eq 1 -and (b -eq 2 -or c -eq 3)", "(&(a=1)(|(b=2)(c=3)))"),
        ("-not (a -eq 1)", "(!(a=1))"),
        ("badPwdCount -gt 3", "(&(badPwdCount>=3)(!(badPwdCount=3)))"),
        ("badPwdCount -le 3", "(badPwdCount<=3)"),
        ("msExchHideFromAddressLists -eq $true", "(msExchHideFromAddressLists=TRUE)"),
    ],
)
def test_written(text: str, written: str) -> None:
    assert ldap_filter(text, ATTRIBUTES) == written


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Name", "an operator is missing"),
        ("Name -eq", "a value is missing"),
        ("Name -has 'x'", "-has is no operator"),
        ("Name -eq 'x' y", "'y' is not expected"),
        ("(Name -eq 'x'", "not closed"),
        ("Name -eq $x", "the variable $x"),
        ("Enabled -like 'T*'", "$true or $false"),
        ("Name ~ 'x'", "cannot be read"),
        ("", "a property is missing"),
    ],
)
def test_refused(text: str, word: str) -> None:
    with pytest.raises(EngineError) as refusal:
        ldap_filter(text, ATTRIBUTES)
    assert refusal.value.code == "FILTER"
    assert word in refusal.value.message
