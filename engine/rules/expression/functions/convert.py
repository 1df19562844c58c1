"""Conversions and the tests that say whether one would succeed. Source: facts "functions", Conversion and Evaluation.

CBin and Thumbprint follow the byte layout of MS-ADTS 2.2.20 (key credential links), the only use shipped rules make.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import uuid

from engine.model.values import Scalar as ScalarValue
from engine.model.values import text_of
from engine.rules.expression.errors import ArgumentError
from engine.rules.expression.functions.directory import relative_names
from engine.rules.expression.operators import in_range
from engine.rules.expression.registry import (
    Binary,
    BinaryTextOrNumber,
    Boolean,
    Encoding,
    Number,
    Parameter,
    Reference,
    Scalar,
    Text,
    function,
    nullable,
    option,
)

DECIMAL = re.compile(r"\s*[+-]?[0-9]+\s*")
HEXADECIMAL = re.compile(r"\s*&H[0-9A-Fa-f]{1,16}\s*")
GUID = re.compile(r"(\{)?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?(1)\})")
HEX_PAIRS = re.compile(r"([0-9A-Fa-f]{2})*")
Textual = Parameter("num, ref or bool", (str, int, bool))
Countable = Parameter("str", (str, int, bytes))
Truth = Parameter("exp", (bool, int, str))
CODECS = {Encoding.UTF8: "utf-8", Encoding.ASCII: "ascii", Encoding.UNICODE: "utf-16-le"}


@function("CBool", Truth, returns=Boolean, null=False)
def to_boolean(value: bool | int | str) -> bool:
    """False for zero, True for any other number or a true condition. Source: function reference, CBool."""
    if isinstance(value, str):
        word = value.strip().lower()
        return word == "true" if word in ("true", "false") else number_of(value) != 0
    return bool(value)


@function("CGuid", Text, returns=Binary)
def to_guid(text: str) -> bytes:
    """The 16 bytes of a GUID, in the order objectGUID has. Source: function reference, CGuid."""
    if not GUID.fullmatch(text.strip()):
        raise ArgumentError("the text is no GUID")
    return uuid.UUID(text.strip()).bytes_le


@function("IsGuid", nullable(Scalar), returns=Boolean)
def is_guid(value: ScalarValue | None) -> bool:
    """Whether the text is a GUID, plain or in braces. Source: function reference, IsGuid."""
    return isinstance(value, str) and GUID.fullmatch(value.strip()) is not None


@function("StringFromGuid", Binary, returns=Text)
def string_from_guid(value: bytes) -> str:
    """The text of a binary GUID. Source: function reference, StringFromGuid."""
    if len(value) != 16:
        raise ArgumentError(f"a GUID has 16 bytes, not {len(value)}")
    return str(uuid.UUID(bytes_le=value))


@function("StringFromSid", Binary, returns=Text)
def string_from_sid(value: bytes) -> str:
    """The S-1-... text of a binary SID. Source: function reference, StringFromSid; MS-DTYP 2.4.2."""
    if len(value) < 8 or value[0] != 1 or value[1] > 15 or len(value) != 8 + 4 * value[1]:
        raise ArgumentError("the value is no security identifier")
    authority = int.from_bytes(value[2:8], "big")
    shown = f"0x{authority:012X}" if authority >= 2**32 else str(authority)
    return "-".join(["S-1", shown, *map(str, struct.unpack_from(f"<{value[1]}I", value, 8))])


@function("ConvertToBase64", BinaryTextOrNumber, returns=Text)
def to_base64(value: bytes | str | int) -> str:
    """Base64 of the bytes, or of the UTF-16LE bytes of a text. Source: function reference, ConvertToBase64.

    Of a number, which the reference leaves open, the UTF-8 bytes of its digits (facts "install" VAL-02).
    """
    if isinstance(value, int):
        return base64.b64encode(str(value).encode()).decode("ascii")
    raw = value if isinstance(value, bytes) else value.encode("utf-16-le", "surrogatepass")
    return base64.b64encode(raw).decode("ascii")


@function("ConvertFromBase64", Text, option(Encoding), returns=Text)
def from_base64(text: str, encoding: Encoding = Encoding.UNICODE) -> str:
    """The text behind Base64, UTF-16LE unless told otherwise. Source: function reference, ConvertFromBase64."""
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise ArgumentError("the text is no Base64") from None
    decoded = raw.decode(CODECS[encoding], "replace")
    return decoded.replace("\ufffd", "?") if encoding is Encoding.ASCII else decoded


@function("ConvertToUTF8Hex", Text, returns=Text)
def to_utf8_hex(text: str) -> str:
    """Upper-case hexadecimal digits of the UTF-8 bytes. Source: function reference, ConvertToUTF8Hex."""
    return text.encode("utf-8", "replace").hex().upper()


@function("ConvertFromUTF8Hex", Text, returns=Text)
def from_utf8_hex(text: str) -> str:
    """The text behind hexadecimal UTF-8. Source: function reference, ConvertFromUTF8Hex."""
    if not HEX_PAIRS.fullmatch(text):
        raise ArgumentError("the text is no sequence of hexadecimal pairs")
    return binascii.unhexlify(text).decode("utf-8", "replace")


@function("CNum", Countable, returns=Number)
def to_number(value: str | int | bytes) -> int:
    """The number a text, or a few little-endian bytes, stands for. Source: function reference, CNum; key rules."""
    return number_of(value)


def number_of(value: str | int | bytes) -> int:
    """Decimal or &H text, or up to eight bytes, least significant first."""
    if isinstance(value, int):
        return value
    if isinstance(value, bytes):
        if not 1 <= len(value) <= 8:
            raise ArgumentError("only one to eight bytes make a number")
        return in_range(int.from_bytes(value, "little"))
    if DECIMAL.fullmatch(value) and len(value) < 100:
        return in_range(int(value))
    if HEXADECIMAL.fullmatch(value):
        number = int(value.strip()[2:], 16)
        return number - 2**64 if number >= 2**63 else number
    raise ArgumentError("the text is no whole number")


@function("IsNumeric", nullable(Scalar), returns=Boolean)
def is_numeric(value: ScalarValue | None) -> bool:
    """Whether CNum would succeed. Source: function reference, IsNumeric."""
    if not isinstance(value, (str, int, bytes)) or isinstance(value, bool):
        return False
    try:
        number_of(value)
    except ArgumentError:
        return False
    return True


@function("CRef", Text, returns=Reference)
def to_reference(text: str) -> str:
    """A distinguished name as reference. Source: function reference, CRef."""
    relative_names(text)
    return text


@function("CStr", Textual, returns=Text)
def to_text(value: str | int | bool) -> str:
    """Number, reference or Boolean as text. Source: function reference, CStr."""
    return value if isinstance(value, str) else text_of(value)


@function("CBin", Number, Number, returns=Binary)
def to_binary(value: int, length: int) -> bytes:
    """A number as bytes, least significant first. Source: shipped key rules; MS-ADTS 2.2.20."""
    if not 1 <= length <= 8:
        raise ArgumentError("the length must be one to eight bytes")
    try:
        return value.to_bytes(length, "little", signed=value < 0)
    except OverflowError:
        raise ArgumentError(f"the number does not fit into {length} bytes") from None


@function("Thumbprint", Binary, returns=Binary)
def thumbprint(value: bytes) -> bytes:
    """The SHA-256 hash of the bytes. Source: shipped key rules; MS-ADTS 2.2.20 (key hash entry)."""
    return hashlib.sha256(value).digest()
