"""Invoke-ADSyncSingleObjectSync: one object of a directory to the tenant, in ten steps, with a reason where it stops.

From Active Directory to the tenant only; the synchronization is committed, the export left out in staging mode. Steps,
their order and their reasons are the product's (facts "engine" section 21: SOS, DIAG).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from engine.errors import EngineError
from engine.model.configuration import ConnectorConfiguration, ConnectorType
from engine.model.cs_object import RENAME, CSObject
from engine.model.layers import PENDING_IMPORT, UNAPPLIED_EXPORT, Layer, layers
from engine.model.values import Attributes, as_list
from engine.rules.candidates import Explanation
from engine.run.preview import Preview, preview
from engine.run.specific_object import EXPORT, IMPORT, object_at, specific_object_run
from engine.single_object.report import (
    ATTRIBUTE_HELP,
    GENERIC,
    Progress,
    ProvisioningStep,
    SingleObjectSyncResult,
    Stopped,
    action_of,
    attribute_info,
    modified_properties,
    out_of_scope_text,
)
from engine.single_object.scoping import Scoping
from engine.store.objects import chunks, marks
from engine.store.run_history import RunResult, StepResult

if TYPE_CHECKING:
    from engine.server import SyncServer

_GOOD = ("success", "completed-transient-objects")
_UNESCAPED_COMMA = re.compile(r"(?<!\\),")


def single_object_sync(server: SyncServer, *, dn: str, staging: bool = False) -> SingleObjectSyncResult:
    """Synchronize one object to the tenant. staging: do everything but the export, also on an active server."""
    return _Passage(server, dn, staging=staging or server.staging).run()


class _Passage:
    """One object's way; fills ``result`` step by step."""

    def __init__(self, server: SyncServer, dn: str, *, staging: bool) -> None:
        self.server = server
        self.progress = Progress(server.clock.now)
        self.result = self.progress.result
        self.dn = ",".join(part.strip() for part in _UNESCAPED_COMMA.split(dn))
        self.staging = staging
        self.result.source.name = self.dn

    def run(self) -> SingleObjectSyncResult:
        result = self.result
        try:
            scoping = Scoping(self.server, self.progress, self.dn)
            ordinal, source, partition = scoping.source()
            result.source_system = "Active Directory"
            target_ordinal, target = self.server.entra_connector
            result.target_system = "Azure Active Directory"
            scoping.domain(source, partition)
            scoping.domain(target, target.partitions[0])
            scoping.organizational_unit(partition)
            scoping.access(source)
            scoping.object_type(source, partition)
            scoping.group(ordinal, source)
            self._identify(self._import(ordinal, source, self.dn, needed=True))
            before = self._target_object(ordinal, target_ordinal)
            if before is not None:
                before = self._import(target_ordinal, target, before.dn, needed=False) or before
                self._identify(before, target=True)
            held = {} if before is None else before.newest()
            staged, flows = self._synchronize(ordinal, source, target_ordinal, target)
            self._export(target, staged, flows)
            self._modified(target, held, staged)
            result.status.status = "Success"
        except Stopped:
            pass
        self.progress.end()
        return result

    # ---- import ------------------------------------------------------------------------------------------------------
    def _import(self, ordinal: int, connector: ConnectorConfiguration, dn: str, *, needed: bool) -> CSObject | None:
        """Import the object. needed: a failure ends the whole; the tenant's side may fail and is gone on without."""
        system = _system(connector)
        step = self.progress.step(
            "Import", "ImportSpecificObject", f'Import Object from {system} to "{connector.name}" Connector Space'
        )
        status = self.result.status
        try:
            self._judge(step, self._run_one(connector, IMPORT, dn), importing=True)
            found = self._object(step, ordinal, connector, dn, PENDING_IMPORT)
        except Stopped:
            if needed:
                raise
            self.result.status = status
            return object_at(self.server, ordinal, dn)
        step.status = "Success"
        return found

    def _run_one(self, connector: ConnectorConfiguration, profile: str, dn: str) -> RunResult:
        try:
            return specific_object_run(self.server, connector=connector.name, profile=profile, dn=dn)
        except EngineError as refused:
            raise self.progress.stop(
                f'Exception thrown while running Invoke-ADSyncSpecificObjectRunProfile -DistinguishedName "{dn}"'
                f' -ConnectorIdentifier "{connector.identifier}" -RunProfileName "{profile}"',
                GENERIC,
                details=refused.message,
            ) from None

    def _judge(self, step: ProvisioningStep, run: RunResult, *, importing: bool) -> None:
        """What a run of one step came to."""
        if not run.steps:
            raise self.progress.stop(f"The run ended without a step: {run.result}.", GENERIC, code=run.result)
        ran: StepResult = run.steps[0]
        step.details["Run step result"] = ran.result
        if ran.connection != "success":
            code, _, literal = ran.connection.partition(": ")
            raise self.progress.stop(code=code, details=literal)
        if ran.errors:
            error = ran.errors[0]
            delta = error.detail.get("delta", "")
            raise self.progress.stop(
                "" if delta else error.text, code=error.error_type, details=delta or _details(error.detail)
            )
        staged = any(ran.statistics[name] for name in ran.statistics.counters if name.startswith("Stage"))
        if importing and not staged:
            raise self.progress.stop(code="Filtered Object")
        if ran.result not in _GOOD:
            raise self.progress.stop(code=ran.result)

    def _object(
        self,
        step: ProvisioningStep,
        ordinal: int,
        connector: ConnectorConfiguration,
        dn: str,
        layer: str,
        flows: Sequence[Explanation] = (),
    ) -> CSObject:
        told = f'Object in "{connector.name}" Connector Space'
        found = object_at(self.server, ordinal, dn)
        step.details[told] = str(found is not None)
        if found is None:
            raise self.progress.stop(
                f'Could not find an object with distinguished name "{dn}" in "{connector.name}" Connector Space.',
                GENERIC,
            )
        known = layers(found)
        at = next(i for i, one in enumerate(known) if one.name == layer)
        step.details["Connector Space Object Type"] = found.object_type
        step.details["Connector Space Object Operation"] = "" if not known[at].operation else known[at].operation.label
        step.details["AttributeInfoJson"] = attribute_info(
            connector.schema,
            known[at],
            known[at - 1].image,
            self._names(connector, *(one.image for one in known)),
            flows,
        )
        return found

    def _names(self, connector: ConnectorConfiguration, *images: Attributes | None) -> dict[int, str]:
        references = connector.schema.reference_attributes()
        wanted = {
            n
            for image in images
            for name in references & (image or {}).keys()
            for n in as_list((image or {})[name])
            if isinstance(n, int)
        }
        found: dict[int, str] = {}
        for part in chunks(sorted(wanted)):
            found.update(
                self.server.database.connection.execute(
                    f"SELECT number, dn FROM cs WHERE number IN ({marks(len(part))})",  # noqa: S608
                    part,
                )
            )
        return found

    def _identify(self, cs: CSObject | None, *, target: bool = False) -> None:
        if cs is None:
            return
        identity, held = (self.result.target if target else self.result.source), cs.newest()
        identity.type = cs.object_type
        if target:
            anchor = held.get("cloudAnchor")
            if isinstance(anchor, str):
                identity.id = anchor.partition("_")[2]
            identity.name = str(held.get("userPrincipalName") or held.get("displayName") or "")
        else:
            identity.name = cs.dn
            if isinstance(cs.anchor, bytes) and len(cs.anchor) == 16:
                identity.id = str(UUID(bytes_le=cs.anchor))

    def _target_object(self, ordinal: int, target: int) -> CSObject | None:
        """The tenant's object that is linked to the source's metaverse object."""
        source = object_at(self.server, ordinal, self.dn)
        if source is None or not source.mv:
            return None
        row = self.server.database.connection.execute(
            "SELECT dn FROM cs WHERE mv != 0 AND mv = ? AND connector = ? ORDER BY number LIMIT 1", (source.mv, target)
        ).fetchone()
        return object_at(self.server, target, row[0]) if row else None

    # ---- synchronization and export ----------------------------------------------------------------------------------
    def _synchronize(
        self, ordinal: int, source: ConnectorConfiguration, target_ordinal: int, target: ConnectorConfiguration
    ) -> tuple[CSObject, Sequence[Explanation]]:
        step = self.progress.step("Sync", "SyncSpecificObject", f'Sync Object from "{source.name}" Connector Space')
        told = preview(self.server, connector=source.name, dn=self.dn, full=True, commit=True)
        step.details["Sync step result"] = "error" if told.errors else "success"
        if told.errors:
            error = told.errors[0]
            raise self.progress.stop(error.text, code=error.error_type, details=_details(error.detail))
        step.details["Out of scope sync rules"] = out_of_scope_text(told.scopes)
        self._metaverse(step, told)
        held = object_at(self.server, ordinal, self.dn)
        step.details[f'Source Object in "{source.name}" Connector Space'] = str(held is not None)
        joined = held is not None and bool(held.mv)
        step.details["Connected Object in Metaverse"] = str(joined)
        if not joined:
            raise self.progress.stop(
                "Could not find connected object in metaverse.",
                "Please ensure the object is not being filtered by Attribute based Inbound filtering."
                f" {ATTRIBUTE_HELP}",
            )
        staged = self._target_object(ordinal, target_ordinal)
        step.details[f'Connected Target Object in "{target.name}" Connector Space'] = str(staged is not None)
        if staged is None:
            raise self.progress.stop(
                f'Could not find connected object in "{target.name}" Connector Space.',
                "Please ensure the object is not being filtered by Attribute based Outbound filtering."
                f" {ATTRIBUTE_HELP}",
            )
        self.result.action = action_of(staged.pending_export)
        step.status = "Success"
        return staged, next((each.flows for each in told.exports if each.number == staged.number), ())

    def _metaverse(self, step: ProvisioningStep, told: Preview) -> None:
        mv = told.mv_after
        if mv is None:
            return
        schema = self.server.compiled.metaverse
        layer = Layer("metaverse", told.mv_operation, told.mv_changes, mv.values)
        below = told.mv_before.values if told.mv_before is not None else None
        names = self._names(replace(self.server.entra_connector[1], schema=schema), mv.values, below)
        step.details["Metaverse Object Type"] = mv.object_type
        step.details["Metaverse Object Operation"] = told.mv_operation.label
        step.details["AttributeInfoJson"] = attribute_info(schema, layer, below, names, told.import_flows)

    def _export(self, target: ConnectorConfiguration, staged: CSObject, flows: Sequence[Explanation]) -> None:
        mode = "[Staging Mode] " if self.staging else ""
        step = self.progress.step(
            "Export",
            "ExportSpecificObject",
            f'{mode}Export Object from "{target.name}" Connector Space to {_system(target)}',
        )
        self._object(step, staged.connector, target, staged.dn, UNAPPLIED_EXPORT, flows)
        self._identify(staged, target=True)
        if not self.staging:
            self._judge(step, self._run_one(target, EXPORT, staged.dn), importing=False)
        step.status = "Success"

    def _modified(self, target: ConnectorConfiguration, before: Attributes, staged: CSObject) -> None:
        after, before = (layers(staged)[-1].image or {}), {n: v for n, v in before.items() if n != RENAME}
        self.result.modified = modified_properties(before, after, target.schema, self._names(target, before, after))


def _system(connector: ConnectorConfiguration) -> str:
    return "Azure Active Directory" if connector.type is ConnectorType.ENTRA else "Active Directory"


def _details(detail: dict[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in sorted(detail.items()) if value)
