"""A synchronization rule as data. Source: declarative provisioning, exported rules; facts "engine" section 6."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

ZERO_GUID = "00000000-0000-0000-0000-000000000000"


class Direction(StrEnum):
    INBOUND = "Inbound"
    OUTBOUND = "Outbound"


class LinkType(StrEnum):
    PROVISION = "Provision"
    JOIN = "Join"
    STICKY_JOIN = "StickyJoin"
    JOIN_NO_FLOW = "JoinNoFlow"


class FlowType(StrEnum):
    DIRECT = "Direct"
    CONSTANT = "Constant"
    EXPRESSION = "Expression"


class MergeType(StrEnum):
    UPDATE = "Update"
    REPLACE = "Replace"
    MERGE = "Merge"
    MERGE_CASE_INSENSITIVE = "MergeCaseInsensitive"


@dataclass(frozen=True, slots=True)
class ScopeClause:
    """attribute: of the source side (metaverse for outbound rules). operator: as stored. value: or %Parameter%."""

    attribute: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class JoinClause:
    """The pair that must be equal; in outbound rules the same pair is searched the other way round."""

    cs_attribute: str
    mv_attribute: str
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class AttributeFlow:
    """One transformation.

    target: destination attribute. type decides which of the next is used: DIRECT copies sources[0]; CONSTANT writes
    ``constant``; EXPRESSION evaluates ``expression`` (``sources`` is then informational only).
    """

    target: str
    type: FlowType
    sources: tuple[str, ...] = ()
    constant: str | None = None
    expression: str | None = None
    merge: MergeType = MergeType.UPDATE
    execute_once: bool = False


@dataclass(frozen=True, slots=True)
class SyncRule:
    """identifier and connector: GUID text in lower case without braces.

    scope and joins: OR of AND-groups; an empty scope always holds.
    """

    identifier: str
    name: str
    direction: Direction
    connector: str
    source_object_type: str
    target_object_type: str
    link_type: LinkType
    precedence: int
    flows: tuple[AttributeFlow, ...] = ()
    scope: tuple[tuple[ScopeClause, ...], ...] = ()
    joins: tuple[tuple[JoinClause, ...], ...] = ()
    description: str = ""
    version: int = 1
    immutable_tag: str = ""
    disabled: bool = False
    enable_password_sync: bool = False
    precedence_after: str = ZERO_GUID
    precedence_before: str = ZERO_GUID
    soft_delete_expiry: str = "00:00:00"
    internal_identifier: str = ""
    unknown: dict[str, str] = field(default_factory=dict, compare=False, hash=False)

    @property
    def is_standard(self) -> bool:
        """Out-of-box rules carry an immutable tag; custom rules do not."""
        return bool(self.immutable_tag)
