"""Nodes are plain frozen values."""

from dataclasses import FrozenInstanceError

import pytest

from engine.rules.expression import nodes


def test_nodes_compare_by_content_and_cannot_change():
    attribute = nodes.Attribute("mail", 3)
    assert attribute == nodes.Attribute("mail", 3)
    assert attribute != nodes.Attribute("mail", 4)
    with pytest.raises(FrozenInstanceError):
        attribute.name = "other"  # type: ignore[misc]
