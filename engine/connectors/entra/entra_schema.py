"""What the Entra connector space holds of users, contacts, groups and devices. Source: facts "engine" section 19.3."""

from __future__ import annotations

from engine.model.schema import Schema
from engine.model.schema_table import Row, schema_from_rows

_EXTENSIONS = " ".join(f"extensionAttribute{number}" for number in range(1, 16))
_CUSTOM_ATTRIBUTES = " ".join(f"msExchExtensionCustomAttribute{number}" for number in range(1, 6))

ENTRA_ROWS: tuple[Row, ...] = (
    ("user contact group device publicFolder", "string", "cloudAnchor displayName sourceAnchor"),
    ("user contact group device", "string", "export_password"),
    ("user contact group publicFolder", "string", "alias legacyExchangeDN mail targetAddress"),
    ("user contact group publicFolder", "string many", "proxyAddresses"),
    ("user contact group publicFolder", "integer", "msExchModerationFlags msExchRecipientTypeDetails"),
    (
        "user contact group",
        "string",
        f"{_EXTENSIONS} cloudLegacyExchangeDN commonName description info msDsPhoneticDisplayName "
        "msExchLitigationHoldDate msExchLitigationHoldOwner msExchRetentionComment msExchRetentionUrl",
    ),
    ("user contact group", "string many", f"{_CUSTOM_ATTRIBUTES} msExchSenderHintTranslations"),
    ("user contact group", "integer", "msDsHabSeniorityIndex msExchRecipientDisplayType"),
    ("user contact group", "boolean", "msExchEnableModeration msExchHideFromAddressLists msExchRequireAuthToSendTo"),
    ("user contact group", "reference", "altRecipient assistant"),
    (
        "user contact group",
        "reference many",
        "authOrig cloudPublicDelegates dLMemRejectPerms dLMemSubmitPerms msExchBypassModerationFromDLMembersLink "
        "msExchBypassModerationLink msExchModeratedByLink publicDelegates unauthOrig",
    ),
    ("user contact device", "binary many", "userCertificate"),
    ("user group device", "binary", "onPremiseSecurityIdentifier"),
    (
        "user contact",
        "string",
        "city company country countryLetterCode department facsimileTelephoneNumber givenName homePhone initials "
        "ipPhone middleName mobile msExchAssistantName msRtcSipDeploymentLocator msRtcSipLine "
        "msRtcSipPrimaryUserAddress pager physicalDeliveryOfficeName postalCode state streetAddress surname "
        "telephoneAssistant telephoneNumber title wWWHomePage",
    ),
    (
        "user contact",
        "string many",
        "otherFacsimileTelephoneNumber otherHomePhone otherIpPhone otherMobile otherPager otherTelephone "
        "postOfficeBox url",
    ),
    ("user contact", "integer", "countryCode msRtcSipOptionFlags"),
    ("user contact", "boolean", "msRtcSipUserEnabled"),
    (
        "user contact",
        "binary",
        "msExchBlockedSendersHash msExchSafeRecipientsHash msExchSafeSendersHash thumbnailPhoto",
    ),
    ("user contact", "binary many", "userSMIMECertificate"),
    ("user contact", "reference", "manager"),
    ("user group", "boolean", "cloudMastered"),
    ("user device", "boolean", "accountEnabled"),
    ("user publicFolder", "integer", "msExchMailboxAuditLogAgeLimit"),
    ("user publicFolder", "boolean", "msExchBypassAudit msExchMailboxAuditEnable"),
    (
        "user",
        "string",
        "cloudMSExchTeamMailboxExpiration cloudMSExchTeamMailboxSharePointUrl dnsDomainName "
        "lastPasswordChangeTimestamp msExchElcExpirySuspensionEnd msExchElcExpirySuspensionStart "
        "msExchImmutableId msExchResourceDisplay msExchTeamMailboxExpiration msExchTeamMailboxSharePointUrl "
        "msRtcSipOwnerUrn netBiosName onPremisesSamAccountName onPremisesUserPrincipalName preferredLanguage "
        "usageLocation userPrincipalName",
    ),
    (
        "user",
        "string many",
        "cloudMSExchUCVoiceMailSettings cloudMSExchUserHoldPolicies msExchArchiveName msExchResourceMetadata "
        "msExchResourceSearchProperties msExchUserHoldPolicies signInNames",
    ),
    (
        "user",
        "integer",
        "cloudMSExchArchiveStatus cloudMSExchRecipientDisplayType msExchAuditAdmin msExchAuditDelegate "
        "msExchAuditDelegateAdmin msExchAuditOwner msExchElcMailboxFlags msExchRemoteRecipientType "
        "msExchResourceCapacity msRtcSipApplicationOptions",
    ),
    (
        "user",
        "binary",
        "cloudMSExchBlockedSendersHash cloudMSExchSafeRecipientsHash cloudMSExchSafeSendersHash msExchArchiveGuid "
        "msExchMailboxGuid",
    ),
    ("user", "binary many", "searchableDeviceKey"),
    ("user", "reference", "msExchTeamMailboxSharePointLinkedBy"),
    (
        "user",
        "reference many",
        "cloudMSExchDelegateListLink cloudMSExchTeamMailboxOwners msExchDelegateListLink msExchTeamMailboxOwners",
    ),
    ("group", "string many", "msExchLabeledURI"),
    ("group", "integer", "msExchGroupDepartRestriction msExchGroupJoinRestriction"),
    (
        "group",
        "boolean",
        "hideDLMembership msOrgIsOrganizational oOFReplyToOriginator reportToOriginator reportToOwner securityEnabled",
    ),
    ("group", "reference", "managedBy"),
    ("group", "reference many", "member msExchCoManagedByLink"),
    (
        "device",
        "string",
        "approximateLastLogonTimestamp cloudDeviceOSType cloudDeviceOSVersion cloudDisplayName deviceOSType "
        "deviceOSVersion deviceTrustType",
    ),
    ("device", "string many", "alternativeSecurityId devicePhysicalIds"),
    ("device", "integer", "deviceObjectVersion dirSyncOverrides"),
    ("device", "boolean", "cloudAccountEnabled cloudCreated isCompliant isManaged"),
    ("device", "binary", "deviceId"),
    ("device", "binary many", "stkDeviceKey"),
    ("device", "reference", "registeredOwnerReference"),
    ("device", "reference many", "registeredUsersReference"),
    ("publicFolder", "integer", "msExchRecipientSoftDeletedStatus msExchTransportRecipientSettingsFlags"),
)

#: The schema of the Entra connector space; cloudAnchor is the anchor of every type.
ENTRA_SCHEMA: Schema = schema_from_rows(ENTRA_ROWS)


def entra_schema() -> Schema:
    """What the tenant is taken to offer: it has no way to ask for its schema."""
    return ENTRA_SCHEMA


def with_directory_extensions(held: Schema) -> Schema:
    """What the tenant is taken to offer, and the directory extensions among what a server's connector knows."""
    extensions = {name: one for name, one in held.attributes.items() if name.startswith(EXTENSION_PREFIX)}
    if not extensions:
        return ENTRA_SCHEMA
    types = {
        kind: names | (held.object_types.get(kind, frozenset()) & extensions.keys())
        for kind, names in ENTRA_SCHEMA.object_types.items()
    }
    return Schema({**ENTRA_SCHEMA.attributes, **extensions}, types)


EXTENSION_PREFIX = "extension_"
