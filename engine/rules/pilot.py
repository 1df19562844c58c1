"""What the pilot of Cloud Sync needs of a server's rules, and since which version it is there.

Source: tutorial-pilot-aadc-aadccp (Microsoft Entra Connect Sync 1.4.32.0 or later); facts "install" 27.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import ConfigurationError
from engine.rules.rule import LinkType, SyncRule

SINCE = (1, 4, 32, 0)
MARK = "cloudNoFlow"


def refuse_before_its_time(version: str, rules: Iterable[SyncRule]) -> None:
    """Refuse the link type JoinNoFlow and the attribute cloudNoFlow on a version that knows neither."""
    if tuple(int(part) for part in version.split(".")) >= SINCE:
        return
    known = "it came with version 1.4.32.0"
    for rule in rules:
        if rule.link_type is LinkType.JOIN_NO_FLOW:
            raise ConfigurationError("link-type-unknown", f"{rule.name}: there is no link type JoinNoFlow; {known}.")
        used = {flow.target for flow in rule.flows} | {clause.attribute for group in rule.scope for clause in group}
        if MARK in used:
            raise ConfigurationError("no-such-attribute", f"{rule.name}: there is no attribute {MARK}; {known}.")
