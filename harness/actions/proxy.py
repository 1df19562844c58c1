"""What an administrator of the proxy does. Source: facts "install" CTE-13, CTE-14."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from harness.actions.registry import Actions
from harness.refusal import ScenarioError
from harness.scenario.proxy_shape import PROXY

if TYPE_CHECKING:
    from harness.lab.lab import Lab

ACTIONS = Actions()
action = ACTIONS.action
_KEYS = PROXY.names()


@action("network.proxy", "network.proxy: {authentication: windows}")
def proxy(
    lab: Lab,
    authentication: Annotated[str, _KEYS["authentication"].shape, _KEYS["authentication"].doc] = "none",
    accounts: Annotated[list[str], _KEYS["accounts"].shape, _KEYS["accounts"].doc] | None = None,
    refuses: Annotated[list[str], _KEYS["refuses"].shape, _KEYS["refuses"].doc] | None = None,
) -> None:
    """Give the world's proxy other rules; open connections are cut, so that they count at once."""
    if lab.proxy is None:
        raise ScenarioError("this world has no proxy: world.network.proxy puts one there")
    lab.set_proxy_rules({"authentication": authentication, "accounts": accounts or [], "refuses": refuses or []})
