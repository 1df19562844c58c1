"""The held connection: who is turned away hears so, closing wakes the thread, and a broken one ends it."""

from __future__ import annotations

import pytest

from engine.connectors.entra.held_line import HeldLine, RelayRefused
from engine.connectors.entra.tenant_client import TenantAddress
from engine.errors import ConnectorError

WORLD = {"forests": {"contoso.com": {}}, "tenants": {"contoso.onmicrosoft.com": {"verified_domains": ["contoso.com"]}}}


def line_to(one, secret: str, path: str = "/relay/password/0") -> HeldLine:
    tenant = one.tenant()
    address = TenantAddress(tenant.base_url, tenant.name)
    return HeldLine(
        address, path=path, secret=secret, ca_bundle=str(one.certificates.ca_bundle), work=lambda request: {}
    )


def onboarded(one) -> str:
    key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    return one.tenant().registration("OnboardPasswordWriteback", {"MachineName": "SYNC1", "PublicKey": key})["Secret"]


def test_a_wrong_secret_is_turned_away(lab) -> None:
    line = line_to(lab(**WORLD), "wrong")
    with pytest.raises(RelayRefused):
        line.connect()
    assert not line.open


def test_it_listens_until_it_is_closed_and_can_be_opened_again(lab) -> None:
    one = lab(**WORLD)
    line = line_to(one, onboarded(one))
    for _ in range(2):
        line.connect()
        assert line.open
        line.heartbeat()
        line.close()
        line.close()
        assert not line.open


def test_whoever_is_cut_off_stops_listening(lab) -> None:
    one = lab(**WORLD)
    line = line_to(one, onboarded(one))
    line.connect()
    onboarded(one)
    with pytest.raises(RelayRefused):
        line.heartbeat()
    assert line._thread is not None
    line._thread.join(10)
    assert not line.open


def test_nobody_answers(lab) -> None:
    one = lab(**WORLD)
    line = HeldLine(
        TenantAddress("https://127.0.0.1:1", "contoso.onmicrosoft.com"),
        path="/relay/password/0",
        secret="x",
        ca_bundle=str(one.certificates.ca_bundle),
        work=lambda request: {},
    )
    with pytest.raises(ConnectorError) as refused:
        line.connect()
    assert refused.value.code == "failed-connection"


def test_only_https() -> None:
    with pytest.raises(ValueError, match="HTTPS only"):
        HeldLine(TenantAddress("http://127.0.0.1:1", "x"), path="/", secret="", ca_bundle="", work=lambda r: {})
