"""Opening a certificate's file: names of the SAN, the common name only without one, a password that must be right."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.errors import EngineError
from engine.setup.federation.certificate_file import certificate_names
from harness.lab.federation_certificates import make_pfx

NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("names", "common_name", "found"),
    [
        (("sts.contoso.com", "*.contoso.com"), "other", ("sts.contoso.com", "*.contoso.com")),
        ((), "sts.contoso.com", ("sts.contoso.com",)),
    ],
)
def test_names(names: tuple[str, ...], common_name: str, found: tuple[str, ...]) -> None:
    assert certificate_names(make_pfx(names, common_name, "secret", NOW), "secret") == found


@pytest.mark.parametrize(("pfx", "password"), [(None, "wrong"), (None, ""), (b"no file", "secret")])
def test_a_file_that_does_not_open(pfx: bytes | None, password: str) -> None:
    with pytest.raises(EngineError) as refused:
        certificate_names(pfx or make_pfx(("sts",), "", "secret", NOW), password)
    assert refused.value.code == "CERTIFICATE_PASSWORD"
