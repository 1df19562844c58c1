"""Reading AD FS's claim rules: what is understood, and where a rule that is not breaks off."""

from __future__ import annotations

import pytest

from emulators.federation.core.claim_language import UnreadableRule, attributes_of, python_replacement, read_rules

QUERY = """@RuleTemplate = "Custom"
@RuleName = "Query"
c:[Type == "urn:account", Issuer == "AD AUTHORITY"]
 => add(store = "Active Directory", types = ("urn:a", "urn:b"), query = ";objectGUID, mail;{0}", param = c.Value);
"""


def test_a_query_names_its_attributes() -> None:
    rules = read_rules(QUERY + 'EXISTS([Type == "urn:a"]) => issue(Type = "urn:x", Value = "y" + "z");')
    assert [rule.name for rule in rules] == ["Query", ""]
    assert attributes_of(rules) == ("objectGUID", "mail")
    assert rules[0].statement.issue is False
    assert rules[1].conditions[0].exists is True


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('c:[Type == "urn:a"] => issue(claim = c)', "line 1: ; expected"),
        ('c:[Type = "urn:a"] => issue(claim = c);', "==, !=, =~ or !~ expected"),
        ('c:[Colour == "urn:a"] => issue(claim = c);', "Type, Value or Issuer expected"),
        ('\n\nc:[Type == "urn:a"] => drop(claim = c);', "line 3: issue or add expected, found drop"),
        ('=> issue(Type = "urn:a");', "a Type and a Value expected"),
        ('c:[Value =~ "("] => issue(claim = c);', "no regular expression"),
        ('=> add(store = "SQL", types = ("a"), query = ";a;{0}", param = "x");', "the store Active Directory"),
        ('=> add(store = "Active Directory", types = ("a"), query = ";a,b;{0}", param = "x");', "as many attributes"),
        ("c:[Type == 7] => issue(claim = c);", "7] => issue"),
    ],
)
def test_what_is_not_understood_says_where(text: str, complaint: str) -> None:
    with pytest.raises(UnreadableRule) as refused:
        read_rules(text)
    assert complaint in str(refused.value)


def test_replacements_of_dotnet() -> None:
    assert python_replacement(r"http://${domain}/$1\x") == r"http://\g<domain>/\1\\x"
