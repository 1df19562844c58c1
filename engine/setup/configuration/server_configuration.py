"""The exported server-configuration folder: Connectors, GlobalSettings/MV.xml, SynchronizationRules, read and written.

Reading reports every fault of every file at once. Source: facts "engine" section 19.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from engine.errors import ConfigurationError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.schema import Schema
from engine.model.xml_document import XmlElement, XmlWriter, attribute_text, read_xml_file
from engine.rules.checking import SUPPLIED_PARAMETERS, Surroundings
from engine.rules.place import ReadRule
from engine.rules.rule import SyncRule
from engine.rules.rule_xml import examine_rule, write_rule
from engine.setup.configuration.connector_writing import write_connector
from engine.setup.configuration.connector_xml import ConnectorReader
from engine.setup.configuration.schema_xml import read_schema, write_schema

_Read = TypeVar("_Read")

CONNECTORS = "Connectors"
METAVERSE = "GlobalSettings/MV.xml"
RULES = "SynchronizationRules"


@dataclass(frozen=True)
class ServerConfiguration:
    """What one server was configured to do. connectors in creation order; exported: the export's own date text."""

    connectors: tuple[ConnectorConfiguration, ...]
    rules: tuple[SyncRule, ...]
    metaverse: Schema = field(default_factory=Schema)
    global_settings: dict[str, str] = field(default_factory=dict)
    server: str = ""
    exported: str = ""

    def connector(self, name: str) -> ConnectorConfiguration | None:
        """Look a connector up by name or identifier."""
        wanted = name.strip("{}").casefold()
        return next((c for c in self.connectors if wanted in (c.name.casefold(), c.identifier)), None)

    def surroundings(self) -> Surroundings:
        """What the rules of this configuration are checked against."""
        own = {name for connector in self.connectors for name in connector.parameters}
        return Surroundings(
            {connector.identifier: connector.schema for connector in self.connectors},
            self.metaverse,
            SUPPLIED_PARAMETERS | own,
        )


def read_server_configuration(folder: Path) -> ServerConfiguration:
    """Read the folder; raises one ConfigurationError with every fault found, each with file and line."""
    if not folder.is_dir():
        raise ConfigurationError("configuration-missing", f"{folder.name}: there is no such folder.")
    configuration, rules, problems = examine_server_configuration(folder)
    problems.extend(_mismatches(configuration.connectors, [one.rule for one in rules if one.whole]))
    if problems:
        raise ConfigurationError("configuration-invalid", "\n".join(problems))
    return configuration


def examine_server_configuration(
    folder: Path, label: Callable[[Path], str] = lambda path: path.name
) -> tuple[ServerConfiguration, list[ReadRule], list[str]]:
    """Read what can be read, the rules with their places, and say what cannot. label: how a file is named."""
    problems: list[str] = []
    connectors = _read_all(folder / CONNECTORS, problems, _connector_of(problems, label))
    rules = _read_all(folder / RULES, problems, _rule_of(problems, label))
    server, exported, metaverse, settings = _read_metaverse(folder / METAVERSE, problems, label)
    connectors.sort(key=lambda connector: (connector.created, connector.name))
    rules.sort(key=lambda one: one.rule.precedence)
    ordered = tuple(replace(connector, order=position) for position, connector in enumerate(connectors))
    plain = tuple(one.rule for one in rules)
    return ServerConfiguration(ordered, plain, metaverse, settings, server, exported), rules, problems


def read_rules_folder(folder: Path) -> tuple[SyncRule, ...]:
    """Only the rules: of an exported server-configuration folder or of a folder of rule files."""
    problems: list[str] = []
    files = folder / RULES if (folder / RULES).is_dir() else folder
    rules = _read_all(files, problems, _rule_of(problems, lambda path: path.name))
    if problems:
        raise ConfigurationError("configuration-invalid", "\n".join(problems))
    return tuple(sorted((one.rule for one in rules), key=lambda rule: rule.precedence))


