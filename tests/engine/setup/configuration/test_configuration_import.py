"""What of an export is used when its forest is mapped: its own OU selection unless another one is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.model.configuration import ENTRA_CONNECTOR_ID, ConnectorConfiguration, ConnectorType, Partition
from engine.model.schema import AttributeDefinition, Schema
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.standard import DirectoryConnector, StandardRuleOptions, standard_rules
from engine.setup.answers import Credential, OuSelection
from engine.setup.configuration.configuration_import import ConfigurationImport, configuration_to_use
from engine.setup.configuration.server_configuration import ServerConfiguration, write_server_configuration

AD = "ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d"
PARTITION = "dc4c27db-d13d-460a-9a82-c48aba1ee81"  # and a digit
ADMINISTRATOR = Credential("BENCH\\Administrator", "Quay-side-2026")


@pytest.fixture
def wanted(tmp_path: Path) -> ConfigurationImport:
    schema = Schema({"cn": AttributeDefinition("cn")}, {"user": frozenset({"cn"})})
    corp = Partition(
        f"{PARTITION}1",
        "DC=contoso,DC=com",
        "contoso.com",
        True,
        ("OU=CORP,DC=contoso,DC=com",),
        ("DC=contoso,DC=com",),
    )
    child = Partition(f"{PARTITION}2", "DC=emea,DC=contoso,DC=com", "emea.contoso.com", False)
    connectors = (
        ConnectorConfiguration(
            AD, "contoso.com", ConnectorType.ACTIVE_DIRECTORY, (corp, child), schema=schema,
            parameters={"forest-name": "contoso.com", "forest-login-user": "MSOL_1"},
        ),
        ConnectorConfiguration(
            ENTRA_CONNECTOR_ID, "contoso.onmicrosoft.com - AAD", ConnectorType.ENTRA,
            (Partition(f"{PARTITION}3", "default", "default"),), schema=schema,
        ),
    )  # fmt: skip
    rules = standard_rules(StandardRuleOptions((DirectoryConnector(AD, "contoso.com"),)))
    folder = tmp_path / "export"
    folder.mkdir()
    write_server_configuration(ServerConfiguration(connectors, rules, METAVERSE_SCHEMA), folder)
    return ConfigurationImport(
        folder,
        Credential("admin@contoso.onmicrosoft.com", "Quay-side-2026"),
        {"bench.test": ADMINISTRATOR},
        forests={"contoso.com": "bench.test"},
    )


def selections(wanted: ConfigurationImport) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    connector = configuration_to_use(wanted).connector("bench.test")
    assert connector is not None
    return [(partition.included, partition.excluded) for partition in connector.partitions]


def test_without_containers_the_selection_of_the_export_is_mapped_and_kept(wanted):
    assert selections(wanted) == [(("OU=CORP,DC=bench,DC=test",), ("DC=bench,DC=test",)), ((), ())]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (OuSelection(), [((), ()), ((), ())]),
        (OuSelection(("OU=Unit0,DC=bench,DC=test",)), [(("OU=Unit0,DC=bench,DC=test",), ()), ((), ())]),
        (
            OuSelection((), ("OU=Old,DC=emea,DC=bench,DC=test",)),
            [((), ("OU=Old,DC=emea,DC=bench,DC=test",)), ((), ("OU=Old,DC=emea,DC=bench,DC=test",))],
        ),
    ],
    ids=["whole forest", "one OU", "of the child domain"],
)
def test_containers_replace_the_selection(wanted, selection, expected):
    assert selections(replace(wanted, containers={"Bench.test": selection})) == expected


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"containers": {"contoso.com": OuSelection()}}, "forest-unknown", "only to bench.test"),
        ({"containers": {"bench.test": OuSelection(("OU=X,DC=else,DC=test",))}}, "container-unknown", "OU=X,DC=else"),
        ({"forests": {"fabrikam.com": "bench.test"}}, "forest-unknown", "only to contoso.com"),
        ({"forests": {}}, "IMPORT_FOREST_MISSING", "connects to contoso.com"),
        ({"folder": Path("nowhere")}, "configuration-missing", "nowhere"),
    ],
    ids=["exported name", "foreign container", "unknown forest", "not mapped", "no folder"],
)
def test_refused_before_anything_is_reached(wanted, changes, code, words):
    with pytest.raises(ConfigurationError) as refused:
        configuration_to_use(replace(wanted, **changes))
    assert refused.value.code == code
    assert words in refused.value.message
