"""The metaverse as installed: person, group and device with their attributes.

Source: facts "engine" section 19.3 (a server of 2016); "install" section on Cloud Sync (what later builds added).
"""

from __future__ import annotations

from engine.model.schema import Schema
from engine.model.schema_table import Row, schema_from_rows

_EXTENSIONS = " ".join(f"extensionAttribute{number}" for number in range(1, 16))
_CUSTOM_ATTRIBUTES = " ".join(f"msExchExtensionCustomAttribute{number}" for number in range(1, 6))

METAVERSE_ROWS: tuple[Row, ...] = (
    ("person group device", "string indexed", "cloudAnchor displayName sourceAnchor"),
    ("person group device", "boolean", "cloudFiltered"),
    ("person group device", "binary indexed", "objectSid"),
    ("person group", "string", "msExchRetentionComment"),
    (
        "person group",
        "string indexed",
        f"{_EXTENSIONS} accountName cloudLegacyExchangeDN cloudSourceAnchor cn description domain info "
        "legacyExchangeDN mail mailNickname msDS-PhoneticDisplayName msExchLitigationHoldDate "
        "msExchLitigationHoldOwner msExchRetentionURL o objectID objectSidString objectType ou targetAddress",
    ),
    ("person group", "string many", f"{_CUSTOM_ATTRIBUTES} msExchSenderHintTranslations"),
    ("person group", "string many indexed", "proxyAddresses"),
    (
        "person group",
        "integer",
        "msDS-HABSeniorityIndex msExchModerationFlags msExchRecipientDisplayType msExchRecipientTypeDetails",
    ),
    (
        "person group",
        "boolean",
        "cloudMastered cloudSOAExchMailbox mailEnabled msExchEnableModeration msExchHideFromAddressLists "
        "msExchRequireAuthToSendTo proxyAddressesIsValid",
    ),
    ("person group", "binary indexed", "sourceAnchorBinary"),
    ("person group", "reference", "manager seeAlso"),
    (
        "person group",
        "reference many",
        "altRecipient authOrig cloudPublicDelegates dLMemRejectPerms dLMemSubmitPerms "
        "msExchBypassModerationFromDLMembersLink msExchBypassModerationLink msExchModeratedByLink publicDelegates "
        "unauthOrig",
    ),
    ("person device", "string indexed", "sourceObjectType"),
    ("person device", "boolean", "accountEnabled"),
    ("person device", "binary many", "deviceKey userCertificate"),
    (
        "person",
        "string",
        "contributingConnectorExchange contributingConnectorUser msExchResourceDisplay msRTCSIP-DeploymentLocator "
        "msRTCSIP-Line",
    ),
    (
        "person",
        "string indexed",
        "c cloudMSExchTeamMailboxExpiration cloudMSExchTeamMailboxSharePointUrl co comment company department "
        "division domainFQDN domainNetBios employeeID employeeType facsimileTelephoneNumber forestFQDN "
        "forestNetBios givenName homePhone initials ipPhone l middleName mobile msExchAssistantName "
        "msExchELCExpirySuspensionEnd msExchELCExpirySuspensionStart msExchImmutableId "
        "msExchTeamMailboxExpiration msExchTeamMailboxSharePointUrl msRTCSIP-OwnerUrn msRTCSIP-PrimaryUserAddress "
        "onPremisesUserPrincipalName pager personalTitle physicalDeliveryOfficeName postalAddress postalCode "
        "postOfficeBox preferredLanguage pwdLastSet sn st street streetAddress telephoneAssistant telephoneNumber "
        "title uid url usageLocation userPrincipalName wWWHomePage",
    ),
    (
        "person",
        "string many",
        "cloudMSExchUCVoiceMailSettings cloudMSExchUserHoldPolicies msExchArchiveName msExchResourceMetaData "
        "msExchResourceSearchProperties msExchUserHoldPolicies",
    ),
    (
        "person",
        "string many indexed",
        "otherFacsimileTelephoneNumber otherHomePhone otherIpPhone otherMailbox otherMobile otherPager otherTelephone",
    ),
    (
        "person",
        "integer",
        "cloudMSExchArchiveStatus cloudMSExchRecipientDisplayType countryCode msExchAuditAdmin "
        "msExchAuditDelegate msExchAuditDelegateAdmin msExchAuditOwner msExchELCMailboxFlags "
        "msExchMailboxAuditLogAgeLimit msExchRemoteRecipientType msExchResourceCapacity "
        "msRTCSIP-ApplicationOptions msRTCSIP-OptionFlags",
    ),
    ("person", "boolean", "msExchBypassAudit msExchMailboxAuditEnable msRTCSIP-UserEnabled"),
    (
        "person",
        "binary",
        "cloudMSExchBlockedSendersHash cloudMSExchSafeRecipientsHash cloudMSExchSafeSendersHash "
        "msExchBlockedSendersHash msExchSafeRecipientsHash msExchSafeSendersHash photo thumbnailPhoto",
    ),
    ("person", "binary indexed", "msExchArchiveGUID msExchMailboxGuid msExchMasterAccountSid msRTCSIP-OriginatorSid"),
    ("person", "binary many", "sIDHistory userSMIMECertificate"),
    ("person", "reference", "assistant msExchTeamMailboxSharePointLinkedBy secretary"),
    (
        "person",
        "reference many",
        "cloudMSExchDelegateListLink cloudMSExchTeamMailboxOwners msExchDelegateListLink msExchTeamMailboxOwners",
    ),
    ("group", "string", "msExchLabeledURI"),
    ("group", "integer", "memberCount msExchGroupDepartRestriction msExchGroupJoinRestriction"),
    (
        "group",
        "boolean",
        "hideDLMembership msOrg-IsOrganizational oOFReplyToOriginator reportToOriginator reportToOwner securityEnabled",
    ),
    ("group", "reference", "managedBy"),
    ("group", "reference many", "member msExchCoManagedByLink owner"),
    (
        "device",
        "string",
        "cloudDeviceOSType cloudDeviceOSVersion cloudDisplayName deviceOSType deviceOSVersion deviceTrustType",
    ),
    ("device", "string many", "devicePhysicalIds"),
    ("device", "string many indexed", "alternativeSecurityId"),
    ("device", "integer", "approximateLastLogonTimestamp deviceObjectVersion dirSyncOverrides"),
    ("device", "boolean", "cloudAccountEnabled cloudCreated cloudIsManaged isCompliant isManaged isProvisionedInAD"),
    ("device", "binary indexed", "deviceId"),
    ("device", "reference", "registeredOwnerReference"),
    ("device", "reference many", "registeredUsersReference"),
)

#: Since 1.4.32.0: what the pilot rules of Cloud Sync mark an object with, so that nothing more flows to it.
LATER_ROWS: tuple[Row, ...] = (("person group", "boolean", "cloudNoFlow"),)

#: The schema of a new metaverse.
METAVERSE_SCHEMA: Schema = schema_from_rows((*METAVERSE_ROWS, *LATER_ROWS))
