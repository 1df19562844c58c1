"""One record per LDAP verb: what the front hands to the core, decoded and with no trace of the wire left.

Values are raw octets as LDAP carries them; names are text as the client wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Scope(IntEnum):
    BASE = 0
    ONE_LEVEL = 1
    SUBTREE = 2


class ModifyOperation(IntEnum):
    ADD = 0
    DELETE = 1
    REPLACE = 2


@dataclass(frozen=True, slots=True)
class DirSyncControl:
    """1.2.840.113556.1.4.841: flags, byte limit and the opaque cookie (empty in a first pass)."""

    flags: int
    bytes_max: int
    cookie: bytes


@dataclass(frozen=True, slots=True)
class SortKey:
    attribute: str
    rule: str | None = None
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls of one request, decoded. Absent ones keep their defaults."""

    page_size: int | None = None
    page_cookie: bytes = b""
    dirsync: DirSyncControl | None = None
    show_deleted: bool = False
    show_recycled: bool = False
    show_deactivated_link: bool = False
    extended_dn: int | None = None  # 0 hexadecimal, 1 text form
    sd_flags: int | None = None
    sort: tuple[SortKey, ...] | None = None
    sort_critical: bool = False
    permissive_modify: bool = False
    tree_delete: bool = False
    domain_scope: bool = False
    search_options: int = 0  # 1 domain scope, 2 phantom root
    range_without_error: bool = False
    attribute_scoped: str | None = None
    cross_domain_target: str | None = None
    policy_hints: bool = False


@dataclass(frozen=True, slots=True)
class Bind:
    name: str
    password: bytes | None  # None: not a simple bind
    mechanism: str = "simple"
    credentials: bytes = b""


# ---- filters: the tree the front decodes from BER --------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    item: Filter


@dataclass(frozen=True, slots=True)
class Present:
    attribute: str


@dataclass(frozen=True, slots=True)
class Equality:
    attribute: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Substrings:
    attribute: str
    initial: bytes | None
    any: tuple[bytes, ...]
    final: bytes | None


@dataclass(frozen=True, slots=True)
class GreaterOrEqual:
    attribute: str
    value: bytes


@dataclass(frozen=True, slots=True)
class LessOrEqual:
    attribute: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Approximate:
    attribute: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Extensible:
    """An extensible match: rule OID such as 1.2.840.113556.1.4.803, attribute, value, dn flag."""

    rule: str | None
    attribute: str | None
    value: bytes
    dn_attributes: bool = False


Filter = And | Or | Not | Present | Equality | Substrings | GreaterOrEqual | LessOrEqual | Approximate | Extensible


@dataclass(frozen=True, slots=True)
class Search:
    base: str
    scope: Scope
    filter: Filter
    attributes: tuple[str, ...] = ()  # as the client wrote them; empty or "*" means all stored ones
    size_limit: int = 0
    time_limit: int = 0
    types_only: bool = False
    controls: Controls = field(default_factory=Controls)


@dataclass(frozen=True, slots=True)
class Compare:
    dn: str
    attribute: str
    value: bytes
    controls: Controls = field(default_factory=Controls)


@dataclass(frozen=True, slots=True)
class Add:
    dn: str
    attributes: tuple[tuple[str, tuple[bytes, ...]], ...]
    controls: Controls = field(default_factory=Controls)


@dataclass(frozen=True, slots=True)
class Modification:
    operation: ModifyOperation
    attribute: str
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Modify:
    dn: str
    changes: tuple[Modification, ...]
    controls: Controls = field(default_factory=Controls)


@dataclass(frozen=True, slots=True)
class ModifyDN:
    dn: str
    new_rdn: str
    delete_old_rdn: bool
    new_superior: str | None = None
    controls: Controls = field(default_factory=Controls)


@dataclass(frozen=True, slots=True)
class Delete:
    dn: str
    controls: Controls = field(default_factory=Controls)


@dataclass(frozen=True, slots=True)
class WhoAmI:
    pass


@dataclass(frozen=True, slots=True)
class ReadPasswordHashes:
    """The stand-in for reading password hashes by replication; see front/replication.py for its wire form."""

    naming_context: str
    cookie: bytes
    objects_max: int


@dataclass(frozen=True, slots=True)
class MigrateAccount:
    """What a migration tool leaves on an account: the old account's SID, its password's NT hash; empty = not."""

    dn: str
    source_sid: bytes = b""
    nt_hash: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class AskTicket:
    """Whoever is bound wants to go to a service, by its principal name."""

    service: str


Request = (
    Bind
    | Search
    | Compare
    | Add
    | Modify
    | ModifyDN
    | Delete
    | WhoAmI
    | ReadPasswordHashes
    | MigrateAccount
    | AskTicket
)
