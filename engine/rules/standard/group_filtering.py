"""The inbound rules of a connector that is filtered by a group: who is no direct member is kept out of the cloud.

Everything is imported and joined as ever; an object outside the group contributes cloudFiltered = True, so one object
of a person that is left out keeps the whole person out. Source: configure-filtering, facts "install" SFG-01 to SFG-04;
names and form of the rules are ours, no exported configuration with such a filter was available.
"""

from __future__ import annotations

from engine.rules.standard.family import Family, clauses, constant
from engine.rules.standard.from_directory import DirectoryFamily
from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions

_OUTSIDE = (clauses("dn ISNOTMEMBEROF %Connector.GroupFilteringGroupDn%"),)
_KEPT_OUT = (constant("cloudFiltered", "True"),)

#: (word in the rule name, object class in the directory, metaverse type)
_TYPES = (
    ("User", "user", "person"),
    ("InetOrgPerson", "inetOrgPerson", "person"),
    ("Contact", "contact", "person"),
    ("Group", "group", "group"),
    ("ForeignSecurityPrincipal", "foreignSecurityPrincipal", "*"),
)


def _family(word: str, source: str, target: str) -> DirectoryFamily:
    made = Family(
        f"In from AD - {word} Group Filtering",
        source,
        target,
        scope=_OUTSIDE,
        flows=_KEPT_OUT,
        description=f"Keeps out what is no direct member of the filtering group: {source}.",
    )

    def family(_options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
        return made if connector.group_filtered else None

    return family


_COMPUTER = _family("Computer", "computer", "device")


def _computers(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    """Computers are filtered since 1.1.524.0; their rules exist only with device options (facts "engine" 10.1)."""
    return _COMPUTER(options, connector) if options.device_rules else None


#: After all other inbound rules of the directories: precedence does not matter, nothing else gives a value but True.
GROUP_FILTERING: tuple[DirectoryFamily, ...] = (*(_family(*kind) for kind in _TYPES), _computers)
