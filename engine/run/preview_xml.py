"""A preview as XML, with the paths that diagnostic scripts read. Source: facts "engine" section 21.

An import or export flow stands here once for an attribute, with the rule that won; who lost is in the preview itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.change import Changes, Operation
from engine.model.hologram_xml import Referenced, Subject, write_delta, write_entry
from engine.model.identity import mv_identifier
from engine.model.layers import without_rename
from engine.model.xml_document import XmlWriter, attribute_text, escaped
from engine.rules.candidates import Candidate, Explanation, Verdict
from engine.rules.metaverse_schema import METAVERSE_SCHEMA
from engine.rules.rule import FlowType

if TYPE_CHECKING:
    from engine.run.preview import Preview, TargetExport
    from engine.server import SyncServer


def preview_xml(told: Preview, server: SyncServer, identity: str, referenced: Referenced) -> str:
    """Write the preview of one object."""
    xml = XmlWriter()
    xml.open("preview")
    for error in told.errors:
        xml.element(
            "error", attributes=f" type={attribute_text(error.error_type)} diagnosis={attribute_text(error.text)}"
        )
        stack = f"<extension-error-info><call-stack>{escaped(_call_stack(told))}</call-stack></extension-error-info>"
        xml.element("sync-generic-failure-error-details", stack)
    _write_metaverse(xml, told, server, identity, referenced)
    xml.open("import-flow-rules")
    xml.open("import-attribute-flow")
    for explanation in told.import_flows:
        _write_flow(xml, "import-flow", "mv-attribute", explanation)
    xml.close()
    xml.close()
    for export in told.exports:
        if not export.referring:
            _write_export(xml, export, server, referenced)
    xml.close()
    return xml.text()


def _call_stack(told: Preview) -> str:
    error = told.errors[0]
    where = " ".join(f"{name} {value}" for name, value in sorted(error.detail.items()))
    return f"{error.error_type}: {error.text}" + (f" ({where})" if where else "")


def _write_metaverse(xml: XmlWriter, told: Preview, server: SyncServer, identity: str, referenced: Referenced) -> None:
    mv = told.mv_after or told.mv_before
    xml.open("mv")
    if mv is not None:
        schema = server.configuration.metaverse_schema() or METAVERSE_SCHEMA
        subject = Subject(f"{{{mv_identifier(identity, mv.number).upper()}}}", mv.object_type, schema, referenced)
        xml.open("mv-object")
        write_entry(xml, subject, mv.values)
        xml.close()
        xml.open("mv-changes")
        below = told.mv_before.values if told.mv_before is not None else None
        write_delta(xml, subject, told.mv_operation, told.mv_changes, below)
        xml.close()
    xml.close()


def _write_export(xml: XmlWriter, export: TargetExport, server: SyncServer, referenced: Referenced) -> None:
    ordinal, configuration = server.connector(export.connector_identifier)
    anchor = None
    row = server.database.connection.execute(
        "SELECT anchor FROM cs WHERE number = ? AND connector = ?", (export.number, ordinal)
    ).fetchone()
    if row is not None:
        anchor = row[0]
    subject = Subject(export.dn, export.object_type, configuration.schema, referenced, anchor)
    xml.open("cs-export")
    place = (
        f' ma-id="{{{export.connector_identifier.upper()}}}" ma-name={attribute_text(export.connector)}'
        f' cs-guid="{{{export.identifier.upper()}}}"'
    )
    for name, operation, changes in (
        ("export-before-change", export.operation_before, export.before),
        ("export-after-change", export.operation_after, export.after),
    ):
        _write_change(xml, name, place, subject, operation, changes, export)
    xml.open("export-flow-rules")
    xml.open("export-attribute-flow")
    for explanation in export.flows:
        _write_flow(xml, "export-flow", "cd-attribute", explanation)
    xml.close()
    xml.close()
    xml.close()


def _write_change(
    xml: XmlWriter,
    name: str,
    place: str,
    subject: Subject,
    operation: Operation,
    changes: Changes,
    export: TargetExport,
) -> None:
    if operation is Operation.NONE:
        xml.element(name, attributes=place)
        return
    xml.open(name, place)
    kept, new_dn = without_rename(changes)
    write_delta(xml, subject, operation, kept, export.held, new_dn)
    xml.close()


def _write_flow(xml: XmlWriter, element: str, attribute: str, explanation: Explanation) -> None:
    winner = explanation.winner
    if winner is None or winner.verdict is Verdict.FAILS:
        return
    kind = f"{winner.flow.type.value.lower()}-mapping"
    xml.open(
        element,
        f" {attribute}={attribute_text(explanation.attribute)} status={attribute_text(winner.rule.name)}"
        f" mapping-type={attribute_text(kind)}",
    )
    sources = _sources(winner)
    if winner.flow.type is FlowType.CONSTANT:
        xml.element("constant-mapping", winner.flow.constant or "")
    if winner.flow.type is FlowType.EXPRESSION:
        xml.element("expression", winner.text)
    if sources:
        xml.open("direct-mapping")
        for name in sources:
            xml.element("src-attribute", name)
        xml.close()
    xml.close()


def _sources(winner: Candidate) -> tuple[str, ...]:
    """The attributes the flow reads, as the rule lists them."""
    return winner.flow.sources
