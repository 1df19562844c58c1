"""What the tenant asks of a machine: agent and write-back follow settings, service and snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.password_writeback.service import SETTING, RelayState
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world

TENANTS = {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}
BOTH = Choices(mode="custom", sign_in="pass-through", features=("password-writeback",))


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(make_world(forests={"contoso.com": {"users": ["Ana Lopez"]}}, tenants=TENANTS)) as one:
        yield one


def numbers(engine) -> list[int]:
    return [one.id for one in engine.events.read() if one.provider == "PasswordResetService"]


def test_the_story_of_a_relay(lab: Lab) -> None:
    engine = install_server(lab, "SYNC1", BOTH).engine
    assert numbers(engine) == [31004, 31018, 31005, 31015]
    lab.advance(timedelta(minutes=11))
    assert numbers(engine)[4:] == [31019, 31019]
    engine.service.stop()
    assert engine.requests.writeback.state is RelayState.OFF
    engine.service.start()
    assert numbers(engine)[6:] == [31016, 31015]
    engine.save_setting(SETTING, "False")
    assert numbers(engine)[8:] == [31016, 31012, 31013]
    assert not lab.tenant().service.tenant.sync.has("PasswordWriteBack")


def test_a_tenant_that_is_away_is_tried_again(lab: Lab) -> None:
    engine = install_server(lab, "SYNC1", BOTH).engine
    writeback = engine.requests.writeback
    engine.save_setting(SETTING, "False")
    call = engine.systems.tenant_client

    def away(configuration):
        from engine.connectors.entra.service_refusal import failed_connection

        class Gone:
            def call(self, *args, **kwargs):
                raise failed_connection("nobody there")

        return Gone()

    engine.systems.tenant_client = away
    engine.save_setting(SETTING, "True")
    assert writeback.state is RelayState.DOWN
    assert numbers(engine)[-1] == 32002
    engine.systems.tenant_client = call
    lab.advance(timedelta(minutes=6))
    assert writeback.state is RelayState.LISTENING


def test_a_staging_server_listens_to_no_passwords_but_its_agent_answers(lab: Lab) -> None:
    install_server(lab, "SYNC1", BOTH)
    second = install_server(lab, "SYNC2", Choices(mode="custom", staging=True, sign_in="pass-through",
                                                  features=("password-writeback",))).engine  # fmt: skip
    assert second.requests.writeback.state is RelayState.OFF
    assert second.requests.agent is not None
    assert second.requests.agent.running


def test_a_lost_machine_says_nothing_and_its_agent_is_inactive(lab: Lab) -> None:
    server = install_server(lab, "SYNC1", BOTH)
    engine = server.engine
    server.destroy()
    assert 31016 not in numbers(engine)
    del lab.servers["SYNC1"]
    graph = lab.tenant().graph()
    agents = graph.get("onPremisesPublishingProfiles/authentication/agents", version="beta")["value"]
    assert [one["status"] for one in agents] == ["inactive"]


def test_snapshot_and_way_back(lab: Lab) -> None:
    engine = install_server(lab, "SYNC1", BOTH).engine
    lab.keep("before")
    engine.requests.set_agent(running=False)
    assert engine.requests.agent is None
    lab.go_back("before")
    assert engine.requests.agent is not None
    assert engine.requests.agent.running
    assert engine.requests.writeback.state is RelayState.LISTENING


def test_closing_ends_every_thread(lab: Lab) -> None:
    import threading

    install_server(lab, "SYNC1", BOTH)
    assert sum(one.name == "held-line" for one in threading.enumerate()) == 2
    lab.close()
    assert not any(one.name == "held-line" for one in threading.enumerate())
