"""Get-ADSyncMVObject on a real database: each value with the rule and the connector it comes from."""

from __future__ import annotations

from engine.cmdlets import run
from engine.views import Windows


def test_a_value_names_its_rule_and_its_connector(deploy) -> None:
    world = deploy(anchor="objectGUID")
    world.contoso.add("Ana", title="Lead")
    world.cycle(initial=True)
    windows = Windows(world.server.database)
    (space,) = windows.connector_space("contoso.com")
    assert space.metaverse is not None
    view = windows.metaverse_object(space.metaverse)
    assert view is not None
    (row,) = run(f"Get-ADSyncMVObject {view.identifier}", world.server).rows
    (title,) = (one for one in row["Attributes"] if one["Name"] == "title")
    assert (title["SyncRuleName"], title["ConnectorName"]) == ("In from AD - User Common", "contoso.com")
    assert [one["ConnectorName"] for one in row["Lineage"]] == ["contoso.com", "contoso.onmicrosoft.com - AAD"]