def _read_all(folder: Path, problems: list[str], read: Callable[[Path], _Read | None]) -> list[_Read]:
    files = sorted(folder.glob("*.xml")) if folder.is_dir() else []
    if not files:
        problems.append(f"{folder.name}: there is no XML file in this folder.")
    found: list[_Read] = []
    for file in files:
        try:
            item = read(file)
        except ConfigurationError as error:
            problems.append(error.message)
        else:
            if item is not None:
                found.append(item)
    return found


def _connector_of(problems: list[str], label: Callable[[Path], str]) -> Callable[[Path], ConnectorConfiguration | None]:
    def read(path: Path) -> ConnectorConfiguration | None:
        reader = ConnectorReader(read_xml_file(path, label(path)), label(path))
        connector = reader.read()
        problems.extend(reader.problems)
        return connector

    return read


def _rule_of(problems: list[str], label: Callable[[Path], str]) -> Callable[[Path], ReadRule]:
    def read(path: Path) -> ReadRule:
        rule, faults = examine_rule(path, label(path))
        problems.extend(faults)
        return rule

    return read


def _read_metaverse(
    path: Path, problems: list[str], label: Callable[[Path], str]
) -> tuple[str, str, Schema, dict[str, str]]:
    nothing = ("", "", Schema(), dict[str, str]())
    try:
        root = read_xml_file(path, label(path))
    except ConfigurationError as error:
        problems.append(error.message)
        return nothing

    def complain(element: XmlElement, reason: str) -> None:
        problems.append(f"{label(path)}:{element.line}:{element.column}: {element.name}: {reason}")

    data = root.child("mv-data")
    if root.name != "saved-mv-configuration" or data is None:
        complain(root, "expected saved-mv-configuration with mv-data.")
        return nothing
    schema = data.child("schema")
    if schema is None:
        complain(data, "the element schema is missing.")
    settings: dict[str, str] = {}
    for parameter in data.child("parameter-values") or ():
        name = parameter.attributes.get("name", "")
        if not name:
            complain(parameter, "the attribute name is missing.")
        settings[name] = parameter.text.strip()
    return (
        root.attributes.get("server", ""),
        root.attributes.get("export-date", ""),
        read_schema(schema, complain) if schema is not None else Schema(),
        settings,
    )


def _mismatches(connectors: Iterable[ConnectorConfiguration], rules: Iterable[SyncRule]) -> Iterable[str]:
    """Rules of connectors that are not there, and identifiers given twice."""
    known = {connector.identifier for connector in connectors}
    for rule in rules:
        if connectors and rule.connector not in known:
            yield f'The rule "{rule.name}" belongs to the connector {{{rule.connector}}}, which is not in the folder.'
    seen: dict[str, str] = {}
    for identifier, name in [(c.identifier, c.name) for c in connectors] + [(r.identifier, r.name) for r in rules]:
        other = seen.setdefault(identifier, name)
        if identifier and other is not name:
            yield f'"{name}" and "{other}" have the same identifier {{{identifier}}}.'


def write_server_configuration(configuration: ServerConfiguration, folder: Path) -> None:
    """Write the folder as an export; what it reads back as is the same configuration. Refuses a folder that has one."""
    for part in (CONNECTORS, RULES, "GlobalSettings"):
        if (folder / part).exists():
            raise ConfigurationError("configuration-exists", f"{folder.name}: there is a configuration already.")
    for part in (CONNECTORS, RULES, "GlobalSettings"):
        (folder / part).mkdir(parents=True)
    for connector in configuration.connectors:
        file = folder / CONNECTORS / f"Connector_{{{connector.identifier}}}.xml"
        file.write_text(write_connector(connector), encoding="utf-8")
    for rule in configuration.rules:
        file = folder / RULES / f"SynchronizationRule_{{{rule.identifier}}}.xml"
        file.write_text(write_rule(rule), encoding="utf-8")
    (folder / METAVERSE).write_text(_metaverse_xml(configuration), encoding="utf-8")


