"""The standard rules of the Entra connector, in and out.

Source: facts "engine" sections 10.2, 10.3, 11.3; decision D3 (group member limit).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.rules.rule import AttributeFlow, LinkType, MergeType
from engine.rules.standard import attribute_lists as names
from engine.rules.standard import texts
from engine.rules.standard.family import (
    Family,
    Flows,
    Scope,
    clauses,
    direct,
    expression,
    joined_on,
)
from engine.rules.standard.options import APPLICATIONS, StandardRuleOptions

TenantFamily = Callable[[StandardRuleOptions], Family | None]

_ANCHOR_EXACT = joined_on("sourceAnchor=sourceAnchor", case_sensitive=True)
_ANCHOR = joined_on("sourceAnchor=sourceAnchor")
_SEEN_IN_CLOUD: Flows = (
    *direct("cloudAnchor"),
    expression("cloudSourceAnchor", 'ImportedValue("sourceAnchor")', "sourceAnchor"),
)
_NOT_CLOUD_MASTERED = "cloudMastered NOTEQUAL True"
_USER_SCOPE = (clauses("sourceObjectType EQUAL User", _NOT_CLOUD_MASTERED),)
_CONTACT_SCOPE = (clauses("sourceObjectType EQUAL Contact"),)
_GROUP_SCOPE = (clauses("sourceAnchor ISNOTNULL", _NOT_CLOUD_MASTERED),)
#: Written only when empty is not meant: an absent value leaves what the cloud has.
_KEPT_WHEN_EMPTY = "IIF(IsNullOrEmpty([{0}]),IgnoreThisFlow,[{0}])"
#: Never taken out by attribute filtering: without them an object cannot be exported at all.
_INDISPENSABLE = frozenset({"dn", "sourceAnchor", "accountEnabled", "userPrincipalName", "securityEnabled"})


def _entra_flows(targets: str, *, keep_country_code: bool = False) -> Flows:
    """Direct flows by Entra name; users keep the cloud's countryCode when they have none."""
    flows: dict[str, AttributeFlow] = {}
    for token in targets.split():
        target, _, source = token.partition("=")
        if target == "countryCode" and keep_country_code:
            flows[target] = expression(target, _KEPT_WHEN_EMPTY.format(target), target)
        else:
            flows[target] = direct(f"{target}={source or names.ENTRA_NAMES.get(target, target)}")[0]
    return tuple(flows.values())


def _always(family: Family) -> TenantFamily:
    return lambda _options: family


# Inbound ---------------------------------------------------------------------------------------------------------

_USER_IN = Family(
    "In from AAD - User Join",
    "user",
    "person",
    scope=(clauses("cloudMastered EQUAL False"),),
    joins=_ANCHOR_EXACT,
    flows=(*direct("accountEnabled cloudMastered countryCode usageLocation"), *_SEEN_IN_CLOUD),
)
_CONTACT_IN = Family("In from AAD - Contact Join", "contact", "person", joins=_ANCHOR_EXACT, flows=_SEEN_IN_CLOUD)
_GROUP_IN = Family(
    "In from AAD - Group Join",
    "group",
    "group",
    scope=(clauses(_NOT_CLOUD_MASTERED),),
    joins=_ANCHOR_EXACT,
    flows=_SEEN_IN_CLOUD,
)

_KEY_MATERIAL = "7+CNum(Mid($key,5,2))"
_KEY_REST = f"Mid($key,1+{_KEY_MATERIAL},Len($key))"
#: A key blob of version 0 is re-assembled with a thumbprint block between its head and the rest.
_KEY_REBUILT = (
    f"With($rest,{_KEY_REST},Mid($key,1,{_KEY_MATERIAL}) & CBin(Len(Thumbprint($rest)),2) & CBin(2,1)"
    " & Thumbprint($rest) & $rest)"
)
_USER_KEY = Family(
    "In from AAD - User NGCKey",
    "user",
    "person",
    flows=(
        expression(
            "deviceKey",
            "IIF(IsNull([searchableDeviceKey]),NULL,"
            f"Select($key,[searchableDeviceKey],IIF(CNum(Mid($key,1,1)) = 0,{_KEY_REBUILT},NULL)))",
            "searchableDeviceKey",
        ),
    ),
)
_DEVICE_IN = Family(
    "In from AAD - Device Common",
    "device",
    "device",
    joins=joined_on("deviceId=deviceId"),
    flows=direct(names.DEVICE_STATE),
)
_HYBRID_IN = (
    Family("In from AAD - Contact Exchange Hybrid", "contact", "person", flows=direct(names.RECIPIENT_HYBRID_IN)),
    Family("In from AAD - Group Exchange Hybrid", "group", "group", flows=direct(names.RECIPIENT_HYBRID_IN)),
    Family(
        "In from AAD - User Exchange Hybrid",
        "user",
        "person",
        flows=(
            *direct(names.USER_HYBRID_IN),
            expression(
                "cloudSOAExchMailbox",
                "IIF(IsNullOrEmpty([cloudMSExchRecipientDisplayType]),NULL,"
                "BitAnd([cloudMSExchRecipientDisplayType],&HFF) = 0)",
                "cloudMSExchRecipientDisplayType",
            ),
        ),
    ),
)

# Outbound --------------------------------------------------------------------------------------------------------


