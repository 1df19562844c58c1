"""Filter text such as ``(&(objectClass=user)(title=Lead*))`` to the form LDAP sends (RFC 4515 to RFC 4511)."""

from __future__ import annotations

import re

from harness.lab.ber import boolean, octets, sequence

_COMPARISON = re.compile(r"([A-Za-z0-9.;-]+)(?::([0-9.]+):)?(=|>=|<=|~=)(.*)\Z", re.DOTALL)
_TAGS = {"=": 0xA3, ">=": 0xA5, "<=": 0xA6, "~=": 0xA8}


class FilterTextError(ValueError):
    """A filter text that cannot be read."""


def encode_filter(text: str) -> bytes:
    """Return the filter in BER; raises FilterTextError."""
    shown = text.strip()
    if not shown.startswith("("):
        shown = f"({shown})"
    encoded, end = _read(shown, 0)
    if shown[end:].strip():
        raise FilterTextError(f"text after the end of the filter: {shown[end:]}")
    return encoded


def escape(value: str | bytes) -> str:
    """Return a value as it may stand in a filter."""
    if isinstance(value, bytes):
        return "".join(f"\\{octet:02x}" for octet in value)
    return "".join(f"\\{ord(sign):02x}" if sign in "\\*()\0" else sign for sign in value)


def _read(text: str, at: int) -> tuple[bytes, int]:
    if at >= len(text) or text[at] != "(":
        raise FilterTextError(f"an opening parenthesis is missing in {text}")
    at += 1
    if text[at : at + 1] in ("&", "|", "!"):
        tag = {"&": 0xA0, "|": 0xA1, "!": 0xA2}[text[at]]
        at += 1
        inside = []
        while text[at : at + 1] == "(":
            one, at = _read(text, at)
            inside.append(one)
        if text[at : at + 1] != ")" or (tag == 0xA2 and len(inside) != 1):
            raise FilterTextError(f"an unbalanced filter: {text}")
        return sequence(*inside, tag=tag), at + 1
    end = text.find(")", at)
    if end < 0:
        raise FilterTextError(f"a closing parenthesis is missing in {text}")
    return _comparison(text[at:end]), end + 1


def _comparison(text: str) -> bytes:
    found = _COMPARISON.match(text)
    if found is None:
        raise FilterTextError(f"no comparison: {text}")
    name, rule, sign, value = found.groups()
    if rule:
        return sequence(
            octets(rule, 0x81), octets(name, 0x82), octets(_octets(value), 0x83), b"\x84" + boolean(False)[1:], tag=0xA9
        )
    if sign == "=" and value == "*":
        return octets(name, 0x87)
    if sign == "=" and "*" in value:
        return _substrings(name, value.split("*"))
    return sequence(octets(name), octets(_octets(value)), tag=_TAGS[sign])


def _substrings(name: str, pieces: list[str]) -> bytes:
    inside = []
    for index, piece in enumerate(pieces):
        if piece:
            tag = 0x80 if index == 0 else 0x82 if index == len(pieces) - 1 else 0x81
            inside.append(octets(_octets(piece), tag))
    return sequence(octets(name), sequence(*inside), tag=0xA4)


def _octets(text: str) -> bytes:
    out = bytearray()
    at = 0
    raw = text.encode()
    while at < len(raw):
        if raw[at] == 0x5C:
            try:
                out.append(int(raw[at + 1 : at + 3], 16))
            except ValueError:
                raise FilterTextError(f"a backslash without two digits: {text}") from None
            at += 3
        else:
            out.append(raw[at])
            at += 1
    return bytes(out)
