"""The standard inbound rules of one AD connector: users, inetOrgPersons, groups, contacts, foreign principals, devices.

Source: facts "engine" sections 10.1, 10.4, 11.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.rules.rule import LinkType
from engine.rules.standard import attribute_lists as names
from engine.rules.standard import texts
from engine.rules.standard.family import (
    Family,
    Flows,
    Scope,
    clauses,
    constant,
    direct,
    expression,
    first_value,
    joined_on,
    trimmed,
)
from engine.rules.standard.options import DirectoryConnector, StandardRuleOptions

#: A slot of the rule order: gives the connector's rule of that name, or none when the forest lacks what it is for.
DirectoryFamily = Callable[[StandardRuleOptions, DirectoryConnector], Family | None]

_NOT_CRITICAL = "isCriticalSystemObject NOTEQUAL TRUE"
_USER_NOT_MARKED = "adminDescription NOTSTARTSWITH User_"
_HAS_MAILBOX = "mailNickname ISNOTNULL"
_GROUP_SCOPE = (clauses("isCriticalSystemObject NOTEQUAL True", "adminDescription NOTSTARTSWITH Group_"),)

#: (object class in the directory, word in the rule names)
_USER, _INETORGPERSON = ("user", "User"), ("inetOrgPerson", "InetOrgPerson")


def _person_scope(kind: tuple[str, str], *texts_: str) -> Scope:
    """User_ in adminDescription keeps users out; inetOrgPerson rules do not look at it."""
    wanted = texts_ + ((_USER_NOT_MARKED,) if kind == _USER else ())
    return (clauses(*wanted),) if wanted else ()


def _join(kind: tuple[str, str]) -> DirectoryFamily:
    def family(options: StandardRuleOptions, _connector: DirectoryConnector) -> Family:
        return Family(
            f"In from AD - {kind[1]} Join",
            kind[0],
            "person",
            LinkType.PROVISION,
            scope=_person_scope(kind, _NOT_CRITICAL),
            joins=texts.user_joins(options),
            flows=(texts.USER_FILTERED, *texts.user_join_anchor(options), *_matching_value(options)),
        )

    return family


def _matching_value(options: StandardRuleOptions) -> Flows:
    """A chosen attribute reaches the metaverse even if no other standard rule flows it, or nobody could join on it."""
    chosen = texts.matched_on(options)
    if chosen is None or chosen.lower() == "samaccountname" or chosen in {flow.target for flow in _COMMON}:
        return ()
    return direct(chosen)


def _sign_in(options: StandardRuleOptions) -> Flows:
    return (
        *texts.FOREST_AND_DOMAIN,
        *direct("objectSid onPremisesUserPrincipalName=userPrincipalName"),
        texts.SID_TEXT,
        texts.PASSWORD_SET,
        *texts.user_anchor(options),
        texts.user_principal_name(options),
    )


def _account_enabled(kind: tuple[str, str]) -> DirectoryFamily:
    def family(options: StandardRuleOptions, _connector: DirectoryConnector) -> Family:
        return Family(
            f"In from AD - {kind[1]} AccountEnabled",
            kind[0],
            "person",
            scope=(clauses("userAccountControl ISBITNOTSET 2"),),
            flows=(
                constant("accountEnabled", "True"),
                *direct("cn"),
                expression("contributingConnectorUser", "%Connector.ID%"),
                *_sign_in(options),
            ),
            password_sync=kind == _USER,
        )

    return family


_COMMON: Flows = (
    texts.ACCOUNT_ENABLED,
    *direct(names.USER_DIRECT),
    texts.DISPLAY_NAME,
    *trimmed(f"{names.PERSON_TRIMMED} preferredLanguage"),
    *first_value(names.PERSON_FIRST_VALUE),
    texts.INFO,
    texts.PROXY_ADDRESSES,
    texts.USER_TYPE,
)


def _common_from_exchange(kind: tuple[str, str]) -> DirectoryFamily:
    def family(_options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
        if not connector.has_exchange:
            return None
        return Family(
            f"In from AD - {kind[1]} Common from Exchange",
            kind[0],
            "person",
            scope=_person_scope(kind, _HAS_MAILBOX),
            flows=_COMMON,
            description=f"What the forest holding the mailbox says of the {kind[1]}.",
        )

    return family


def _common(kind: tuple[str, str]) -> DirectoryFamily:
    def family(options: StandardRuleOptions, _connector: DirectoryConnector) -> Family:
        later = direct("employeeType") if kind == _USER and options.employee_type else ()
        return Family(
            f"In from AD - {kind[1]} Common",
            kind[0],
            "person",
            scope=_person_scope(kind),
            flows=(*_COMMON, *later, *_sign_in(options)),
        )

    return family


def _exchange(kind: tuple[str, str]) -> DirectoryFamily:
    flows = (
        expression("contributingConnectorExchange", "%Connector.ID%"),
        *direct(names.USER_EXCHANGE),
        *trimmed(f"{names.EXTENSIONS} telephoneAssistant"),
    )

    def family(_options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
        if not connector.has_exchange:
            return None
        return Family(
            f"In from AD - {kind[1]} Exchange",
            kind[0],
            "person",
            scope=(clauses(_HAS_MAILBOX),),
            flows=flows,
            description=f"Technical Exchange attributes of the {kind[1]}.",
        )

    return family


def _lync(name: str, source: str, attributes: str) -> DirectoryFamily:
    whole = Family(
        f"In from AD - {name} Lync", source, "person", flows=direct(attributes), description=f"Lync, {name}."
    )
    return lambda _options, connector: whole if connector.has_lync else None


def _group_join(options: StandardRuleOptions, _connector: DirectoryConnector) -> Family:
    return Family(
        "In from AD - Group Join",
        "group",
        "group",
        LinkType.PROVISION,
        scope=_GROUP_SCOPE,
        joins=texts.group_joins(options),
        flows=(texts.GROUP_FILTERED, texts.MAIL_ENABLED),
    )


def _group_exchange(_options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    if not connector.has_exchange:
        return None
    return Family(
        "In from AD - Group Exchange",
        "group",
        "group",
        scope=_GROUP_SCOPE,
        flows=(*trimmed(names.EXTENSIONS), *direct(names.GROUP_EXCHANGE)),
    )


def _group_common(options: StandardRuleOptions, _connector: DirectoryConnector) -> Family:
    return Family(
        "In from AD - Group Common",
        "group",
        "group",
        scope=_GROUP_SCOPE,
        flows=(
            *direct("cn managedBy member objectSid"),
            *first_value("description"),
            texts.DISPLAY_NAME,
            texts.INFO,
            *trimmed("mail"),
            expression("memberCount", 'ValueCount("member")', "member"),
            texts.SID_TEXT,
            texts.PROXY_ADDRESSES,
            expression("securityEnabled", "CBool(BitAnd([groupType],-2147483648))", "groupType"),
            *texts.group_anchor(options),
        ),
    )


def _contact_join(_options: StandardRuleOptions, _connector: DirectoryConnector) -> Family:
    return Family(
        "In from AD - Contact Join",
        "contact",
        "person",
        LinkType.PROVISION,
        joins=joined_on("mail=mail"),
        flows=(texts.CONTACT_FILTERED, texts.MAIL_ENABLED),
        description="Contacts join on mail, whatever identifies users.",
    )


_CONTACT_COMMON = Family(
    "In from AD - Contact Common",
    "contact",
    "person",
    flows=(
        *trimmed(f"{names.PERSON_TRIMMED} telephoneAssistant"),
        *first_value(names.PERSON_FIRST_VALUE),
        texts.DISPLAY_NAME,
        texts.INFO,
        *direct("legacyExchangeDN"),
        expression("mailNickname", "IIF(IsPresent([mailNickname]),[mailNickname],[cn])", "mailNickname", "cn"),
        texts.PROXY_ADDRESSES,
        texts.OBJECT_GUID_ANCHOR,
        constant("sourceObjectType", "Contact"),
        *direct(" ".join(name for name in names.CONTACT_DIRECT.split() if name != "legacyExchangeDN")),
    ),
    description="Attributes of a contact, Exchange ones included.",
)
_FOREIGN_PRINCIPAL = Family(
    "In from AD - ForeignSecurityPrincipal Join User",
    "foreignSecurityPrincipal",
    "*",
    joins=joined_on("cn=objectSidString"),
)


def _contact_common(_options: StandardRuleOptions, _connector: DirectoryConnector) -> Family:
    return _CONTACT_COMMON


def _foreign_principal(_options: StandardRuleOptions, _connector: DirectoryConnector) -> Family:
    return _FOREIGN_PRINCIPAL


_OWNER_ONCE = tuple(replace(flow, execute_once=True) for flow in direct("registeredOwnerReference=mS-DS-CreatorSID"))
_COMPUTER_JOIN = Family(
    "In from AD - Computer Join",
    "computer",
    "device",
    LinkType.PROVISION,
    joins=joined_on("objectGUID=deviceId"),
    flows=(
        *direct("deviceId=objectGUID objectSid deviceOSVersion=operatingSystemVersion deviceOSType=operatingSystem"),
        *direct("userCertificate"),
        texts.ACCOUNT_ENABLED,
        texts.OBJECT_GUID_ANCHOR,
        texts.DISPLAY_NAME,
        constant("sourceObjectType", "Computer"),
        constant("deviceTrustType", "ServerAd"),
        constant("cloudCreated", "False", once=True),
        *_OWNER_ONCE,
        expression("cloudFiltered", "IIF(IsNullOrEmpty([userCertificate]),True,NULL)", "userCertificate"),
    ),
)
_DEVICE_COMMON = Family(
    "In from AD - Device Common",
    "msDS-Device",
    "device",
    scope=(clauses("objectGUID ISNOTNULL", "msDS-CloudAnchor ISNOTNULL"),),
    joins=joined_on("msDS-DeviceID=deviceId"),
    flows=(constant("isProvisionedInAD", "True"),),
)


def computer_join(options: StandardRuleOptions, _connector: DirectoryConnector) -> Family | None:
    return _COMPUTER_JOIN if options.device_rules else None


def device_common(options: StandardRuleOptions, _connector: DirectoryConnector) -> Family | None:
    return _DEVICE_COMMON if options.device_rules else None


#: In precedence order.
FROM_DIRECTORY: tuple[DirectoryFamily, ...] = (
    _join(_USER),
    _join(_INETORGPERSON),
    _account_enabled(_USER),
    _account_enabled(_INETORGPERSON),
    _common_from_exchange(_USER),
    _common_from_exchange(_INETORGPERSON),
    _common(_USER),
    _common(_INETORGPERSON),
    _exchange(_USER),
    _exchange(_INETORGPERSON),
    _lync("User", "user", names.USER_LYNC),
    _lync("InetOrgPerson", "inetOrgPerson", names.INETORGPERSON_LYNC),
    _group_join,
    _group_exchange,
    _group_common,
    _contact_join,
    _contact_common,
    _lync("Contact", "contact", names.CONTACT_LYNC),
    _foreign_principal,
)
