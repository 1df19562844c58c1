"""The deletion threshold is the tenant's, and only its administrator may change it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.cmdlets import delete_threshold, run
from engine.errors import EngineError
from engine.setup.answers import Credential
from engine.setup.surroundings import CompanyFacts

USER = "-AADUserName admin@contoso.onmicrosoft.com"


class Tenant:
    """A tenant that knows one administrator."""

    def __init__(self) -> None:
        self.guard: object = None
        self.asked: list[str] = []

    def sign_in(self, tenant: str, credential: Credential) -> Tenant:
        self.asked.append(tenant)
        if credential.password != "right":
            raise EngineError("INVALID_GRANT", "wrong")
        return self

    def company(self) -> CompanyFacts:
        return CompanyFacts("t", "i", (), True, 0, None, accidental_deletes=self.guard)  # type: ignore[arg-type]

    def set_configuration(self, changes: Mapping[str, object]) -> None:
        self.guard = changes["PreventAccidentalDeletion"]

    def close(self) -> None: ...


@pytest.fixture
def tenant(monkeypatch) -> Tenant:
    reached = Tenant()
    monkeypatch.setattr(delete_threshold, "reach_from", lambda server: reached)
    return reached


def test_get_enable_disable(server, tenant) -> None:
    def type_line(line: str):
        return run(f"{line} {USER}", server, lambda user: "right").rows

    assert type_line("Get-ADSyncExportDeletionThreshold") == (
        {"DeletionPreventionType": "EnabledForCount", "DeletionThreshold": 500},
    )
    type_line("Enable-ADSyncExportDeletionThreshold -DeletionThreshold 50")
    assert tenant.guard["ThresholdCount"] == 50
    assert server.global_settings["Microsoft.OptionalFeature.ExportDeletionThresholdValue"] == "50"
    type_line("Disable-ADSyncExportDeletionThreshold")
    assert tenant.guard["DeletionPrevention"] == "Disabled"
    assert tenant.guard["ThresholdCount"] == 50, "the number stays for whoever switches it on again"
    assert type_line("Get-ADSyncExportDeletionThreshold")[0]["DeletionPreventionType"] == "Disabled"
    assert set(tenant.asked) == {"contoso.onmicrosoft.com"}


@pytest.mark.parametrize(("prompt", "code"), [(None, "CREDENTIAL_NEEDED"), (lambda user: "wrong", "INVALID_GRANT")])
def test_refused_without_the_administrator(server, tenant, prompt, code) -> None:
    with pytest.raises(EngineError) as refusal:
        run(f"Disable-ADSyncExportDeletionThreshold {USER}", server, prompt)
    assert refusal.value.code == code
    assert tenant.guard is None
