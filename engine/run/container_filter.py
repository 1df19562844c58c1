"""Is a DN inside the selected containers? The longest matching container decides; without any match it is inside.

Where new containers are not to be synchronized, only what stands directly in a container named as selected is inside.
Source: facts "engine" section 14 (DIAG), "install" DOF-04. The engine evaluates this itself, so that moves are seen.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.model.configuration import Partition


def container_filter(partition: Partition) -> Callable[[str], bool] | None:
    """Return a test of a DN, or None when the whole partition is selected."""
    if not partition.new_containers:
        return _named_only(partition)
    if not partition.included and not partition.excluded:
        return None
    rules = [(dn.casefold(), True) for dn in partition.included] + [(dn.casefold(), False) for dn in partition.excluded]
    # an inclusion and an exclusion of the same container: the inclusion wins, it comes first
    rules.sort(key=lambda rule: (-len(rule[0]), not rule[1]))

    def inside(dn: str) -> bool:
        folded = dn.casefold()
        for container, included in rules:
            if folded == container or folded.endswith("," + container):
                return included
        return True

    return inside


def _named_only(partition: Partition) -> Callable[[str], bool]:
    named = frozenset(dn.casefold() for dn in partition.included)

    def inside(dn: str) -> bool:
        folded = dn.casefold()
        return folded in named or parent_of(folded) in named

    return inside


def parent_of(dn: str) -> str:
    """The DN without its first part; an escaped comma does not end that part."""
    at = 0
    while at < len(dn):
        if dn[at] == "\\":
            at += 2
        elif dn[at] == ",":
            return dn[at + 1 :]
        else:
            at += 1
    return ""
