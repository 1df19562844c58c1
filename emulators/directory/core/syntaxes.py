"""How values of each attribute syntax are compared, ordered, searched in, and checked.

Every rule works on octets. ``key`` gives the hashable form equality goes by; it raises ValueError on a value that is
not of the syntax. Source: MS-ADTS 3.1.1.2.2.2 and 3.1.1.2.2.4; facts "directory" sections 3 and 7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulators.directory.core import identity, names, times

Key = Any  # int, bytes or str: hashable, and ordered among its own syntax


def _text(value: bytes) -> bytes:
    if value.isascii():
        return value.lower()
    return value.decode("utf-8").casefold().encode()


def _exact(value: bytes) -> bytes:
    return value


def _integer(value: bytes) -> int:
    digits = value[1:] if value[:1] == b"-" else value
    if not digits.isdigit():
        raise ValueError("not an integer")
    return int(value)


def _boolean(value: bytes) -> bool:
    if value == b"TRUE":
        return True
    if value == b"FALSE":
        return False
    raise ValueError("not a boolean")


def _time(value: bytes) -> int:
    seconds = times.parse_generalized(value)
    if seconds is None:
        raise ValueError("not a time")
    return seconds


def _dn(value: bytes) -> str:
    return ",".join(names.key(value.decode("utf-8")))


def _dn_with_data(value: bytes) -> tuple[bytes, str]:
    prefix, dn = split_dn_value(value)
    return prefix.lower(), _dn(dn)


def split_dn_value(value: bytes) -> tuple[bytes, bytes]:
    """``B:32:<hex>:`` or ``S:n:<text>:`` and the DN after it; raises ValueError."""
    kind, first, rest = value.partition(b":")
    count, second, tail = rest.partition(b":")
    if not first or not second or kind not in (b"B", b"S") or not count.isdigit():
        raise ValueError("not a DN with data")
    length = int(count)
    if tail[length : length + 1] != b":":
        raise ValueError("not a DN with data")
    cut = len(value) - len(tail) + length + 1
    return value[:cut], value[cut:]


def _sid(value: bytes) -> bytes:
    if value[:2] in (b"S-", b"s-"):
        octets = identity.sid_bytes(value.decode("ascii"))
        if octets is None:
            raise ValueError("not a SID")
        return octets
    return value


def _printable(value: bytes) -> bytes:
    if not value.isascii():
        raise ValueError("not printable")
    return value


@dataclass(frozen=True, slots=True)
class Syntax:
    """The rules of one attributeSyntax: equality key, whether it can be ordered or searched by parts, its RFC OID."""

    name: str
    key: Callable[[bytes], Key]
    ldap_oid: str
    ordered: bool = False
    parts: Callable[[bytes], bytes] | None = None  # how substrings are folded; None: substrings never match
    bits: bool = False  # bitwise matching rules apply
    is_dn: bool = False


_RFC = "1.3.6.1.4.1.1466.115.121.1."
_AD = "1.2.840.113556.1.4."

DN = Syntax("DN", _dn, _RFC + "12", is_dn=True)
OID = Syntax("OID", _text, _RFC + "38", parts=_text)
CASE_EXACT = Syntax("CaseExactString", _exact, _AD + "1362", ordered=True, parts=_exact)
CASE_IGNORE = Syntax("CaseIgnoreString", _text, _AD + "905", ordered=True, parts=_text)
PRINTABLE = Syntax("PrintableString", _printable, _RFC + "44", ordered=True, parts=_exact)
IA5 = Syntax("IA5String", _printable, _RFC + "26", ordered=True, parts=_exact)
NUMERIC = Syntax("NumericString", _printable, _RFC + "36", ordered=True, parts=_exact)
DN_BINARY = Syntax("DNWithBinary", _dn_with_data, _AD + "903", is_dn=True)
BOOLEAN = Syntax("Boolean", _boolean, _RFC + "7")
INTEGER = Syntax("INTEGER", _integer, _RFC + "27", ordered=True, bits=True)
OCTETS = Syntax("OctetString", _exact, _RFC + "40", ordered=True, parts=_exact)
UTC_TIME = Syntax("UTCTime", _time, _RFC + "53", ordered=True)
GENERALIZED_TIME = Syntax("GeneralizedTime", _time, _RFC + "24", ordered=True)
UNICODE = Syntax("DirectoryString", _text, _RFC + "15", ordered=True, parts=_text)
PRESENTATION = Syntax("PresentationAddress", _text, _RFC + "43")
DN_STRING = Syntax("DNWithString", _dn_with_data, _AD + "904", is_dn=True)
SECURITY_DESCRIPTOR = Syntax("ObjectSecurityDescriptor", _exact, _AD + "907")
LARGE_INTEGER = Syntax("INTEGER8", _integer, _AD + "906", ordered=True, bits=True)
SID = Syntax("Sid", _sid, _RFC + "40", parts=_exact)

#: last arc of attributeSyntax -> syntax; 2.5.5.5 and 2.5.5.11 are told apart by oMSyntax
_BY_ARC = {
    1: DN, 2: OID, 3: CASE_EXACT, 4: CASE_IGNORE, 6: NUMERIC, 7: DN_BINARY, 8: BOOLEAN, 9: INTEGER, 10: OCTETS,
    12: UNICODE, 13: PRESENTATION, 14: DN_STRING, 15: SECURITY_DESCRIPTOR, 16: LARGE_INTEGER, 17: SID,
}  # fmt: skip
_INTEGER_RANGE = (-(1 << 31), (1 << 31) - 1)
_LARGE_RANGE = (-(1 << 63), (1 << 63) - 1)


def syntax_of(arc: int, om_syntax: int) -> Syntax:
    if arc == 5:
        return IA5 if om_syntax == 22 else PRINTABLE
    if arc == 11:
        return UTC_TIME if om_syntax == 23 else GENERALIZED_TIME
    return _BY_ARC[arc]


def is_valid(syntax: Syntax, value: bytes) -> bool:
    """Whether a value to be stored is of its syntax (its length or range is the attribute's own matter)."""
    try:
        key = syntax.key(value)
    except ValueError:
        return False
    if syntax is INTEGER:
        return bool(_INTEGER_RANGE[0] <= key <= _INTEGER_RANGE[1])
    if syntax is LARGE_INTEGER:
        return bool(_LARGE_RANGE[0] <= key <= _LARGE_RANGE[1])
    if syntax is UNICODE or syntax is CASE_IGNORE:
        return bool(value)
    return True


def measure(syntax: Syntax, value: bytes) -> int:
    """What rangeLower and rangeUpper count: the number itself, characters of text, octets of the rest."""
    if syntax is INTEGER or syntax is LARGE_INTEGER:
        return int(value)
    if syntax is UNICODE and not value.isascii():
        return len(value.decode("utf-8").encode("utf-16-le")) // 2
    if syntax is DN_BINARY:
        return (len(split_dn_value(value)[0].split(b":")[2])) // 2
    return len(value)