def _user_join(_options: StandardRuleOptions) -> Family:
    return Family(
        "Out to AAD - User Join",
        "person",
        "user",
        LinkType.PROVISION,
        scope=(
            clauses(
                "sourceObjectType EQUAL User",
                _NOT_CLOUD_MASTERED,
                "cloudFiltered NOTEQUAL True",
                "sourceAnchor ISNOTNULL",
                "accountEnabled ISNOTNULL",
            ),
        ),
        joins=_ANCHOR,
        flows=(
            *_entra_flows(names.USER_JOIN_OUT),
            texts.ENTRA_DN,
            texts.PERSON_ANCHOR_CHECK,
            expression("usageLocation", _KEPT_WHEN_EMPTY.format("usageLocation"), "usageLocation"),
        ),
        password_sync=True,
    )


def _contact_join(_options: StandardRuleOptions) -> Family:
    return Family(
        "Out to AAD - Contact Join",
        "person",
        "contact",
        LinkType.PROVISION,
        scope=(clauses("sourceObjectType EQUAL Contact", "cloudFiltered NOTEQUAL True", "mailEnabled EQUAL True"),),
        joins=_ANCHOR,
        flows=(texts.PERSON_ANCHOR_CHECK, texts.ENTRA_DN),
    )


def _group_join_scope(limit: int) -> Scope:
    """(security or mail enabled) and (known in the cloud or small enough), spelled out as four groups."""
    return tuple(
        clauses("cloudFiltered NOTEQUAL True", "sourceAnchor ISNOTNULL", _NOT_CLOUD_MASTERED, kind, size)
        for kind in ("securityEnabled EQUAL True", "mailEnabled EQUAL True")
        for size in ("cloudAnchor ISNOTNULL", f"memberCount LESSTHAN {limit}")
    )


def _group_join(options: StandardRuleOptions) -> Family:
    limit = options.group_member_limit
    return Family(
        "Out to AAD - Group Join",
        "group",
        "group",
        LinkType.PROVISION,
        scope=_group_join_scope(limit),
        joins=_ANCHOR,
        flows=(
            *_entra_flows("commonName onPremiseSecurityIdentifier securityEnabled"),
            texts.ENTRA_DN,
            expression(
                "member",
                f'IIF([memberCount] > {limit},Error("Maximum Group member count exceeded"),IgnoreThisFlow)',
                "member",
            ),
            texts.GROUP_ANCHOR_CHECK,
        ),
    )


def _allowed(flows: Flows, options: StandardRuleOptions) -> Flows:
    """Attribute filtering removes the flow and leaves the cloud's value alone (facts "engine" 7)."""
    excluded = options.excluded_attributes - _INDISPENSABLE
    return tuple(flow for flow in flows if flow.target not in excluded) if excluded else flows


_APPLICATION_FLOWS: dict[tuple[str, str], Flows] = {
    (kind, application): _entra_flows(targets, keep_country_code=kind == "User")
    for kind, table in (("User", names.USER_OUT), ("Contact", names.CONTACT_OUT), ("Group", names.GROUP_OUT))
    for application, targets in table.items()
}
_DESCRIPTIONS = {"AzureRMS": "The least that Azure RMS needs.", "Identity": "The least an identity needs."}


def _application(kind: str, application: str) -> TenantFamily:
    flows = _APPLICATION_FLOWS[kind, application]
    scope, joins = {"User": (_USER_SCOPE, ()), "Contact": (_CONTACT_SCOPE, ()), "Group": (_GROUP_SCOPE, _ANCHOR)}[kind]
    if (kind, application) == ("Group", "AzureRMS"):
        scope, joins = (clauses(_NOT_CLOUD_MASTERED),), ()

    def family(options: StandardRuleOptions) -> Family | None:
        if application != "Identity" and not options.has_application(application):
            return None
        return Family(
            f"Out to AAD - {kind} {application}",
            "group" if kind == "Group" else "person",
            kind.lower(),
            scope=scope,
            joins=joins,
            flows=_allowed(flows, options),
            description=_DESCRIPTIONS.get(application, ""),
        )

    return family


def _hybrid_in(family: Family) -> TenantFamily:
    return lambda options: family if options.exchange_hybrid else None


_DEVICE_OUT = Family(
    "Out to AAD - Device Join SOAInAD",
    "device",
    "device",
    LinkType.PROVISION,
    scope=(clauses("cloudCreated EQUAL false", "userCertificate ISNOTNULL", "cloudFiltered NOTEQUAL true"),),
    joins=joined_on("deviceId=deviceId"),
    flows=(
        texts.ENTRA_DN,
        *_entra_flows(names.DEVICE_OUT),
        # the provisioning call knows an object by its sourceAnchor, so the device carries one as everybody else does
        *direct("sourceAnchor"),
        *(replace(flow, merge=MergeType.MERGE_CASE_INSENSITIVE) for flow in direct("userCertificate")),
    ),
)


def device_join(options: StandardRuleOptions) -> Family | None:
    return _DEVICE_OUT if options.device_rules else None


def device_common(options: StandardRuleOptions) -> Family | None:
    return _DEVICE_IN if options.device_rules else None


_PERSON_APPLICATIONS = ("Identity", *(name for name in APPLICATIONS if name != "OfficeProPlus"))

#: In precedence order.
FROM_TENANT: tuple[TenantFamily, ...] = (
    _always(_USER_IN),
    _always(_CONTACT_IN),
    _always(_GROUP_IN),
    _always(_USER_KEY),
)
TO_TENANT: tuple[TenantFamily, ...] = (
    _user_join,
    *(_application("User", name) for name in _PERSON_APPLICATIONS),
    _contact_join,
    *(_application("Contact", name) for name in _PERSON_APPLICATIONS),
    _group_join,
    *(_application("Group", name) for name in _PERSON_APPLICATIONS),
    _application("User", "OfficeProPlus"),
    *(_hybrid_in(family) for family in _HYBRID_IN),
)
