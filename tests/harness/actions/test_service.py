"""Verbs about the service and the machine: what stays after an uninstallation, when a typed password counts."""

from __future__ import annotations

import pytest

from harness.actions.service import restart, set_connector_password, uninstall
from harness.lab.installation import Choices, install_server
from harness.lab.lab import Lab
from harness.pytest_plugin import make_world
from harness.refusal import StepRefusedError


@pytest.fixture
def lab():
    described = {"contoso.com": {"users": ["Ana Lopez", {"name": "svc-adds", "login": "svc-adds"}]}}
    with Lab(make_world(forests=described, tenants={"contoso.onmicrosoft.com": {}})) as made:
        yield made


def test_the_database_stays_after_an_uninstallation(lab):
    server = install_server(lab, "SYNC1", Choices(mode="custom"))
    path = server.engine.database.path
    uninstall(lab, "SYNC1")
    assert path.exists()
    assert "SYNC1" not in lab.servers
    with pytest.raises(StepRefusedError, match="DATABASE_NOT_EMPTY"):
        install_server(lab, "SYNC1", Choices(mode="custom"))
    path.unlink()
    install_server(lab, "SYNC1", Choices(mode="custom"))
    accounts = lab.forest().search("(sAMAccountName=MSOL_*)", ["cn"])
    assert len(accounts) == 2


def test_a_typed_password_counts_after_a_restart(lab):
    choices = Choices(mode="custom", account="svc-adds", anchor="objectGUID", sign_in="do-not-configure")
    engine = install_server(lab, "SYNC1", choices).engine
    assert engine.run_profile("contoso.com", "Full Import").result == "success"
    set_connector_password(lab, "SYNC1", "contoso.com", "not-it-2026")
    assert engine.run_profile("contoso.com", "Delta Import").result == "success"
    restart(lab, "SYNC1")
    assert engine.run_profile("contoso.com", "Delta Import").result == "no-start-credentials"
