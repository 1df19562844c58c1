"""What the core answers: a result code with Active Directory's extended text, and the entries found.

Texts and codes: MS-ADTS and recorded answers, facts "directory" section 9. The build suffix of LdapErr texts is that of
Windows Server 2022 (v4f7c).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry


class ResultCode(IntEnum):
    SUCCESS = 0
    OPERATIONS_ERROR = 1
    PROTOCOL_ERROR = 2
    TIME_LIMIT_EXCEEDED = 3
    SIZE_LIMIT_EXCEEDED = 4
    COMPARE_FALSE = 5
    COMPARE_TRUE = 6
    AUTH_METHOD_NOT_SUPPORTED = 7
    STRONGER_AUTH_REQUIRED = 8
    REFERRAL = 10
    ADMIN_LIMIT_EXCEEDED = 11
    UNAVAILABLE_CRITICAL_EXTENSION = 12
    CONFIDENTIALITY_REQUIRED = 13
    SASL_BIND_IN_PROGRESS = 14
    NO_SUCH_ATTRIBUTE = 16
    UNDEFINED_ATTRIBUTE_TYPE = 17
    INAPPROPRIATE_MATCHING = 18
    CONSTRAINT_VIOLATION = 19
    ATTRIBUTE_OR_VALUE_EXISTS = 20
    INVALID_ATTRIBUTE_SYNTAX = 21
    NO_SUCH_OBJECT = 32
    INVALID_DN_SYNTAX = 34
    INVALID_CREDENTIALS = 49
    INSUFFICIENT_ACCESS_RIGHTS = 50
    BUSY = 51
    UNAVAILABLE = 52
    UNWILLING_TO_PERFORM = 53
    NAMING_VIOLATION = 64
    OBJECT_CLASS_VIOLATION = 65
    NOT_ALLOWED_ON_NON_LEAF = 66
    NOT_ALLOWED_ON_RDN = 67
    ENTRY_ALREADY_EXISTS = 68
    AFFECTS_MULTIPLE_DSAS = 71
    OTHER = 80


class DirectoryError(Exception):
    """A refusal of the directory: raised anywhere in the core, turned into an LDAPResult by dispatch alone.

    code: the LDAP result code; text: AD's diagnostic message without its trailing NUL; matched_dn: for noSuchObject;
    referrals: LDAP URLs for a referral.
    """

    def __init__(self, code: ResultCode, text: str = "", matched_dn: str = "", referrals: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code.name}: {text}")
        self.code = code
        self.text = text
        self.matched_dn = matched_dn
        self.referrals = referrals


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a verb. ``more``-style data of controls travels in the fields below; the front encodes it."""

    code: ResultCode = ResultCode.SUCCESS
    text: str = ""
    matched_dn: str = ""
    referrals: tuple[str, ...] = ()
    page_cookie: bytes | None = None  # set when the request was paged; empty = last page
    dirsync_more: bool | None = None  # set when the request carried DirSync
    dirsync_cookie: bytes = b""
    sort_result: int | None = None
    value: bytes | None = None  # whoAmI and other extended answers


@dataclass(slots=True)
class Found:
    """One entry of a search answer.

    entry: the stored entry (the front may keep encoded forms in ``entry.wire``; every commit empties it).
    dn: the DN to send (differs from the stored one under extended DN or for hidden tombstones).
    names: lower-case names of the stored attributes to send, in order, or None for all that are stored and readable by
    everyone (the whole-entry fast path).
    extra: further attributes with their values: constructed ones, ranges, and values rewritten for this request.
    """

    entry: Entry
    dn: str
    names: tuple[str, ...] | None
    extra: tuple[tuple[str, tuple[bytes, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A continuation reference of a subtree search."""

    urls: tuple[str, ...]


@dataclass(slots=True)
class SearchAnswer:
    items: list[Found | Reference]
    done: Result
