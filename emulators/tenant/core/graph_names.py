"""Property names of the Graph v1.0 types this tenant serves (plus the beta names it keeps), navigation left out."""

from __future__ import annotations

USER: tuple[str, ...] = tuple(
    """
    aboutMe accountEnabled ageGroup assignedLicenses assignedPlans authorizationInfo birthday businessPhones city companyName
    consentProvidedForMinor country createdDateTime creationType customSecurityAttributes deletedDateTime department
    deviceEnrollmentLimit displayName employeeHireDate employeeId employeeLeaveDateTime employeeOrgData employeeType
    externalUserState externalUserStateChangeDateTime faxNumber givenName hireDate id identities imAddresses interests
    isManagementRestricted isResourceAccount jobTitle lastPasswordChangeDateTime legalAgeGroupClassification
    licenseAssignmentStates mail mailNickname mailboxSettings mobilePhone mySite officeLocation onPremisesDistinguishedName
    onPremisesDomainName onPremisesExtensionAttributes onPremisesImmutableId onPremisesLastSyncDateTime
    onPremisesObjectIdentifier onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier
    onPremisesSyncEnabled onPremisesUserPrincipalName otherMails passwordPolicies passwordProfile pastProjects postalCode
    preferredDataLocation preferredLanguage preferredName print provisionedPlans proxyAddresses
    refreshTokensValidFromDateTime responsibilities schools securityIdentifier serviceProvisioningErrors showInAddressList
    signInActivity signInSessionsValidFromDateTime skills state streetAddress surname usageLocation userPrincipalName userType
    """.split()
)
GROUP: tuple[str, ...] = tuple(
    """
    allowExternalSenders assignedLabels assignedLicenses autoSubscribeNewMembers classification createdDateTime
    deletedDateTime description displayName expirationDateTime groupTypes hasMembersWithLicenseErrors
    hideFromAddressLists hideFromOutlookClients id infoCatalogs isArchived isAssignableToRole isManagementRestricted
    isSubscribedByMail licenseProcessingState mail mailEnabled mailNickname membershipRule membershipRuleProcessingState
    onPremisesDomainName onPremisesLastSyncDateTime onPremisesNetBiosName onPremisesProvisioningErrors
    onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled preferredDataLocation preferredLanguage
    proxyAddresses renewedDateTime resourceBehaviorOptions resourceProvisioningOptions securityEnabled securityIdentifier
    serviceProvisioningErrors theme uniqueName unseenCount visibility writebackConfiguration
    """.split()
)
CONTACT: tuple[str, ...] = tuple(
    """
    addresses companyName deletedDateTime department displayName givenName id jobTitle mail mailNickname
    onPremisesLastSyncDateTime onPremisesProvisioningErrors onPremisesSyncEnabled phones proxyAddresses
    serviceProvisioningErrors surname
    """.split()
)
DEVICE: tuple[str, ...] = tuple(
    """
    accountEnabled alternativeSecurityIds approximateLastSignInDateTime complianceExpirationDateTime createdDateTime
    deletedDateTime deviceCategory deviceId deviceMetadata deviceOwnership deviceVersion displayName
    enrollmentProfileName enrollmentType id isCompliant isManaged isManagementRestricted isRooted managementType
    manufacturer mdmAppId model onPremisesLastSyncDateTime onPremisesSecurityIdentifier onPremisesSyncEnabled
    operatingSystem operatingSystemVersion physicalIds profileType registrationDateTime systemLabels trustType
    """.split()
)
#: properties that read as an empty list, not null, when unset
COLLECTIONS = frozenset(
    """
    addresses alternativeSecurityIds assignedLabels assignedLicenses assignedPlans businessPhones groupTypes identities
    imAddresses infoCatalogs interests licenseAssignmentStates onPremisesProvisioningErrors otherMails pastProjects phones
    physicalIds provisionedPlans proxyAddresses resourceBehaviorOptions resourceProvisioningOptions responsibilities
    schools serviceProvisioningErrors skills systemLabels
    """.split()
)
#: navigation properties: known, so that asking for one that is not served says so instead of "no such segment"
NAVIGATION: dict[str, frozenset[str]] = {
    "users": frozenset(
        """
        activities agreementAcceptances appRoleAssignments authentication calendar calendars calendarView chats contacts
        createdObjects drive drives events extensions insights joinedTeams mailFolders managedDevices messages
        oauth2PermissionGrants onenote outlook ownedDevices ownedObjects people permissionGrants photo photos planner
        presence registeredDevices scopedRoleMemberOf settings sponsors sponsorOf teamwork todo
        """.split()
    ),
    "groups": frozenset(
        """
        acceptedSenders appRoleAssignments calendar calendarView conversations createdOnBehalfOf drive drives events
        extensions groupLifecyclePolicies membersWithLicenseErrors onenote permissionGrants photo photos planner
        rejectedSenders settings sites team threads
        """.split()
    ),
}
#: top-level Graph segments the service has and this tenant does not emulate
ELSEWHERE = frozenset(
    """
    admin agreements appCatalogs applications applicationTemplates appRoleAssignments auditLogs
    authenticationMethodsPolicy certificateBasedAuthConfiguration chats communications compliance contracts
    dataPolicyOperations deviceAppManagement deviceManagement directorySettingTemplates drives education
    employeeExperience external groupLifecyclePolicies groupSettings groupSettingTemplates identity identityGovernance
    identityProtection identityProviders informationProtection invitations oauth2PermissionGrants permissionGrants
    places planner policies print privacy reports schemaExtensions scopedRoleMemberships search security
    servicePrincipals shares sites solutions subscriptions teams teamsTemplates teamwork tenantRelationships
    """.split()
)
