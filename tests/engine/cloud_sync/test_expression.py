"""Expressions of attribute mappings: the examples of their reference, and what they refuse by name."""

from __future__ import annotations

import pytest

from engine.cloud_sync.expression import Call, attributes_in, evaluate, parse
from engine.cloud_sync.functions import MappingError

ATTRIBUTES = {
    "mail": "john.doe@contoso.com",
    "userPrincipalName": "John.Doe@contoso.com",
    "givenName": "John",
    "surname": "Doe",
    "first": "Zoë",
    "state": "QLD",
    "mailNickname": "john_doe72",
    "extensionAttribute1": "20150123105347.1Z",
    "extensionAttribute5": "PermissionSetOne, PermissionSetTwo",
    "proxyAddresses": [" SMTP:a@x.test", "smtp:b@x.test", "SMTP:A@x.test"],
    "userAccountControl": 514,
    "pwdLastSet": 129699324000000000,
    "groupType": -2147483646,
    "objectSid": bytes.fromhex("0105000000000005150000002d479bc73fb61cdf55993f3a4f040000"),
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('Replace([mail], "@contoso.com", , ,"", ,)', "john.doe"),
        ('Append([userPrincipalName], ".test")', "John.Doe@contoso.com.test"),
        ("Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))", "JohDoe"),
        ("NormalizeDiacritics([first])", "Zoe"),
        ('Split([extensionAttribute5], ",")', ["PermissionSetOne", "PermissionSetTwo"]),
        ('FormatDateTime([extensionAttribute1], "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")', "2015-01-23"),
        ('Switch([state], "Australia/Sydney", "NSW", "S", "QLD", "Australia/Brisbane")', "Australia/Brisbane"),
        ('Switch([absent], "Australia/Sydney", "NSW", "S")', "Australia/Sydney"),
        ('Replace([mailNickname], , "[a-zA-Z_]*", , "", , )', "72"),
        ('ToLower(Join("@", StripSpaces(Join(".", [givenName], [surname])), "contoso.com"))', "john.doe@contoso.com"),
        ("BitAnd(&HF, &HF7)", 7),
        ('ConvertToBase64("Hello world!")', "SABlAGwAbABvACAAdwBvAHIAbABkACEA"),
        ('ConvertFromBase64("SGVsbG8gd29ybGQh", UTF8)', "Hello world!"),
        ('ConvertToUTF8Hex("Hello world!")', "48656C6C6F20776F726C6421"),
        ('InStr("The quick brown fox","quick")', 5),
        ('InStr("repEated","e",3,vbBinaryCompare)', 7),
        ('Left("John Doe", 3)', "Joh"),
        ('Word("The quick brown fox",3," ")', "brown"),
        ('Word("This,string!has&many separators",3,",!&#")', "has"),
        ("RemoveDuplicates(Trim([proxyAddresses]))", ["SMTP:a@x.test", "smtp:b@x.test"]),
        ("Not(CBool(BitAnd([userAccountControl], 2)))", False),
        ("CBool(BitAnd([groupType], 2147483648))", True),
        ('FormatDateTime(DateFromNum([pwdLastSet]), "", "yyyyMMddHHmmss.0Z")', "20120101230000.0Z"),
        ("StringFromSid([objectSid])", "S-1-5-21-3348842285-3743200831-977246549-1103"),
        ("Item([absent], 1)", None),
        ("Trim([absent])", None),
        ('Join("-", [absent])', None),
        ('Append("Company: \\"Contoso\\"", " \\\\")', 'Company: "Contoso" \\'),
    ],
)
def test_what_an_expression_gives(text, wanted):
    assert evaluate(parse(text), ATTRIBUTES) == wanted


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ('IIF([department]="Sales","S","O")', "FunctionNotOffered", "IIF"),
        ("Guid()", "FunctionNotOffered", "Guid"),
        ('SelectUniqueValue("a","b")', "FunctionNotOffered", "SelectUniqueValue"),
        ('"a" & [b]', "OperatorNotOffered", "&"),
        ("CBool([a] = [b])", "OperatorNotOffered", "="),
        ("[mail]", "ExpressionInvalid", "one function"),
        ("Trim([mail]", "ExpressionInvalid", "bracket"),
        ("Trim([mail]) Trim([mail])", "ExpressionInvalid", "one function"),
        ("", "ExpressionInvalid", "ends too early"),
    ],
)
def test_what_an_expression_may_not_say(text, code, named):
    with pytest.raises(MappingError) as refused:
        parse(text)
    assert (refused.value.code, named in refused.value.message) == (code, True)


@pytest.mark.parametrize(
    "text",
    [
        "Mid([mail])",
        "Item([proxyAddresses], 9)",
        "BitAnd([mail], 2)",
        'ConvertFromBase64("\u00e4")',
        'Error("no name")',
    ],
)
def test_an_expression_that_fails_its_object(text):
    with pytest.raises(MappingError):
        evaluate(parse(text), ATTRIBUTES)


def test_the_attributes_an_expression_reads():
    node = parse("Append(Trim([givenName]), Left([sn], 1))")
    assert isinstance(node, Call)
    assert attributes_in(node) == {"givenName", "sn"}
