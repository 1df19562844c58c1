"""Property names are Graph's own: compared with the models of the Graph SDK where it is installed."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from emulators.tenant.core.identities import Kind
from emulators.tenant.core.properties import DEFAULTS, READERS

MODELS = {Kind.USER: "user", Kind.GROUP: "group", Kind.CONTACT: "org_contact", Kind.DEVICE: "device"}
#: known to beta, to an older version, or to the base type directoryObject
ELSEWHERE = {
    "onPremisesObjectIdentifier", "refreshTokensValidFromDateTime", "writebackConfiguration", "createdDateTime", "id", "deletedDateTime",  # noqa: E501 - one row of a table
}  # fmt: skip


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.value)
def test_names_exist_in_graph(kind: Kind) -> None:
    package = pytest.importorskip("msgraph", reason="msgraph-sdk is not installed: nothing to compare with")
    model = (
        Path(next(iter(importlib.import_module(package.__name__).__path__)))
        / "generated"
        / "models"
        / f"{MODELS[kind]}.py"
    )
    known = set(re.findall(r'^\s+"(\w+)": lambda', model.read_text(), re.MULTILINE))
    assert set(READERS[kind]) - known - ELSEWHERE == set()


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_defaults_can_be_read(kind: Kind) -> None:
    assert set(DEFAULTS[kind]) <= set(READERS[kind])


def test_users_show_eleven_by_default() -> None:
    assert len(DEFAULTS[Kind.USER]) == 11
