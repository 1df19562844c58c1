"""Source anchors and immutable ids: spelling, legality, who may set them when."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import cloud_users
from emulators.tenant.core.anchors import illegal_reason, split_cloud_anchor
from emulators.tenant.core.identities import Kind
from emulators.tenant.core.refusals import GraphError


@pytest.mark.parametrize(
    ("anchor", "legal"),
    [("MyIRAFVEd2aImaq7zN3u/w==", True), ("JohnDoe", True), ("", False), ("a" * 59, True), ("a" * 60, False), ("a_b", False),  # noqa: E501 - one row of a table
     ("a$b", False), ("a@b", False), ("+" * 19, True), ("+" * 20, False)],
)  # fmt: skip
def test_legality(anchor: str, legal: bool) -> None:
    assert (illegal_reason(anchor) is None) is legal


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("User_abc", (Kind.USER, "abc")),
        ("Group_1", (Kind.GROUP, "1")),
        ("Nobody_1", None),
        ("User_", None),
        ("x", None),
    ],
)
def test_cloud_anchor(text: str, read: Any) -> None:
    assert split_cloud_anchor(text) == read


def cloud_user(bench: Any, name: str) -> Any:
    body = {"accountEnabled": True, "displayName": name, "mailNickname": name, "userPrincipalName": f"{name}@contoso.com",  # noqa: E501 - one row of a table
            "passwordProfile": {"password": "Sommer-2026"}}  # fmt: skip
    return cloud_users.create_user(bench.tenant, body)


def test_settable_on_cloud_users_only(bench: Any) -> None:
    first, second = cloud_user(bench, "x"), cloud_user(bench, "y")
    cloud_users.change_user(bench.tenant, first, {"onPremisesImmutableId": "I=="})
    with pytest.raises(GraphError, match="already exists"):
        cloud_users.change_user(bench.tenant, second, {"onPremisesImmutableId": "I=="})
    cloud_users.change_user(bench.tenant, second, {"onPremisesImmutableId": "i=="})
    bench.add("S==", userPrincipalName="s@contoso.com")
    with pytest.raises(GraphError, match="on-premises mastered"):
        cloud_users.change_user(bench.tenant, bench.by_anchor("S=="), {"onPremisesImmutableId": None})
    with pytest.raises(GraphError, match="Invalid value"):
        cloud_users.change_user(bench.tenant, first, {"onPremisesImmutableId": "a_b"})


def test_clearing_lets_the_next_export_find_by_name(bench: Any) -> None:
    user = cloud_user(bench, "x")
    cloud_users.change_user(bench.tenant, user, {"onPremisesImmutableId": "I=="})
    cloud_users.change_user(bench.tenant, user, {"onPremisesImmutableId": None})
    bench.add("J==", userPrincipalName="x@contoso.com")
    assert bench.by_anchor("J==") is user
