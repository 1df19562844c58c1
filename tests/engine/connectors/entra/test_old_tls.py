"""TLS 1.1 and 1.0 on the wire, only where the machine has nothing better."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from engine.connectors.entra.old_tls import CURRENT, context_for


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    path.write_bytes(trustme.CA().cert_pem.bytes())
    return str(path)


@pytest.mark.parametrize(("version", "highest"), [("1.1", "TLSv1_1"), ("1.0", "TLSv1")])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_higher_than_the_machine_has(bundle: str, version: str, highest: str) -> None:
    context = context_for(version, bundle)
    assert context is not None
    assert context.maximum_version is ssl.TLSVersion[highest]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("version", [CURRENT, ""])
def test_today_needs_nothing(bundle: str, version: str) -> None:
    assert context_for(version, bundle) is None
