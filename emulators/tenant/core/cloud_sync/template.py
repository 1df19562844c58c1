"""The schema a new provisioning job starts with: which object types, and the default attribute mappings of each.

Target names are those of the sync service; sources are Active Directory's. Source: cloud-sync concept-attributes (cn,
countryCode, displayName, givenName, objectGUID, userPrincipalName, proxyAddresses), how-to-transformation (Trim of the
extension attributes), the list of attributes synchronized; which expression stands behind the rest is inferred.
"""

from __future__ import annotations

import re
from typing import Any

RULE_ID = "6c409270-f78a-4bc6-af23-7cf3ab6482fe"
#: the mapping that carries the anchor; nobody may change it
ANCHOR_TARGET, ANCHOR_SOURCE = "sourceAnchorBinary", "[objectGUID]"

_TRIMMED = (
    "city=l company country=co countryLetterCode=c department facsimileTelephoneNumber givenName homePhone info "
    "initials ipPhone mail mobile pager physicalDeliveryOfficeName postalCode preferredLanguage state=st "
    "streetAddress surname=sn telephoneNumber title wWWHomePage "
) + " ".join(f"extensionAttribute{number}" for number in range(1, 16))
_EXCHANGE = (
    "alias=mailNickname legacyExchangeDN msExchArchiveGuid=msExchArchiveGUID msExchArchiveName "
    "msExchHideFromAddressLists msExchMailboxGuid msExchRecipientDisplayType msExchRecipientTypeDetails "
    "msExchRemoteRecipientType targetAddress"
)
_PERSON = (
    f"commonName=cn countryCode employeeId=employeeID onPremiseSecurityIdentifier=objectSid "
    "onPremisesDistinguishedName=dn onPremisesObjectIdentifier=objectGUID onPremisesSamAccountName=sAMAccountName "
    f"onPremisesUserPrincipalName=userPrincipalName usageLocation=msExchUsageLocation userPrincipalName displayName "
    f"manager assistant thumbnailPhoto dnsDomainName=DomainFQDN netBiosName=DomainNetBios {_EXCHANGE}"
)
_ADDRESSES = "RemoveDuplicates(Trim([proxyAddresses]))"
_FIRST_DESCRIPTION = "Item([description], 1)"
_NAME = 'Switch(IsPresent([displayName]), [cn], "True", [displayName])'
USER_MAPPINGS: dict[str, str] = {
    "accountEnabled": "Not(CBool(BitAnd([userAccountControl], 2)))",
    "lastPasswordChangeTimestamp": 'FormatDateTime(DateFromNum([pwdLastSet]), "", "yyyyMMddHHmmss.0Z")',
    "description": _FIRST_DESCRIPTION,
    "proxyAddresses": _ADDRESSES,
}
GROUP_MAPPINGS: dict[str, str] = {
    "commonName": "[cn]",
    "displayName": _NAME,
    "description": _FIRST_DESCRIPTION,
    "mail": "Trim([mail])",
    "alias": "[mailNickname]",
    "proxyAddresses": _ADDRESSES,
    "securityEnabled": "CBool(BitAnd([groupType], 2147483648))",
    "onPremiseSecurityIdentifier": "[objectSid]",
    "onPremisesSamAccountName": "[sAMAccountName]",
    "member": "[member]",
    "managedBy": "[managedBy]",
}
CONTACT_MAPPINGS: dict[str, str] = {
    "displayName": _NAME,
    "proxyAddresses": _ADDRESSES,
    "alias": "[mailNickname]",
    "targetAddress": "[targetAddress]",
    **{name: f"Trim([{name}])" for name in ("company", "department", "givenName", "mail", "telephoneNumber", "title")},
    "surname": "Trim([sn])",
}


def _named(words: str, form: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in words.split())
    return {target: form.format(source or target) for target, _, source in pairs}


#: (name of the object mapping, source type, target type, mappings)
OBJECT_MAPPINGS: tuple[tuple[str, str, str, dict[str, str]], ...] = tuple(
    (
        f"Provision Active Directory {word}",
        source,
        target,
        {ANCHOR_TARGET: ANCHOR_SOURCE, **dict(sorted(mappings.items()))},
    )
    for word, source, target, mappings in (
        ("users", "user", "User", {**_named(_PERSON, "[{}]"), **_named(_TRIMMED, "Trim([{}])"), **USER_MAPPINGS}),
        (
            "inetOrgPersons",
            "inetOrgPerson",
            "User",
            {**_named(_PERSON, "[{}]"), **_named(_TRIMMED, "Trim([{}])"), **USER_MAPPINGS},
        ),
        ("groups", "group", "Group", GROUP_MAPPINGS),
        ("contacts", "contact", "Contact", CONTACT_MAPPINGS),
    )
)
_ATTRIBUTE = re.compile(r"\[([^\[\]]+)\]")
_CALL = re.compile(r"([A-Za-z][A-Za-z0-9]*)\(")


def source_of(expression: str) -> dict[str, Any]:
    """The source of a mapping as Graph shows it: an attribute, a function or a constant."""
    attribute, call = _ATTRIBUTE.fullmatch(expression), _CALL.match(expression)
    kind, name = "Constant", expression
    if attribute is not None:
        kind, name = "Attribute", attribute[1]
    elif call is not None:
        kind, name = "Function", call[1]
    return {"expression": expression, "name": name, "type": kind, "parameters": []}


def mapping(target: str, expression: str) -> dict[str, Any]:
    """One attribute mapping as Graph shows it."""
    return {
        "defaultValue": None,
        "exportMissingReferences": False,
        "flowBehavior": "FlowWhenChanged",
        "flowType": "Always",
        "matchingPriority": 1 if target == ANCHOR_TARGET else 0,
        "targetAttributeName": target,
        "source": source_of(expression),
    }


def default_schema(job_id: str, version: str) -> dict[str, Any]:
    """A fresh schema of a job ``AD2AADProvisioning``."""
    return {
        "id": job_id,
        "provisioningTaskIdentifier": job_id,
        "version": version,
        "directories": [],
        "synchronizationRules": [
            {
                "editable": True,
                "id": RULE_ID,
                "name": "AD2AADProvisioning",
                "priority": 1,
                "sourceDirectoryName": "Active Directory",
                "targetDirectoryName": "Azure Active Directory",
                "containerFilter": None,
                "groupFilter": None,
                "metadata": [],
                "objectMappings": [
                    {
                        "enabled": True,
                        "flowTypes": "Add,Update,Delete",
                        "name": name,
                        "sourceObjectName": source,
                        "targetObjectName": target,
                        "scope": None,
                        "attributeMappings": [mapping(key, value) for key, value in mappings.items()],
                    }
                    for name, source, target, mappings in OBJECT_MAPPINGS
                ],
            }
        ],
    }
