"""The ADSync service: what a stopped one refuses, what keeps it from starting, what becomes of its key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.active_directory.ldap_refusal import failed_authentication
from engine.errors import EngineError
from engine.service import KEY_SET, ServiceAccount, ServiceState
from engine.store.size import GIGABYTE, Holds

DOMAIN = ServiceAccount("CONTOSO\\svc-sync", "Aa1-harbour", "contoso.com")


@pytest.fixture
def world(deploy):
    made = deploy(anchor="objectGUID")
    made.contoso.add("Ana Lopez")
    return made


def events(world, number):
    return [one.text for one in world.server.events.read([number])]


def test_a_stopped_service_does_nothing(world):
    server = world.server
    server.service.stop()
    for act in (server.start_sync_cycle, server.suspend, lambda: server.run_profile("contoso.com", "Full Import")):
        with pytest.raises(EngineError) as refused:
            act()
        assert refused.value.code == "SERVICE_STOPPED"
    assert server.next_due() is None
    server.tick(world.clock.now())
    assert list(server.history.runs()) == []
    assert server.quiet
    server.service.stop()
    assert [one.id for one in server.events.read()] == [2001, 2002]


def test_started_again_it_works(world):
    world.server.service.restart()
    assert world.server.next_due() is not None
    world.server.service.start()
    assert [one.id for one in world.server.events.read([2001, 2002])] == [2001, 2002, 2001]


def test_a_run_that_went_down_with_the_service_is_ended(world):
    server = world.server
    server.history.begin("c", "contoso.com", "Full Import", "id", world.clock.now())
    server.service.restart()
    assert [run.result for run in server.history.runs()] == ["stopped-server"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("80090308: LdapErr: DSID-0C09044E, comment: x, data 52e, v4563", "The user name or password is incorrect."),
        ("80090308: LdapErr: DSID-0C09044E, comment: x, data 532, v4563", "The password for this account has expired."),
        ("80090308: LdapErr: DSID-0C09044E, comment: x, data 533, v4563", "This user can't sign in because"),
        ("no controller answers", "no controller answers"),
    ],
)
def test_a_logon_failure_keeps_it_from_starting(world, monkeypatch, said, reason):
    service = world.server.service
    service.run_as(DOMAIN)
    service.stop()

    def refuse():
        raise failed_authentication(said)

    monkeypatch.setattr(service, "check_account", refuse)
    with pytest.raises(EngineError) as refused:
        service.start()
    assert refused.value.code == "ERROR_1069"
    assert "The service did not start due to a logon failure." in refused.value.message
    assert not service.running
    (text,) = events(world, 7038)
    assert text.startswith("The ADSync service was unable to log on as CONTOSO\\svc-sync with the currently configured")
    assert reason in text


def test_a_full_database_keeps_it_from_starting(world):
    server = world.server
    server.service.stop()
    server.size.grow(10 * GIGABYTE, Holds.WHITE_SPACE)
    with pytest.raises(EngineError) as refused:
        server.service.start()
    assert (refused.value.code, refused.value.message) == (
        "ERROR_6323",
        "The server encountered an error because SQL Server is out of disk space.",
    )
    assert events(world, 6323) == [refused.value.message]
    server.size.shrink()
    server.service.start()
    assert server.service.state is ServiceState.RUNNING


def test_an_unreadable_key_is_seen_at_the_next_start(world):
    service = world.server.service
    service.lose_key()
    assert world.run("contoso.com", "Full Import").result == "success"
    with pytest.raises(EngineError, match="-21451857952"):
        service.restart()
    assert events(world, 6028) == ["The server encryption key cannot be accessed."]
    assert not service.running


def at(world, version):
    world.server.database.set_fact("product-version", version)
    return world.server.service


def test_builds_of_march_2017_lose_the_key_with_the_password_and_abandon_it_by_hand(world):
    service = at(world, "1.1.443.0")
    world.server.configuration.save_secret("contoso", "kept")
    service.run_as(DOMAIN)
    with pytest.raises(EngineError) as refused:
        service.abandon_key()
    assert refused.value.code == "SERVICE_RUNNING"
    service.set_password("Bb2-harbour")
    assert not service.key_readable
    service.stop()
    service.abandon_key()
    assert service.key_readable
    assert world.server.configuration.secret("contoso") == ""
    assert world.server.database.fact(KEY_SET)


def test_later_builds_see_to_the_key_themselves(world):
    service = at(world, "2.5.79.0")
    world.server.configuration.save_secret("contoso", "kept")
    service.run_as(DOMAIN)
    service.set_password("Bb2-harbour")
    assert service.key_readable
    assert world.server.configuration.secret("contoso") == "kept"
    service.lose_key()
    service.set_password("Cc3-harbour")
    assert service.key_readable
    assert world.server.configuration.secret("contoso") == ""
    service.stop()
    with pytest.raises(EngineError) as refused:
        service.abandon_key()
    assert refused.value.code == "KEY_HANDLED_BY_PRODUCT"


def test_windows_keeps_the_password_of_a_virtual_account(world):
    with pytest.raises(EngineError) as refused:
        world.server.service.set_password("x")
    assert refused.value.code == "ACCOUNT_WITHOUT_PASSWORD"


def test_the_password_is_in_no_text(world):
    service = world.server.service
    service.run_as(DOMAIN)
    assert "harbour" not in repr(service.account)
    assert "harbour" not in repr(service.snapshot())


def test_an_account_that_is_not_let_in_any_more_binds_nowhere(world, monkeypatch):
    server = world.server

    def refuse():
        raise failed_authentication("data 532")

    server.systems.log_on = refuse
    world.server.systems._connectors.clear()
    run = server.run_profile("contoso.com", "Full Import")
    assert run.result == "no-start-credentials"
    assert events(world, 6000) == [
        'The management agent "contoso.com" failed to run because the credentials were invalid.'
    ]
    assert server.service.running


def test_a_snapshot_keeps_the_service(world):
    server = world.server
    server.service.run_as(DOMAIN)
    server.service.stop()
    kept = server.snapshot()
    server.service.set_password("Bb2-harbour")
    server.service.start = lambda: None  # nothing to log on to
    server.restore(kept)
    assert server.service.account == DOMAIN
    assert not server.service.running
    assert replace(DOMAIN, password="x") != DOMAIN
