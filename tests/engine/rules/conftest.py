"""Short makers of valid rules, and the exported configuration that lies beside the checkout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.rules.rule import AttributeFlow, Direction, FlowType, LinkType, SyncRule

AD = "ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d"


def identifier(number):
    return f"00000000-0000-0000-0000-{number:012d}"


def inbound(number, name="", **changes):
    """An inbound join rule of the contoso connector; its precedence is its number."""
    made = SyncRule(
        identifier(number), name or f"Rule {number}", Direction.INBOUND, AD, "user", "person", LinkType.JOIN, number
    )
    return replace(made, **changes)


def direct(target, source=""):
    return AttributeFlow(target, FlowType.DIRECT, (source or target,))


def expression(target, text):
    return AttributeFlow(target, FlowType.EXPRESSION, expression=text)


@pytest.fixture
def make():
    return SimpleNamespace(identifier=identifier, inbound=inbound, direct=direct, expression=expression, ad=AD)


@pytest.fixture
def real_configuration():
    folder = Path(__file__).parents[4] / "shared/real/contoso-server-configuration"
    if not folder.is_dir():
        pytest.skip("the exported configuration ../shared/real/contoso-server-configuration is not here")
    return folder
