from __future__ import annotations

import pytest

from engine.model.schema import AttributeDefinition, AttributeType
from engine.rules.expression_checking import examine_expression

ATTRIBUTES = {
    "mail": AttributeDefinition("mail"),
    "userAccountControl": AttributeDefinition("userAccountControl", AttributeType.INTEGER),
    "objectGUID": AttributeDefinition("objectGUID", AttributeType.BINARY),
    "enabled": AttributeDefinition("enabled", AttributeType.BOOLEAN),
    "manager": AttributeDefinition("manager", AttributeType.REFERENCE),
}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("Trim(5)", [(5, "Trim: argument 1 must be str, not num")]),
        ("Trim([userAccountControl])", [(5, "Trim: argument 1 must be str, not num")]),
        ("Trim([mail])", []),
        ("Trim([nowhere])", []),
        ("Trim(Len([mail]))", [(5, "Trim: argument 1 must be str, not num")]),
        ("Left([mail],[mail])", [(12, "Left: argument 2 must be num, not str")]),
        ("[mail] + 1", [(7, "+ takes num, not str")]),
        ("[mail] & [enabled]", [(7, "& takes bin or num or str, not bool")]),
        ("[mail] & 5", []),
        ("[mail] = 5", [(7, "str cannot be compared with num")]),
        ("[enabled] = True", []),
        ("[mail] && True", [(7, "&& takes bool, not str")]),
        ("-[mail]", [(0, "- takes num, not str")]),
        ("IIF([mail],1,2)", [(4, "IIF: argument 1 must be exp, not str")]),
        ("IIF(IsPresent([mail]),[mail],NULL)", []),
        ("Switch([mail],1,True,2)", [(7, "Switch: argument 1 must be exp, not str")]),
        ('Join("a",",")', [(5, "Join: argument 1 must be mvstr, not str")]),
        ("Trim([manager])", []),
        ("Select($i,[mail],Trim($i))", []),
        ("Trim(IgnoreThisFlow)", []),
        ('Trim(ImportedValue("userAccountControl"))', [(5, "Trim: argument 1 must be str, not num")]),
        ('InStr("a","a",1,CaseSensitive)', [(16, "InStr: argument 4 must be vbBinaryCompare or vbTextCompare")]),
        # what an expression asks about may be anything
        ("IIF(IsString([objectGUID]),CStr([objectGUID]),ConvertToBase64([objectGUID]))", []),
        # every unknown function and every wrong count at once
        ('Lefft(Trimm("a"))', [(0, "did you mean Left?"), (6, "did you mean Trim?")]),
        ('Left("a") & Mid("a")', [(0, "Left takes 2 arguments, not 1"), (12, "Mid takes 2 to 3 arguments, not 1")]),
        # what only reading or compiling finds
        ('Trim("a', [(5, "not closed")]),
        ("Frob", [(0, "Frob")]),
        ("99999999999999999999", [(0, "64 bits")]),
    ],
)
def test_what_is_surely_wrong(text, faults):
    _, found = examine_expression(text, ATTRIBUTES)
    assert [fault.offset for fault in found] == [offset for offset, _ in faults]
    for fault, (_, message) in zip(found, faults, strict=True):
        assert message in fault.message


def test_a_sound_expression_comes_compiled_and_one_with_a_wrong_type_too():
    expression, faults = examine_expression("Trim(5) & [a]")
    assert expression is not None
    assert expression.attributes == {"a"}
    assert [fault.kind for fault in faults] == ["type"]
    assert examine_expression("Trimm([a])")[0] is None