def _metaverse_xml(configuration: ServerConfiguration) -> str:
    xml = XmlWriter()
    server, exported = attribute_text(configuration.server), attribute_text(configuration.exported)
    xml.open("saved-mv-configuration", f" server={server} export-date={exported}")
    xml.open("mv-data")
    xml.element("format-version", "1")
    write_schema(xml, configuration.metaverse)
    xml.element("password-change-history-size", "24")
    xml.open("parameter-values")
    for name, value in configuration.global_settings.items():
        kind = f' name={attribute_text(name)} type="string" use="SynchronizationGlobal" dataType="String"'
        xml.element("parameter", value, kind)
    xml.close()
    xml.close()
    xml.close()
    return xml.text()


def map_forest(
    configuration: ServerConfiguration, forest: str, new_forest: str, netbios: str | None = None
) -> ServerConfiguration:
    """Move a configuration from one forest to another: ``contoso.com`` becomes ``bench.test`` everywhere it is named.

    Partition and container DNs below the forest, parameters and the connector's own name change; identifiers, rules and
    schema stay. netbios: the new root domain's NetBIOS name, else the first label in capitals.
    """
    mapping = _ForestMapping(forest, new_forest, netbios or new_forest.partition(".")[0].upper()[:15])
    mapped = tuple(
        mapping.connector(connector) if mapping.concerns(connector) else connector
        for connector in configuration.connectors
    )
    if not any(map(mapping.concerns, configuration.connectors)):
        forests = ", ".join(
            connector.parameters.get("forest-name", connector.name)
            for connector in configuration.connectors
            if connector.type is ConnectorType.ACTIVE_DIRECTORY
        )
        raise ConfigurationError("forest-unknown", f"There is no connector to the forest {forest}; only to {forests}.")
    return replace(configuration, connectors=mapped)


@dataclass(frozen=True)
class _ForestMapping:
    forest: str
    new_forest: str
    netbios: str

    def concerns(self, connector: ConnectorConfiguration) -> bool:
        if connector.type is not ConnectorType.ACTIVE_DIRECTORY:
            return False
        return connector.parameters.get("forest-name", connector.name).lower() == self.forest.lower()

    def connector(self, connector: ConnectorConfiguration) -> ConnectorConfiguration:
        partitions = tuple(
            replace(
                partition,
                dn=self.dn(partition.dn),
                name=self.fqdn(partition.name),
                included=tuple(map(self.dn, partition.included)),
                excluded=tuple(map(self.dn, partition.excluded)),
            )
            for partition in connector.partitions
        )
        parameters = {self._key(name): self._value(name, value) for name, value in connector.parameters.items()}
        return replace(connector, name=self.fqdn(connector.name), partitions=partitions, parameters=parameters)

    def _key(self, name: str) -> str:
        plain, at, dn = name.partition("@")
        return f"{plain}@{self.dn(dn)}" if at else name

    def _value(self, name: str, value: str) -> str:
        plain, _, dn = name.partition("@")
        if plain == "Forest.Netbios" or (
            plain == "Domain.Netbios" and dn.lower() in ("", base_dn(self.forest).lower())
        ):
            return self.netbios
        if plain in ("Forest.LDAP", "Domain.LDAP", "Connector.GroupFilteringGroupDn"):
            return self.dn(value)
        if plain in ("Forest.FQDN", "Domain.FQDN", "forest-name", "forest-login-domain"):
            return self.fqdn(value)
        return value

    def fqdn(self, name: str) -> str:
        return _with_suffix(name, self.forest, self.new_forest, ".")

    def dn(self, dn: str) -> str:
        return _with_suffix(dn, base_dn(self.forest), base_dn(self.new_forest), ",")


def base_dn(fqdn: str) -> str:
    """``contoso.com`` as ``DC=contoso,DC=com``."""
    return ",".join(f"DC={label}" for label in fqdn.split("."))


def _with_suffix(text: str, old: str, new: str, separator: str) -> str:
    """Exchange the ending, letters' case aside, where it begins at a separator."""
    if text.lower() == old.lower():
        return new
    if text.lower().endswith((separator + old).lower()):
        return text[: -len(old)] + new
    return text
