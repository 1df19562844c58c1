"""The expressions several standard rules share, written from the conditions the facts list.

Source: facts "engine" sections 10.1, 10.4 and 11; "install" section 19 (anchor values); decision D15.
"""

from __future__ import annotations

from engine.errors import ConfigurationError
from engine.model.schema import AttributeType
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.rule import AttributeFlow
from engine.rules.standard.family import Flows, Joins, direct, expression, joined_on
from engine.rules.standard.options import (
    ALWAYS_PROVISION,
    CONSISTENCY_GUID,
    MAIL,
    OBJECT_SID,
    SAM_ACCOUNT_NAME,
    StandardRuleOptions,
)

_LINKED_MAILBOX = "[msExchRecipientTypeDetails]=2"
_PRESENT_GUID = f"IIF(IsPresent([{CONSISTENCY_GUID}]),[{CONSISTENCY_GUID}],[objectGUID])"
_CONFLICT = r'InStr(DNComponent(CRef([dn]),1),"\\0ACNF:") > 0'
_ACCESS_SERVICE = '(Left([{0}],4) = "CAS_" && InStr([{0}],"}}") > 0)'

_USER_FILTER = (
    "IsPresent([isCriticalSystemObject])",
    "IsPresent([sAMAccountName]) = False",
    '[sAMAccountName] = "SUPPORT_388945a0"',
    'Left([sAMAccountName],4) = "AAD_"',
    'Left([sAMAccountName],5) = "MSOL_"',
    'Left([mailNickname],14) = "SystemMailbox{"',
    _ACCESS_SERVICE.format("mailNickname"),
    _ACCESS_SERVICE.format("sAMAccountName"),
    "(IsPresent([msExchRecipientTypeDetails]) && BitAnd([msExchRecipientTypeDetails],&H21C07000) > 0)",
    _CONFLICT,
)
_GROUP_FILTER = (
    "IsPresent([isCriticalSystemObject])",
    '[sAMAccountName] = "MSOL_AD_Sync_RichCoexistence"',
    "(IsPresent([msExchRecipientTypeDetails]) && BitAnd([msExchRecipientTypeDetails],&H40000000) > 0)",
    _CONFLICT,
)
_CONTACT_FILTER = (
    "IsPresent([isCriticalSystemObject])",
    '(InStr([displayName],"(MSOL)") > 0 && [msExchHideFromAddressLists] = True)',
    _ACCESS_SERVICE.format("mailNickname"),
    _CONFLICT,
)


def _cloud_filtered(conditions: tuple[str, ...], *sources: str) -> AttributeFlow:
    return expression("cloudFiltered", f"IIF({' || '.join(conditions)}, True, NULL)", *sources)


USER_FILTERED = _cloud_filtered(_USER_FILTER, "mailNickname", "sAMAccountName")
GROUP_FILTERED = _cloud_filtered(_GROUP_FILTER, "isCriticalSystemObject")
CONTACT_FILTERED = _cloud_filtered(_CONTACT_FILTER, "isCriticalSystemObject")

MAIL_ENABLED = expression(
    "mailEnabled",
    'IIF((IsPresent([proxyAddresses]) && Contains([proxyAddresses],"SMTP:") > 0'
    ' && InStr(ItemOrNull([proxyAddresses],Contains([proxyAddresses],"SMTP:")),"@") > 0)'
    ' || (IsPresent([mail]) && InStr([mail],"@") > 0), True, False)',
    "proxyAddresses",
    "mail",
)
ACCOUNT_ENABLED = expression(
    "accountEnabled", "IIF(BitAnd([userAccountControl],2) = 0, True, False)", "userAccountControl"
)
DISPLAY_NAME = expression("displayName", "IIF(IsNullOrEmpty([displayName]),[cn],[displayName])", "displayName", "cn")
INFO = expression("info", "Left(Trim([info]),448)", "info")
PROXY_ADDRESSES = expression(
    "proxyAddresses", 'RemoveDuplicates(Trim(ImportedValue("proxyAddresses")))', "proxyAddresses"
)
SID_TEXT = expression("objectSidString", "StringFromSid([objectSid])", "objectSid")
PASSWORD_SET = expression(
    "pwdLastSet",
    'IIF(IsNull([pwdLastSet]),NULL,FormatDateTime(DateFromNum([pwdLastSet]),"yyyyMMddHHmmss.0Z"))',
    "pwdLastSet",
)
USER_TYPE = expression("sourceObjectType", f'IIF({_LINKED_MAILBOX},NULL,"User")', "msExchRecipientTypeDetails")
FOREST_AND_DOMAIN: Flows = (
    expression("domainFQDN", "%Domain.FQDN%"),
    expression("domainNetBios", "%Domain.Netbios%"),
    expression("forestFQDN", "%Forest.FQDN%"),
    expression("forestNetBios", "%Forest.Netbios%"),
)
ENTRA_DN = expression("dn", '"CN={" & ConvertToUTF8Hex([sourceAnchor]) & "}"', "sourceAnchor")

_UNCHANGED = 'IIF([cloudSourceAnchor] = [sourceAnchor],[sourceAnchor],Error("SourceAnchor attribute has changed."))'
#: Users and contacts: another type behind the cloud anchor means the object was promoted; then the anchor may change.
PERSON_ANCHOR_CHECK = expression(
    "sourceAnchor",
    'IIF(IsPresent([cloudSourceAnchor]) && Word([cloudAnchor],1,"_") = [sourceObjectType],'
    f"{_UNCHANGED},[sourceAnchor])",
    "cloudSourceAnchor",
    "sourceAnchor",
)
GROUP_ANCHOR_CHECK = expression(
    "sourceAnchor",
    f"IIF(IsPresent([cloudSourceAnchor]),{_UNCHANGED},[sourceAnchor])",
    "cloudSourceAnchor",
    "sourceAnchor",
)
OBJECT_GUID_ANCHOR = expression("sourceAnchor", "ConvertToBase64([objectGUID])", "objectGUID")


