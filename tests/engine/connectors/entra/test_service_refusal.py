"""Typed refusals of the tenant."""

from __future__ import annotations

from engine.connectors.entra.service_refusal import ServiceFault, SignInRefused, Throttled


def test_numbers_and_codes() -> None:
    assert SignInRefused("invalid_grant", "AADSTS50126: wrong").aadsts == 50126
    assert SignInRefused("x", "").message == "x"
    assert ServiceFault("115", "denied").code == "failed-permission"
    assert ServiceFault("81", "busy", "t", "s").code == "service-fault"
    assert "429" in str(Throttled("FinalizeExport", 429, 3))
