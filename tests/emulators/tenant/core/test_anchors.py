"""Source anchors and immutable ids: spelling, legality, who may set them when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from emulators.tenant.core import cloud_users
from emulators.tenant.core.anchors import illegal_reason, length, split_cloud_anchor
from emulators.tenant.core.identities import Kind
from emulators.tenant.core.refusals import GraphError

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases/anchors/values.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("anchor", "legal"),
    [("MyIRAFVEd2aImaq7zN3u/w==", True), ("JohnDoe", True), ("", False), ("a" * 59, True), ("a" * 60, False), ("a_b", False),  # noqa: E501 - one row of a table
     ("a$b", False), ("a@b", False), ("+" * 19, True), ("+" * 20, False)],
)  # fmt: skip
def test_legality(anchor: str, legal: bool) -> None:
    assert (illegal_reason(anchor) is None) is legal


@pytest.mark.parametrize(("anchor", "code"), CASES["texts"])
def test_characters(bench: Any, anchor: str, code: str | None) -> None:
    answer = bench.add(anchor, userPrincipalName="x@contoso.com")
    assert answer["ResultErrorCode"] == code
    assert (bench.by_anchor(anchor) is None) is (code is not None)


@pytest.mark.parametrize("case", CASES["weights"])
def test_what_is_no_letter_or_digit_counts_three(bench: Any, case: dict[str, Any]) -> None:
    anchor = "a" * case["letters"] + "-" * case["others"]
    assert length(anchor) == case["weight"]
    answer = bench.add(anchor, userPrincipalName="x@contoso.com")
    assert answer["ResultErrorCode"] == (None if case["legal"] else "ExceededAllowedLength")
    if not case["legal"]:
        assert answer["ResultErrorDescription"].startswith("The provisioned object is too large.")
        assert answer["ErrorDetails"]["AttributeConflictName"] == "SourceAnchor"


@pytest.mark.parametrize("anchor", CASES["guids"])
def test_a_guid_is_never_too_long(bench: Any, anchor: str) -> None:
    assert length(anchor) == 24
    assert bench.add(anchor, userPrincipalName="x@contoso.com")["ResultCode"] == "Success"


def test_a_letter_outside_ascii_counts_three() -> None:
    assert length("é") == 3


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
