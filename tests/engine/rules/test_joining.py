from __future__ import annotations

import pytest

from engine.errors import EngineError
from engine.rules.joining import JoinOutcome, find_claim, find_join, find_reverse_join
from engine.rules.rule import Direction, JoinClause, LinkType, SyncRule

GUID, OTHER = bytes(range(16)), bytes(16)


class Directory:
    """A few objects to look into, and a note of what was asked."""

    def __init__(self, **objects):
        self.objects = {int(number[1:]): values for number, values in objects.items()}
        self.asked = []

    def __call__(self, object_type, attribute, value, case_sensitive):
        self.asked.append((object_type, attribute))

        def same(held):
            if isinstance(held, str) and isinstance(value, str) and not case_sensitive:
                return held.lower() == value.lower()
            return held == value

        return {
            number
            for number, values in self.objects.items()
            for held in (values.get(attribute) if isinstance(values.get(attribute), list) else [values.get(attribute)])
            if same(held)
        }


def rule(*groups, direction=Direction.INBOUND, exact=False):
    joins = tuple(tuple(JoinClause(*pair.split("="), exact) for pair in group.split("&")) for group in groups)
    inbound = direction is Direction.INBOUND
    source, target = ("user", "person") if inbound else ("person", "user")
    return SyncRule("id", "Join", direction, "c", source, target, LinkType.PROVISION, 100, joins=joins)


def test_the_first_group_with_exactly_one_match_wins():
    lookup = Directory(o1={"mail": "a@x"}, o2={"mail": "a@x", "employeeID": "7"})
    outcome = find_join(rule("mail=mail", "employeeID=employeeID"), {"mail": "A@x", "employeeID": "7"}, lookup)
    assert outcome == JoinOutcome(matched=2, group=1, has_value=True)


def test_several_matches_in_every_group_are_ambiguous():
    lookup = Directory(o1={"mail": "a@x"}, o2={"mail": "a@x"})
    outcome = find_join(rule("mail=mail"), {"mail": "a@x"}, lookup)
    assert outcome.ambiguous
    assert outcome.candidates == (1, 2)
    assert outcome.matched is None


def test_all_clauses_of_a_group_must_hold():
    lookup = Directory(o1={"accountName": "ana", "mailNickname": "ana"}, o2={"accountName": "ana"})
    joins = rule("sAMAccountName=accountName&mailNickname=mailNickname")
    assert find_join(joins, {"sAMAccountName": "ANA", "mailNickname": "ana"}, lookup).matched == 1
    assert find_join(joins, {"sAMAccountName": "ana", "mailNickname": "bo"}, lookup) == JoinOutcome(has_value=True)


def test_an_absent_attribute_leaves_its_group_unmatched_and_asks_nothing():
    lookup = Directory(o1={"mail": None})
    assert find_join(rule("mail=mail"), {}, lookup) == JoinOutcome(has_value=False)
    assert lookup.asked == []


def test_a_criterion_with_a_value_counts_even_in_an_unmatched_group():
    joins = rule("sAMAccountName=accountName&mailNickname=mailNickname")
    assert find_join(joins, {"sAMAccountName": "ana"}, Directory()).has_value
    assert not find_join(joins, {"mail": "ana@x"}, Directory()).has_value


def test_binary_is_compared_by_its_bytes():
    lookup = Directory(o1={"sourceAnchorBinary": GUID}, o2={"sourceAnchorBinary": OTHER})
    joins = rule("mS-DS-ConsistencyGuid=sourceAnchorBinary", "objectGUID=sourceAnchorBinary")
    assert find_join(joins, {"objectGUID": GUID}, lookup).matched == 1
    assert find_join(joins, {"objectGUID": GUID, "mS-DS-ConsistencyGuid": OTHER}, lookup).matched == 2


@pytest.mark.parametrize(("exact", "expected"), [(True, None), (False, 1)])
def test_case_counts_where_the_rule_says_so(exact, expected):
    lookup = Directory(o1={"sourceAnchor": "JohnDoe"})
    outcome = find_join(rule("sourceAnchor=sourceAnchor", exact=exact), {"sourceAnchor": "johndoe"}, lookup)
    assert outcome.matched == expected


def test_a_join_attribute_with_several_values_is_an_error():
    with pytest.raises(EngineError, match="proxyAddresses has 2 values") as raised:
        find_join(rule("proxyAddresses=mail"), {"proxyAddresses": ["a", "b"]}, Directory())
    assert raised.value.code == "join-object-id-must-be-single-valued"


def test_outbound_rules_search_the_same_pair_the_other_way_round():
    lookup = Directory(o5={"objectGUID": GUID})
    reverse = rule("objectGUID=sourceAnchorBinary", direction=Direction.OUTBOUND)
    assert find_reverse_join(reverse, {"sourceAnchorBinary": GUID}, lookup).matched == 5
    assert lookup.asked == [("user", "objectGUID")]
    assert not find_reverse_join(reverse, {"objectGUID": GUID}, lookup).has_value


def test_outbound_a_metaverse_list_matches_by_any_value():
    lookup = Directory(o1={"mail": "b@x"})
    reverse = rule("mail=proxyAddresses", direction=Direction.OUTBOUND)
    assert find_reverse_join(reverse, {"proxyAddresses": ["a@x", "b@x"]}, lookup).matched == 1


def test_the_foreign_principal_rule_asks_every_type():
    lookup = Directory(o3={"objectSidString": "S-1-5-21-1"})
    joins = SyncRule(
        "id",
        "FSP",
        Direction.INBOUND,
        "c",
        "foreignSecurityPrincipal",
        "*",
        LinkType.JOIN,
        118,
        joins=((JoinClause("cn", "objectSidString"),),),
    )
    assert find_join(joins, {"cn": "S-1-5-21-1"}, lookup).matched == 3
    assert lookup.asked == [("*", "objectSidString")]


def test_an_outbound_rule_can_be_asked_from_the_other_end():
    lookup = Directory(o7={"sourceAnchorBinary": GUID})
    outbound = rule("mS-DS-ConsistencyGuid=sourceAnchorBinary", "mail=mail", direction=Direction.OUTBOUND)
    found = find_claim(outbound, {"mS-DS-ConsistencyGuid": GUID, "mail": "a@x"}, lookup)
    assert found == JoinOutcome(matched=7, group=0, has_value=True)
    assert lookup.asked == [("person", "sourceAnchorBinary")]
    assert find_claim(outbound, {"title": "Lead"}, lookup) == JoinOutcome()
