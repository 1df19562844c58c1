"""The exported configuration that lies beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def real_configuration():
    folder = Path(__file__).parents[3] / "shared/real/contoso-server-configuration"
    if not folder.is_dir():
        pytest.skip("the exported configuration ../shared/real/contoso-server-configuration is not here")
    return folder
