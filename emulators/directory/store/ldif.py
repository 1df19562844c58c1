"""LDIF: a strict, streaming reader, and the wholesale load of a domain from an export.

Content records only; every complaint names its line. GUIDs, SIDs, times and USNs of the file are kept.
Source: RFC 2849; design document section 3 (``ldif:`` of a forest).
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from emulators.directory.core import names, topology
from emulators.directory.core.bulk import collector_paused
from emulators.directory.core.forest import Forest
from emulators.directory.core.populate import PopulateError

_CHUNK = 1 << 20
Values = dict[str, list[bytes]]


class LdifError(ValueError):
    """Something in a file that cannot be taken; ``line`` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class LdifEntry(NamedTuple):
    """One record: the line of its ``dn:``, its DN, its values under the names as written."""

    line: int
    dn: str
    attributes: Values


def read_ldif(stream: BinaryIO) -> Iterator[LdifEntry]:
    """The records of a file, one by one; raises LdifError."""
    line = 1
    first = True
    known: dict[bytes, str] = {}
    for block in _blocks(stream):
        if block.strip(b"\n"):
            entry = _record(block, line, first, known)
            if entry is not None:
                yield entry
            first = False
        line += block.count(b"\n")


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Pieces of the file that end at blank lines, every line break a single LF."""
    rest = b""
    while True:
        chunk = stream.read(_CHUNK)
        if not chunk:
            break
        rest += chunk
        if rest[-1:] == b"\r":
            continue  # its LF is still to come
        if b"\r" in rest:
            rest = rest.replace(b"\r\n", b"\n")
        *whole, rest = rest.split(b"\n\n")
        for piece in whole:
            yield piece + b"\n\n"
    if rest:
        yield rest.replace(b"\r\n", b"\n")


def _record(block: bytes, line: int, first: bool, known: dict[bytes, str]) -> LdifEntry | None:
    """One record, read fast; a mistake is found again slowly, with its line."""
    lines = block.replace(b"\n ", b"").split(b"\n")
    if b"#" in block:
        lines = [text for text in lines if text[:1] != b"#"]
    lines = [text for text in lines if text]
    if first and lines and lines[0][:8].lower() == b"version:":
        if lines[0][8:].strip() != b"1":
            raise _complaint(block, line, lines[0], "only LDIF version 1 is read")
        lines = lines[1:]
    if not lines:
        return None
    dn = _dn(block, line, lines[0])
    attributes: Values = {}
    find = attributes.get
    for text in lines[1:]:
        name, colon, value = text.partition(b": ")
        spelled = known.get(name)
        if spelled is None or not colon or value[:1] == b" ":
            spelled, value = _carefully(block, line, text, known)
        values = find(spelled)
        if values is None:
            attributes[spelled] = [value]
        else:
            values.append(value)
    return LdifEntry(_line_of(block, line, _raw_place(block, lines[0])), dn, attributes)


def _carefully(block: bytes, line: int, text: bytes, known: dict[bytes, str]) -> tuple[str, bytes]:
    """Name and value of a line that is not ``known: value``."""
    name, colon, value = text.partition(b":")
    if not colon:
        raise _complaint(block, line, text, "no colon in the line")
    if value[:1] == b"<":
        raise _complaint(block, line, text, "a value by URL is not read")
    value = _base64(block, line, text, value[1:]) if value[:1] == b":" else value.lstrip(b" ")
    spelled = known.get(name)
    if spelled is None:
        spelled = name.decode("latin-1")
        if spelled.lower() in ("dn", "changetype"):
            reason = "a second dn in one record" if spelled.lower() == "dn" else "changes are not read, only content"
            raise _complaint(block, line, text, reason)
        if not _is_name(spelled):
            raise _complaint(block, line, text, f"{spelled!r} is not an attribute name")
        spelled = known[name] = spelled.partition(";")[0]
    return spelled, value


def _dn(block: bytes, line: int, text: bytes) -> str:
    if text[:3].lower() != b"dn:":
        raise _complaint(block, line, text, "a record begins with dn:")
    value = text[3:]
    try:
        octets = _base64(block, line, text, value[1:]) if value[:1] == b":" else value.strip(b" ")
        dn = octets.decode("utf-8")
        names.key(dn)
    except (UnicodeDecodeError, names.BadName):
        raise _complaint(block, line, text, "not a distinguished name") from None
    return dn


def _base64(block: bytes, line: int, text: bytes, value: bytes) -> bytes:
    try:
        return binascii.a2b_base64(value.strip(b" "), strict_mode=True) if value.strip(b" ") else b""
    except binascii.Error:
        raise _complaint(block, line, text, "not base64") from None


def _is_name(text: str) -> bool:
    """letters, digits and hyphens, a letter first; of options only ``;binary``."""
    head, _, option = text.partition(";")
    plain = head.replace("-", "a").replace(".", "a")
    return plain.isalnum() and plain.isascii() and head[:1].isalnum() and option in ("", "binary")


def _complaint(block: bytes, line: int, text: bytes, reason: str) -> LdifError:
    return LdifError(_line_of(block, line, _raw_place(block, text)), reason)


def _raw_place(block: bytes, unfolded: bytes) -> int:
    """Where in the raw block a logical line begins: its index among the physical lines."""
    if block.startswith(unfolded):
        return 0
    physical = block.split(b"\n")
    index = 0
    while index < len(physical):
        end = index + 1
        while end < len(physical) and physical[end][:1] == b" ":
            end += 1
        if physical[index] + b"".join(part[1:] for part in physical[index + 1 : end]) == unfolded:
            return index
        index = end
    return 0


def _line_of(block: bytes, line: int, index: int) -> int:
    leading = len(block) - len(block.lstrip(b"\n"))
    return line + index if index else line + leading


# ---- loading ---------------------------------------------------------------------------------------------------------
def load_domain(forest: Forest, path: Path, admin_password: str) -> int:
    """Replace the domain NC by a file's; returns how many entries came from it.

    The head's objectSid becomes the domain's. Of built-in objects the file lacks only those that serving needs are
    added (``built_in.SERVING``), and the built-in Administrator is enabled with ``admin_password``. Raises LdifError
    with the line of the record that cannot be taken.
    """
    with collector_paused():
        return _load(forest, path, admin_password)


def _load(forest: Forest, path: Path, admin_password: str) -> int:
    with path.open("rb") as stream:
        records = list(read_ldif(stream))
    if not records:
        raise LdifError(1, "the file holds no entry")
    records = _parents_first(records)
    head = records[0]
    if names.key(head.dn) != names.key(forest.root.dn):
        raise LdifError(head.line, f"the file is of {head.dn}, the forest is {forest.root.dn}")
    rows = ((record.dn, record.attributes) for record in records)
    try:
        topology.replace_domain(forest, head.attributes, rows, admin_password)
    except PopulateError as error:
        if error.index < len(records):
            raise LdifError(records[error.index].line, str(error)) from error
        raise
    return len(records)


def _parents_first(records: list[LdifEntry]) -> list[LdifEntry]:
    """The records in an order that can be loaded; most exports have it already."""
    seen: set[names.Name] = set()
    in_order = True
    keyed = []
    for record in records:
        name = names.key(record.dn)
        if seen and name[1:] not in seen:
            in_order = False
        seen.add(name)
        keyed.append((len(name), record))
    if in_order:
        return records
    keyed.sort(key=lambda pair: pair[0])
    return [record for _depth, record in keyed]
