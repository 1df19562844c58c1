"""The standard outbound rules of one AD connector: joins, Exchange hybrid, the anchor's write-back.

Source: facts "engine" sections 10.3 and 11.2; "install" section 19, VAL-14.
"""

from __future__ import annotations

from engine.rules.rule import MergeType
from engine.rules.standard import texts
from engine.rules.standard.family import Family, Flows, Joins, Scope, clauses, direct, expression, joined_on
from engine.rules.standard.from_directory import DirectoryFamily
from engine.rules.standard.options import CONSISTENCY_GUID, DirectoryConnector, StandardRuleOptions

_NOT_CLOUD_MASTERED = "cloudMastered NOTEQUAL True"

_LEGACY_ADDRESS = expression(
    "proxyAddresses",
    'IIF(IsNullOrEmpty([cloudLegacyExchangeDN]),NULL,"x500:" & [cloudLegacyExchangeDN])',
    "cloudLegacyExchangeDN",
    merge=MergeType.MERGE_CASE_INSENSITIVE,
)
_MAILBOX_WRITE_BACK: Flows = (
    *(
        expression(
            f"msExch{name}",
            f"IIF([cloudSOAExchMailbox] = True,[cloudMSExch{name}],IgnoreThisFlow)",
            "cloudSOAExchMailbox",
            f"cloudMSExch{name}",
        )
        for name in ("BlockedSendersHash", "SafeRecipientsHash", "SafeSendersHash")
    ),
    expression(
        "msExchUserHoldPolicies",
        "IIF(IsNullOrEmpty([cloudMSExchUserHoldPolicies]),IgnoreThisFlow,[cloudMSExchUserHoldPolicies])",
        "cloudMSExchUserHoldPolicies",
    ),
    *direct("msExchUCVoiceMailSettings=cloudMSExchUCVoiceMailSettings"),
    # later builds write the online archive's state back; a mailbox on premises keeps its own
    expression(
        "msExchArchiveStatus",
        "IIF(IsNullOrEmpty([cloudMSExchArchiveStatus]),IgnoreThisFlow,[cloudMSExchArchiveStatus])",
        "cloudMSExchArchiveStatus",
    ),
    _LEGACY_ADDRESS,
)


def _hybrid(family: Family) -> DirectoryFamily:
    return lambda options, connector: family if options.exchange_hybrid and connector.has_exchange else None


def _hybrid_join(name: str, source: str, target: str, joins: Joins, scope: Scope = ()) -> DirectoryFamily:
    return _hybrid(Family(f"Out to AD - {name}", source, target, scope=scope, joins=joins))


def _group_join(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    joins = texts.group_joins(options)
    scope = (clauses(_NOT_CLOUD_MASTERED),)
    return _hybrid_join("Group Join", "group", "group", joins, scope)(options, connector)


def _inetorgperson_join(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    joins = texts.user_joins(options)
    return _hybrid_join("InetOrgPerson Join", "person", "inetOrgPerson", joins)(options, connector)


def _user_join(options: StandardRuleOptions, connector: DirectoryConnector) -> Family | None:
    """Enables everything that flows out to AD users; there is something to flow with hybrid or ConsistencyGuid."""
    if not options.consistency_guid and not (options.exchange_hybrid and connector.has_exchange):
        return None
    return Family(
        "Out to AD - User Join SOAInAD",
        "person",
        "user",
        scope=(clauses("cloudMastered EQUAL False"),),
        joins=texts.user_joins(options),
    )


def _immutable_id(options: StandardRuleOptions, _connector: DirectoryConnector) -> Family | None:
    """Writes the anchor to AD; brings the joins itself, as the anchor goes back before the cloud saw the object."""
    if not options.consistency_guid:
        return None
    return Family(
        "Out to AD - User ImmutableId",
        "person",
        "user",
        scope=(clauses("sourceObjectType EQUAL User", "sourceAnchorBinary ISNOTNULL", _NOT_CLOUD_MASTERED),),
        joins=texts.user_joins(options),
        flows=direct(f"{CONSISTENCY_GUID}=sourceAnchorBinary"),
        description="The source anchor is kept in AD, so that it outlives the server and the object's forest.",
    )


#: In precedence order.
TO_DIRECTORY: tuple[DirectoryFamily, ...] = (
    _hybrid_join("Contact Join", "person", "contact", joined_on("mail=mail")),
    _group_join,
    _inetorgperson_join,
    _user_join,
    _hybrid(Family("Out to AD - Contact Exchange Hybrid", "person", "contact", flows=(_LEGACY_ADDRESS,))),
    _hybrid(
        Family(
            "Out to AD - Group Exchange Hybrid",
            "group",
            "group",
            scope=(clauses(_NOT_CLOUD_MASTERED),),
            flows=(_LEGACY_ADDRESS,),
        )
    ),
    _hybrid(
        Family(
            "Out to AD - InetOrgPerson Exchange Hybrid",
            "person",
            "inetOrgPerson",
            scope=(clauses("contributingConnectorExchange EQUAL %Connector.ID%"),),
            flows=_MAILBOX_WRITE_BACK,
        )
    ),
    _hybrid(Family("Out to AD - User Exchange Hybrid", "person", "user", flows=_MAILBOX_WRITE_BACK)),
    _immutable_id,
)
