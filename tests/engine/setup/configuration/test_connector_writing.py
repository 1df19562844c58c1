"""What a connector file holds of run steps is read as it was written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.xml_document import read_document
from engine.setup.configuration.connector_writing import write_connector
from engine.setup.configuration.connector_xml import ConnectorReader

PARTITION = "11111111-0000-0000-0000-000000000000"


@pytest.mark.parametrize("limit", [0, 250])
def test_the_object_limit_of_a_step(deploy, limit):
    _, held = deploy().server.connector("contoso.com")
    partition = replace(held.partitions[0], identifier=PARTITION)
    profile = held.run_profiles[0]
    step = replace(profile.steps[0], partition=PARTITION, object_limit=limit)
    written = replace(profile, identifier=PARTITION, steps=(step,))
    text = write_connector(held.with_(partitions=(partition,), run_profiles=(written,)))
    assert f"<object>{limit}</object>" in "".join(text.split())
    found = ConnectorReader(read_document(text, "connector"), "connector").read()
    assert found is not None
    assert found.run_profiles[0].steps == (step,)
