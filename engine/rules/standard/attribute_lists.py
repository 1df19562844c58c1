"""Attribute names the standard rules carry, in blocks that several rules share.

Source: the exported rules ("engine" section 10) and the list of synchronized attributes; names only.
"""

from __future__ import annotations

EXTENSIONS = " ".join(f"extensionAttribute{number}" for number in range(1, 16))
_CUSTOM_ATTRIBUTES = " ".join(f"msExchExtensionCustomAttribute{number}" for number in range(1, 6))
_DELIVERY = "authOrig dLMemRejectPerms dLMemSubmitPerms unauthOrig"

# Active Directory to metaverse -----------------------------------------------------------------------------------

#: Copied without the blanks around them; users, inetOrgPersons and contacts alike.
PERSON_TRIMMED = (
    f"c co company department {EXTENSIONS} facsimileTelephoneNumber givenName homePhone initials ipPhone l mail "
    "middleName mobile otherFacsimileTelephoneNumber otherHomePhone otherIpPhone otherMobile otherPager otherTelephone "
    "pager physicalDeliveryOfficeName postalCode sn st streetAddress telephoneNumber title wWWHomePage"
)
PERSON_FIRST_VALUE = "description postOfficeBox url"
USER_DIRECT = "accountName=sAMAccountName assistant cn countryCode employeeID manager photo thumbnailPhoto"

_RECIPIENT_IN = (
    f"{_DELIVERY} legacyExchangeDN msDS-PhoneticDisplayName msExchBypassModerationLink msExchHideFromAddressLists "
    "msExchModeratedByLink msExchModerationFlags msExchRecipientDisplayType msExchRecipientTypeDetails "
    "msExchRequireAuthToSendTo msExchRetentionComment msExchRetentionURL msExchSenderHintTranslations publicDelegates"
)
_PERSON_RECIPIENT_IN = (
    f"{_RECIPIENT_IN} msDS-HABSeniorityIndex msExchAssistantName msExchBlockedSendersHash msExchSafeRecipientsHash "
    "msExchSafeSendersHash targetAddress userCertificate userSMIMECertificate"
)
USER_EXCHANGE = (
    f"{_PERSON_RECIPIENT_IN} mailNickname msExchArchiveGUID msExchArchiveName "
    "msExchBypassModerationFromDLMembersLink=msExchBypassModerationFromDLMembersBL msExchDelegateListLink "
    "msExchELCExpirySuspensionEnd msExchELCExpirySuspensionStart msExchELCMailboxFlags msExchEnableModeration "
    "msExchImmutableId msExchMailboxGuid msExchMasterAccountSid msExchResourceCapacity msExchResourceDisplay "
    "msExchResourceMetaData msExchResourceSearchProperties msExchUserHoldPolicies usageLocation=msExchUsageLocation"
)
GROUP_EXCHANGE = (
    f"{_RECIPIENT_IN} hideDLMembership mailNickname msExchBypassModerationFromDLMembersLink msExchCoManagedByLink "
    "msExchEnableModeration msExchGroupDepartRestriction msExchGroupJoinRestriction oOFReplyToOriginator "
    "reportToOriginator reportToOwner"
)
CONTACT_DIRECT = (
    f"{_PERSON_RECIPIENT_IN} assistant cn countryCode manager msExchBypassModerationFromDLMembersLink "
    "sourceAnchorBinary=objectGUID thumbnailPhoto"
)
CONTACT_LYNC = (
    "msRTCSIP-DeploymentLocator msRTCSIP-Line msRTCSIP-OptionFlags msRTCSIP-PrimaryUserAddress msRTCSIP-UserEnabled"
)
INETORGPERSON_LYNC = f"{CONTACT_LYNC} msRTCSIP-ApplicationOptions msRTCSIP-OwnerUrn"
USER_LYNC = f"{INETORGPERSON_LYNC} msRTCSIP-OriginatorSid"

# Entra to metaverse ----------------------------------------------------------------------------------------------

