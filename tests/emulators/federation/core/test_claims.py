"""Running claim rules over what is known of a user: order, flags, patterns, binary values, absent values."""

from __future__ import annotations

import base64

import pytest

from emulators.federation.core.claim_language import read_rules
from emulators.federation.core.claims import AD_AUTHORITY, Claim, claims_of_user, issue, values_of

KNOWN = claims_of_user("CONTOSO\\ana", "S-1-5-21-1", alternate_login="ana@contoso.com")
ACCOUNT = "http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname"
ANCHORS = f"""
c:[Type == "{ACCOUNT}"]
 => add(store = "Active Directory", types = ("urn:guid", "urn:cg"), query = ";objectGUID,mS-DS-ConsistencyGuid;{{0}}", param = c.Value);
NOT EXISTS([Type == "urn:cg"]) => add(Type = "urn:flag", Value = "useguid");
c:[Type == "urn:cg"] => issue(Type = "urn:id", Value = c.Value);
c1:[Type == "urn:flag", Value =~ "useguid"] && c2:[Type == "urn:guid"] => issue(Type = "urn:id", Value = c2.Value);
"""  # noqa: E501 - a rule


def issued(rules: str, **attributes: list[bytes]) -> list[str]:
    return values_of(issue(read_rules(rules), KNOWN, attributes), "urn:id")


def test_consistency_guid_first_object_guid_else() -> None:
    guid, anchor = b"\x01" * 16, b"\x02" * 16
    assert issued(ANCHORS, objectGUID=[guid]) == [base64.b64encode(guid).decode()]
    both = {"objectguid": [guid], "ms-DS-consistencyguid": [anchor]}
    assert issued(ANCHORS, **both) == [base64.b64encode(anchor).decode()]


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        (f'c:[Type == "{ACCOUNT}"] => issue(Type = "urn:id", Value = c.Value + "!");', ["CONTOSO\\ana!"]),
        (f'c:[Type != "{ACCOUNT}", Value =~ "^S-"] => issue(Type = "urn:id", Value = c.Issuer);', [AD_AUTHORITY]),
        ('c:[Value !~ "."] => issue(Type = "urn:id", Value = "x");', []),
        ('=> issue(Type = "urn:id", Value = "");', []),
        (f'c:[Type == "{ACCOUNT}"] => issue(Type = "urn:id", Value = RegExReplace(c.Value, "^.+\\\\", "at "));', ["at ana"]),  # noqa: E501 - one row of a table
        (f'c:[Type == "{ACCOUNT}"] => issue(Type = "urn:id", Value = regexreplace(c.Value, "nothing", "x"));', ["CONTOSO\\ana"]),  # noqa: E501 - one row of a table
    ],
)  # fmt: skip
def test_rules(rule: str, values: list[str]) -> None:
    assert issued(rule) == values


def test_a_later_rule_sees_what_an_earlier_one_added_and_a_claim_is_issued_once() -> None:
    again = 'c:[Type == "urn:t"] => issue(claim = c);'
    text = f'=> add(Type = "urn:t", Value = "1"); {again} {again}'
    assert issue(read_rules(text), (), {}) == [Claim("urn:t", "1")]
