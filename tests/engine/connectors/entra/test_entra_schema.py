from __future__ import annotations

from pathlib import Path

import pytest

from engine.connectors.entra.entra_schema import ENTRA_SCHEMA
from engine.setup.configuration.server_configuration import read_server_configuration


@pytest.fixture
def real_configuration():
    folder = Path(__file__).parents[5] / "shared/real/contoso-server-configuration"
    if not folder.is_dir():
        pytest.skip("the exported configuration ../shared/real/contoso-server-configuration is not here")
    return folder


def test_types_and_their_sizes():
    sizes = {name: len(found) for name, found in ENTRA_SCHEMA.object_types.items()}
    assert sizes == {"user": 152, "group": 71, "contact": 101, "device": 26, "publicFolder": 15}


def test_every_type_has_its_anchor_and_source_anchor():
    assert all({"cloudAnchor", "sourceAnchor"} <= found for found in ENTRA_SCHEMA.object_types.values())


@pytest.mark.real_input
def test_it_is_the_schema_of_a_real_connector(real_configuration):
    real = read_server_configuration(real_configuration).connectors[0].schema
    assert real.object_types == ENTRA_SCHEMA.object_types
    assert real.attributes == ENTRA_SCHEMA.attributes