RECIPIENT_HYBRID_IN = "cloudLegacyExchangeDN cloudPublicDelegates"
USER_HYBRID_IN = (
    f"{RECIPIENT_HYBRID_IN} cloudMSExchArchiveStatus cloudMSExchBlockedSendersHash cloudMSExchDelegateListLink "
    "cloudMSExchRecipientDisplayType cloudMSExchSafeRecipientsHash cloudMSExchSafeSendersHash "
    "cloudMSExchTeamMailboxExpiration cloudMSExchTeamMailboxOwners cloudMSExchTeamMailboxSharePointUrl "
    "cloudMSExchUCVoiceMailSettings cloudMSExchUserHoldPolicies"
)
DEVICE_STATE = (
    "alternativeSecurityId cloudAccountEnabled cloudAnchor cloudDeviceOSType cloudDeviceOSVersion cloudDisplayName "
    "deviceObjectVersion devicePhysicalIds dirSyncOverrides isCompliant isManaged registeredUsersReference"
)

# Metaverse to Entra: names are the Entra connector space's --------------------------------------------------------

#: Entra name -> metaverse name, wherever the two differ.
ENTRA_NAMES: dict[str, str] = {
    "alias": "mailNickname",
    "city": "l",
    "commonName": "cn",
    "country": "co",
    "countryLetterCode": "c",
    "dnsDomainName": "domainFQDN",
    "lastPasswordChangeTimestamp": "pwdLastSet",
    "msDsHabSeniorityIndex": "msDS-HABSeniorityIndex",
    "msDsPhoneticDisplayName": "msDS-PhoneticDisplayName",
    "msExchArchiveGuid": "msExchArchiveGUID",
    "msExchElcExpirySuspensionEnd": "msExchELCExpirySuspensionEnd",
    "msExchElcExpirySuspensionStart": "msExchELCExpirySuspensionStart",
    "msExchElcMailboxFlags": "msExchELCMailboxFlags",
    "msExchResourceMetadata": "msExchResourceMetaData",
    "msExchRetentionUrl": "msExchRetentionURL",
    "msOrgIsOrganizational": "msOrg-IsOrganizational",
    "msRtcSipApplicationOptions": "msRTCSIP-ApplicationOptions",
    "msRtcSipDeploymentLocator": "msRTCSIP-DeploymentLocator",
    "msRtcSipLine": "msRTCSIP-Line",
    "msRtcSipOptionFlags": "msRTCSIP-OptionFlags",
    "msRtcSipOwnerUrn": "msRTCSIP-OwnerUrn",
    "msRtcSipPrimaryUserAddress": "msRTCSIP-PrimaryUserAddress",
    "msRtcSipUserEnabled": "msRTCSIP-UserEnabled",
    "netBiosName": "domainNetBios",
    "onPremiseSecurityIdentifier": "objectSid",
    "onPremisesSamAccountName": "accountName",
    "state": "st",
    "surname": "sn",
}

_SIGN_IN = "accountEnabled displayName onPremisesUserPrincipalName userPrincipalName"
_CARD = (
    "country company description displayName facsimileTelephoneNumber givenName mobile physicalDeliveryOfficeName "
    "postalCode state streetAddress surname telephoneNumber title"
)
_CONTENT = "alias description displayName proxyAddresses"
_ADDRESS_BOOK = (
    f"{_CARD} {_CONTENT} {EXTENSIONS} {_DELIVERY} city department homePhone info initials manager "
    "otherFacsimileTelephoneNumber otherHomePhone otherTelephone pager targetAddress telephoneAssistant thumbnailPhoto "
    "wWWHomePage"
)
_RECIPIENT = (
    f"{_CUSTOM_ATTRIBUTES} legacyExchangeDN msDsHabSeniorityIndex msDsPhoneticDisplayName msExchHideFromAddressLists "
    "msExchLitigationHoldDate msExchLitigationHoldOwner msExchModeratedByLink msExchModerationFlags "
    "msExchRecipientDisplayType msExchRecipientTypeDetails msExchRequireAuthToSendTo msExchRetentionComment "
    "msExchRetentionUrl msExchSenderHintTranslations publicDelegates"
)
_PERSON_RECIPIENT = (
    f"{_ADDRESS_BOOK} {_RECIPIENT} assistant countryCode countryLetterCode msExchAssistantName "
    "msExchBlockedSendersHash msExchSafeRecipientsHash msExchSafeSendersHash userCertificate userSMIMECertificate"
)
_PERSON_PROFILE = (
    f"{_ADDRESS_BOOK} countryCode ipPhone mail middleName otherIpPhone otherMobile otherPager postOfficeBox url"
)
_MAILBOX = (
    "msExchArchiveGuid msExchArchiveName msExchAuditAdmin msExchAuditDelegate msExchAuditDelegateAdmin "
    "msExchAuditOwner msExchBypassAudit msExchDelegateListLink msExchElcExpirySuspensionEnd "
    "msExchElcExpirySuspensionStart "
    "msExchElcMailboxFlags msExchEnableModeration msExchImmutableId msExchMailboxAuditEnable "
    "msExchMailboxAuditLogAgeLimit msExchMailboxGuid msExchRemoteRecipientType msExchResourceCapacity "
    "msExchResourceDisplay msExchResourceMetadata msExchResourceSearchProperties msExchTeamMailboxExpiration "
    "msExchTeamMailboxOwners msExchTeamMailboxSharePointUrl msExchUserHoldPolicies"
)
_TEAM_MAILBOX = (
    "msExchTeamMailboxExpiration msExchTeamMailboxOwners msExchTeamMailboxSharePointLinkedBy "
    "msExchTeamMailboxSharePointUrl"
)
_MEETINGS = "department homePhone msExchHideFromAddressLists otherTelephone thumbnailPhoto wWWHomePage"

