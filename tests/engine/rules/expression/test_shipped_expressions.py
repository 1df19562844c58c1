"""Every expression of the exported server configuration that lies beside the checkout compiles."""

import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest

from engine.rules.expression import compile_expression


@pytest.mark.real_input
def test_every_exported_expression_compiles(pytestconfig):
    folder = pytestconfig.rootpath.parent / "shared" / "real" / "contoso-server-configuration" / "SynchronizationRules"
    if not folder.is_dir():
        pytest.skip("the exported server configuration is not beside the checkout (../shared/real)")
    texts = Counter(
        element.text or "" for file in folder.glob("*.xml") for element in ElementTree.parse(file).iter("expression")
    )
    assert sum(texts.values()) == 391
    for text in texts:
        compile_expression(text)
