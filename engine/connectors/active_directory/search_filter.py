"""Search filters: the text an administrator writes, turned into the octets a search request carries.

Source: RFC 4515 (text), RFC 4511 4.5.1.7 (encoding).
"""

from __future__ import annotations

from engine.connectors.active_directory import ber

AND, OR, NOT, EQUALITY, SUBSTRINGS, GREATER, LESS, PRESENT, APPROXIMATE, EXTENSIBLE = (
    0xA0,
    0xA1,
    0xA2,
    0xA3,
    0xA4,
    0xA5,
    0xA6,
    0x87,
    0xA8,
    0xA9,
)
_ESCAPED = frozenset(b"*()\\\0")


def escape(value: str | bytes) -> str:
    """A value as it may stand in a filter's text; octets outside printable ASCII become ``\\xx``."""
    octets = value.encode() if isinstance(value, str) else value
    return "".join(chr(o) if 0x20 <= o < 0x7F and o not in _ESCAPED else f"\\{o:02x}" for o in octets)


def encode_filter(text: str) -> bytes:
    """Encode a filter; raises ValueError naming the position of the first mistake."""
    encoded, position = _filter(text, 0, 0)
    if position != len(text):
        raise ValueError(f"search filter: text after its end at position {position}")
    return encoded


def _filter(text: str, position: int, depth: int) -> tuple[bytes, int]:
    if depth > 50:
        raise ValueError("search filter: nested too deeply")
    if text[position : position + 1] != "(":
        raise ValueError(f"search filter: '(' expected at position {position}")
    operator = text[position + 1 : position + 2]
    if operator in ("&", "|"):
        items: list[bytes] = []
        position += 2
        while text[position : position + 1] == "(":
            item, position = _filter(text, position, depth + 1)
            items.append(item)
        return ber.write(AND if operator == "&" else OR, *items), _closed(text, position)
    if operator == "!":
        item, position = _filter(text, position + 2, depth + 1)
        return ber.write(NOT, item), _closed(text, position)
    end = text.find(")", position)
    if end < 0:
        raise ValueError(f"search filter: ')' missing after position {position}")
    return _item(text[position + 1 : end], position + 1), end + 1


def _closed(text: str, position: int) -> int:
    if text[position : position + 1] != ")":
        raise ValueError(f"search filter: ')' expected at position {position}")
    return position + 1


def _item(item: str, position: int) -> bytes:
    left, equals, value = item.partition("=")
    if not equals or not left:
        raise ValueError(f"search filter: attribute and '=' expected at position {position}")
    for sign, tag in ((">", GREATER), ("<", LESS), ("~", APPROXIMATE)):
        if left.endswith(sign):
            return ber.write(tag, _octets(left[:-1]), _octets(_unescape(value, position)))
    if left.endswith(":"):
        return _extensible(left[:-1], value, position)
    if value == "*":
        return ber.write(PRESENT, left.encode())
    if "*" in value:
        return _substrings(left, value, position)
    return ber.write(EQUALITY, _octets(left), _octets(_unescape(value, position)))


def _substrings(attribute: str, value: str, position: int) -> bytes:
    first, *middle, last = value.split("*")
    parts = [ber.write(0x80, _unescape(first, position))] if first else []
    parts += [ber.write(0x81, _unescape(part, position)) for part in middle if part]
    if last:
        parts.append(ber.write(0x82, _unescape(last, position)))
    return ber.write(SUBSTRINGS, _octets(attribute), ber.write(ber.SEQUENCE, *parts))


def _extensible(left: str, value: str, position: int) -> bytes:
    attribute, *rest = left.split(":")
    dn_too = "dn" in rest
    rules = [part for part in rest if part and part != "dn"]
    parts = [ber.write(0x81, rules[0].encode())] if rules else []
    if attribute:
        parts.append(ber.write(0x82, attribute.encode()))
    parts.append(ber.write(0x83, _unescape(value, position)))
    if dn_too:
        parts.append(ber.write(0x84, b"\xff"))
    return ber.write(EXTENSIBLE, *parts)


def _octets(value: str | bytes) -> bytes:
    return ber.write(ber.OCTET_STRING, value.encode() if isinstance(value, str) else value)


def _unescape(value: str, position: int) -> bytes:
    if "\\" not in value:
        return value.encode()
    first, *rest = value.split("\\")
    out = bytearray(first.encode())
    for part in rest:
        try:
            out.append(int(part[:2], 16) if len(part) >= 2 else int("x", 16))
        except ValueError:
            raise ValueError(f"search filter: two hexadecimal digits expected after '\\' near {position}") from None
        out += part[2:].encode()
    return bytes(out)
