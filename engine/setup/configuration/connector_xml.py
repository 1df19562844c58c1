"""One exported connector (``ma-data``) to a ConnectorConfiguration. Source: facts "engine" sections 2.3, 5.1, 19.2.

Secrets are never read: a parameter marked as encrypted is passed over, as are cookies and watermarks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.model.configuration import (
    ConnectorConfiguration,
    ConnectorType,
    Partition,
    RunProfile,
    RunStep,
    StepType,
)
from engine.model.xml_document import XmlElement
from engine.setup.configuration.schema_xml import read_schema

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?\Z")
#: (step type, sub-type of applying rules) as stored -> ours.
_STEPS: dict[tuple[str, str], StepType] = {
    ("full-import", ""): StepType.FULL_IMPORT,
    ("delta-import", ""): StepType.DELTA_IMPORT,
    ("apply-rules", "reevaluate-flow-connectors"): StepType.FULL_SYNCHRONIZATION,
    ("apply-rules", "apply-pending"): StepType.DELTA_SYNCHRONIZATION,
    ("export", ""): StepType.EXPORT,
    ("specific-object-import", ""): StepType.SPECIFIC_OBJECT_IMPORT,
    ("specific-object-export", ""): StepType.SPECIFIC_OBJECT_EXPORT,
}


class ConnectorReader:
    """Takes one connector file apart; ``problems`` gathers every fault with file and line."""

    def __init__(self, root: XmlElement, file: str) -> None:
        self.root = root
        self.file = file
        self.problems: list[str] = []

    def read(self) -> ConnectorConfiguration | None:
        """The connector, or None when the file is none at all."""
        if self.root.name != "ma-data":
            self.complain(self.root, "expected ma-data.")
            return None
        kind = self._type()
        partitions = tuple(self._partitions())
        known = {partition.identifier for partition in partitions}
        schema_element = self.root.child("schema")
        if schema_element is None:
            self.complain(self.root, "the element schema is missing.")
        schema = read_schema(schema_element, self.complain) if schema_element is not None else None
        attributes = tuple(e.text.strip() for e in self.root.child("attribute-inclusion") or () if e.text.strip())
        if schema is not None and (inclusion := self.root.child("attribute-inclusion")) is not None:
            for name in attributes:
                if name not in schema.attributes:
                    self.complain(inclusion, f"the attribute {name} is not in the schema.")
        hashes_enabled = self.root.text_at("private-configuration/adma-configuration/password-hash-sync-config/enabled")
        configuration = ConnectorConfiguration(
            identifier=self.guid(self.root, "id"),
            name=self.required(self.root, "name"),
            type=kind,
            partitions=partitions,
            run_profiles=tuple(self._run_profiles(known)),
            attributes=attributes,
            parameters=self._parameters(),
            created=self.root.text_at("creation-time"),
            password_hash_sync=hashes_enabled == "1",
        )
        return configuration if schema is None else configuration.with_(schema=schema)

    def complain(self, element: XmlElement, reason: str) -> None:
        self.problems.append(f"{self.file}:{element.line}:{element.column}: {element.name}: {reason}")

    def required(self, element: XmlElement, name: str) -> str:
        found = element.child(name)
        if found is None:
            self.complain(element, f"the element {name} is missing.")
            return ""
        if not found.text.strip():
            self.complain(found, "needs a value.")
        return found.text.strip()

    def guid(self, element: XmlElement, name: str) -> str:
        text = self.required(element, name)
        match = _GUID.match(text)
        if match is None:
            if text:
                self.complain(element.child(name) or element, f"{text!r} is not a GUID.")
            return ""
        return match[1].lower()

    def number(self, element: XmlElement | None, default: int) -> int:
        if element is None or not element.text.strip():
            return default
        text = element.text.strip()
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            self.complain(element, f"{text!r} is not a number.")
            return default
        return int(text)

    def _type(self) -> ConnectorType:
        text = self.required(self.root, "category")
        for kind in ConnectorType:
            if kind.value.lower() == text.lower():
                return kind
        if text:
            element = self.root.child("category") or self.root
            self.complain(element, f"connectors of type {text} are not supported; only AD and Extensible2 (Entra ID).")
        return ConnectorType.ACTIVE_DIRECTORY

    def _parameters(self) -> dict[str, str]:
        """Plain parameters of the connector and its domains; of several domains each reads ``Domain.FQDN@<DN>``."""
        found: dict[str, str] = {}
        private = self.root.child("private-configuration")
        for section in private or ():
            if (values := section.child("parameter-values")) is not None:
                found.update(self._values(values))
        partitions = self.root.child("ma-partition-data")
        domains = [p for p in partitions or () if p.child("parameter-values") is not None]
        for partition in domains:
            own = dict(self._values(partition.child("parameter-values") or partition, "Domain."))
            dn = partition.text_at("name")
            found.update({f"{name}@{dn}": value for name, value in own.items()} if len(domains) > 1 else own)
        return found

    def _values(self, element: XmlElement, prefix: str = "") -> Iterator[tuple[str, str]]:
        for parameter in element.all("parameter"):
            name = parameter.attributes.get("name", "")
            if not name:
                self.complain(parameter, "the attribute name is missing.")
            secret = parameter.attributes.get("encrypted") == "1" or "encrypted" in parameter.attributes.get("type", "")
            if name.startswith(prefix) and not secret:
                yield name, parameter.text.strip()

    def _partitions(self) -> Iterator[Partition]:
        data = self.root.child("ma-partition-data")
        if data is None or not data.all("partition"):
            self.complain(data or self.root, "there is no partition.")
            return
        for element in data.all("partition"):
            dn = self.required(element, "name")
            yield Partition(
                identifier=self.guid(element, "id"),
                dn=dn,
                name=element.text_at("display-name") or dn,
                selected=element.text_at("selected") == "1",
                included=_texts(element.at("filter/containers/inclusions")),
                excluded=_texts(element.at("filter/containers/exclusions")),
                object_types=_texts(element.at("filter/object-classes")),
            )

    def _run_profiles(self, partitions: set[str]) -> Iterator[RunProfile]:
        data = self.root.child("ma-run-data")
        for element in data.all("run-configuration") if data is not None else ():
            configuration = element.child("configuration")
            steps = tuple(
                step
                for child in (configuration.all("step") if configuration is not None else ())
                if (step := self._step(child, partitions)) is not None
            )
            if not steps:
                self.complain(element, "the run profile has no step.")
            yield RunProfile(self.guid(element, "id"), self.required(element, "name"), steps)

    def _step(self, element: XmlElement, partitions: set[str]) -> RunStep | None:
        kind = element.child("step-type")
        stored = kind.attributes.get("type", "") if kind is not None else ""
        detail = kind.text_at("apply-rules-subtype") if kind is not None else ""
        step_type = _STEPS.get((stored, detail))
        if kind is None or step_type is None:
            self.complain(kind or element, f"the step type {' '.join((stored, detail)).strip() or '?'} is unknown.")
            return None
        partition = self.guid(element, "partition")
        if partition and partition not in partitions:
            self.complain(element.child("partition") or element, f"there is no partition {{{partition}}}.")
        custom = next(iter(element.child("custom-data") or ()), None)
        batch = self.number(element.at("threshold/batch-size"), 50)
        batch = self.number(custom.child("batch-size") if custom is not None else None, batch)
        page = self.number(custom.child("page-size") if custom is not None else None, 500)
        return RunStep(step_type, partition, batch, page, self.number(element.at("threshold/object"), 0))


def _texts(element: XmlElement | None) -> tuple[str, ...]:
    return tuple(child.text.strip() for child in element or () if child.text.strip())
