"""The sign-in window: by password, by second factor, and every step that is refused."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.tenant.core import cloud_users
from emulators.tenant.core.signing_in import conditional_access, password_sign_in, sign_in_window
from emulators.tenant.core.signing_in.sign_in_refusal import SignInError

PASSWORD = "Aa1-harbour-2026"
CLIENT = "cb1056e2-e479-49de-ae31-7812af012ed8"
FORM = {"login": "ana@contoso.com", "passwd": PASSWORD, "client_id": CLIENT}


@pytest.fixture
def user(bench: Any) -> Any:
    return cloud_users.create_account(bench.tenant, "ana@contoso.com", PASSWORD, "Ana")


@pytest.fixture
def asked(bench: Any, user: Any) -> Any:
    """The same user, of whom a second factor is asked, with a phone."""
    demand(bench, user, "mfa")
    conditional_access.register_phone(bench.tenant, user, {"phoneNumber": "+15550001", "phoneType": "mobile"})
    return user


def demand(bench: Any, user: Any, control: str) -> None:
    conditional_access.add_policy(
        bench.tenant,
        {
            "state": "enabled",
            "conditions": {"users": {"includeUsers": [user.id]}},
            "grantControls": {"builtInControls": [control]},
        },
    )


def log_in(bench: Any, **changes: str) -> dict[str, Any]:
    def check(form: Any) -> Any:
        return password_sign_in.password_user(bench.tenant, form)

    return sign_in_window.log_in(bench.tenant, FORM | changes, check)


def refused(act: Any) -> int:
    with pytest.raises(SignInError) as caught:
        act()
    return caught.value.number


def test_without_a_demand_the_password_is_enough(bench: Any, user: Any) -> None:
    code = log_in(bench)["code"]
    assert sign_in_window.redeem(bench.tenant, CLIENT, {"code": code}) is user
    assert refused(lambda: sign_in_window.redeem(bench.tenant, CLIENT, {"code": code})) == 70008


def test_a_code_is_good_for_its_client_only(bench: Any, user: Any) -> None:
    code = log_in(bench)["code"]
    assert refused(lambda: sign_in_window.redeem(bench.tenant, "another", {"code": code})) == 70008


def test_second_factor(bench: Any, asked: Any) -> None:
    opened = log_in(bench)
    assert opened["arrUserProofs"] == [{"authMethodId": "OneWaySMS", "display": "+1XXXXXX01", "isDefault": True}]
    flow = {"FlowToken": opened["sFT"], "AuthMethodId": "OneWaySMS"}
    assert refused(lambda: sign_in_window.process(bench.tenant, {"flowToken": opened["sFT"]})) == 50074
    assert not sign_in_window.end(bench.tenant, {**flow, "AdditionalAuthData": ""})["Success"]  # nothing was sent
    assert sign_in_window.begin(bench.tenant, flow)["Success"]
    code = bench.tenant.access.texts["+15550001"]
    wrong = sign_in_window.end(bench.tenant, {**flow, "AdditionalAuthData": "x" + code[1:]})
    assert (wrong["Success"], wrong["ResultValue"]) == (False, conditional_access.WRONG_CODE)
    assert sign_in_window.end(bench.tenant, {**flow, "AdditionalAuthData": code})["Success"]
    assert not sign_in_window.end(bench.tenant, {**flow, "AdditionalAuthData": code})["Success"]  # a code counts once
    done = sign_in_window.process(bench.tenant, {"flowToken": opened["sFT"]})
    assert sign_in_window.redeem(bench.tenant, CLIENT, done) is asked
    assert refused(lambda: sign_in_window.begin(bench.tenant, flow)) == 90027
    assert code not in repr(bench.records)
    assert PASSWORD not in repr(bench.records)


@pytest.mark.parametrize(("control", "phone", "number"), [("block", True, 53003), ("mfa", False, 50079)])
def test_window_refuses(bench: Any, user: Any, control: str, phone: bool, number: int) -> None:
    demand(bench, user, control)
    if phone:
        conditional_access.register_phone(bench.tenant, user, {"phoneNumber": "+1 555", "phoneType": "mobile"})
    assert refused(lambda: log_in(bench)) == number


def test_window_refuses_a_wrong_password_as_every_sign_in(bench: Any, asked: Any) -> None:
    assert refused(lambda: log_in(bench, passwd="wrong")) == 50126
    assert refused(lambda: log_in(bench, login="nobody@contoso.com")) == 50034


@pytest.mark.parametrize(
    ("control", "phone", "number"), [("mfa", True, 50076), ("mfa", False, 50079), ("block", True, 53003)]
)
def test_a_password_alone_is_not_enough(bench: Any, user: Any, control: str, phone: bool, number: int) -> None:
    sign_in_window.require_password_enough(bench.tenant, user, "x")
    demand(bench, user, control)
    if phone:
        conditional_access.register_phone(bench.tenant, user, {"phoneNumber": "+1 555", "phoneType": "mobile"})
    assert refused(lambda: sign_in_window.require_password_enough(bench.tenant, user, "x")) == number


@pytest.mark.parametrize("flow", [None, "", "unknown", 7])
def test_an_unknown_window(bench: Any, flow: Any) -> None:
    assert refused(lambda: sign_in_window.begin(bench.tenant, {"FlowToken": flow})) == 90027
