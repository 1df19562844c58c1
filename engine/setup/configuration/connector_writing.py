"""A ConnectorConfiguration to the exported form of a connector (``ma-data``). Source: facts "engine" section 19.2.

Writes what a ConnectorConfiguration holds and nothing else: no secret, no cookie, no watermark.
"""

from __future__ import annotations

from engine.model.configuration import ConnectorConfiguration, ConnectorType, Partition, RunProfile, RunStep, StepType
from engine.model.xml_document import XmlWriter, attribute_text
from engine.setup.configuration.schema_xml import write_schema

_STORED: dict[StepType, tuple[str, str, str]] = {
    StepType.FULL_IMPORT: ("full-import", "import-subtype", "to-cs"),
    StepType.DELTA_IMPORT: ("delta-import", "import-subtype", "to-cs"),
    StepType.FULL_SYNCHRONIZATION: ("apply-rules", "apply-rules-subtype", "reevaluate-flow-connectors"),
    StepType.DELTA_SYNCHRONIZATION: ("apply-rules", "apply-rules-subtype", "apply-pending"),
    StepType.EXPORT: ("export", "", ""),
    StepType.SPECIFIC_OBJECT_IMPORT: ("specific-object-import", "", ""),
    StepType.SPECIFIC_OBJECT_EXPORT: ("specific-object-export", "", ""),
}


def write_connector(connector: ConnectorConfiguration) -> str:
    """Give the connector's XML; read again it is the same connector (its order among others aside)."""
    directory = connector.type is ConnectorType.ACTIVE_DIRECTORY
    xml = XmlWriter()
    xml.open("ma-data")
    xml.element("format-version", "1")
    xml.element("id", _guid(connector.identifier))
    xml.element("name", connector.name)
    xml.element("category", connector.type.value)
    xml.element("creation-time", connector.created)
    write_schema(xml, connector.schema)
    _write_private(xml, connector, "adma-configuration" if directory else "MAConfig")
    xml.open("attribute-inclusion")
    for name in connector.attributes:
        xml.element("attribute", name)
    xml.close()
    xml.open("ma-partition-data")
    for partition in connector.partitions:
        _write_partition(xml, partition, connector)
    xml.close()
    xml.open("ma-run-data")
    for profile in connector.run_profiles:
        _write_profile(xml, profile, "adma-step-data" if directory else "extensible2-step-data")
    xml.close()
    xml.close()
    return xml.text()


def _guid(identifier: str) -> str:
    return f"{{{identifier.upper()}}}"


def _is_domain_parameter(name: str) -> bool:
    return name.startswith("Domain.")


def _write_private(xml: XmlWriter, connector: ConnectorConfiguration, section: str) -> None:
    xml.open("private-configuration")
    xml.open(section)
    if connector.type is ConnectorType.ACTIVE_DIRECTORY:
        for name in ("forest-name", "forest-login-domain", "forest-login-user"):
            xml.element(name, connector.parameters.get(name, ""))
        xml.open("password-hash-sync-config")
        xml.element("enabled", "1" if connector.password_hash_sync else "0")
        xml.close()
    xml.open("parameter-values")
    for name, value in connector.parameters.items():
        if not _is_domain_parameter(name):
            use = "connectivity" if name == name.lower() or name == "UserName" else "global"
            _write_parameter(xml, name, value, use)
    xml.close()
    xml.close()
    xml.close()


def _write_parameter(xml: XmlWriter, name: str, value: str, use: str) -> None:
    xml.element("parameter", value, f' name={attribute_text(name)} type="string" use="{use}" dataType="String"')


def _write_partition(xml: XmlWriter, partition: Partition, connector: ConnectorConfiguration) -> None:
    xml.open("partition")
    xml.element("id", _guid(partition.identifier).lower())
    xml.element("name", partition.dn)
    xml.element("selected", "1" if partition.selected else "0")
    xml.element("display-name", partition.name)
    xml.open("filter")
    _write_list(xml, "object-classes", "object-class", partition.object_types)
    xml.open("containers")
    _write_list(xml, "exclusions", "exclusion", partition.excluded)
    _write_list(xml, "inclusions", "inclusion", partition.included)
    xml.close()
    xml.close()
    parameters = [
        (name.partition("@")[0], value)
        for name, value in connector.parameters.items()
        if _is_domain_parameter(name) and name.partition("@")[2] in ("", partition.dn)
    ]
    if parameters:
        xml.open("parameter-values")
        for name, value in parameters:
            _write_parameter(xml, name, value, "partition")
        xml.close()
    xml.close()


def _write_list(xml: XmlWriter, outer: str, inner: str, texts: tuple[str, ...]) -> None:
    if not texts:
        xml.element(outer)
        return
    xml.open(outer)
    for text in texts:
        xml.element(inner, text)
    xml.close()


def _write_profile(xml: XmlWriter, profile: RunProfile, section: str) -> None:
    xml.open("run-configuration")
    xml.element("id", _guid(profile.identifier).lower())
    xml.element("name", profile.name)
    xml.open("configuration")
    for step in profile.steps:
        _write_step(xml, step, section)
    xml.close()
    xml.close()


def _write_step(xml: XmlWriter, step: RunStep, section: str) -> None:
    stored, detail, value = _STORED[step.type]
    xml.open("step")
    if detail:
        xml.open("step-type", f' type="{stored}"')
        xml.element(detail, value)
        xml.close()
    else:
        xml.element("step-type", attributes=f' type="{stored}"')
    xml.open("threshold")
    xml.element("object", str(step.object_limit))
    xml.element("batch-size", str(step.batch_size))
    xml.close()
    xml.element("partition", _guid(step.partition))
    xml.open("custom-data")
    xml.open(section)
    xml.element("batch-size", str(step.batch_size))
    xml.element("page-size", str(step.page_size))
    xml.close()
    xml.close()
    xml.close()
