r"""Distinguished names: reading, writing, and one hashable normal form for comparing and looking up.

A Name is a tuple of RDN keys, leaf first: ``("cn=ana lopez", "ou=staff", "dc=contoso", "dc=com")``. Case and blanks
round separators do not count; escapes do not either, so ``\2C`` and ``\,`` are one. Multi-valued RDNs are refused.
Source: RFC 4514, MS-ADTS 3.1.1.3.1.1; facts "directory" section 10.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

Name = tuple[str, ...]

_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9-]*|(?:OID\.)?\d+(?:\.\d+)+")
_OIDS = {"2.5.4.3": "cn", "2.5.4.11": "ou", "0.9.2342.19200300.100.1.25": "dc", "2.5.4.10": "o", "2.5.4.6": "c"}
_SPECIAL = frozenset(',+"\\<>;=')
_HEX = frozenset("0123456789abcdefABCDEF")
# A name whose lower-case pieces are its normal form: no escapes, no blanks round separators.
_VALUE = r"[^\\\",+;<>#=\x00-\x1f ](?:[^\\\",+;<>#=\x00-\x1f]*[^\\\",+;<>#=\x00-\x1f ])?"
_PLAIN = re.compile(rf"[A-Za-z]+={_VALUE}(?:,[A-Za-z]+={_VALUE})*")


class BadName(ValueError):
    """The text is not a distinguished name."""


class Rdn(NamedTuple):
    attribute: str  # as written
    value: str  # unescaped

    @property
    def key(self) -> str:
        return f"{self.attribute.lower()}={self.value.lower()}"

    def __str__(self) -> str:
        return f"{self.attribute}={escape(self.value)}"


def key(dn: str) -> Name:
    """The normal form of a DN; raises BadName."""
    if _PLAIN.fullmatch(dn) is not None:
        return tuple(dn.lower().split(","))
    if not dn.strip():
        return ()
    return tuple(rdn.key for rdn in parse(dn))


def parse(dn: str) -> tuple[Rdn, ...]:
    """The RDNs of a DN, leaf first, with case and unescaped values kept; raises BadName."""
    if not dn.strip():
        return ()
    return tuple(_rdn(part) for part in split(dn))


def split(dn: str) -> list[str]:
    """Cut a DN at its unescaped separators; nothing is unescaped."""
    parts: list[str] = []
    start = position = 0
    quoted = False
    while position < len(dn):
        char = dn[position]
        if char == "\\":
            position += 2
            continue
        if char == '"':
            quoted = not quoted
        elif char in ",;" and not quoted:
            parts.append(dn[start:position])
            start = position + 1
        position += 1
    if quoted:
        raise BadName(dn)
    parts.append(dn[start:])
    return parts


def rdn(text: str) -> Rdn:
    """One RDN as a rename names it; raises BadName."""
    parts = split(text)
    if len(parts) != 1:
        raise BadName(text)
    return _rdn(parts[0])


@lru_cache(maxsize=4096)
def _rdn(text: str) -> Rdn:
    kind, equals, value = text.partition("=")
    kind = kind.strip()
    if not equals or not _TYPE.fullmatch(kind):
        raise BadName(text)
    if kind[0].isdigit() or kind[:4].upper() == "OID.":
        kind = _OIDS.get(kind.upper().removeprefix("OID."), "")
        if not kind:
            raise BadName(text)
    value = unescape(value)
    if not value:
        raise BadName(text)
    return Rdn(kind, value)


def unescape(text: str) -> str:
    """The value an RDN writes, blanks round it and escapes removed; raises BadName."""
    text = text.lstrip(" ")
    if len(text) > 1 and text[0] == '"':
        text = text.rstrip(" ")
        if text[-1] != '"':
            raise BadName(text)
        return _plain(text[1:-1], quoted=True)
    if text[:1] == "#":
        return _hexadecimal(text)
    return _plain(text, quoted=False)


def _hexadecimal(text: str) -> str:
    """``#`` and the BER of a string, the form of RFC 4514 for values that cannot be written."""
    try:
        octets = bytes.fromhex(text[1:].strip())
        if len(octets) < 2 or octets[1] != len(octets) - 2:
            raise BadName(text)
        return octets[2:].decode("utf-8")
    except ValueError as error:
        raise BadName(text) from error


def _plain(text: str, quoted: bool) -> str:
    octets = bytearray()
    kept = 0  # length that trailing blanks may not be cut below
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            pair = text[position + 1 : position + 3]
            if len(pair) == 2 and pair[0] in _HEX and pair[1] in _HEX:
                octets.append(int(pair, 16))
                position += 3
            elif pair and (pair[0] in _SPECIAL or pair[0] in " #"):
                octets += pair[0].encode()
                position += 2
            else:
                raise BadName(text)
            kept = len(octets)
            continue
        if not quoted and char in '+"<>=' and char != "=":
            raise BadName(text)
        octets += char.encode()
        position += 1
    try:
        return octets[:kept].decode() + octets[kept:].decode() if quoted else _trim(octets, kept)
    except UnicodeDecodeError as error:
        raise BadName(text) from error


def _trim(octets: bytearray, kept: int) -> str:
    end = len(octets)
    while end > kept and octets[end - 1] == 0x20:
        end -= 1
    return octets[:end].decode()


def escape(value: str) -> str:
    """An RDN's value as AD writes it."""
    if value.isalnum():
        return value
    out = []
    last = len(value) - 1
    for index, char in enumerate(value):
        if char in _SPECIAL:
            out.append("\\" + char)
        elif char == "\n":
            out.append("\\0A")
        elif char == "\r":
            out.append("\\0D")
        elif char == "\0":
            out.append("\\00")
        elif (char == " " and index in (0, last)) or (char == "#" and index == 0):
            out.append("\\" + char)
        else:
            out.append(char)
    return "".join(out)


def parent(dn: str) -> str:
    """The DN without its first RDN, as written."""
    position = 0
    quoted = False
    while position < len(dn):
        char = dn[position]
        if char == "\\":
            position += 2
            continue
        if char == '"':
            quoted = not quoted
        elif char in ",;" and not quoted:
            return dn[position + 1 :].lstrip(" ")
        position += 1
    return ""


def join(attribute: str, value: str, superior: str) -> str:
    """The DN of a child."""
    leaf = f"{attribute}={escape(value)}"
    return f"{leaf},{superior}" if superior else leaf


def is_below(name: Name, ancestor: Name) -> bool:
    """Whether a name equals or lies under an ancestor."""
    return len(name) >= len(ancestor) and (not ancestor or name[-len(ancestor) :] == ancestor)


def dns_name(dn: str) -> str:
    """``contoso.com`` for DC=contoso,DC=com: the DC parts joined."""
    return ".".join(part.value for part in parse(dn) if part.attribute.lower() == "dc")


def domain_dn(dns: str) -> str:
    return ",".join(f"DC={label}" for label in dns.split("."))
