"""Get-ADSyncConnector and the run status that is empty when idle."""

from __future__ import annotations

import pytest

from engine.cmdlets import CMDLETS, Session, run
from engine.cmdlets.connector import FORCE_FULL_PASSWORD_SYNC
from engine.errors import EngineError


def test_all_connectors(server) -> None:
    rows = server.type("Get-ADSyncConnector").rows
    assert [(r["Name"], r["ConnectorTypeName"]) for r in rows] == [
        ("contoso.com", "AD"),
        ("contoso.onmicrosoft.com - AAD", "Extensible2"),
    ]
    assert rows[0]["ConnectivityParameters"] == {"forest-name": "contoso.com"}
    assert rows[0]["Partitions"][0]["DN"] == "DC=contoso,DC=com"
    assert rows[0]["RunProfiles"][0]["RunSteps"] == [{"TaskType": "export", "PartitionIdentifier": "p1"}]


@pytest.mark.parametrize(
    "arguments", ["contoso.com", "-Name CONTOSO.com", "-Identifier '{11111111-2222-4333-8444-555555555555}'"]
)
def test_one_connector(server, arguments) -> None:
    (row,) = server.type(f"Get-ADSyncConnector {arguments}").rows
    assert row["Name"] == "contoso.com"


def test_unknown_connector(server) -> None:
    with pytest.raises(EngineError):
        server.type("Get-ADSyncConnector fabrikam.com")


def test_run_status_is_empty_when_idle(server) -> None:
    assert server.type("Get-ADSyncConnectorRunStatus").rows == ()
    server.busy_connector = "contoso.com"
    assert server.type("Get-ADSyncConnectorRunStatus").rows == ({"RunState": "Busy", "ConnectorName": "contoso.com"},)


def test_statistics_tell_placeholders_from_disconnectors(deploy) -> None:
    world = deploy(anchor="objectGUID")
    world.contoso.add("Crew", "group", member=["CN=Unseen,OU=Elsewhere,DC=contoso,DC=com"])
    world.contoso.add("Ana")
    world.run("contoso.com", "Full Import")
    (row,) = run("Get-ADSyncConnectorStatistics contoso.com", world.server).rows
    counted = ("TotalObjects", "TotalConnectors", "TotalDisconnectors", "TotalPlaceholders", "ImportAdds")
    assert [row[name] for name in counted] == [3, 0, 2, 1, 2]


def test_the_wish_for_all_passwords_can_be_taken_back(server) -> None:
    plain = server.connectors[0]
    server.save_connector(plain.with_(parameters={**plain.parameters, FORCE_FULL_PASSWORD_SYNC: "1"}))
    lines = (
        "$c = Get-ADSyncConnector contoso.com",
        f"$c.GlobalParameters.Remove('{FORCE_FULL_PASSWORD_SYNC}') | Out-Null",
        "Add-ADSyncConnector $c",
    )
    transcript = Session(server, CMDLETS).run("\n".join(lines))
    assert transcript.failure is None
    assert server.connectors[0] == plain
