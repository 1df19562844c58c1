"""The rules of group write-back: Microsoft 365 groups become distribution groups of one container of one forest.

The names are the product's (version history, group write-back pages); what each holds is ours, no exported
configuration with the feature was available. Source: facts "install" OPT-06, OPT-07, "tenant" 10.
"""

from __future__ import annotations

from engine.rules.rule import LinkType
from engine.rules.standard.family import Family, clauses, constant, direct, expression, joined_on
from engine.rules.standard.from_directory import DirectoryFamily
from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions
from engine.rules.standard.tenant_families import TenantFamily

#: the connector's parameter that holds the DN of the container chosen in the wizard
CONTAINER_PARAMETER = "Connector.GroupWriteBackContainerDn"
#: what a written-back group may have; a rule of its own that an administrator can disable
MEMBER_LIMIT = 50_000
#: universal distribution group
_GROUP_TYPE = "8"
_OF_THE_CLOUD = clauses("cloudMastered EQUAL True", "cloudAnchor ISNOTNULL")
#: a common name has at most 64 characters: the display name, a low line, twelve digits
_DISPLAY_NAME_MAX = 51

_GROUP_IN = Family(
    "In from AAD - Group SOAInAAD",
    "group",
    "group",
    LinkType.PROVISION,
    scope=(clauses("cloudMastered EQUAL True"),),
    joins=joined_on("cloudAnchor=cloudAnchor"),
    flows=(
        *direct("cloudAnchor cloudMastered displayName mail mailNickname=alias member proxyAddresses"),
        expression("description", "Left(Trim([description]),448)", "description"),
        expression("memberCount", 'ValueCount("member")', "member"),
    ),
    description="Groups whose source of authority is the cloud.",
)
_LIMIT = Family(
    "Out to AD - Group Writeback Member Limit",
    "group",
    "group",
    scope=(_OF_THE_CLOUD,),
    flows=(
        expression(
            "member",
            f'IIF([memberCount] > {MEMBER_LIMIT},Error("Maximum Group member count exceeded"),IgnoreThisFlow)',
            "member",
        ),
    ),
)
_EXCHANGE = Family(
    "Out to AD - Group SOAInAAD - Exchange",
    "group",
    "group",
    scope=(_OF_THE_CLOUD,),
    flows=direct("mailNickname proxyAddresses"),
)


def _named(*, display_name: bool) -> str:
    """The DN: by the whole cloud anchor (Group_ and the object id), or by display name and the id's last part."""
    name = "[cloudAnchor]"
    if display_name:
        name = f'Left([displayName],{_DISPLAY_NAME_MAX}) & "_" & Right([cloudAnchor],12)'
    return f'EscapeDNComponent("CN=" & {name}) & "," & %{CONTAINER_PARAMETER}%'


def _group_out(options: StandardRuleOptions) -> Family:
    return Family(
        "Out to AD - Group SOAInAAD",
        "group",
        "group",
        LinkType.PROVISION,
        scope=(_OF_THE_CLOUD,),
        joins=joined_on("adminDescription=cloudAnchor"),
        flows=(
            expression("dn", _named(display_name=options.group_display_names), "cloudAnchor", "displayName"),
            *direct("adminDescription=cloudAnchor description displayName mail member"),
            constant("groupType", _GROUP_TYPE),
        ),
        description="adminDescription marks the group, so that it is never read as one of the directory's own.",
    )


def group_in(options: StandardRuleOptions) -> Family | None:
    return _GROUP_IN if options.group_writeback else None


def _here(options: StandardRuleOptions, connector: DirectoryConnector) -> bool:
    return bool(options.group_writeback) and connector.forest.lower() == options.group_writeback.lower()


def _limit(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    return _LIMIT if _here(options, connector) else None


def _group(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    return _group_out(options) if _here(options, connector) else None


def _exchange(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    return _EXCHANGE if _here(options, connector) and connector.has_exchange else None


#: In precedence order: the limit decides before the members flow.
GROUP_WRITE_BACK_IN: tuple[TenantFamily, ...] = (group_in,)
GROUP_WRITE_BACK_OUT: tuple[DirectoryFamily, ...] = (_limit, _group, _exchange)
