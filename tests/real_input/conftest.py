"""The real files beside the checkout, read by hand: LDIF by four lines of text work, rules by ElementTree.

Nothing here goes through the engine, so that what the tests expect does not come from what they test.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

HERE = Path(__file__).parent
REAL = HERE.parents[2] / "shared" / "real"
LDIF = REAL / "samba-domain.ldif"
CONFIGURATION = REAL / "contoso-server-configuration"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The scenario files here run inside the tests; ``anchorage run tests/real_input`` runs them by themselves."""
    return True if collection_path.suffix == ".yaml" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if LDIF.is_file() and CONFIGURATION.is_dir():
        return
    reason = (
        "the real files are not there: ../shared/real (an exported configuration and a domain), beside the checkout"
    )
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def domain() -> dict[str, dict[str, list[bytes]]]:
    """The entries of the LDIF file by DN; attribute names in lower case, values as octets."""
    text = LDIF.read_text(encoding="utf-8").replace("\n ", "")
    entries = {}
    for block in text.split("\n\n"):
        entry: dict[str, list[bytes]] = defaultdict(list)
        for line in block.splitlines():
            name, colon, value = line.partition(":")
            if colon and not line.startswith("#"):
                octets = base64.b64decode(value[1:]) if value.startswith(":") else value.strip().encode()
                entry[name.lower()].append(octets)
        if "dn" in entry:
            entries[entry["dn"][0].decode()] = dict(entry)
    return entries


@pytest.fixture(scope="session")
def rule_files() -> dict[str, ElementTree.Element]:
    """The exported rules by name."""
    files = sorted((CONFIGURATION / "SynchronizationRules").glob("*.xml"))
    roots = [ElementTree.parse(file).getroot() for file in files]
    return {str(root.findtext("name")): root for root in roots}


@pytest.fixture(scope="session")
def selected_types() -> set[str]:
    """The object types that the exported AD connector's partition imports."""
    file = next((CONFIGURATION / "Connectors").glob("*{ae4db4cc*.xml"))
    root = ElementTree.parse(file).getroot()
    return {str(one.text) for one in root.findall(".//partition/filter/object-classes/object-class")}