USER_JOIN_OUT = (
    "accountEnabled commonName dnsDomainName lastPasswordChangeTimestamp netBiosName onPremisesSamAccountName "
    "onPremiseSecurityIdentifier"
)
USER_OUT: dict[str, str] = {
    "Identity": f"{_SIGN_IN} alias givenName mail proxyAddresses surname",
    "ExchangeOnline": f"{_SIGN_IN} {_PERSON_RECIPIENT} {_MAILBOX}",
    "DynamicsCRM": f"{_SIGN_IN} {_CARD} city countryCode manager preferredLanguage",
    "Intune": f"{_SIGN_IN} {_CONTENT} mail",
    "LyncOnline": (
        f"{_SIGN_IN} {_CARD} {_CONTENT} {_MEETINGS} city ipPhone mail manager msRtcSipApplicationOptions "
        "msRtcSipDeploymentLocator msRtcSipLine msRtcSipOptionFlags msRtcSipOwnerUrn msRtcSipPrimaryUserAddress "
        "msRtcSipUserEnabled preferredLanguage"
    ),
    "SharePointOnline": f"{_SIGN_IN} {_PERSON_PROFILE} {_TEAM_MAILBOX} preferredLanguage",
    "AzureRMS": "displayName mail onPremisesUserPrincipalName proxyAddresses userPrincipalName",
    "OfficeProPlus": "displayName onPremisesUserPrincipalName userPrincipalName",
}
CONTACT_OUT: dict[str, str] = {
    "Identity": "alias displayName givenName proxyAddresses surname",
    "ExchangeOnline": _PERSON_RECIPIENT,
    # the shipped rule feeds state from postalAddress; kept as it is
    "DynamicsCRM": f"{_CARD} countryCode countryLetterCode".replace(" state ", " state=postalAddress "),
    "Intune": f"{_CONTENT} countryLetterCode",
    "LyncOnline": f"{_CARD} {_CONTENT} {_MEETINGS} countryLetterCode",
    "SharePointOnline": f"{_PERSON_PROFILE} countryLetterCode",
    "AzureRMS": "mail proxyAddresses",
}
GROUP_OUT: dict[str, str] = {
    "Identity": "alias displayName mail managedBy member proxyAddresses",
    "ExchangeOnline": (
        f"{_CONTENT} {_DELIVERY} {EXTENSIONS} {_RECIPIENT} info managedBy member msExchCoManagedByLink "
        "msExchEnableModeration msOrgIsOrganizational oOFReplyToOriginator reportToOriginator reportToOwner"
    ),
    "DynamicsCRM": "description displayName managedBy member",
    "Intune": f"{_CONTENT} mail member",
    "LyncOnline": f"{_CONTENT} mail managedBy member msExchHideFromAddressLists",
    "SharePointOnline": (
        f"{_CONTENT} {_DELIVERY} {EXTENSIONS} hideDLMembership info mail managedBy member oOFReplyToOriginator "
        "reportToOriginator reportToOwner"
    ),
    "AzureRMS": "displayName mail member proxyAddresses",
}
DEVICE_OUT = (
    "accountEnabled deviceId deviceOSType deviceOSVersion deviceTrustType displayName onPremiseSecurityIdentifier "
    "registeredOwnerReference"
)
