"""A filter in the text form of RFC 4515, as an administrator would have typed it; secret values are left out."""

from __future__ import annotations

from emulators.directory.core.requests import (
    And,
    Approximate,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)

_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"*()\\")


def filter_text(wanted: Filter, secret: frozenset[str] = frozenset()) -> str:
    """secret: lower-case names of attributes whose asserted values are shown as ``...``."""

    def value(attribute: str | None, octets: bytes) -> str:
        if attribute is not None and attribute.split(";", 1)[0].lower() in secret:
            return "..."
        return "".join(chr(octet) if octet in _PLAIN else f"\\{octet:02x}" for octet in octets)

    def text(node: Filter) -> str:
        match node:
            case And(items):
                return "(&" + "".join(map(text, items)) + ")"
            case Or(items):
                return "(|" + "".join(map(text, items)) + ")"
            case Not(item):
                return f"(!{text(item)})"
            case Present(attribute):
                return f"({attribute}=*)"
            case Equality(attribute, octets):
                return f"({attribute}={value(attribute, octets)})"
            case GreaterOrEqual(attribute, octets):
                return f"({attribute}>={value(attribute, octets)})"
            case LessOrEqual(attribute, octets):
                return f"({attribute}<={value(attribute, octets)})"
            case Approximate(attribute, octets):
                return f"({attribute}~={value(attribute, octets)})"
            case Substrings(attribute, initial, middle, final):
                parts = [initial or b"", *middle, final or b""]
                return f"({attribute}={'*'.join(value(attribute, part) for part in parts)})"
            case Extensible(rule, named, octets, dn_attributes):
                dn = ":dn" if dn_attributes else ""
                by = f":{rule}" if rule else ""
                return f"({named or ''}{dn}{by}:={value(named, octets)})"

    return text(wanted)
