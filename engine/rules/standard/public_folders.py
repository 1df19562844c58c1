"""The rules of mail-enabled public folders: what stands in AD goes to the tenant, under a type of its own.

Source: facts "install" OPT-02, "engine" 19.3 (the attributes of the tenant's type); names after the other families,
their form is ours: no exported configuration with the feature was available.
"""

from __future__ import annotations

from engine.rules.rule import LinkType
from engine.rules.standard import texts
from engine.rules.standard.family import Family, clauses, direct, expression, joined_on
from engine.rules.standard.from_directory import DirectoryFamily
from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions
from engine.rules.standard.tenant_families import TenantFamily

TYPE = "publicFolder"
#: what the metaverse holds of one
METAVERSE_ATTRIBUTES = (
    "cloudAnchor displayName sourceAnchor cloudFiltered cloudSourceAnchor cn legacyExchangeDN mail mailNickname "
    "targetAddress proxyAddresses msExchModerationFlags msExchRecipientTypeDetails sourceAnchorBinary"
)
_IN = Family(
    "In from AD - PublicFolder Join",
    TYPE,
    TYPE,
    LinkType.PROVISION,
    scope=(clauses("mailNickname ISNOTNULL"),),
    joins=joined_on("objectGUID=sourceAnchorBinary"),
    flows=(
        texts.OBJECT_GUID_ANCHOR,
        texts.DISPLAY_NAME,
        texts.PROXY_ADDRESSES,
        *direct(
            "sourceAnchorBinary=objectGUID cn legacyExchangeDN mail mailNickname targetAddress msExchModerationFlags "
            "msExchRecipientTypeDetails"
        ),
    ),
)
_BACK = Family(
    "In from AAD - PublicFolder Join",
    TYPE,
    TYPE,
    joins=joined_on("sourceAnchor=sourceAnchor", case_sensitive=True),
    flows=(
        *direct("cloudAnchor"),
        expression("cloudSourceAnchor", 'ImportedValue("sourceAnchor")', "sourceAnchor"),
    ),
)
_OUT = Family(
    "Out to AAD - PublicFolder Join",
    TYPE,
    TYPE,
    LinkType.PROVISION,
    scope=(clauses("sourceAnchor ISNOTNULL", "cloudFiltered NOTEQUAL True"),),
    joins=joined_on("sourceAnchor=sourceAnchor"),
    flows=(
        texts.ENTRA_DN,
        texts.GROUP_ANCHOR_CHECK,
        *direct(
            "displayName alias=mailNickname legacyExchangeDN mail targetAddress proxyAddresses msExchModerationFlags "
            "msExchRecipientTypeDetails"
        ),
    ),
)


def _from_directory(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    return _IN if options.mail_public_folders and connector.has_exchange else None


def _of_tenant(family: Family) -> TenantFamily:
    return lambda options: family if options.mail_public_folders else None


PUBLIC_FOLDERS_FROM_DIRECTORY: tuple[DirectoryFamily, ...] = (_from_directory,)
PUBLIC_FOLDERS_OF_TENANT: tuple[TenantFamily, ...] = (_of_tenant(_BACK), _of_tenant(_OUT))
