"""XML as a tree whose elements know their lines, read without entities; and the escaping needed to write it.

Exported configurations come from strangers: a document type or entity declaration is refused outright, so nothing is
ever fetched or expanded. Source: facts "engine" section 19.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from engine.errors import ConfigurationError

#: No exported file comes near; what is deeper is an attack or an accident.
DEPTH_MAX = 100
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(slots=True)
class XmlElement:
    """One element; names are without namespace prefixes. text: the characters directly inside, outer blanks kept.

    line, column: of its start tag. offset: of that tag in the bytes of the document.
    """

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[XmlElement] = field(default_factory=list)
    column: int = 1
    offset: int = 0

    def __iter__(self) -> Iterator[XmlElement]:
        return iter(self.children)

    def child(self, name: str) -> XmlElement | None:
        for element in self.children:
            if element.name == name:
                return element
        return None

    def at(self, path: str) -> XmlElement | None:
        """The first element at a path like ``private-configuration/adma-configuration``."""
        found: XmlElement | None = self
        for name in path.split("/"):
            found = found.child(name) if found is not None else None
        return found

    def all(self, name: str) -> list[XmlElement]:
        return [element for element in self.children if element.name == name]

    def text_at(self, path: str) -> str:
        """The text there without outer blanks; empty when there is no such element."""
        found = self.at(path)
        return found.text.strip() if found is not None else ""


def read_document(content: bytes | str, source: str) -> XmlElement:
    """Parse a whole document; ``source`` names it in errors. Raises ConfigurationError with the line."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = False
    root: list[XmlElement] = []
    stack: list[XmlElement] = []

    def refuse(*_details: object) -> None:
        raise ConfigurationError(
            "xml-entities-refused",
            f"{source}:{parser.CurrentLineNumber}: a document type declaration is not accepted in a configuration.",
        )

    def start(name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(":")[2]
        if attributes:
            attributes = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if len(stack) > DEPTH_MAX:
            raise ConfigurationError(
                "xml-malformed", f"{source}:{parser.CurrentLineNumber}: {plain}: nested more than {DEPTH_MAX} deep."
            )
        element = XmlElement(plain, parser.CurrentLineNumber, attributes)
        element.column, element.offset = parser.CurrentColumnNumber + 1, parser.CurrentByteIndex
        (stack[-1].children if stack else root).append(element)
        stack.append(element)

    def end(_name: str) -> None:
        stack.pop()

    def characters(text: str) -> None:
        stack[-1].text += text

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise ConfigurationError(
            "xml-malformed", f"{source}:{error.lineno}:{error.offset + 1}: not well-formed XML: {reason}."
        ) from None
    except (ValueError, LookupError) as error:  # an encoding nobody knows
        raise ConfigurationError("xml-malformed", f"{source}:1: the XML cannot be decoded: {error}.") from None
    return root[0]


def read_xml_file(path: Path, name: str = "") -> XmlElement:
    """Read and parse one file, called ``name`` in errors; an unreadable file is a ConfigurationError too."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise ConfigurationError("file-unreadable", f"{name or path.name}: cannot be read: {reason}.") from None
    return read_document(content, name or path.name)


def is_writable(text: str) -> bool:
    """Whether XML can hold the text."""
    return _UNWRITABLE.search(text) is None


def escaped(text: str) -> str:
    """Text as it stands between tags; what XML cannot hold at all is a ConfigurationError."""
    if _UNWRITABLE.search(text):
        raise ConfigurationError("xml-unwritable", f"The text {text!r} has characters XML cannot hold.")
    return escape(text, {"\r": "&#13;"})


def attribute_text(text: str) -> str:
    """An attribute's value with its quotes."""
    if _UNWRITABLE.search(text):
        raise ConfigurationError("xml-unwritable", f"The text {text!r} has characters XML cannot hold.")
    return quoteattr(text)


class XmlWriter:
    """Writes elements line by line, two blanks a level, the way exported rules are laid out."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._open: list[str] = []

    def open(self, name: str, attributes: str = "") -> None:
        self._line(f"<{name}{attributes}>")
        self._open.append(name)

    def close(self) -> None:
        name = self._open.pop()
        self._line(f"</{name}>")

    def element(self, name: str, text: str = "", attributes: str = "") -> None:
        if text:
            self._line(f"<{name}{attributes}>{escaped(text)}</{name}>")
        else:
            self._line(f"<{name}{attributes} />")

    def raw(self, line: str) -> None:
        self._line(line)

    def text(self) -> str:
        return "\n".join(self._lines)

    def _line(self, content: str) -> None:
        self._lines.append("  " * len(self._open) + content)
