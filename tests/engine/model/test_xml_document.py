from __future__ import annotations

import pytest

from engine.errors import ConfigurationError
from engine.model.xml_document import DEPTH_MAX, XmlWriter, read_document, read_xml_file


def test_elements_know_their_lines_and_drop_their_prefixes():
    root = read_document('<a>\n <x:b xmlns:x="u" x:k="v">t&amp;u</x:b>\n</a>', "f.xml")
    (b,) = root
    assert (b.name, b.line, b.text) == ("b", 2, "t&u")
    assert b.attributes["k"] == "v"
    assert root.text_at("b") == "t&u"
    assert root.at("b/c") is None
    assert root.text_at("b/c") == ""


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("<a>\n<b></a>", "f.xml:2:"),
        ("", "f.xml:1:"),
        ("plain", "f.xml:1:"),
        ("<a/><b/>", "f.xml:1:"),
        ("<a>\n&nowhere;</a>", "f.xml:2:"),
        (b"\xff\xfe\x00", "f.xml:1:"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "f.xml:1:"),
    ],
)
def test_malformed_xml_names_file_and_line(content, where):
    with pytest.raises(ConfigurationError) as raised:
        read_document(content, "f.xml")
    assert raised.value.message.startswith(where)


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        '<!DOCTYPE a [<!ENTITY e "ee"><!ENTITY f "&e;&e;">]><a>&f;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>',
    ],
)
def test_document_types_and_entities_are_refused(content):
    with pytest.raises(ConfigurationError, match="document type") as raised:
        read_document(content, "f.xml")
    assert raised.value.code == "xml-entities-refused"


def test_endless_nesting_is_refused():
    depth = DEPTH_MAX + 50
    with pytest.raises(ConfigurationError, match="deep"):
        read_document("<a>" * depth + "</a>" * depth, "f.xml")


def test_a_missing_file_is_a_configuration_error(tmp_path):
    with pytest.raises(ConfigurationError, match=r"gone\.xml: cannot be read"):
        read_xml_file(tmp_path / "gone.xml")


def test_what_xml_cannot_hold_is_not_written():
    with pytest.raises(ConfigurationError, match="cannot hold"):
        XmlWriter().element("a", "\x00")


def test_written_text_is_read_back():
    xml = XmlWriter()
    xml.open("a")
    xml.element("b", 'x < y & "z"\r\n\tq')
    xml.close()
    assert read_document(xml.text(), "f").text_at("b") == 'x < y & "z"\r\n\tq'
