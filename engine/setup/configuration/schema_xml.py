"""DSML directory schemas, as connectors and the metaverse are exported with, to Schema and back.

An object type holds what its class, its auxiliary classes and all their superiors name. Source: facts "engine" 19.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.model.schema import AttributeDefinition, AttributeType, Schema
from engine.model.xml_document import XmlElement, XmlWriter, attribute_text

Complain = Callable[[XmlElement, str], None]

_LDAP = "1.3.6.1.4.1.1466.115.121.1."
_MICROSOFT = "1.2.840.113556.1.4."
_SYNTAXES: dict[str, AttributeType] = {
    f"{_LDAP}7": AttributeType.BOOLEAN,
    f"{_LDAP}12": AttributeType.REFERENCE,
    f"{_LDAP}27": AttributeType.INTEGER,
    f"{_MICROSOFT}906": AttributeType.INTEGER,
    f"{_LDAP}5": AttributeType.BINARY,
    f"{_LDAP}40": AttributeType.BINARY,
    f"{_MICROSOFT}907": AttributeType.BINARY,  # security descriptor
    f"{_MICROSOFT}1221": AttributeType.REFERENCE,  # OR-name: a DN in all that matters here
}
#: Everything the rules treat as text: names, times, OIDs, DN with binary or string beside it.
_TEXT_SYNTAXES = frozenset(
    [f"{_LDAP}{number}" for number in (15, 24, 26, 36, 38, 43, 44, 53)]
    + [f"{_MICROSOFT}{number}" for number in (903, 904, 905, 1362)]
)
_WRITTEN: dict[AttributeType, str] = {
    AttributeType.STRING: f"{_LDAP}15",
    AttributeType.INTEGER: f"{_LDAP}27",
    AttributeType.REFERENCE: f"{_LDAP}12",
    AttributeType.BOOLEAN: f"{_LDAP}7",
    AttributeType.BINARY: f"{_LDAP}5",
}


def read_schema(element: XmlElement, complain: Complain) -> Schema:
    """Read a ``schema`` element; faults go to ``complain`` and the rest is read on."""
    directory = element.at("dsml/directory-schema")
    if directory is None:
        complain(element, "the element directory-schema is missing.")
        return Schema()
    names: dict[str, str] = {}
    attributes: dict[str, AttributeDefinition] = {}
    classes: dict[str, XmlElement] = {}
    auxiliaries: dict[str, XmlElement] = {}
    for child in directory.children:
        if child.name == "attribute-type":
            definition = _attribute(child, complain)
            if definition is not None:
                names[child.attributes.get("id", "")] = definition.name
                attributes[definition.name] = definition
        elif child.name == "class":
            classes[child.attributes.get("id", "")] = child
        elif child.name == "dit-content-rule":
            auxiliaries[child.attributes.get("id", "")] = child
    members = _Members(classes, auxiliaries, names, complain)
    object_types: dict[str, frozenset[str]] = {}
    for identifier, element_ in classes.items():
        name = element_.text_at("name")
        if not name:
            complain(element_, "the element name is missing.")
        elif element_.attributes.get("type", "structural") == "structural":
            object_types[name] = members.of(identifier)
    return Schema(attributes, object_types)


def _attribute(element: XmlElement, complain: Complain) -> AttributeDefinition | None:
    name = element.text_at("name")
    syntax = element.text_at("syntax")
    kind = _SYNTAXES.get(syntax)
    if kind is None:
        if syntax not in _TEXT_SYNTAXES:
            complain(element, f"the syntax {syntax or '?'} of {name or '?'} is unknown.")
        kind = AttributeType.STRING
    if not name:
        complain(element, "the element name is missing.")
        return None
    single = element.attributes.get("single-value") == "true"
    return AttributeDefinition(name, kind, not single, element.attributes.get("indexable") == "true")


class _Members:
    """Which attributes a class has, its superiors and auxiliaries included; each class is looked at once."""

    def __init__(
        self,
        classes: dict[str, XmlElement],
        auxiliaries: dict[str, XmlElement],
        names: dict[str, str],
        complain: Complain,
    ) -> None:
        self._classes = classes
        self._auxiliaries = auxiliaries
        self._names = names
        self._complain = complain
        self._known: dict[str, frozenset[str]] = {}

    def of(self, identifier: str, below: frozenset[str] = frozenset()) -> frozenset[str]:
        known = self._known.get(identifier)
        if known is not None:
            return known
        if identifier in below:
            self._complain(self._classes[identifier], "is its own superior or auxiliary class.")
            return frozenset()
        element = self._classes[identifier]
        found = self._own(element)
        above = below | {identifier}
        related = [element.attributes.get("superior", "")]
        content = self._auxiliaries.get(identifier)
        if content is not None:
            found |= self._own(content)
            related += [child.attributes.get("ref", "") for child in content.all("aux-class")]
        for reference in related:
            other = reference.removeprefix("#")
            if other and other not in self._classes:
                self._complain(element, f"refers to the class {other}, which does not exist.")
            elif other and other != identifier:
                found |= self.of(other, above)
        self._known[identifier] = result = frozenset(found)
        return result

    def _own(self, element: XmlElement) -> set[str]:
        found: set[str] = set()
        for child in element.children:
            if child.name == "attribute":
                name = self._names.get(child.attributes.get("ref", "").removeprefix("#"))
                if name is None:
                    self._complain(child, f"refers to the attribute {child.attributes.get('ref')}, which is not there.")
                else:
                    found.add(name)
        return found


def write_schema(xml: XmlWriter, schema: Schema) -> None:
    """Write the ``schema`` element in the plain dialect of the Entra connector and the metaverse."""
    namespaces = ' xmlns:ms-dsml="http://www.microsoft.com/MMS/DSML" xmlns:dsml="http://www.dsml.org/DSML"'
    xml.open("schema")
    xml.open("dsml:dsml", namespaces)
    xml.open("dsml:directory-schema", ' ms-dsml:no-objectclass-validation="true"')
    position = {name: number for number, name in enumerate(schema.attributes)}
    for name, members in schema.object_types.items():
        _write_class(xml, name, sorted(members, key=position.__getitem__))
    for definition in schema.attributes.values():
        single = "false" if definition.multivalued else "true"
        indexable = ' ms-dsml:indexable="true"' if definition.indexable else ""
        xml.open("dsml:attribute-type", f' id={attribute_text(definition.name)} single-value="{single}"{indexable}')
        xml.element("dsml:name", definition.name)
        xml.element("dsml:syntax", _WRITTEN[definition.type])
        xml.close()
    xml.close()
    xml.close()
    xml.close()


def _write_class(xml: XmlWriter, name: str, attributes: Iterable[str]) -> None:
    xml.open("dsml:class", f' id={attribute_text(name)} type="structural"')
    xml.element("dsml:name", name)
    for attribute in attributes:
        xml.element("dsml:attribute", attributes=f' ref={attribute_text("#" + attribute)} required="false"')
    xml.close()
