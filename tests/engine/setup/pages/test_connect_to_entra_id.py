"""Connect to Microsoft Entra ID: the refusal of the sign-in is the refusal of the page."""

from __future__ import annotations

from engine.errors import EngineError
from engine.setup.pages.connect_to_entra_id import connect_to_entra_id


def test_signed_in(stage) -> None:
    state = stage.state()
    outcome = connect_to_entra_id(stage.answers(), state)
    assert outcome.facts["tenant"] == "contoso.onmicrosoft.com"
    assert state.signed_in()[0] is stage.tenant
    assert stage.tenants_asked == ["contoso.onmicrosoft.com"]


def test_tenant_can_be_named(stage) -> None:
    connect_to_entra_id(stage.answers(tenant="Contoso.com"), stage.state())
    assert stage.tenants_asked == ["contoso.com"]


def test_refused(stage) -> None:
    stage.sign_in_refusal = EngineError("INVALID_GRANT", "AADSTS50126: wrong")
    outcome = connect_to_entra_id(stage.answers(), stage.state())
    assert (outcome.code, outcome.message) == ("INVALID_GRANT", "AADSTS50126: wrong")