def user_principal_name(options: StandardRuleOptions) -> AttributeFlow:
    """The chosen sign-in attribute, else the logon name at the domain, else an error."""
    name = options.upn_attribute
    return expression(
        "userPrincipalName",
        f"IIF(IsPresent([{name}]),[{name}],IIF(IsPresent([sAMAccountName]),"
        '[sAMAccountName]&"@"&%Domain.FQDN%,Error("AccountName is not present")))',
        "sAMAccountName",
        name,
    )


def user_anchor(options: StandardRuleOptions) -> Flows:
    """sourceAnchor (and its binary form where ConsistencyGuid is used); a linked mailbox never gives one."""
    if options.consistency_guid:
        text = expression(
            "sourceAnchor",
            f"IIF({_LINKED_MAILBOX},NULL,ConvertToBase64({_PRESENT_GUID}))",
            CONSISTENCY_GUID,
            "objectGUID",
        )
        if options.join_criteria != ALWAYS_PROVISION and not options.cross_directory_anchor:
            return (text,)
        binary = f"IIF({_LINKED_MAILBOX},NULL,{_PRESENT_GUID})"
        return (expression("sourceAnchorBinary", binary, CONSISTENCY_GUID, "objectGUID"), text)
    name = "objectGUID" if options.object_guid else options.anchor
    if not options.object_guid and options.anchor_type is AttributeType.STRING:
        value = f"[{name}]"
    else:
        value = f"ConvertToBase64([{name}])"
    return (expression("sourceAnchor", f"IIF({_LINKED_MAILBOX},NULL,{value})", name),)


def user_join_anchor(options: StandardRuleOptions) -> Flows:
    """The binary anchor the join rule itself contributes, without the linked-mailbox test.

    Only where the anchor alone joins: across forests the join rule of the first one would outbid the enabled account.
    """
    if options.join_criteria != ALWAYS_PROVISION:
        return ()
    if options.consistency_guid:
        return (expression("sourceAnchorBinary", _PRESENT_GUID, "objectGUID", CONSISTENCY_GUID),)
    if options.object_guid:
        return direct("sourceAnchorBinary=objectGUID")
    return ()


def group_anchor(options: StandardRuleOptions) -> Flows:
    """Groups use ConsistencyGuid when it is present and nobody ever writes it (D15)."""
    if not options.consistency_guid:
        return (OBJECT_GUID_ANCHOR, *direct("sourceAnchorBinary=objectGUID"))
    return (
        expression("sourceAnchor", f"ConvertToBase64({_PRESENT_GUID})", CONSISTENCY_GUID, "objectGUID"),
        expression("sourceAnchorBinary", _PRESENT_GUID, CONSISTENCY_GUID, "objectGUID"),
    )


def anchor_joins(options: StandardRuleOptions) -> Joins:
    """How an object is found by its anchor alone."""
    if options.consistency_guid:
        return joined_on(f"{CONSISTENCY_GUID}=sourceAnchorBinary", "objectGUID=sourceAnchorBinary")
    if options.object_guid:
        return joined_on("objectGUID=sourceAnchorBinary")
    return joined_on(f"{options.anchor}=sourceAnchor", case_sensitive=True)


def group_joins(options: StandardRuleOptions) -> Joins:
    if options.consistency_guid:
        return anchor_joins(options)
    return joined_on("objectGUID=sourceAnchorBinary")


_LOGON_NAME = "sAMAccountName"
_SID_JOINS = joined_on(
    "objectSid=objectSid",
    "msExchMasterAccountSid=objectSid",
    "objectSid=msExchMasterAccountSid",
    "msRTCSIP-OriginatorSid=objectSid",
    "objectSid=msRTCSIP-OriginatorSid",
)


def user_joins(options: StandardRuleOptions) -> Joins:
    """The join groups the wizard's matching option leads to.

    With ConsistencyGuid the anchor pair stands before the SIDs, so that a migrated account finds its old self. A chosen
    attribute stands alone: a user without it must not be synchronized.
    """
    criteria = options.join_criteria
    if criteria == ALWAYS_PROVISION:
        return anchor_joins(options)
    if criteria == OBJECT_SID:
        return (anchor_joins(options) if options.consistency_guid else ()) + _SID_JOINS
    if criteria == MAIL:
        return joined_on("mail=mail")
    if criteria == SAM_ACCOUNT_NAME:
        return joined_on("sAMAccountName=accountName&mailNickname=mailNickname")
    known = matching_attribute(criteria)
    if known is None:
        raise ConfigurationError(
            "join-attribute-unknown", f"Users cannot be matched on {criteria}: the metaverse has no such attribute."
        )
    return joined_on("sAMAccountName=accountName" if known == _LOGON_NAME else f"{known}={known}")


def matching_attribute(name: str) -> str | None:
    """An AD attribute users can be matched on, as it is spelled: one the metaverse has too, or the logon name."""
    known = (_LOGON_NAME, *METAVERSE_SCHEMA.object_types["person"])
    return next((one for one in known if one.lower() == name.lower()), None)


def matched_on(options: StandardRuleOptions) -> str | None:
    """The attribute an administrator chose for matching; None where one of the offered ways was chosen."""
    named = (ALWAYS_PROVISION, MAIL, OBJECT_SID, SAM_ACCOUNT_NAME)
    return None if options.join_criteria in named else matching_attribute(options.join_criteria)
