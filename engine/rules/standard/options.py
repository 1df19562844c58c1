"""What decides which of the standard rules a server gets: its forests, the source anchor, the matching, its features.

Source: facts "engine" sections 10-12; "install" sections 11-13.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.configuration import ENTRA_CONNECTOR_ID
from engine.model.schema import AttributeType

OBJECT_GUID = "objectGUID"
CONSISTENCY_GUID = "mS-DS-ConsistencyGuid"

#: Stored in the global setting Microsoft.SynchronizationOption.JoinCriteria; anything else names an attribute.
ALWAYS_PROVISION = "AlwaysProvision"
MAIL = "Mail"
OBJECT_SID = "ObjectSID"
SAM_ACCOUNT_NAME = "SamAccountName"

GROUP_MEMBER_LIMIT = 250_000

APPLICATIONS = (
    "ExchangeOnline",
    "DynamicsCRM",
    "Intune",
    "LyncOnline",
    "SharePointOnline",
    "AzureRMS",
    "OfficeProPlus",
)


@dataclass(frozen=True, slots=True)
class DirectoryConnector:
    """One AD connector. has_exchange, has_lync: whether its forest carries that schema. group_filtered: by a group."""

    identifier: str
    forest: str
    has_exchange: bool = True
    has_lync: bool = True
    group_filtered: bool = False


@dataclass(frozen=True, slots=True)
class DirectoryExtension:
    """An attribute of AD that is taken along. target: its name in metaverse and tenant; object_types: user, group."""

    attribute: str
    target: str
    type: AttributeType = AttributeType.STRING
    multivalued: bool = False
    object_types: tuple[str, ...] = ("user",)


@dataclass(frozen=True)
class StandardRuleOptions:
    """ad_connectors in creation order: the first wins ties.

    anchor: objectGUID, mS-DS-ConsistencyGuid or another attribute's name; anchor_type matters for the last only.
    join_criteria: one of the four names above or an attribute that both AD and the metaverse know.
    applications: None = all; excluded_attributes: Entra names taken out by attribute filtering.
    employee_type: whether In from AD - User Common flows employeeType, as it does from product version 2.2.1.0 on.
    cross_directory_anchor: whether users matched across directories carry the binary anchor; until 1.1.552.0 they did
    not, so that nothing was written back to AD.
    group_writeback, device_writeback: the forest that gets them; empty = the feature is off. group_display_names:
    whether a written-back group is called by its display name.
    """

    ad_connectors: tuple[DirectoryConnector, ...]
    entra_connector: str = ENTRA_CONNECTOR_ID
    anchor: str = CONSISTENCY_GUID
    anchor_type: AttributeType = AttributeType.STRING
    join_criteria: str = ALWAYS_PROVISION
    upn_attribute: str = "userPrincipalName"
    exchange_hybrid: bool = False
    group_member_limit: int = GROUP_MEMBER_LIMIT
    device_rules: bool = False
    applications: tuple[str, ...] | None = None
    excluded_attributes: frozenset[str] = frozenset()
    extensions: tuple[DirectoryExtension, ...] = ()
    mail_public_folders: bool = False
    employee_type: bool = True
    cross_directory_anchor: bool = True
    group_writeback: str = ""
    group_display_names: bool = False
    device_writeback: str = ""

    @property
    def consistency_guid(self) -> bool:
        return self.anchor.lower() == CONSISTENCY_GUID.lower()

    @property
    def object_guid(self) -> bool:
        return self.anchor.lower() == OBJECT_GUID.lower()

    def has_application(self, name: str) -> bool:
        return self.applications is None or name in self.applications
