"""The rules a server is installed with, as compact tables of our own, expanded for its forests and options.

Names, order, scope, joins and conditions follow facts "engine" sections 10-11; the expressions are written here.
"""

from engine.rules.standard.expand import rule_identifier, standard_rules
from engine.rules.standard.further_connector import with_further_connectors
from engine.rules.standard.options import (
    ALWAYS_PROVISION,
    APPLICATIONS,
    CONSISTENCY_GUID,
    GROUP_MEMBER_LIMIT,
    MAIL,
    OBJECT_GUID,
    OBJECT_SID,
    SAM_ACCOUNT_NAME,
    DirectoryConnector,
    StandardRuleOptions,
)
from engine.rules.standard.texts import matching_attribute

__all__ = [
    "ALWAYS_PROVISION",
    "APPLICATIONS",
    "CONSISTENCY_GUID",
    "GROUP_MEMBER_LIMIT",
    "MAIL",
    "OBJECT_GUID",
    "OBJECT_SID",
    "SAM_ACCOUNT_NAME",
    "DirectoryConnector",
    "StandardRuleOptions",
    "matching_attribute",
    "rule_identifier",
    "standard_rules",
    "with_further_connectors",
]
