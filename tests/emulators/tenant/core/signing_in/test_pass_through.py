"""Pass-through authentication: agents and their life, what their answers mean, whom the feature concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest

from emulators.tenant.core.refusals import ServiceFault
from emulators.tenant.core.signing_in import pass_through, password_sign_in, sign_in
from emulators.tenant.core.signing_in.pass_through import Validated, ValidationNeededError
from emulators.tenant.core.signing_in.sign_in_refusal import SignInError
from emulators.tenant.store.snapshot import freeze, thaw

CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


def agent(bench, machine: str = "SYNC1"):
    identifier, secret = pass_through.register(bench.tenant, machine, "key")
    return identifier, secret, pass_through.connect(bench.tenant, identifier)


def ana(bench):
    bench.add("anchor", userPrincipalName="ana@contoso.com", accountEnabled=True)
    return bench.by_anchor("anchor")


def form(name: str = "ana@contoso.com") -> dict[str, str]:
    return {"grant_type": "password", "client_id": CLI, "username": name, "password": "x",
            "resource": "https://graph.microsoft.com"}  # fmt: skip


def ask(bench, validated=None, name: str = "ana@contoso.com"):
    return sign_in.grant_token(
        bench.tenant, "contoso.com", form(name), version=1, own_host="127.0.0.1", validated=validated
    )


def test_the_feature_needs_an_active_agent(bench) -> None:
    with pytest.raises(ServiceFault) as refused:
        pass_through.switch(bench.tenant, enable=True)
    assert refused.value.code == "NO_AGENT_AVAILABLE"
    _, _, line = agent(bench)
    pass_through.switch(bench.tenant, enable=True)
    assert bench.tenant.sync.has("PassThroughAuthentication")
    line.cut()
    pass_through.switch(bench.tenant, enable=False)
    assert not bench.tenant.sync.has("PassThroughAuthentication")


def test_the_secret_is_the_agents_and_kept_as_a_hash(bench) -> None:
    identifier, secret, _ = agent(bench)
    assert pass_through.knows(bench.tenant, identifier, secret)
    assert not pass_through.knows(bench.tenant, identifier, "other")
    assert not pass_through.knows(bench.tenant, "other", secret)
    assert secret not in repr(bench.tenant.sync)
    assert secret not in repr(bench.records)


def test_an_inactive_agent_leaves_the_list_after_ten_days(bench) -> None:
    identifier, _, line = agent(bench)
    other, _, _ = agent(bench, "PTA2")
    bench.clock.advance(days=3)
    pass_through.disconnected(bench.tenant, identifier, line)
    status = {one["id"]: one["status"] for one in pass_through.listed(bench.tenant)}
    assert status == {identifier: "inactive", other: "active"}
    bench.clock.moment += pass_through.DROPPED_AFTER - timedelta(seconds=1)
    assert len(pass_through.listed(bench.tenant)) == 2
    bench.clock.advance(seconds=1)
    assert [one["id"] for one in pass_through.listed(bench.tenant)] == [other]
    pass_through.connect(bench.tenant, identifier)
    assert len(pass_through.listed(bench.tenant)) == 2


def test_agents_are_asked_in_order_of_registration(bench) -> None:
    _, _, line = agent(bench)
    agent(bench, "PTA2")
    assert [one["machine"] for _, one, _ in pass_through.active(bench.tenant)] == ["SYNC1", "PTA2"]
    line.cut()
    assert [one["machine"] for _, one, _ in pass_through.active(bench.tenant)] == ["PTA2"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"Reason": 0}, None),
        ({"Reason": 1326}, 50126),
        ({"Reason": 1317}, 80004),
        ({"Reason": 1328}, 80012),
        ({"Reason": 1330}, 50144),
        ({"Reason": 1331}, 50057),
        ({"Reason": 1793}, 50057),
        ({"Reason": 1907}, 50144),
        ({"Reason": 1909}, 50053),
        ({"Reason": 4711}, 80003),
        ({"Reason": "0"}, 80003),
        ({"Reason": False}, 80003),
        ({}, 80003),
        ({"Failure": "directory-unreachable"}, 80007),
        ({"Failure": "not-decrypted"}, 80010),
        ({"Failure": "something"}, 80003),
        (None, 80002),
    ],
)
def test_what_an_answer_means(answer, code) -> None:
    meant = pass_through.meaning(answer)
    assert (meant[0] if meant else None) == code


def test_a_synchronised_user_is_asked_about_a_cloud_user_is_not(bench) -> None:
    user = ana(bench)
    agent(bench)
    pass_through.switch(bench.tenant, enable=True)
    with pytest.raises(ValidationNeededError) as needed:
        ask(bench)
    assert needed.value.user is user
    with pytest.raises(SignInError) as refused:
        ask(bench, name=bench.keys.admin_upn)
    assert refused.value.number == 50126


def test_the_agents_word_decides(bench) -> None:
    user = ana(bench)
    agent(bench)
    pass_through.switch(bench.tenant, enable=True)
    assert ask(bench, Validated(None)).user is user
    with pytest.raises(SignInError) as refused:
        ask(bench, Validated(pass_through.NO_DIRECTORY))
    assert refused.value.number == 80007


def test_guessing_ends_in_the_cloud(bench) -> None:
    ana(bench)
    agent(bench)
    pass_through.switch(bench.tenant, enable=True)
    wrong = Validated((50126, "wrong"))
    numbers = []
    for _ in range(password_sign_in.LOCKOUT_ATTEMPTS + 1):
        with pytest.raises(SignInError) as refused:
            ask(bench, wrong)
        numbers.append(refused.value.number)
    assert numbers == [50126] * password_sign_in.LOCKOUT_ATTEMPTS + [50053]


def test_alternate_id_sends_the_name_on_premises(bench) -> None:
    bench.add("a", userPrincipalName="ana@contoso.com", onPremisesUserPrincipalName="ana@corp.local")
    assert pass_through.name_on_premises(bench.by_anchor("a")) == "ana@corp.local"
    bench.add("b", userPrincipalName="ben@contoso.com")
    assert pass_through.name_on_premises(bench.by_anchor("b")) == "ben@contoso.com"


def test_agents_travel_with_a_snapshot_and_connections_do_not(bench, make_bench) -> None:
    identifier, secret, _ = agent(bench)
    pass_through.switch(bench.tenant, enable=True)
    other = make_bench(seed=8).tenant
    thaw(other, freeze(bench.tenant))
    assert other.sync.has("PassThroughAuthentication")
    assert pass_through.knows(other, identifier, secret)
    assert [one["status"] for one in pass_through.listed(other)] == ["inactive"]


def test_the_sign_in_window_does_not_wait(bench) -> None:
    ana(bench)
    agent(bench)
    pass_through.switch(bench.tenant, enable=True)
    with pytest.raises(SignInError) as refused:
        password_sign_in.user_at_the_window(bench.tenant, form())
    assert refused.value.status == 501
